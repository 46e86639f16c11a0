"""The HTTP interface held against its own description."""
