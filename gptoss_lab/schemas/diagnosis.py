"""What a look at the installation found, and how to mend it."""

from __future__ import annotations

from typing import Literal

from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.execution import SandboxStatus

CheckStatus = Literal["ok", "warn", "fail"]


class Check(Wire):
    """One thing that was looked at. `fix` is what to do, empty when all is well."""

    name: str
    status: CheckStatus
    detail: str
    fix: str = ""


class Diagnosis(Wire):
    """All that was looked at, in the order in which a person would mend it."""

    checks: tuple[Check, ...] = ()
    sandbox: SandboxStatus = SandboxStatus(available=False)

    @property
    def ok(self) -> bool:
        """Whether nothing failed; warnings are allowed."""
        return all(check.status != "fail" for check in self.checks)
