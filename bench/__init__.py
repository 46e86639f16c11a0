"""Benchmarks. Each prints one JSON line per figure, with a peer measured in the same run."""
