"""Lay Python cells out with ruff, where that changes nothing but their layout."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from gptoss_lab.drafts.syntax import tree_of

TIMEOUT_S = 5.0
_METADATA = {"language_info": {"name": "python"}}


def find_ruff() -> str:
    """Return where ruff is: beside this Python, or on the path; empty where it is not installed."""
    beside = Path(sys.executable).with_name("ruff")
    return str(beside) if beside.is_file() else shutil.which("ruff") or ""


def formatted(sources: Sequence[str], ruff: str) -> list[str]:
    """Return the cells laid out; one stays as it is where it would mean something else. Blocks.

    They are handed over as a notebook, so that magics stay, and the semicolon that hides a result.

    Args:
        sources: Python cells.
        ruff: The program.
    """
    places = [place for place, source in enumerate(sources) if tree_of(source) is not None]
    answer = _asked([sources[place] for place in places], ruff) if places else []
    result = list(sources)
    for place, text in zip(places, answer, strict=False):
        if text.strip() and _same(sources[place], text):
            result[place] = text
    return result


def _asked(sources: Sequence[str], ruff: str) -> list[str]:
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for n, text in enumerate(sources)
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": _METADATA, "cells": cells}
    command = [ruff, "format", "--isolated", "--no-cache", "--quiet", "--stdin-filename", "cells.ipynb", "-"]
    try:
        run = subprocess.run(  # noqa: S603 - a program of this environment; the cells are its input
            command,
            input=json.dumps(notebook),
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=TIMEOUT_S,
        )
        told = json.loads(run.stdout)["cells"]
        return ["".join(cell["source"]) for cell in told]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return []  # a layout is worth no failure


def _same(before: str, after: str) -> bool:
    """Say whether two cells are one program, with the same magics and the same end."""
    one, other = tree_of(before), tree_of(after)
    return (
        one is not None
        and other is not None
        and ast.dump(one) == ast.dump(other)
        and _magics(before) == _magics(after)
        and before.rstrip().endswith(";") == after.rstrip().endswith(";")
    )


def _magics(source: str) -> list[str]:
    return [line.strip() for line in source.split("\n") if line.lstrip()[:1] in {"%", "!", "?"}]
