"""What an export of reviews says of itself."""

from __future__ import annotations

from gptoss_lab.schemas.learning import DatasetFile, DatasetReport


def test_the_rows_of_all_files_are_added_up() -> None:
    """An empty dataset has none."""
    files = tuple(DatasetFile(name=f"{n}.jsonl", rows=n, size_bytes=1, sha256="") for n in (1, 2))
    assert DatasetReport(folder="d", files=files).rows == 3
    assert DatasetReport(folder="d").rows == 0
