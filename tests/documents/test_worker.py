"""The parsing child as a program: one job in, JSON lines out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from gptoss_lab.documents.jobs import ParseJob

WORDS = [sys.executable, "-m", "gptoss_lab.documents.worker"]


def job(path: Path, **more: float) -> ParseJob:
    """Return a job of one page."""
    page = {"path": path.name, "location": str(path), "sha256": "0", "media": "markdown"}
    values = {"source": "x", "title": "x", "output": str(path.with_suffix(".out")), "files": [page], **more}
    return ParseJob.model_validate(values)


def answer(line: str) -> tuple[int, list[dict[str, Any]]]:
    """Return the status of the child and the lines that it wrote; its input stays open meanwhile."""
    with subprocess.Popen(WORDS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(line + "\n")
        child.stdin.flush()
        found = [json.loads(item) for item in child.stdout]
        return child.wait(timeout=20), found


def test_a_job_is_answered_with_progress_and_a_result(tmp_path: Path) -> None:
    """Each line has one member, the result is the last, and the index lies where the job said."""
    (tmp_path / "a.md").write_text("# Words\n\nmany words\n")
    status, lines = answer(job(tmp_path / "a.md").model_dump_json())
    assert status == 0
    assert [list(line) for line in lines] == [["progress"], ["progress"], ["result"]]
    assert lines[-1]["result"]["chunks"] == 1
    assert (tmp_path / "a.out").is_file()


def test_a_failure_has_its_code_and_hint(tmp_path: Path) -> None:
    """What the source lacks is told as an error of its class."""
    status, lines = answer(job(tmp_path / "none.md").model_dump_json())
    assert status == 1
    assert lines[-1]["failure"]["code"] == "source_not_found"
    assert lines[-1]["failure"]["hint"]


def test_what_is_no_job_is_refused() -> None:
    """A line that cannot be read is answered, not raised."""
    status, lines = answer('{"nonsense": 1}')
    assert (status, list(lines[0])) == (1, ["failure"])


def test_too_little_memory_names_the_limit(tmp_path: Path) -> None:
    """The parser ends itself in words, before the system ends it without."""
    (tmp_path / "a.md").write_text("# Words\n\n" + "many words " * 1_000_000)
    status, lines = answer(job(tmp_path / "a.md", memory_bytes=140 << 20).model_dump_json())
    assert status == 1
    assert lines[-1]["failure"]["code"] == "source_limit"
    assert "140 MB" in lines[-1]["failure"]["message"]


def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    """A parent killed without warning leaves no parser behind, even one that waits for its file."""
    os.mkfifo(tmp_path / "page.md")
    script = (
        "import subprocess, time\n"
        f"child = subprocess.Popen({WORDS!r}, stdin=subprocess.PIPE)\n"
        f"child.stdin.write({job(tmp_path / 'page.md').model_dump_json()!r}.encode() + b'\\n')\n"
        "child.stdin.flush(); print(child.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert json.loads(parent.stdout.readline())["progress"]["step"] == "parse"
        worker = psutil.Process(pid)
        parent.send_signal(signal.SIGKILL)
        assert psutil.wait_procs([worker], timeout=5)[1] == []
