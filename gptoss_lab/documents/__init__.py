"""From documentation to passages, symbols and runnable examples."""

# Part of every fingerprint: a change of what the parsers produce makes old indexes stale.
PARSER_VERSION = 9
OTHER_VERSION = "Another version of gptoss_lab indexed this; it is read again when it is used next."
