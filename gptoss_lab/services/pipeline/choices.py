"""What whoever runs the server has decided of every generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.needs import NOTHING_OFFERED, AdditionPolicy


@dataclass(frozen=True, slots=True)
class Choices:
    """How cells are finished.

    Attributes:
        ruff: The program that lays out Python cells; empty where none is to.
        style_r: R cells are laid out, where the sandbox has what that needs.
        policy: Which packages may be offered where cells lack them.
        variables: The most that is told of the variables of a kernel.
    """

    ruff: str = ""
    style_r: bool = False
    policy: AdditionPolicy = NOTHING_OFFERED
    variables: Literal["off", "types", "columns"] = "columns"

    def narrowed(self, request: CodeGenerationRequest) -> CodeGenerationRequest:
        """Return a request that tells no more of a kernel's variables than may be told."""
        held = request.context.variables
        if self.variables == "columns" or not held:
            return request
        told = (
            tuple(one.model_copy(update={"columns": ()}) for one in held) if self.variables == "types" else ()
        )
        context = request.context.model_copy(update={"variables": told})
        return request.model_copy(update={"context": context})


PLAIN = Choices()
