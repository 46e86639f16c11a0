"""The packages that cells lack: which of them a person may have added by one word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from gptoss_lab.errors import ConflictError, PackageRefusedError
from gptoss_lab.schemas.additions import MAX_PACKAGES, AdditionRequest
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse, GeneratedCell
from gptoss_lab.schemas.review import Finding, PackageNeed

OFF = "The administrator does not allow packages to be added."
BY_HAND = "Packages are added to the sandbox itself."
DENIED = "The administrator does not allow this package."


@dataclass(frozen=True, slots=True)
class AdditionPolicy:
    """What the administrator says of packages; nothing is offered unless it is said that it may be.

    Attributes:
        denied: Names that may never be added, normalised.
    """

    allowed: bool = False
    denied: frozenset[str] = frozenset()

    @classmethod
    def of(cls, config: SandboxConfig) -> AdditionPolicy:
        """Return what a configuration says."""
        return cls(config.allow_packages, frozenset(map(canonicalize_name, config.packages_denied)))

    def judged(self, finding: Finding) -> Finding:
        """Return a finding whose need is not offered where it may not be."""
        need = finding.need
        if need is None or not need.addable:
            return finding
        reason = "" if self.allowed else OFF
        if canonicalize_name(need.name) in self.denied:
            reason = DENIED
        if not reason:
            return finding
        return finding.model_copy(
            update={"need": need.model_copy(update={"addable": False, "reason": reason})}
        )


NOTHING_OFFERED = AdditionPolicy()


def by_hand(finding: Finding) -> Finding:
    """Return a finding whose need nothing offers to add: that of an execution, which is no generation."""
    need = finding.need
    if need is None or not need.addable:
        return finding
    return finding.model_copy(update={"need": need.model_copy(update={"addable": False, "reason": BY_HAND})})


def needs_of(cells: Iterable[GeneratedCell]) -> list[PackageNeed]:
    """Return what the cells lack, each package once, in the order in which they ask for it."""
    needs = [finding.need for cell in cells for finding in cell.findings if finding.need is not None]
    return list({need.name: need for need in needs}.values())


def addable(cells: Iterable[GeneratedCell]) -> list[str]:
    """Return the names of the packages that are offered."""
    return [need.name for need in needs_of(cells) if need.addable]


def addition_of(
    job: CodeGenerationResponse, request: CodeGenerationRequest, packages: Sequence[str] = ()
) -> AdditionRequest:
    """Return the job that adds what the cells of another lack; of packages only those that are offered.

    Args:
        job: The job whose cells they are.
        request: What it was asked.
        packages: Which to add; all that are offered when empty.

    Raises:
        ConflictError: The job still runs.
        PackageRefusedError: A package is not one that is offered, or none is.
    """
    if job.state in {"queued", "running"}:
        raise ConflictError("The job still runs", hint="Add packages when it has ended.")
    needs = {need.name: need for need in needs_of(job.cells)}
    wanted = list(dict.fromkeys(packages)) or addable(job.cells)
    for name in wanted:
        need = needs.get(name)
        if need is None:
            raise PackageRefusedError(
                f"The cells do not lack {name[:80]}", package=name, hint="Add it to a sandbox by hand."
            )
        if not need.addable:
            raise PackageRefusedError(f"{name} is not added by one word: {need.reason}", package=name)
    if not wanted:
        raise PackageRefusedError(
            "The cells lack no package that is offered", hint="Add one to a sandbox by hand."
        )
    bare = tuple(cell.model_copy(update={"findings": (), "verification": None}) for cell in job.cells)
    return AdditionRequest(
        of=job.job,
        packages=tuple(wanted[:MAX_PACKAGES]),
        request=request,
        cells=bare,
        generator=job.generator or "examples",
        model=job.model,
    )


def merged(job: CodeGenerationResponse, addition: CodeGenerationResponse) -> CodeGenerationResponse:
    """Return a job whose cells are as an addition left them; as it was where that did not go through."""
    if addition.state != "done" or not addition.cells:
        return job
    return job.model_copy(
        update={
            "cells": addition.cells,
            "environment": addition.environment or job.environment,
            "sandbox": addition.sandbox or job.sandbox,
            "warnings": (*job.warnings, *addition.warnings),
        }
    )
