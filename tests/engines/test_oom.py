"""The system's count of kills for want of memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.engines.oom import OomCount


async def test_it_tells_what_came_since_the_last_look(tmp_path: Path) -> None:
    """The first look only counts."""
    path = tmp_path / "vmstat"
    count = OomCount(path)
    for value, grown in ((7, False), (7, False), (8, True), (8, False)):
        path.write_text(f"pgfault 1\noom_kill {value}\nlast 3\n", "ascii")
        assert await count.grown() is grown


@pytest.mark.parametrize("content", ["", "pgfault 1\n", "oom_kill", "oom_kill many\n"])
async def test_where_it_is_not_told_nothing_was_killed(tmp_path: Path, content: str) -> None:
    """Other systems have no such file."""
    path = tmp_path / "vmstat"
    path.write_text(content, "ascii")
    for looked in (OomCount(path), OomCount(tmp_path / "gone")):
        assert not await looked.grown()
        assert not await looked.grown()
