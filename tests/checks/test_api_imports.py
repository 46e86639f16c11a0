"""What packages do when they are imported must not keep the rest from being checked."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gptoss_lab.checks.api import ApiReport, agent_script, api_payload, api_report
from gptoss_lab.checks.cells import Cell

REST = "import json\njson.dumpz({})"


def ask(folder: Path, *sources: str, import_s: float = 20.0, memory_bytes: int = 3 << 30) -> ApiReport:
    """Run the agent with a folder of packages."""
    cells = [Cell(str(number), source) for number, source in enumerate(sources)]
    payload = json.loads(api_payload(cells))
    payload["limits"] = {"import_s": import_s, "memory_bytes": memory_bytes}
    script = f"import sys\nsys.path[:0] = [{str(folder)!r}]\n{agent_script()}"
    command = [sys.executable, "-I", "-c", script]
    run = subprocess.run(
        command, input=json.dumps(payload), capture_output=True, text=True, check=True, timeout=60
    )
    return api_report(run.stdout, cells)


EVIL = {
    "import os\nos._exit(3)": "ended the process",
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)": "ended the process",
    "import sys\nsys.exit(0)": "SystemExit",
    "raise ValueError('no licence')": "no licence",
    "def f(:": "SyntaxError",
    "import time\ntime.sleep(60)": "more than 1 second",
    "x = bytearray(1 << 31)": "MemoryError",
}


@pytest.mark.parametrize("text", EVIL, ids=lambda text: text.split("\n")[-1])
def test_a_package_that_breaks_is_told_and_the_rest_is_checked(text: str, tmp_path: Path) -> None:
    """A warning at the import says why its calls were not checked; other packages' calls were."""
    (tmp_path / "evil_one.py").write_text(text)
    began = time.monotonic()
    report = ask(tmp_path, f"{REST}\nimport evil_one\nevil_one.run()", import_s=1.0, memory_bytes=1 << 30)
    told = {finding.symbol: finding for finding in report.findings}
    assert (told["evil_one"].severity, told["evil_one"].line) == ("warning", 3)
    assert EVIL[text] in told["evil_one"].message
    assert told["json.dumpz"].severity == "error"
    assert time.monotonic() - began < 30


def test_two_that_break_are_both_left_out(tmp_path: Path) -> None:
    """Each is named; neither hides the other."""
    for name in ("evil_one", "evil_two"):
        (tmp_path / f"{name}.py").write_text("import os\nos._exit(1)")
    report = ask(tmp_path, "import evil_one", "import evil_two", REST)
    assert {finding.symbol for finding in report.findings} == {"evil_one", "evil_two", "json.dumpz"}


def test_what_an_import_prints_is_not_the_answer(tmp_path: Path) -> None:
    """Neither to the stream nor to its file descriptor."""
    (tmp_path / "loud.py").write_text("import os\nprint('{}')\nos.write(1, b'{}')\nos.write(2, b'x')")
    report = ask(tmp_path, "import loud\nloud.nothing")
    assert [finding.symbol for finding in report.findings] == ["loud.nothing"]


def test_of_two_versions_the_one_that_is_imported_counts(tmp_path: Path) -> None:
    """The finding names its version, whatever else lies on the path."""
    for version, body in (("1.0", "def old(): ..."), ("2.0", "def new(): ...")):
        folder = tmp_path / version / "twice"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(f"__version__ = {version!r}\n{body}")
    (tmp_path / "both.py").write_text(
        f"import sys\nsys.path[:0] = {[str(tmp_path / '2.0'), str(tmp_path / '1.0')]!r}"
    )
    report = ask(tmp_path, "import both\nimport twice\ntwice.new()\ntwice.old()")
    (finding,) = report.findings
    assert (finding.line, "twice` 2.0" in finding.message) == (4, True)


def test_a_huge_cell_is_checked(tmp_path: Path) -> None:
    """Five thousand lines take seconds, and its last line counts."""
    source = "\n".join(["import json", *(f"a{n} = json.dumps([{n}])" for n in range(5000)), "json.dumpz(1)"])
    began = time.monotonic()
    report = ask(tmp_path, source)
    assert [finding.line for finding in report.findings] == [5002]
    assert time.monotonic() - began < 20


def test_a_cell_nested_too_deeply_is_told(tmp_path: Path) -> None:
    """The cell is not checked and says so; the next one is."""
    deep = "x = " + "+".join(["1"] * 5000)
    report = ask(tmp_path, deep, REST)
    assert [(finding.cell, finding.severity) for finding in report.findings] == [
        ("1", "error"),
        ("0", "info"),
    ]
