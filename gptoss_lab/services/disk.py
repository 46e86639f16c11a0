"""Whether there is room for what we make."""

from __future__ import annotations

from pathlib import Path

from gptoss_lab.schemas.diagnosis import Check

FREE_BYTES_WANTED = 3 << 30
FULL_BYTES = 64 << 20
SPACE_FIX = "Free some space, or name another folder in GPTOSS_LAB_DATA_DIR."


def disk_check(name: str, folder: Path, free_bytes: int) -> Check:
    """Say whether the disk of a folder has room."""
    detail = f"{folder}, {free_bytes / (1 << 30):.1f} GB free"
    if free_bytes < FULL_BYTES:
        return Check(name=name, status="fail", detail=f"{detail}: it is full", fix=SPACE_FIX)
    if free_bytes < FREE_BYTES_WANTED:
        fix = f"A sandbox image needs about 3 GB. {SPACE_FIX}"
        return Check(name=name, status="warn", detail=detail, fix=fix)
    return Check(name=name, status="ok", detail=detail)
