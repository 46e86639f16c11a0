"""Which paths in a sandbox's working folder are told and taken: plain names, one after another."""

from __future__ import annotations

import unicodedata

from gptoss_lab.errors import RequestError

MAX_PATH_BYTES = 1024
MAX_NAME_BYTES = 255
MAX_DEPTH = 16
HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Control and format characters, bidirectional ones among them, surrogates, and line separators."""


def is_plain(path: str) -> bool:
    """Say whether a path is relative, stays below its folder, and shows as what it is."""
    if not path or len(path) > MAX_PATH_BYTES or "\\" in path:
        return False
    if any(unicodedata.category(character) in HIDDEN for character in path):
        return False
    names = path.split("/")
    if len(names) > MAX_DEPTH or len(path.encode()) > MAX_PATH_BYTES:
        return False
    return all(name.strip() not in {"", ".", ".."} and len(name.encode()) <= MAX_NAME_BYTES for name in names)


def plain_path(path: str) -> str:
    """Return the path when it is plain.

    Raises:
        RequestError: It is absolute, leaves its folder, or holds what cannot be shown.
    """
    if not is_plain(path):
        raise RequestError(
            f"{path[:200]!r} is not the path of a file in the sandbox's working folder",
            hint="Give a relative path without `..`, control characters or backslashes.",
        )
    return path
