"""Errors as events carry them."""

from __future__ import annotations

import errno
from http.client import responses

from gptoss_lab.errors import GptossError, StorageError
from gptoss_lab.schemas.generation import Problem

CLIENT_CLOSED = 499


def problem_of(error: GptossError) -> Problem:
    """Return the wire form of an error."""
    title = "Client Closed Request" if error.status == CLIENT_CLOSED else responses.get(error.status, "Error")
    return Problem(title=title, status=error.status, detail=error.message, code=error.code, hint=error.hint)


def typed(error: OSError) -> GptossError:
    """Return our error for what the operating system says: a full disk is the person's to mend."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}:
        return StorageError(f"The disk cannot be written: {error.strerror}.")
    return GptossError(f"The operating system refused: {error.strerror or type(error).__name__}.")
