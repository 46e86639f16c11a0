"""Prompts: templates, layout and budget. Pure."""
