"""Papers: loaded, cut into blocks, and searched for what can be implemented."""

READER_VERSION = 1
"""Of what a paper becomes; a paper that another version read is read anew."""
