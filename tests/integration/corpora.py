"""What a folder of indexes may hold."""

from __future__ import annotations

from pathlib import Path

HOLDERS = "holders"


def assert_whole(folder: Path) -> int:
    """Return how many indexes there are; nothing half-made lies beside them.

    Raises:
        AssertionError: There is a file that is no index, or a note of whose an index is that is not there.
    """
    found = [path for path in folder.glob("*") if path.name != HOLDERS]
    assert {path.suffix for path in found} <= {".index"}, f"left behind: {found}"
    held = {path.name for path in folder.glob(f"{HOLDERS}/*")}
    assert held <= {path.stem for path in found}, f"held, and not there: {held}"
    return len(found)
