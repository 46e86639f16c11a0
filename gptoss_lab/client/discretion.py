"""What the libraries below a client may log of it."""

from __future__ import annotations

import logging

import httpx

_MARK = "/api/v1/"


class ShortAddresses(logging.Filter):
    """Cuts what stands behind the question mark out of the addresses that httpx logs: words of a person."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a record pass, with the address of a call of ours cut."""
        if isinstance(record.args, tuple) and any(map(_is_ours, record.args)):
            record.args = tuple(
                part.copy_with(query=None) if isinstance(part, httpx.URL) else part for part in record.args
            )
        return True


def keep_addresses_short() -> None:
    """See to it that httpx logs addresses of ours without their queries."""
    logger = logging.getLogger("httpx")
    if not any(isinstance(known, ShortAddresses) for known in logger.filters):
        logger.addFilter(ShortAddresses())


def _is_ours(part: object) -> bool:
    return isinstance(part, httpx.URL) and _MARK in part.path and bool(part.query)
