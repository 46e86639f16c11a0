"""How well the server and what it generates have done, over a window of time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.review import GeneratorName

Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]
ServiceStatus = Literal["ok", "warn", "fail", "off"]


class Quality(Wire):
    """How generations fared. A rate is a count over a sum of counts here; who has none, has no rate.

    Attributes:
        generations: Those that ended, cancelled ones aside: good, partial, empty and failed together.
        good: All of their cells came through.
        partial: Some did.
        empty: There were no cells.
        failed: They ended in an error.
        cells: Code cells: unparsed, failed_check, failed_run, checked and ran together.
        unparsed: Their code is no code of their language.
        failed_check: A check found an error.
        failed_run: They failed in the sandbox.
        checked: Nothing was found, and they were not run.
        ran: They ran well in the sandbox.
        repair_rounds: Rounds of repair, summed over the generations.
        executions: Runs in a sandbox that were asked for, cancelled ones aside.
        executions_ok: Those of them that ended well.
        accepted: Cells that a person took as they were.
        edited: Cells that a person changed and kept.
        rejected: Cells that a person refused.
        first_text_s: The median time to the first text of a cell; None where there was none.
        tokens_per_s: The median speed of a model's answers; None where no model answered.
        duration_s: The median time that a generation took; None where there was none.
    """

    generations: Count = 0
    good: Count = 0
    partial: Count = 0
    empty: Count = 0
    failed: Count = 0
    cells: Count = 0
    unparsed: Count = 0
    failed_check: Count = 0
    failed_run: Count = 0
    checked: Count = 0
    ran: Count = 0
    repair_rounds: Count = 0
    executions: Count = 0
    executions_ok: Count = 0
    accepted: Count = 0
    edited: Count = 0
    rejected: Count = 0
    first_text_s: Seconds | None = None
    tokens_per_s: Seconds | None = None
    duration_s: Seconds | None = None


class QualityGroup(Wire):
    """How one generator, model, set of templates and version of the documentation fared.

    Attributes:
        templates: The hash of the templates; empty where no model was asked.
        docs: Names and versions of what was cited, such as "pandas 2.2.3"; empty where nothing was.
    """

    generator: GeneratorName
    model: str = ""
    templates: str = ""
    docs: str = ""
    quality: Quality


class QualityPoint(Wire):
    """How all of them fared in one step of the window. `at` is the step's beginning, UTC, ISO 8601."""

    at: str
    quality: Quality


class Spread(Wire):
    """How long something took: how often it was seen, the median and what 19 of 20 stayed under."""

    name: str
    count: Count
    p50_s: Seconds
    p95_s: Seconds


class ErrorCount(Wire):
    """How often an error was met: its code as in problem details, or the name of an exception of a cell."""

    code: str
    kind: Literal["job", "cell", "http"]
    count: Count


class GpuUse(Wire):
    """How busy one GPU is; what its driver does not say is None."""

    name: str
    used_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    memory_used_bytes: Count | None = None
    memory_bytes: Count | None = None


class Resources(Wire):
    """What the machine has, and what this server takes of it.

    Attributes:
        cpu_percent: Of all cores together, over the last seconds.
        disk_free_bytes: Where our data folder lies.
        loop_lag_s: How late the server's event loop was at worst in the last minute.
    """

    cpu_percent: Annotated[float, Field(ge=0, le=100)]
    cpu_count: Count
    memory_used_bytes: Count
    memory_bytes: Count
    server_bytes: Count
    disk_free_bytes: Count
    disk_bytes: Count
    loop_lag_s: Seconds = 0.0
    gpus: tuple[GpuUse, ...] = ()


class ServiceState(Wire):
    """How one part of the server stands: model, sandbox, jobs, documents. `fix` is empty when all is well."""

    name: str
    status: ServiceStatus
    detail: str
    fix: str = ""


class RecentAnswers(Wire):
    """How the answers of the last minutes went.

    Attributes:
        window_s: How far they go back.
        count: How many there were.
        error_rate: The share of them that were the server's own fault; 0 where there was none.
        p95_s: The time that 19 of 20 stayed within, streams aside; None where there was none.
    """

    window_s: Annotated[float, Field(gt=0)]
    count: Count = 0
    error_rate: Annotated[float, Field(ge=0, le=1)] = 0.0
    p95_s: Seconds | None = None


class Monitor(Wire):
    """What the Monitor tab shows.

    Attributes:
        at: When it was asked, UTC, ISO 8601.
        since: The beginning of the window.
        step_s: The length of a step of the timeline.
        total: Over the window.
        groups: The same by generator, model, templates and documentation; the most generations first.
        timeline: The same by step, oldest first, without gaps.
        stages: Stages of generations, as the pipeline runs them.
        responses: Answers of this server by route, the most first; streams aside.
        errors: The most first.
    """

    at: str
    since: str
    step_s: Seconds
    total: Quality
    groups: tuple[QualityGroup, ...] = ()
    timeline: tuple[QualityPoint, ...] = ()
    stages: tuple[Spread, ...] = ()
    responses: tuple[Spread, ...] = ()
    errors: tuple[ErrorCount, ...] = ()
    resources: Resources
    services: tuple[ServiceState, ...] = ()
