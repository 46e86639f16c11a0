"""The base of every wire model."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["python", "r"]
Effort = Literal["low", "medium", "high"]


class Wire(BaseModel):
    """A closed, immutable model: unknown keys are refused, not dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")
