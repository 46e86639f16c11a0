"""What is counted of jobs."""

from __future__ import annotations

from itertools import count

import pytest
from prometheus_client import CollectorRegistry

from gptoss_lab.errors import EngineTimeoutError
from gptoss_lab.schemas.events import (
    Event,
    FindingEvent,
    Generator,
    Repair,
    Stage,
    Usage,
    VerificationEvent,
)
from gptoss_lab.schemas.execution import CellVerification, RunStatus, SandboxStatus
from gptoss_lab.schemas.generation import GeneratedCell, TokenUsage
from gptoss_lab.schemas.review import Finding
from gptoss_lab.services.metrics.course import outcome_of
from gptoss_lab.services.metrics.instruments import Instruments
from gptoss_lab.services.metrics.job_metrics import JobMetrics
from gptoss_lab.services.problems import problem_of
from tests.fakes.generation import Held
from tests.fakes.jobs import REQUEST, Runner, cell, jobs, runs, seen

MODEL = Generator(
    generator="model", model="gpt-oss-20b", templates="t1", sandbox=SandboxStatus(available=False)
)
WHO = {"generator": "model", "model": "gpt-oss-20b", "templates": "t1"}


def verified(name: str, status: RunStatus) -> Event:
    """Return the event of a run of a cell."""
    return VerificationEvent(cell=name, verification=CellVerification(status=status))


def found(name: str, check: str = "api") -> Event:
    """Return the event of an error that a check found."""
    finding = {"check": check, "severity": "error", "cell": name, "message": "No such member."}
    return FindingEvent(finding=Finding.model_validate(finding))


async def counted(run: Runner) -> CollectorRegistry:
    """Run a generation to its end; return what was counted. Each look at the clock is a second."""
    instruments, seconds = Instruments(), count()
    service = jobs(run, (JobMetrics(instruments, clock=lambda: float(next(seconds))),))
    await seen(service, service.submit(REQUEST, "me").job)
    await service.close()
    return instruments.registry


async def test_a_good_generation() -> None:
    """With its stages, its tokens, the time to its first text, and cells that ran."""
    usage = TokenUsage(prompt_tokens=100, completion_tokens=20, cached_tokens=60)
    told = [Stage(stage="collect"), MODEL, Stage(stage="stream"), *cell("a", 0, "x = 1"), Usage(usage=usage)]
    registry = await counted(runs(*told, Repair(round=2, rounds=3, cells=("a",)), verified("a", "ok")))
    value = registry.get_sample_value
    assert value("gptoss_lab_jobs_total", {"kind": "generate", "state": "done"}) == 1
    assert value("gptoss_lab_generations_total", {**WHO, "result": "good"}) == 1
    assert value("gptoss_lab_cells_total", {**WHO, "outcome": "ran"}) == 1
    assert value("gptoss_lab_stage_seconds_sum", {"stage": "collect"}) == 2
    assert value("gptoss_lab_first_text_seconds_count", {"generator": "model"}) == 1
    assert value("gptoss_lab_tokens_total", {"kind": "cached"}) == 60
    assert value("gptoss_lab_repair_rounds_sum", {"generator": "model", "model": "gpt-oss-20b"}) == 2
    assert value("gptoss_lab_job_seconds_count", {"kind": "generate"}) == 1


async def test_a_generation_with_a_cell_that_failed() -> None:
    """It came through in part, and the finding is counted by its check."""
    told = [
        MODEL,
        *cell("a", 0, "x"),
        found("a"),
        *cell("b", 1, "y"),
        verified("b", "error"),
        *cell("c", 2, "z"),
    ]
    value = (await counted(runs(*told))).get_sample_value
    assert value("gptoss_lab_generations_total", {**WHO, "result": "partial"}) == 1
    for outcome in ("failed_check", "failed_run", "checked"):
        assert value("gptoss_lab_cells_total", {**WHO, "outcome": outcome}) == 1
    assert value("gptoss_lab_findings_total", {"check": "api", "severity": "error"}) == 1


async def test_a_generation_that_failed() -> None:
    """It is counted by the code of its error; before a generator is known it has no name."""
    value = (await counted(runs())).get_sample_value
    nobody = {"generator": "", "model": "", "templates": ""}
    assert value("gptoss_lab_generations_total", {**nobody, "result": "empty"}) == 1
    instruments = Instruments()

    async def fail(_: object) -> None:
        raise EngineTimeoutError("It fell silent.")

    async def run(request: object):  # type: ignore[no-untyped-def] # noqa: ANN202 - a generation that only fails
        yield MODEL
        await fail(request)

    service = jobs(run, (JobMetrics(instruments),))
    await seen(service, service.submit(REQUEST, "me").job)
    value = instruments.registry.get_sample_value
    code = problem_of(EngineTimeoutError("")).code
    assert value("gptoss_lab_errors_total", {"code": code}) == 1
    assert value("gptoss_lab_generations_total", {**WHO, "result": "failed"}) == 1
    assert value("gptoss_lab_jobs_total", {"kind": "generate", "state": "error"}) == 1


async def test_a_cancelled_job_is_no_error() -> None:
    """It is counted as what it is, also where it never began."""
    hold, instruments = Held(), Instruments()
    service = jobs(runs(MODEL, hold=hold), (JobMetrics(instruments),), max_jobs=1)
    first, second = (service.submit(REQUEST, "me").job for _ in range(2))
    await hold.reached.wait()
    await service.cancel(second, "me")
    await service.cancel(first, "me")
    value = instruments.registry.get_sample_value
    assert value("gptoss_lab_jobs_total", {"kind": "generate", "state": "cancelled"}) == 2
    assert value("gptoss_lab_errors_total", {"code": "internal"}) is None


@pytest.mark.parametrize(
    ("check", "status", "outcome"),
    [
        ("syntax", None, "unparsed"),
        ("api", "ok", "failed_check"),
        ("", None, "checked"),
        ("", "ok", "ran"),
        ("", "timeout", "failed_run"),
    ],
)
def test_the_first_hurdle_that_a_cell_fell_at(check: str, status: RunStatus | None, outcome: str) -> None:
    """A cell that parses, passes the checks and runs came through."""
    findings = (Finding(check=check, severity="error", cell="a", message="x"),) if check else ()  # type: ignore[arg-type]
    run = CellVerification(status=status) if status else None
    made = GeneratedCell(
        id="a", kind="code", language="python", source="x", findings=findings, verification=run
    )
    assert outcome_of(made) == outcome
