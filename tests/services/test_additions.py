"""Packages are added, and the same cells checked and run again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gptoss_lab.errors import PackageRefusedError
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.schemas.additions import AdditionRequest
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.events import Done, Event, Failed, Progress
from gptoss_lab.schemas.execution import SandboxImage
from gptoss_lab.schemas.generation import CellEdit, CodeGenerationResponse, EditedCell, NotebookContext
from gptoss_lab.services.additions import AdditionService, addition_lane
from gptoss_lab.services.jobs import JobService
from gptoss_lab.services.needs import AdditionPolicy, addition_of
from tests.fakes.generation import OFF, FakeCorpora, FakeExecutor, Held
from tests.fakes.played import stages
from tests.services.test_needs import ASKED, cell, job

LACKING = cell("import polars"), cell("import numpy\nx = 1", "b")


class Shelf:
    """Adds what it is asked for, or fails, or waits."""

    def __init__(self, fault: Exception | None = None, hold: Held | None = None) -> None:
        self.fault, self.hold = fault, hold
        self.asked: list[tuple[str, ...]] = []

    async def ensure(self, language: Language, packages: Sequence[str], report: Report) -> SandboxImage:
        await report("looking", 1, 5)
        self.asked.append((language, *packages))
        if self.hold:
            await self.hold.wait()
        if self.fault:
            raise self.fault
        packages_now = dict.fromkeys(("numpy", *packages), "1.0")
        return SandboxImage(id="new", runtime="docker", language=language, tag="t", packages=packages_now)


def service(shelf: Shelf, executor: FakeExecutor | None = None) -> AdditionService:
    """Return the service over fakes."""
    return AdditionService(
        packages=shelf,
        executor=executor or FakeExecutor(),
        corpora=FakeCorpora(),
        policy=AdditionPolicy(allowed=True),
    )


def wanted() -> AdditionRequest:
    """Return a request for what the cells lack."""
    return addition_of(job(*LACKING), ASKED)


async def played(shelf: Shelf, executor: FakeExecutor | None = None) -> list[Event]:
    """Play an addition to its end."""
    return [event async for event in service(shelf, executor).run(wanted())]


async def test_cells_are_checked_and_run_in_the_new_image() -> None:
    """Nothing is generated: they have the ids and the texts that they had, and the finding is gone."""
    shelf, executor = Shelf(), FakeExecutor()
    events = await played(shelf, executor)
    assert shelf.asked == [("python", "polars")]
    assert stages(events) == ["packages", "check", "verify", "done"]
    assert next(event.message for event in events if isinstance(event, Progress)) == "looking"
    assert [event.source for event in events if event.type == "cell_close"] == [one.source for one in LACKING]
    assert [event.cell for event in events if event.type == "verification"] == ["a", "b"]
    assert not [event for event in events if event.type == "finding"]
    assert executor.runs[0].cells == tuple(one.source for one in LACKING)
    last = events[-1]
    assert isinstance(last, Done)
    assert (last.state, last.verified) == ("done", 2)


async def test_what_cannot_be_added_is_told_and_nothing_runs() -> None:
    """With the reason and the hint; the image stays as it was, and so do the cells."""
    executor = FakeExecutor()
    events = await played(Shelf(PackageRefusedError("The index has no package polars")), executor)
    last = events[-1]
    assert isinstance(last, Failed)
    assert last.problem.code == "package_refused"
    assert last.problem.hint
    assert not executor.runs


async def test_a_full_disk_is_told() -> None:
    """As a problem, and not as a fault of ours."""
    last = (await played(Shelf(OSError(28, "No space left on device"))))[-1]
    assert isinstance(last, Failed)
    assert last.problem.code == "storage"


async def test_a_cancelled_addition_stops_the_build() -> None:
    """And releases it before the job has ended."""
    hold = Held()
    jobs = JobService(lanes=(addition_lane(service(Shelf(hold=hold)).run),), config=ExecutionConfig())
    name = jobs.submit(wanted(), "me").job
    await asyncio.wait_for(hold.reached.wait(), 30)
    ended = await jobs.cancel(name, "me")
    assert hold.released
    assert ended.state == "cancelled"
    await jobs.close()


async def test_the_list_says_what_is_added() -> None:
    """Its task is the packages; the job has the cells with what was found of them now."""
    jobs = JobService(lanes=(addition_lane(service(Shelf()).run),), config=ExecutionConfig())
    name = jobs.submit(wanted(), "me").job
    await jobs.finished(name, "me")
    (row,) = jobs.list("me").jobs
    assert (row.kind, row.task, row.cells, row.verified) == ("add", "polars", 2, 2)
    answered = jobs.get_as(CodeGenerationResponse, name, "me")
    assert [one.id for one in answered.cells] == ["a", "b"]
    await jobs.close()


async def test_cells_without_a_sandbox_are_not_said_to_have_run() -> None:
    """One that has gone since is told of."""
    events = await played(Shelf(), FakeExecutor(state=OFF))
    assert [event.type for event in events if event.type in {"warning", "verification"}] == ["warning"]


@pytest.mark.parametrize("again", [True, False])
async def test_what_is_still_missing_is_found_again(again: bool) -> None:
    """A package that the build did not bring is no silent success."""

    class Empty(Shelf):
        async def ensure(self, language: Language, packages: Sequence[str], report: Report) -> SandboxImage:
            image = await super().ensure(language, packages, report)
            return image.model_copy(update={"packages": {"numpy": "2"}}) if again else image

    events = await played(Empty())
    assert bool([event for event in events if event.type == "finding"]) is again


async def test_changed_cells_run_where_they_stand() -> None:
    """After the notebook's cells above, among the edited ones that stay, and as changes of the same cells."""
    edited = [EditedCell(id="own", source="import polars as p"), EditedCell(id="next", source="y = 1")]
    edit = CellEdit(kind="edit", cells=tuple(edited))
    request = ASKED.model_copy(update={"edit": edit, "context": NotebookContext(cells=("above = 1",))})
    changed = cell("import polars").model_copy(update={"change": "changed", "target": "own"})
    executor = FakeExecutor()
    asked = addition_of(job(changed), request)
    events = [event async for event in service(Shelf(), executor).run(asked)]
    (opened,) = [event for event in events if event.type == "cell_open"]
    assert (opened.change, opened.target) == ("changed", "own")
    assert executor.runs[0].cells == ("above = 1", "import polars", "y = 1")
    assert [event.cell for event in events if event.type == "verification"] == ["a"]
