"""The memory that is left."""

from __future__ import annotations

from pathlib import Path

from gptoss_lab.engines.worker.memory import available_bytes, resident_bytes


def test_the_smaller_of_machine_and_container_counts(tmp_path: Path) -> None:
    """A container's limit is often far below the machine."""
    (tmp_path / "meminfo").write_text("MemTotal: 90 kB\nMemAvailable:  64 kB\n")
    assert available_bytes(tmp_path, tmp_path) == 64 << 10
    (tmp_path / "memory.max").write_text("50000\n")
    (tmp_path / "memory.current").write_text("20000\n")
    assert available_bytes(tmp_path, tmp_path) == 30000
    (tmp_path / "memory.max").write_text("max\n")
    assert available_bytes(tmp_path, tmp_path) == 64 << 10


def test_a_system_that_does_not_say_is_not_guessed(tmp_path: Path) -> None:
    """As on macOS."""
    assert available_bytes(tmp_path, tmp_path) is None
    assert resident_bytes(tmp_path) == 0


def test_this_process_holds_something() -> None:
    """More than a megabyte."""
    assert resident_bytes() > 1 << 20
