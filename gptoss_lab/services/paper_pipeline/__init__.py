"""From a paper to cells: the stages of a job that has a paper."""
