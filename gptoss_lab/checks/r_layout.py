"""R cells laid out by the sandbox's styler: the program, its payload, and its answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from gptoss_lab.checks.answers import read_answer

PACKAGE = "styler"
_PROGRAM = Path(__file__).with_name("agent") / "r_layout.R"


class _Answer(BaseModel):
    cells: tuple[str, ...] = ()


@cache
def r_layout_script() -> str:
    """Return the function that runs in the sandbox's R: JSON text in, JSON text out."""
    return _PROGRAM.read_text(encoding="utf-8")


def r_layout_payload(sources: Sequence[str]) -> str:
    """Return the function's input for these cells."""
    return json.dumps({"cells": list(sources)})


def r_layouts(answer: str, sources: Sequence[str]) -> list[str]:
    """Return the cells as they were laid out.

    The answer comes from a sandbox, so that a cell is only taken where nothing but white space differs.

    Raises:
        SandboxError: The answer is not the function's.
    """
    told = read_answer(_Answer, answer, "layout of R").cells
    if len(told) != len(sources):
        return list(sources)
    return [
        text if text.strip() and _ink(text) == _ink(source) else source
        for text, source in zip(told, sources, strict=True)
    ]


def _ink(text: str) -> str:
    return "".join(text.split())
