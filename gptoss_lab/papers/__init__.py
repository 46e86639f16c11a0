"""Papers: loaded, cut into blocks, and searched for what can be implemented."""
