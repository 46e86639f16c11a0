"""A paper whose cells a model writes, from its blocks to the claims."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gptoss_lab.errors import EngineUnreachableError, GptossError, PromptTooLongError, RequestError
from gptoss_lab.papers.quotes import find_quote
from gptoss_lab.prompts.budget import estimate_tokens, prompt_room
from gptoss_lab.schemas.generation import (
    CodeGenerationRequest,
    NotebookColumn,
    NotebookContext,
    NotebookVariable,
)
from gptoss_lab.schemas.papers import PaperAsk
from gptoss_lab.services.paper_pipeline.pipeline import paper_events
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.paper_pipeline.units import READINGS
from gptoss_lab.services.pipeline.run import Run
from tests.fakes.generation import OFF, FakeCorpora, ScriptedGenerator
from tests.fakes.modelled import (
    FIT,
    GOOD,
    MEASURE,
    PETALS,
    PLAN,
    SETUP,
    TRUE,
    UNITS,
    URI,
    Played,
    PrintingExecutor,
    played,
)
from tests.fakes.papers import ReadPapers
from tests.fakes.talking import TalkingGenerator

INSTALLED = {"numpy": "2.0", "scikit-learn": "1.9", "pandas": "3.0"}


def states(job: Played) -> dict[str, str]:
    """Return the state of each claim by its metric."""
    return {claim.metric.split()[0]: claim.state for claim in job.report.claims}


def reasons(job: Played) -> str:
    """Return why the claims are in their states."""
    return " ".join(claim.reason for claim in job.report.claims)


def user_message(job: Played, kind: str, number: int = 0) -> str:
    """Return a question that the model was asked."""
    return [messages for asked, messages, _ in job.model.asked if asked == kind][number][1].content


async def test_a_paper_becomes_cells_that_say_what_they_implement() -> None:
    """Plan, units, owners and claims: all told, every quote found, and the wrong number of the paper seen."""
    job = await played(executor=PrintingExecutor(installed=INSTALLED))
    assert job.model.kinds() == ["units", "plan", "cell", "cell", "cell", "tests", "review"]
    report = job.report
    for unit in report.units:
        found = find_quote(PETALS.blocks, unit.quote, block=unit.block)
        assert found is not None
        assert found.block == unit.block
    assert [unit.verdict for unit in report.units] == ["pass", "wrong_surface", "not_implemented"]
    fit = next(cell for cell in job.run.run.sheet.code() if "def fit" in cell.source)
    assert [unit.owner for unit in report.units] == [fit.id, fit.id, ""]
    assert fit.units == (report.units[0].id, report.units[1].id)
    assert [(cite.source, cite.page) for cite in fit.sources] == [("petals.tex", 1)]
    assert states(job) == {"slope": "verified", "residual": "verified", "explained": "differs"}
    assert [claim.tolerance for claim in report.claims] == pytest.approx([5e-5, 5e-5, 5e-4])
    assert "half of the last printed digit" in reasons(job)
    assert report.missing == ("Outliers are removed by a rule that is not given. The paper gives no rule.",)
    assert not job.warnings


async def test_what_is_open_is_asked_or_said() -> None:
    """An answer of the person is used; without one it is an assumption, and so is an unstated value."""
    silent = await played()
    told = " ".join(silent.report.assumptions)
    assert "By which rule are outliers removed? Nobody was asked; assumed: No flower is removed." in told
    assert "The paper does not state n_flowers; 150 was taken." in told
    assert "Nobody chose what to implement" in told
    unit = silent.report.units[2]
    assert unit.answer == "Assumed: No flower is removed."
    answers = [{"unit": unit.id, "text": "Remove none."}, {"unit": "u-none", "text": "x"}]
    job = await played(ask={"answers": answers, "scope": ["model-1"]})
    assert job.report.units[2].answer == "Remove none."
    assert "Answer of a person: Remove none." in user_message(job, "plan")
    assert "Nobody" not in " ".join(job.report.assumptions)
    assert "no open question u-none" in job.warnings


async def test_reading_alone_ends_with_the_questions() -> None:
    """Candidates, units, claims and open questions are known; no plan is asked for and no cell is made."""
    job = await played(ask={"read_only": True})
    assert job.model.kinds() == ["units"]
    assert [unit.question for unit in job.report.units if unit.question] == [
        "By which rule are outliers removed?"
    ]
    assert job.report.paper.candidates
    assert not job.report.scope
    assert not job.report.assumptions
    assert not job.sources


async def test_a_second_request_does_not_read_again() -> None:
    """What was read for the questions serves the request with the answers, with the same ids."""
    model = TalkingGenerator((), answers={"units": [json.dumps(UNITS)], "plan": [json.dumps(PLAN)]})
    first = await played(model=model, ask={"read_only": True})
    again = TalkingGenerator((), answers=model.answers)
    second = await played(model=again, keep=True)
    assert "units" not in again.kinds()
    assert [unit.id for unit in second.report.units] == [unit.id for unit in first.report.units]


async def test_the_scope_is_checked() -> None:
    """What the paper does not have is refused with the list, before the model is asked."""
    model = TalkingGenerator(())
    with pytest.raises(RequestError) as caught:
        await played(ask={"scope": ["algorithm-7"]}, model=model)
    assert "model-1" in caught.value.hint
    assert not model.asked


async def test_a_model_that_is_only_given_tasks_is_refused() -> None:
    """It is said what else there is."""
    with pytest.raises(RequestError, match="cannot be asked about papers"):
        await played(model=ScriptedGenerator(()))  # type: ignore[arg-type]


async def test_the_printed_results_are_kept_from_whoever_writes() -> None:
    """No question for a cell holds a number that the paper reports; the person's task stands as it is."""
    units = {
        **UNITS,
        "units": [
            *UNITS["units"],
            {
                "block": "b6",
                "statement": "The slope is told.",
                "quote": "the slope is 0.4158 with a standard error of 0.0096",
            },
        ],
    }
    plan = json.loads(json.dumps(PLAN))
    plan["cells"][2]["units"] = ["u4"]
    job = await played({"units": [json.dumps(units)], "plan": [json.dumps(plan)]})
    asked = [messages for kind, messages, _ in job.model.asked if kind in {"cell", "tests", "review"}]
    texts = "\n".join(message.content for messages in asked for message in messages)
    assert "the slope is [number] with a standard error of 0.0096" in texts
    assert not re.search(r"0\.4158|0\.2065|0\.937", texts)
    assert "c1: slope on iris" in texts
    assert job.report.units[3].quote == "the slope is 0.4158 with a standard error of 0.0096"


async def test_a_number_that_is_written_down_proves_nothing() -> None:
    """It agrees to the digit, and is not verified."""
    cheat = MEASURE.replace("= beta[1]", "= 0.4158").replace("1 - residuals.var() / y.var()", "float(0.9)")
    job = await played({"cell": [SETUP, FIT, cheat]})
    assert states(job) == {"slope": "not_checkable", "residual": "verified", "explained": "not_checkable"}
    assert "stands in the code itself" in reasons(job)
    assert "stores a fixed number" in reasons(job)


async def test_numbers_that_are_none() -> None:
    """Not finite, missing or no number: not checkable. The rest is compared."""
    job = await played(executor=PrintingExecutor(computed={"c1": float("nan"), "c2": TRUE["c2"], "c3": "x"}))
    assert states(job) == {"slope": "not_checkable", "residual": "verified", "explained": "not_checkable"}


@pytest.mark.parametrize(
    ("executor", "request_", "told"),
    [
        (PrintingExecutor(state=OFF), {}, "no sandbox answers here"),
        (PrintingExecutor(), {"verify": False}, "not wanted"),
        (
            PrintingExecutor(broken={"def fit": "ValueError: singular"}),
            {"max_repairs": 0},
            "A cell before it failed: ValueError: singular",
        ),
    ],
    ids=["no sandbox", "not wanted", "a cell fails"],
)
async def test_claims_that_were_not_run(
    executor: PrintingExecutor, request_: dict[str, Any], told: str
) -> None:
    """They say why, and no unit passes whose cell fails."""
    job = await played(executor=executor, **request_)
    assert set(states(job).values()) == {"not_run"}
    assert told in reasons(job)
    if executor.broken:
        assert [unit.verdict for unit in job.report.units][:2] == ["missing", "wrong_surface"]


async def test_data_that_stand_in_verify_nothing() -> None:
    """They are labelled in the text and the output of each cell that they touch, and in the claim."""
    made = "```python\nstand_in_iris = np.zeros((5, 2))\n```"
    fit = FIT.replace('iris["petal length (cm)"].to_numpy()', "stand_in_iris[:, 0]").replace(
        'iris["petal width (cm)"].to_numpy()', "stand_in_iris[:, 1]"
    )
    job = await played({"cell": [SETUP, made, fit, MEASURE]}, executor=PrintingExecutor(shipped=[]))
    assert set(states(job).values()) == {"not_checkable"}
    assert all(claim.stand_in and claim.computed for claim in job.report.claims)
    labelled = [source.startswith("# Stand-in data") for source in job.sources]
    # imports and values are not touched; tests of small cases of their own are, by the name of a function
    assert labelled == [False, False, True, True, True, True, True]
    assert "nothing is downloaded" in " ".join(job.report.assumptions)
    assert "under the name `stand_in_iris`" in user_message(job, "cell", 1)
    assert "(size: 150 flowers)" in " ".join(job.report.assumptions)


async def test_live_variables_come_first() -> None:
    """The sandbox does not hold them: what needs them is not run, and that is said."""
    variable = NotebookVariable(
        name="iris", type="pandas.DataFrame", shape=(150, 5), columns=(NotebookColumn(name="x"),)
    )
    executor = PrintingExecutor(broken={"iris[": "NameError: name 'iris' is not defined"})
    context = NotebookContext(cells=("iris = load()",), variables=(variable,))
    job = await played(executor=executor, context=context)
    assert "`iris` of the notebook's kernel" in " ".join(job.report.assumptions)
    assert not any("load_iris" in source for source in job.sources)
    assert set(states(job).values()) == {"not_run"}
    assert "which the sandbox does not hold" in reasons(job)


async def test_mending_keeps_what_a_cell_implements() -> None:
    """Its units, its places and its labels stay; the question for it has the quotes as data."""
    model = TalkingGenerator((), answers={}, rewrites=[])
    job = await played(
        executor=PrintingExecutor(broken={"singular": "ValueError: singular"}), model=_mending(model)
    )
    fit = next(cell for cell in job.run.run.sheet.code() if "def fit" in cell.source)
    assert "singular" not in fit.source
    assert fit.units == (job.report.units[0].id, job.report.units[1].id)
    assert [cite.page for cite in fit.sources] == [1]
    (ticket,) = job.model.tickets[0]
    assert ticket.cell.id == fit.id
    assert states(job)["slope"] == "verified"
    brief = job.model.repair_briefs[0]
    assert [passage.id for passage in brief.passages] == list(fit.units)
    assert "never write such a number down" in brief.request.task


def _mending(model: TalkingGenerator) -> TalkingGenerator:
    """Return a model whose fit fails until it is mended."""
    broken = FIT.replace("beta = fit(x, y)", "beta = fit(x, y)  # singular")
    model.answers = {**GOOD, "cell": [SETUP, broken, MEASURE]}
    model.mend = lambda cell: cell.source.replace("  # singular", "")
    return model


async def test_faults_of_the_service() -> None:
    """Before the cells are written the job fails; a review that cannot be had is a warning."""
    with pytest.raises(EngineUnreachableError):
        await played(model=_faulty("units"))
    job = await played(model=_faulty("review"))
    assert "not compared with the paper" in job.warnings
    assert [unit.verdict for unit in job.report.units] == ["open", "open", "not_implemented"]
    assert states(job)["slope"] == "verified"


def _faulty(kind: str) -> TalkingGenerator:
    """Return a model whose service fails at one kind of question."""
    faults: dict[str, list[GptossError]] = {kind: [EngineUnreachableError("The model server is away.")]}
    return TalkingGenerator((), answers=GOOD, faults=faults)


async def test_a_window_that_is_told_late() -> None:
    """A part that does not fit is halved; a plan that does not is made without the model."""
    long = PromptTooLongError("too long", prompt_tokens=9, context_tokens=5)
    model = TalkingGenerator((), answers=GOOD, faults={"units": [long], "plan": [long]})
    job = await played(model=model)
    assert job.model.kinds()[:4] == ["units", "units", "units", "plan"]
    assert "no sound plan (its prompt is too long)" in job.warnings
    assert job.report.units


async def test_no_more_cells_than_were_asked_for() -> None:
    """Those that no model writes are counted; where even these are too many, it is said."""
    job = await played(max_cells=6)
    assert len(job.sources) == 6
    assert "assert" not in job.sources[-1]
    few = await played(max_cells=2)
    assert "more than 2 cells" in few.warnings


async def test_tests_that_fail_are_said() -> None:
    """The claims stand, as they do not hang on tests of a model's."""
    executor = PrintingExecutor(broken={"assert np": "AssertionError: a line"})
    job = await played(executor=executor, max_repairs=0)
    assert "The small tests of the cells fail" in job.warnings
    assert states(job)["slope"] == "verified"


async def test_a_job_that_is_stopped_asks_no_more() -> None:
    """Closing the events closes the question that is being answered."""
    model = TalkingGenerator((), answers=GOOD)
    run = PaperRun(
        Run(
            CodeGenerationRequest(task="Implement it", paper=PaperAsk(uri=URI)),
            FakeCorpora(),
            PrintingExecutor(),
            model,
        ),
        PaperAsk(uri=URI),
        ReadPapers({URI: PETALS}),
    )
    READINGS.clear()
    events = paper_events(run)
    async for event in events:
        if event.type == "reasoning":
            break
    await events.aclose()  # type: ignore[attr-defined]
    assert model.kinds() == ["units"]
    assert model.left == ["units"]


async def test_a_long_task_takes_room_from_the_paper() -> None:
    """What is asked stays within the window, whatever the person writes."""
    model = TalkingGenerator((), answers=GOOD, window=6000)
    await played(model=model, task="Implement it, please. " * 100, house_rules="Be brief. " * 100)
    for kind, messages, effort in model.asked:
        size = sum(estimate_tokens(message.content, "prose") for message in messages)
        assert size <= prompt_room(effort, 6000), kind
