"""The reading child by itself: one line in, lines out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gptoss_lab.papers.jobs import ReadJob, ReadLine
from tests.papers.pdf_pages import pdf, shown


def run(line: str, folder: Path) -> tuple[int, list[ReadLine]]:
    """Return how the child ended, and what it said."""
    with subprocess.Popen(
        [sys.executable, "-m", "gptoss_lab.papers.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()
        said = process.stdout.read()
        return process.wait(), [ReadLine.model_validate_json(one) for one in said.splitlines()]


def test_a_job_that_is_none_is_refused(tmp_path: Path) -> None:
    """In the same form as other failures."""
    status, (line,) = run('{"uri": "x"}', tmp_path)
    assert status == 1
    assert line.failure is not None
    assert "cannot be read" in line.failure.message


@pytest.mark.parametrize(("name", "message"), [("none.pdf", "No such file"), ("deep.pdf", "")])
def test_failures_are_typed(tmp_path: Path, name: str, message: str) -> None:
    """A file that went away, and one that is no PDF."""
    (tmp_path / "deep.pdf").write_bytes(b"%PDF-1.4\n" + b"[" * 100_000)
    job = ReadJob(id="p1", uri="u", location=str(tmp_path / name), name=name, folder=str(tmp_path))
    status, lines = run(job.model_dump_json(), tmp_path)
    failure = lines[-1].failure
    assert status == 1
    assert failure is not None
    assert message in failure.message


def test_a_paper_is_one_line(tmp_path: Path) -> None:
    """After its steps."""
    (tmp_path / "a.pdf").write_bytes(pdf([shown("Words of a paper that is printed here.", 72, 700)]))
    job = ReadJob(id="p1", uri="u", location=str(tmp_path / "a.pdf"), name="a.pdf", folder=str(tmp_path))
    status, lines = run(job.model_dump_json(), tmp_path)
    assert status == 0
    assert lines[-1].paper is not None
    assert all(line.step is not None for line in lines[:-1])
