"""What the server says of itself before anything is asked of it."""

from __future__ import annotations

from typing import Literal

from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.schemas.review import GeneratorName


class Health(Wire):
    """Which generator would answer now, and whether verification can run.

    `model` is empty when `generator` is `examples`. `data_writable` is false when nothing can be
    indexed or kept, because our data folder refuses to be written. `jobs_fault` is why jobs are not kept
    beyond the life of this server, where they should be.
    """

    status: Literal["ok"] = "ok"
    version: str
    generator: GeneratorName
    model: str = ""
    sandbox: SandboxStatus
    data_writable: bool = True
    jobs_fault: str = ""
