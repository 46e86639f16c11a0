"""What the pipeline does with cells that fail."""

from __future__ import annotations

from gptoss_lab.errors import (
    EngineUnreachableError,
)
from gptoss_lab.schemas.events import Usage
from gptoss_lab.schemas.generation import NotebookContext, TokenUsage
from gptoss_lab.services.needs import AdditionPolicy
from tests.fakes.generation import FakeCorpora, FakeExecutor, ScriptedGenerator
from tests.fakes.played import MEAN, NAME_ERROR, OTHER, played, service, warnings


async def test_repair_mends_what_failed() -> None:
    """The failing cell is rewritten, run again, and its old findings and error are gone."""
    model = ScriptedGenerator(["a = 1", "boom()"], [{"c1": "a + 1"}])
    executor = FakeExecutor(broken={"boom": "NameError: name 'boom' is not defined"})
    events, job = await played(service(executor=executor, model=model))
    assert job.repairs == 1
    assert [cell.source for cell in job.cells] == ["a = 1", "a + 1"]
    assert all(
        cell.verification and cell.verification.status == "ok" and not cell.findings for cell in job.cells
    )
    (tickets,) = model.tickets
    assert [ticket.cell.id for ticket in tickets] == ["c1"]
    assert "boom" in tickets[0].error
    assert any(event.type == "repair" and event.cells == ("c1",) for event in events)


async def test_repair_stops_when_it_does_not_help() -> None:
    """A round that mends nothing is taken back, and no further round is tried."""
    model = ScriptedGenerator(["boom()"], [{"c0": "boom() + 1"}, {"c0": "never"}])
    executor = FakeExecutor(broken={"boom": "RuntimeError: boom"})
    _, job = await played(service(executor=executor, model=model))
    assert job.repairs == 1
    assert job.cells[0].source == "boom()"
    assert job.cells[0].verification
    assert job.cells[0].verification.error == "RuntimeError: boom"


async def test_repair_keeps_a_better_version() -> None:
    """A round that makes it worse is taken back to the one before, with its findings and runs."""
    model = ScriptedGenerator(["boom()", "bang()"], [{"c0": "1"}, {"c0": "boom()", "c1": "boom()"}])
    executor = FakeExecutor(broken={"boom": "RuntimeError: boom", "bang": "RuntimeError: bang"})
    _, job = await played(service(executor=executor, model=model))
    assert [cell.source for cell in job.cells] == ["1", "bang()"]
    assert [cell.verification.status for cell in job.cells if cell.verification] == ["ok", "error"]


async def test_repair_is_bounded() -> None:
    """There are as many rounds as the request allows."""
    rewrites = [{"c0": "1"}, {"c1": "1"}, {"c2": "1"}]
    model = ScriptedGenerator(["boom()"] * 4, rewrites)
    executor = FakeExecutor(broken={"boom": "RuntimeError: boom"})
    _, job = await played(service(executor=executor, model=model), max_repairs=2)
    assert job.repairs == 2
    _, job = await played(
        service(executor=executor, model=ScriptedGenerator(["boom()"], rewrites)), max_repairs=0
    )
    assert job.repairs == 0


async def test_fault_during_repair_keeps_the_cells() -> None:
    """The version before the broken round is put back, then the job fails."""
    fault = EngineUnreachableError("It went away.")
    model = ScriptedGenerator(["boom()"], [{"c0": "half"}], repair_fault=fault)
    executor = FakeExecutor(broken={"boom": "RuntimeError: boom"})
    _, job = await played(service(executor=executor, model=model))
    assert job.cells[0].source == "boom()"
    assert job.error
    assert job.error.code == "engine_unreachable"


async def test_cell_that_needs_the_notebook_is_not_repaired() -> None:
    """A variable of the notebook is missing in the sandbox: that is said, not mended."""
    model = ScriptedGenerator(["df.head()"])
    context = NotebookContext(cells=("df = 1",))
    events, job = await played(
        service(executor=FakeExecutor(broken={"df": NAME_ERROR}), model=model), context=context
    )
    assert job.repairs == 0
    assert any("variables of your notebook" in warning.message for warning in warnings(events))


async def test_context_cells_are_not_run() -> None:
    """Only generated cells reach the sandbox; the checks learn names from the notebook."""
    executor = FakeExecutor()
    model = ScriptedGenerator(["df"])
    _, job = await played(service(executor=executor, model=model), context=NotebookContext(cells=("df = 1",)))
    assert executor.runs[0].cells == ("df",)
    assert not job.cells[0].findings


async def test_example_that_does_not_run_is_replaced() -> None:
    """The next best that runs takes its cells; what is left over falls away."""
    executor = FakeExecutor(broken={"pd.read()": "AttributeError: read"})
    events, job = await played(service(FakeCorpora([MEAN, OTHER]), executor))
    code = [cell for cell in job.cells if cell.kind == "code"]
    assert [cell.source for cell in code] == [OTHER.code]
    assert code[0].sources == (OTHER.citation,)
    assert code[0].verification
    assert code[0].verification.status == "ok"
    assert any(event.type == "cell_close" and event.source == "" for event in events)
    assert "OTHER" not in job.cells[0].source


async def test_example_without_a_substitute_stays_with_its_error() -> None:
    """What cannot be replaced is shown as it failed, and that is said."""
    events, job = await played(service(executor=FakeExecutor(broken={"pd.read()": "AttributeError: read"})))
    assert [cell.verification.status for cell in job.cells if cell.verification] == ["error", "ok"]
    assert any("did not run" in warning.message for warning in warnings(events))


async def test_cells_that_pass_are_not_touched() -> None:
    """A generator that rewrites a cell it was not asked for changes nothing there."""
    model = ScriptedGenerator(["good = 1", "boom()"], [{"c0": "worse = 1", "c1": "fixed = 1"}])
    executor = FakeExecutor(broken={"boom": "RuntimeError: boom"})
    events, job = await played(service(executor=executor, model=model))
    assert [cell.source for cell in job.cells] == ["good = 1", "fixed = 1"]
    closes = [event.source for event in events if event.type == "cell_close"]
    assert "worse = 1" not in closes


async def test_the_budget_is_told() -> None:
    """Each round says which it is, of how many, and the tokens of all rounds add up."""
    spent = [Usage(usage=TokenUsage(prompt_tokens=10, completion_tokens=5))]
    model = ScriptedGenerator(["boom()", "bang()"], [{"c0": "1"}, {"c1": "2"}], also=spent)
    executor = FakeExecutor(broken={"boom": "RuntimeError: boom", "bang": "RuntimeError: bang"})
    events, job = await played(service(executor=executor, model=model))
    rounds = [(event.round, event.rounds) for event in events if event.type == "repair"]
    assert rounds == [(1, 3), (2, 3)]
    assert job.usage.prompt_tokens == 20


async def test_a_package_that_the_task_names_is_not_written_around() -> None:
    """It is offered to be added: a person who names it wants it. One that the model chose is replaced."""
    model = ScriptedGenerator(["import polars as pl"], rewrites=[{"c0": "import pandas as pd"}])
    broken = FakeExecutor(broken={"polars": "ModuleNotFoundError: No module named 'polars'"})
    _, job = await played(
        service(executor=broken, model=model, policy=AdditionPolicy(allowed=True)),
        task="read it with Polars",
        sources=(),
    )
    assert not model.tickets
    assert [finding.need and finding.need.addable for finding in job.cells[0].findings] == [True]
    _, job = await played(
        service(executor=broken, model=model, policy=AdditionPolicy(allowed=True)), task="read it", sources=()
    )
    assert job.cells[0].source == "import pandas as pd"
