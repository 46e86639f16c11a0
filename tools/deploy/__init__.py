"""The files of `deploy/`, each held against the tool that will read it."""
