"""What whoever runs the server has decided of every generation."""

from __future__ import annotations

from dataclasses import dataclass

from gptoss_lab.services.needs import NOTHING_OFFERED, AdditionPolicy


@dataclass(frozen=True, slots=True)
class Choices:
    """How cells are finished.

    Attributes:
        ruff: The program that lays out Python cells; empty where none is to.
        style_r: R cells are laid out, where the sandbox has what that needs.
        policy: Which packages may be offered where cells lack them.
    """

    ruff: str = ""
    style_r: bool = False
    policy: AdditionPolicy = NOTHING_OFFERED


PLAIN = Choices()
