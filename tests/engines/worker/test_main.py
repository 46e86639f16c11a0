"""How the worker comes to stand in an environment that has no gptoss_lab."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from gptoss_lab.engines.worker import main as main_module
from gptoss_lab.engines.worker.main import PACKAGE, mount

WORKER = Path(main_module.__file__).parent
ALLOWED = {*sys.stdlib_module_names, "torch", "transformers", "openai_harmony"}


@pytest.mark.parametrize("path", sorted(WORKER.glob("*.py")), ids=lambda path: path.name)
def test_it_imports_nothing_that_is_not_there(path: Path) -> None:
    """The standard library, the engine's packages, and its own files."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        for name in names:
            assert name.partition(".")[0] in ALLOWED or name.startswith(f"{PACKAGE}") or name == PACKAGE


def test_only_its_own_folder_is_mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands beside it cannot be imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "gptoss_lab"]:
        monkeypatch.setitem(sys.modules, name, sys.modules[name])
    mount(WORKER)
    assert list(sys.modules["gptoss_lab"].__path__) == []
    assert list(sys.modules[PACKAGE].__path__) == [str(WORKER)]


def test_it_starts_by_its_path() -> None:
    """In isolation, and in a folder that is not ours."""
    argv = [sys.executable, "-I", str(WORKER / "main.py"), "--help"]
    run = subprocess.run(argv, cwd="/", capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0
    assert "--kept-prompts" in run.stdout
