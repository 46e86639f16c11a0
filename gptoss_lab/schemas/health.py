"""What the server says of itself before anything is asked of it."""

from __future__ import annotations

from typing import Literal

from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.schemas.monitor import RecentAnswers, Resources, ServiceState
from gptoss_lab.schemas.review import GeneratorName


class Health(Wire):
    """Which generator would answer now, whether verification can run, and how the server does.

    Attributes:
        status: "degraded" where a part that should work does not: `services` says which and what to do.
        model: Empty when `generator` is `examples`.
        data_writable: False when nothing can be indexed or kept: our data folder refuses to be written.
        jobs_fault: Why jobs are not kept beyond the life of this server, where they should be.
        resources: The machine as it was seen some seconds ago; None before the first look has ended.
    """

    status: Literal["ok", "degraded"] = "ok"
    version: str
    generator: GeneratorName
    model: str = ""
    sandbox: SandboxStatus
    data_writable: bool = True
    jobs_fault: str = ""
    answers: RecentAnswers | None = None
    resources: Resources | None = None
    services: tuple[ServiceState, ...] = ()
