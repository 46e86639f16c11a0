"""Tuning as the outside sees it: the tuner's environment, its process, and the adapters that it made."""
