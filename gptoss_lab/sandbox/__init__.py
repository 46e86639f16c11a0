"""Sandboxed kernels: no network, no published port, no bind mount of a person's files."""
