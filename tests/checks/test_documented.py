"""What the installed packages have of documented names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gptoss_lab.checks.documented import Documented, documented_answer, documented_payload, documented_script
from gptoss_lab.errors import SandboxError

MODULE = """
class Table:
    def group(self, column): ...
    def every(self, **options): ...
def join(rows): ...
"""
NAMES = {
    "minipack.Table.append": Documented(instead=("minipack.Table.join", "minipack.join")),
    "minipack.Table.group": Documented(("self", "column", "squeeze")),
    "minipack.Table.every": Documented(("squeeze",)),
    "minipack.Table.grup": Documented(),
    "nowhere.f": Documented(),
    "os.path.join": Documented(("a",)),
}


def test_names_are_looked_up_in_one_call(tmp_path: Path) -> None:
    """What is gone with what took its place, lost parameters, and nothing of packages that are not there."""
    (tmp_path / "minipack.py").write_text(MODULE)
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{documented_script()}"
    run = subprocess.run(
        [sys.executable, "-I", "-c", program],
        input=documented_payload(NAMES),
        capture_output=True,
        text=True,
        check=True,
    )
    found = documented_answer(run.stdout, NAMES)
    assert set(found) == NAMES.keys() - {"nowhere.f"}
    gone = found["minipack.Table.append"]
    assert (gone.exists, gone.instead, gone.sure) == (False, "minipack.join", True)
    assert found["minipack.Table.group"].lost == ("squeeze",)
    assert found["minipack.Table.every"].lost == ()
    near = found["minipack.Table.grup"]
    assert (near.instead, near.sure) == ("minipack.Table.group", False)
    assert found["os.path.join"].exists


def test_an_answer_is_not_trusted() -> None:
    """Names that were not asked for are left out, as are parameters that are not documented."""
    told = {
        "minipack.Table.group": {"exists": True, "lost": ["squeeze", "invented"]},
        "invented": {"exists": False, "instead": "x" * 9999},
    }
    found = documented_answer(json.dumps(told), NAMES)
    assert {name: entry.lost for name, entry in found.items()} == {"minipack.Table.group": ("squeeze",)}
    with pytest.raises(SandboxError, match="no answer"):
        documented_answer("[]", NAMES)
