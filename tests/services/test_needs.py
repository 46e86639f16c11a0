"""What cells lack, and which of it may be added by one word."""

from __future__ import annotations

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.packages import check_packages
from gptoss_lab.errors import ConflictError, PackageRefusedError
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.generation import (
    CodeGenerationRequest,
    CodeGenerationResponse,
    GeneratedCell,
    JobState,
)
from gptoss_lab.schemas.review import PackageNeed
from gptoss_lab.services.needs import (
    BY_HAND,
    DENIED,
    OFF,
    AdditionPolicy,
    addable,
    addition_of,
    by_hand,
    merged,
    needs_of,
)

ASKED = CodeGenerationRequest(task="x")


def cell(source: str, name: str = "a", policy: AdditionPolicy | None = None) -> GeneratedCell:
    """Return a cell as it was checked where only numpy is installed."""
    policy = policy or AdditionPolicy(allowed=True)
    found = check_packages([Cell(name, source)], {"numpy": "2.0"})
    judged = tuple(policy.judged(finding) for finding in found)
    return GeneratedCell(id=name, kind="code", language="python", source=source, findings=judged)


def job(*cells: GeneratedCell, state: JobState = "done") -> CodeGenerationResponse:
    """Return a generation with these cells."""
    return CodeGenerationResponse(
        job="j",
        state=state,
        task="x",
        language="python",
        generator="model",
        model="m",
        created_at="",
        cells=cells,
    )


def test_each_package_is_needed_once() -> None:
    """In the order in which the cells ask for it."""
    cells = [cell("import polars, nothere"), cell("import polars, networkx", "b")]
    assert [need.name for need in needs_of(cells)] == ["polars", "nothere", "networkx"]
    assert addable(cells) == ["polars", "networkx"]


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (SandboxConfig(allow_packages=False), OFF),
        (SandboxConfig(packages_denied=("Polars",)), DENIED),
        (SandboxConfig(), ""),
    ],
)
def test_the_administrator_has_the_last_word(config: SandboxConfig, reason: str) -> None:
    """What may not be added is not offered, and it is said why."""
    (need,) = needs_of([cell("import polars", policy=AdditionPolicy.of(config))])
    assert (need.addable, need.reason) == (not reason, reason)


def test_nothing_is_offered_unless_it_is_allowed() -> None:
    """A policy of which nothing is known offers nothing."""
    assert addable([cell("import polars", policy=AdditionPolicy())]) == []


def test_an_addition_has_the_cells_and_what_is_offered() -> None:
    """All that is offered when nothing is named; the cells come without what was found of them."""
    made = addition_of(job(cell("import polars, nothere, networkx")), ASKED)
    assert made.packages == ("polars", "networkx")
    assert (made.of, made.generator, made.model) == ("j", "model", "m")
    assert made.cells[0].findings == ()
    assert addition_of(job(cell("import polars, networkx")), ASKED, ["networkx"]).packages == ("networkx",)


@pytest.mark.parametrize(
    ("packages", "words"),
    [
        (["nothere"], "not added by one word"),
        (["evil"], "do not lack evil"),
        (["polars", "evil"], "do not lack"),
    ],
)
def test_only_what_is_offered_is_added(packages: list[str], words: str) -> None:
    """Whatever a request names."""
    with pytest.raises(PackageRefusedError, match=words):
        addition_of(job(cell("import polars, nothere")), ASKED, packages)


def test_nothing_to_add_and_a_job_that_runs_are_refused() -> None:
    """There would be nothing to do, or its cells are not all there."""
    with pytest.raises(PackageRefusedError, match="lack no package"):
        addition_of(job(cell("import nothere")), ASKED)
    with pytest.raises(ConflictError, match="still runs"):
        addition_of(job(cell("import polars"), state="running"), ASKED)


def test_a_job_gets_the_cells_of_what_was_added_to_it() -> None:
    """Where the addition went through; else it is as it was."""
    before = job(cell("import polars"))
    after = job(cell("import numpy"))
    assert merged(before, after).cells == after.cells
    assert merged(before, after.model_copy(update={"state": "error"})) is before
    assert merged(before, after.model_copy(update={"cells": ()})) is before


def test_an_execution_offers_nothing() -> None:
    """It says what is missing; the sandbox is where it is added."""
    found = check_packages([Cell("a", "import polars, nothere")], {"numpy": "2.0"})
    told = {finding.symbol: by_hand(finding).need for finding in found}
    assert told["polars"] == PackageNeed(name="polars", language="python", reason=BY_HAND)
    assert told["nothere"]
    assert "made up" in told["nothere"].reason
