"""A look at the model: the server that is attached, or what could be hosted and what is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.errors import EngineError, GptossError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.diagnosis import Check
from gptoss_lab.schemas.model import ModelPlan, ModelState
from gptoss_lab.services.model_words import progress_words

EXAMPLES = "the examples of the documentation answer"
OTHERWISE = (
    "`jupyter gptoss model plan` shows every way and why it does not fit; a server can be attached by `url`."
)


class Planner(Protocol):
    """What a look at the hardware needs."""

    async def plan(self) -> ModelPlan:
        """Say what fits this machine."""


async def attached_check(config: ModelConfig) -> Check:
    """Ask the server that the configuration names."""
    engine = HttpChatEngine(config)
    try:
        names = await engine.models()
    except EngineError as error:
        return Check(name="model", status="fail", detail=error.message, fix=error.hint)
    finally:
        await engine.close()
    if config.name and names and config.name not in names:
        detail = f"{config.url} does not offer {config.name}; it offers {', '.join(names[:5])}"
        return Check(name="model", status="fail", detail=detail, fix="Correct the model's name.")
    return Check(name="model", status="ok", detail=f"{config.url}: {', '.join(names[:5]) or 'no names'}")


def hosted_check(running: Sequence[tuple[str, ModelState]]) -> Check:
    """Say how the model stands in the Jupyter servers of this user.

    Args:
        running: The address of each, and its model.
    """
    for address, state in running:
        if state.failure is not None:
            detail = f"{state.model} in {address}: {state.failure.message}"
            return Check(name="model", status="warn", detail=detail, fix=state.failure.hint)
    told = [
        f"{state.model} in {address}: {progress_words(state.phase, state.progress)}"
        for address, state in running
    ]
    detail = "; ".join(told) if told else f"none is attached or running: {EXAMPLES}"
    return Check(name="model", status="ok", detail=detail)


async def plan_check(planner: Planner) -> Check:
    """Say whether this machine can host the model, and with what."""
    name = "model engine"
    try:
        plan = await planner.plan()
    except GptossError as error:
        return Check(name=name, status="warn", detail=error.message, fix=error.hint)
    if plan.chosen is None:
        return Check(name=name, status="warn", detail=plan.summary, fix=OTHERWISE)
    command = plan.options[plan.chosen].install
    fix = f"Run `{command}`." if command else ""
    return Check(name=name, status="warn" if fix else "ok", detail=plan.summary, fix=fix)
