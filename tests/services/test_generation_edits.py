"""Edits through all stages: a model that answers from recorded streams, a sandbox that fails as told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gptoss_lab.engines.chat import HttpChatEngine
from gptoss_lab.errors import GptossError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.events import CellOpen, Done, Event, Failed, Generator
from gptoss_lab.schemas.execution import CellVerification, ExecutionRequest
from gptoss_lab.schemas.generation import CodeGenerationResponse, EditKind
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.base import CellGenerator
from gptoss_lab.services.generators.model import ModelGenerator
from tests.fakes.chat_families import Kind, ServerKind
from tests.fakes.chat_server import MODEL, ChatServer
from tests.fakes.generation import FakeCorpora, FakeExecutor, ScriptedGenerator, example
from tests.fakes.played import MEAN, played, service, stages, warnings

ABOVE = ("import pandas as pd", "sales = pd.read_csv('private.csv')")
FIRST = {"id": "a", "source": "sales"}
SECOND = {"id": "b", "source": "sales['amount'].mean()"}
THIRD = {"id": "c", "source": "sales['amount'].mean()  # again"}


def edit(kind: EditKind, *cells: Mapping[str, str], script: str = "", **changes: Any) -> dict[str, Any]:
    """Return the changes of a request that make it an edit, answered by a script of the fake server."""
    task = f"[[script:{script or kind + '_cell'}]]"
    context = {"cells": ABOVE}
    return {"task": task, "edit": {"kind": kind, "cells": cells or (FIRST,)}, "context": context, **changes}


@asynccontextmanager
async def serving(
    executor: FakeExecutor | None = None,
    kind: Kind = "plain",
    corpora: FakeCorpora | None = None,
    delay_ms: float = 0,
) -> AsyncIterator[tuple[GenerationService, ChatServer]]:
    """Give a service whose model is a fake server."""
    async with ChatServer("groupby", kind=ServerKind(kind), delay_ms=delay_ms) as server:
        config = ModelConfig(url=server.url, name=MODEL, idle_timeout_s=1)
        engine = HttpChatEngine(config)
        generator: CellGenerator = ModelGenerator(engine, config)
        yield service(corpora, executor, generator), server
        await engine.close()


async def edited(
    executor: FakeExecutor | None = None, **changes: Any
) -> tuple[list[Event], CodeGenerationResponse]:
    """Play an edit through."""
    async with serving(executor) as (generation, _):
        return await played(generation, **changes)


def rows(job: CodeGenerationResponse) -> list[tuple[str, str]]:
    """Return (change, target) of the cells."""
    return [(cell.change, cell.target) for cell in job.cells]


@pytest.mark.parametrize("kind", ["edit", "fix", "redo"])
async def test_a_change_runs_after_the_cells_above(kind: EditKind) -> None:
    """The new text runs in place of the old one, after the notebook's cells; only it is told of."""
    executor = FakeExecutor()
    events, job = await edited(executor, **edit(kind))
    assert rows(job) == [("changed", "a")]
    assert job.edit == kind
    assert executor.runs[-1].cells == (*ABOVE, job.cells[0].source)
    assert job.cells[0].verification == CellVerification(status="ok", runtime="bubblewrap")
    assert [event.cell for event in events if event.type == "verification"] == [job.cells[0].id]
    last = events[-1]
    assert isinstance(last, Done)
    assert (last.cells, last.verified) == (1, 1)


async def test_it_opens_before_it_closes_with_text_between() -> None:
    """The changed cell is told while it is written, with what it changes."""
    async with serving(delay_ms=1) as (generation, _):
        events, job = await played(generation, **edit("edit"))
    opened = next(event for event in events if isinstance(event, CellOpen))
    assert (opened.change, opened.target, opened.index) == ("changed", "a", 0)
    deltas = [event.text for event in events if event.type == "cell_delta"]
    assert len(deltas) > 10
    assert "".join(deltas) == job.cells[0].source


async def test_many_cells() -> None:
    """Two cells change and one goes: it is closed with its text, and not run."""
    executor = FakeExecutor()
    events, job = await edited(executor, **edit("edit", FIRST, SECOND, THIRD, script="edit_many"))
    assert rows(job) == [("changed", "a"), ("changed", "b"), ("deleted", "c")]
    assert job.cells[2].source == THIRD["source"]
    assert job.cells[2].verification is None
    assert executor.runs[-1].cells == (*ABOVE, job.cells[0].source, job.cells[1].source)
    last = events[-1]
    assert isinstance(last, Done)
    assert last.message == "2 of 2 code cells ran well in the sandbox. 1 cell is to be deleted."


async def test_a_cell_that_stays_runs_in_its_place() -> None:
    """One that the model leaves as it is runs among the others, and is told of where it fails."""
    executor = FakeExecutor(broken={"stays": "NameError: name 'sales' is not defined"})
    kept = {"id": "k", "source": "stays = sales"}
    events, job = await edited(executor, **edit("edit", FIRST, SECOND, THIRD, kept, script="edit_many"))
    assert executor.runs[-1].cells[-1] == "stays = sales"
    assert [cell.target for cell in job.cells] == ["a", "b", "c"]
    assert any("A cell that stays as it is does not run" in warning.message for warning in warnings(events))


async def test_a_cell_above_that_fails() -> None:
    """A failure after one of a cell above says nothing of the change: it is told, and not repaired."""
    executor = FakeExecutor(
        broken={"private.csv": "FileNotFoundError: private.csv", "groupby": "KeyError: 'city'"}
    )
    events, job = await edited(executor, **edit("edit"))
    assert any("FileNotFoundError" in warning.message for warning in warnings(events))
    assert "repair" not in stages(events)
    assert job.cells[0].verification
    assert job.cells[0].verification.status == "error"


async def test_a_cell_above_that_hangs() -> None:
    """Where a cell above takes all the time the change is not run, and nothing is said against it."""

    class Hanging(FakeExecutor):
        async def run(self, request: ExecutionRequest) -> AsyncIterator[tuple[int, CellVerification]]:
            self.runs.append(request)
            for index in range(len(request.cells)):
                yield index, CellVerification(status="timeout")

    executor = Hanging()
    events, job = await edited(executor, **edit("edit"))
    assert job.cells[0].verification is None
    assert [warning.message for warning in warnings(events)] == [
        "A cell above does not run in the sandbox: it ended with timeout"
    ]
    assert len(executor.runs) == 1


async def test_too_many_cells_above_are_not_run() -> None:
    """A run takes 200 cells: with more above, the changed ones run alone, and lack no name by fault."""
    executor = FakeExecutor(broken={"groupby": "NameError: name 'sales' is not defined"})
    above = ("sales = 1", *("x = 1" for _ in range(250)))
    events, job = await edited(executor, **edit("edit", context={"cells": above}))
    assert executor.runs[-1].cells == (job.cells[0].source,)
    assert "repair" not in stages(events)


async def test_a_repair_keeps_what_is_changed() -> None:
    """A changed cell that fails is rewritten under its name, and the rewrite runs in the same place."""
    executor = FakeExecutor(broken={"pivot_table": "KeyError: 'city'"})
    async with serving(executor) as (generation, server):
        task = "[[script:redo_cell]]"
        events, job = await played(generation, **edit("redo", task=task, max_repairs=1))
    assert rows(job) == [("changed", "a")]
    assert "repair" in stages(events)
    question = server.requests[-1].body["messages"][-1]["content"]
    assert "notebook above (do not change)" in question
    assert "KeyError: 'city'" in question
    assert all(run.cells[:2] == ABOVE for run in executor.runs)


async def test_the_check_sees_the_cells_above() -> None:
    """Names that the notebook defines are known; a name that nothing defines is found."""
    _, job = await edited(
        **edit("edit", context={"cells": ()}, verify=False, max_repairs=0, script="edit_many")
    )
    assert not job.cells[0].findings
    async with serving() as (generation, _):
        second = edit("edit", FIRST, SECOND, THIRD, script="edit_many")
        _, job = await played(generation, **second)
    assert [cell.findings for cell in job.cells] == [(), (), ()]


async def test_explain() -> None:
    """An explanation is one text cell below, with its code in it, and nothing runs."""
    executor = FakeExecutor()
    events, job = await edited(executor, **edit("explain"))
    assert [(cell.kind, cell.change) for cell in job.cells] == [("markdown", "new")]
    assert "```python" in job.cells[0].source
    assert executor.runs == []
    assert warnings(events) == []
    last = events[-1]
    assert isinstance(last, Done)
    assert last.message == "1 text cell."


async def test_example_by_a_model() -> None:
    """An example stands alone: new cells below that run without the notebook's."""
    executor = FakeExecutor()
    cell = {"id": "a", "source": "pd.merge(sales, cities).groupby('city')"}
    async with serving(executor) as (generation, server):
        _, job = await played(generation, **edit("example", cell))
    assert {cell.change for cell in job.cells} == {"new"}
    assert executor.runs[-1].cells == tuple(cell.source for cell in job.cells if cell.kind == "code")
    assert "`pandas.merge` and `groupby` are used" in server.requests[-1].body["messages"][-1]["content"]


async def test_example_without_a_model() -> None:
    """The documentation's examples answer from what the cell calls, of the packages that it imports."""
    sort = example("import pandas as pd\npd.sort(1)", "pandas.sort_values", score=0.9)
    generation = service(FakeCorpora([sort, MEAN]))
    request = edit("example", {"id": "a", "source": "sales.groupby('city')"}, sources=())
    events, job = await played(generation, **request)
    assert job.generator == "examples"
    assert job.edit == "example"
    assert [info.id for info in job.corpora] == ["pandas"]
    code = "\n".join(cell.source for cell in job.cells if cell.kind == "code")
    assert "groupby" in code
    assert "sort" not in code
    assert warnings(events) == []


async def test_port() -> None:
    """A port is new cells in the other language, checked and run in its sandbox without the notebook's."""
    executor = FakeExecutor(broken={"aggregate": "Error: object 'sales' not found"})
    events, job = await edited(executor, **edit("port", SECOND, language="r"))
    assert [(cell.language, cell.change, cell.kind) for cell in job.cells] == [("r", "new", "code")]
    assert (executor.runs[-1].language, len(executor.runs[-1].cells)) == ("r", 1)
    assert "repair" not in stages(events), "what the sandbox does not hold of the notebook is no fault"


async def test_port_to_python_knows_the_names_of_r() -> None:
    """Names that the R cells define are known to the check of the Python that is made of them."""
    model = ScriptedGenerator(["result = sales.mean()"])
    cell = {"id": "a", "language": "r", "source": "mean(sales)"}
    request = edit("port", cell, context={"cells": ("sales <- read.csv('x')",)}, verify=False)
    _, job = await played(service(model=model), **request)
    assert job.cells[0].findings == ()


@pytest.mark.parametrize("kind", ["edit", "fix", "explain", "port", "redo"])
@pytest.mark.parametrize("generator", ["auto", "examples"])
async def test_without_a_model(kind: EditKind, generator: str) -> None:
    """Examples answer no edit: it fails, and says what to do."""
    language = "r" if kind == "port" else "python"
    events, job = await played(service(), **edit(kind, generator=generator, language=language))
    assert job.cells == ()
    assert isinstance(events[-1], Failed)
    assert events[-1].problem.status == 400
    assert "model" in events[-1].problem.detail + events[-1].problem.title
    assert events[-1].problem.hint
    assert "examples generator" not in events[-1].problem.hint


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (edit("edit", FIRST, FIRST), "there twice"),
        (edit("edit", FIRST, language="r"), "another language"),
        (edit("port"), "in Python already"),
        (edit("port", {"id": "a", "kind": "markdown", "source": "# x"}, language="r"), "no code to port"),
    ],
)
async def test_edits_that_make_no_sense(changes: dict[str, Any], words: str) -> None:
    """They are refused before a model is asked."""
    events, _ = await played(service(model=ScriptedGenerator(["x = 1"])), **changes)
    assert isinstance(events[-1], Failed)
    assert words in events[-1].problem.detail + events[-1].problem.title


async def test_at_most_so_many_cells() -> None:
    """The prompt tells how many there may be; a further one is left out with the text that leads to it."""
    async with serving() as (generation, server):
        events, job = await played(generation, max_cells=1)
    assert [cell.kind for cell in job.cells] == ["markdown", "code"]
    assert job.cells[0].source == "First a small table to work on."
    assert [warning.message for warning in warnings(events)] == [
        "More than 1 code cell came; the rest was left out."
    ]
    assert "Write at most 1 code cell." in server.requests[-1].body["messages"][-1]["content"]


async def test_an_example_keeps_to_the_limit() -> None:
    """The examples generator, which reads no prompt, is held to it too."""
    events, job = await played(service(), max_cells=1)
    assert sum(cell.kind == "code" for cell in job.cells) == 1
    assert any("left out" in warning.message for warning in warnings(events))


def seed_of(events: list[Event]) -> int | None:
    """Return the seed that is told before the first cell."""
    return next(event.seed for event in events if isinstance(event, Generator))


async def test_a_seed_is_drawn_told_and_sent() -> None:
    """What was drawn is in the event, in the response and in the request to the service."""
    async with serving() as (generation, server):
        events, job = await played(generation)
        assert seed_of(events) is not None
        assert job.seed == seed_of(events) == server.requests[-1].body["seed"]
        other, _ = await played(generation)
        assert seed_of(other) != job.seed


async def test_an_attached_vllm_gets_only_a_seed_that_was_asked_for() -> None:
    """One on a CPU may end of a seed, so that none is drawn for it."""
    async with serving(kind="vllm") as (generation, server):
        events, job = await played(generation)
        assert (seed_of(events), job.seed) == (None, None)
        assert "seed" not in server.requests[-1].body
        _, job = await played(generation, seed=7)
        assert (job.seed, server.requests[-1].body["seed"]) == (7, 7)


async def test_examples_draw_no_lots() -> None:
    """They are the same each time, with any seed."""
    events, job = await played(service(), seed=7)
    _, again = await played(service(), seed=8)
    assert (seed_of(events), job.seed) == (None, None)
    assert [cell.source for cell in job.cells] == [cell.source for cell in again.cells]


async def test_a_replay_sends_the_same_prompt() -> None:
    """Whatever was asked of the same documents in between, the same request sends the same messages."""
    async with serving(corpora=FakeCorpora([MEAN])) as (generation, server):
        _, job = await played(generation)
        first = server.requests[-1].body
        await played(generation, task="something else of `pandas.merge`", sources=[{"uri": "numpy"}])
        await played(generation, task="another")
        await played(generation, seed=job.seed, generator="model")
        assert server.requests[-1].body == first


async def test_a_fault_of_the_service_takes_half_a_change_back() -> None:
    """A change that is cut off falls away, so that the cell stays as it is."""

    class Broken(ScriptedGenerator):
        async def draft(self, brief: Any) -> AsyncIterator[Event]:
            yield CellOpen(
                cell="x", index=0, kind="code", language="python", change="changed", target=brief.request.task
            )
            raise GptossError("gone")

    events, job = await played(service(model=Broken([])), **edit("edit"))
    assert job.cells == ()
    assert [event.source for event in events if event.type == "cell_close"] == [""]
