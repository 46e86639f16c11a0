"""A look at the model."""

from __future__ import annotations

import pytest

from gptoss_lab.errors import EngineError, StorageError
from gptoss_lab.schemas.model import EngineProgress, Hardware, ModelPlan, ModelState, Option
from gptoss_lab.services.doctor_model import hosted_check, plan_check
from tests.fakes.models import failure


class Planner:
    """A machine on which a plan comes out as a test says."""

    def __init__(
        self, *options: Option, chosen: int | None = None, error: EngineError | StorageError | None = None
    ) -> None:
        self._plan = ModelPlan(
            model="m", hardware=Hardware(), options=options, chosen=chosen, summary="What fits."
        )
        self._error = error

    async def plan(self) -> ModelPlan:
        """Plan, or fail."""
        if self._error is not None:
            raise self._error
        return self._plan


@pytest.mark.parametrize(
    ("planner", "status", "fix"),
    [
        (Planner(), "warn", "model plan"),
        (Planner(Option(engine="vllm", title="vLLM", fits=True), chosen=0), "ok", ""),
        (
            Planner(Option(engine="vllm", title="vLLM", fits=True, install="model install"), chosen=0),
            "warn",
            "Run `model install`.",
        ),
        (Planner(error=StorageError("No folder.", hint="Make one.")), "warn", "Make one."),
    ],
)
async def test_what_could_be_hosted_is_said(planner: Planner, status: str, fix: str) -> None:
    """A machine that cannot is no failure of the installation; what is missing is named."""
    check = await plan_check(planner)
    assert check.status == status
    assert fix in check.fix
    assert bool(check.fix) == bool(fix)


def test_what_runs_in_a_server_is_said() -> None:
    """The phase where it is well, the failure and its hint where it is not."""
    ready = ModelState(phase="ready", model="gpt-oss-20b")
    loading = ModelState(phase="compiling", model="m", progress=EngineProgress(percent=40))
    check = hosted_check([("http://a/", ready), ("http://b/", loading)])
    assert (check.status, check.detail) == (
        "ok",
        "gpt-oss-20b in http://a/: ready; m in http://b/: compiling 40 %",
    )
    failed = ModelState(phase="failed", model="m", failure=failure("oom_gpu", "No room.", "Free some."))
    check = hosted_check([("http://a/", ready), ("http://b/", failed)])
    assert (check.status, check.fix) == ("warn", "Free some.")
    assert "No room." in check.detail
    assert "examples" in hosted_check([]).detail
