"""Asks the sandbox what the installed packages have of what documentation of another version tells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, RootModel

from gptoss_lab.checks.answers import read_answer
from gptoss_lab.checks.api import agent_script

_PROGRAM = Path(__file__).with_name("agent") / "documented.py"
_MAX_CHARS = 200
_MAX_LOST = 40


@dataclass(frozen=True, slots=True)
class Documented:
    """What documentation tells of a name: its parameters, and the names that it sends to instead."""

    parameters: Sequence[str] = ()
    instead: Sequence[str] = ()


class Installed(BaseModel):
    """What the installed package has of a name.

    `lost` are documented parameters that it does not take. `instead` is what took the place of a name
    that is gone; where it is not `sure`, it is the nearest name alone.
    """

    exists: bool
    lost: tuple[str, ...] = ()
    instead: str = ""
    sure: bool = False


class _Answer(RootModel[dict[str, Installed]]):
    pass


@cache
def documented_script() -> str:
    """Return the program that runs in the sandbox: payload on standard input, answer on standard output."""
    return agent_script(f"{_PROGRAM.read_text(encoding='utf-8')}\nmain()\n".replace(_FUTURE, ""))


_FUTURE = "from __future__ import annotations\n"


def documented_payload(names: Mapping[str, Documented]) -> str:
    """Return the program's input for these names."""
    return json.dumps({
        name: {"parameters": list(told.parameters), "instead": list(told.instead)}
        for name, told in names.items()
    })


def documented_answer(answer: str, names: Mapping[str, Documented]) -> dict[str, Installed]:
    """Read the program's answer. It comes from a sandbox, so that nothing in it is trusted.

    Raises:
        SandboxError: The answer is not the program's.
    """
    found = read_answer(_Answer, answer, "comparison with the documentation").root
    return {
        name: Installed(
            exists=entry.exists,
            lost=tuple(each for each in names[name].parameters if each in entry.lost)[:_MAX_LOST],
            instead=entry.instead[:_MAX_CHARS],
            sure=entry.sure,
        )
        for name, entry in found.items()
        if name in names
    }
