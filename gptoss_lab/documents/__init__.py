"""From documentation to passages, symbols and runnable examples."""

# Part of every fingerprint: a change of what the parsers produce makes old indexes stale.
PARSER_VERSION = 9
