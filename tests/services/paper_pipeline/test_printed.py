"""A paper becomes an executed notebook without a model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from gptoss_lab.drafts.notebook import to_notebook
from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.execution import CellVerification, ExecutionRequest
from gptoss_lab.schemas.generation import CodeGenerationResponse
from gptoss_lab.schemas.papers import Paper, PaperBlock, Place
from gptoss_lab.services.generation import GenerationService
from gptoss_lab.services.generators.examples import ExamplesGenerator
from gptoss_lab.services.paper_pipeline.outputs import printed_text
from tests.fakes.generation import OFF, FakeCorpora, FakeExecutor, Held
from tests.fakes.papers import ReadPapers
from tests.fakes.played import asked, played, stages, warnings

FITS, MORE = ("1. Fits",), ("2. More <b>fits</b>",)


def block(number: int, kind: str, text: str, section: tuple[str, ...], page: int) -> PaperBlock:
    """Return a block on a page."""
    place = Place(page=page, section=section)
    return PaperBlock.model_validate({"id": f"b{number}", "kind": kind, "text": text, "place": place})


PAPER = Paper(
    id="p",
    uri="paper.pdf",
    form="pdf",
    title="A paper on <i>fits</i>",
    files=("papers/paper.pdf",),
    pages=9,
    lost=("Exponents are lost.",),
    blocks=(
        block(1, "prose", "The lme4 package fits it. The slope is 10.47 here.", FITS, 1),
        block(
            2, "code", "> fm1 <- lmer(y ~ x)\n> fixef(fm1)\n(Intercept)      Days\n 251.41  10.47", FITS, 2
        ),
        block(3, "prose", "In pseudo-code, <img src=x onerror=alert(1)>", FITS, 2),
        block(4, "code", "> L <- update(L, ...)\n> cu[] <- solve(L)\n[1] 7.25", FITS, 3),
        block(5, "prose", "We consider the output of summary(fm1).", MORE, 4),
        block(6, "code", "REML criterion at convergence: 1743.6", MORE, 4),
    ),
)
ANSWER = {
    "commands": [
        {"id": "l1", "functions": ["lmer"], "defines": ["fm1"]},
        {"id": "l2", "functions": ["fixef"], "variables": ["fm1"]},
        {"id": "l3", "functions": ["update"], "variables": ["L"], "defines": ["L"]},
        {"id": "l4", "functions": ["solve"], "variables": ["L"], "targets": ["cu"]},
        {"id": "l5c0", "functions": ["summary"], "variables": ["fm1"]},
    ],
    "functions": ["update", "solve", "summary"],
    "packages": [{"name": "lme4", "installed": True, "holds": ["lmer", "fixef"]}],
}
OUTPUTS = {
    "fixef(fm1)": "(Intercept)        Days \n  251.40510    10.46729 \n",
    "summary(fm1)": "Linear mixed model\nREML criterion at convergence: 1743.6\n",
}


@dataclass
class Prints(FakeExecutor):
    """Prints what is told for a cell that ends with a text."""

    outputs: Mapping[str, str] = field(default_factory=lambda: dict(OUTPUTS))
    installed: Mapping[str, str] = field(default_factory=lambda: {"lme4": "1.1"})
    answer: Mapping[str, object] = field(default_factory=lambda: dict(ANSWER))

    async def run(self, request: ExecutionRequest) -> AsyncIterator[tuple[int, CellVerification]]:
        async with aclosing(super().run(request)) as results:  # type: ignore[type-var]
            async for index, run in results:
                code = request.cells[index]
                text = next((told for end, told in self.outputs.items() if code.endswith(end)), "")
                output = {"output_type": "stream", "name": "stdout", "text": text}
                yield (
                    index,
                    run.model_copy(update={"outputs": (output,) if text and run.status == "ok" else ()}),
                )


def service(executor: FakeExecutor | None = None, paper: Paper = PAPER) -> GenerationService:
    """Return a service that reads one paper."""
    return GenerationService(
        corpora=FakeCorpora(),
        executor=executor or Prints(),
        generators={"examples": ExamplesGenerator()},
        papers=ReadPapers({"paper.pdf": paper}),
    )


def ask(**paper: object) -> dict[str, object]:
    """Return a request for the paper."""
    return {
        "task": "Run it",
        "language": "r",
        "sources": (),
        "context": {"path": "out/n.ipynb"},
        "paper": {"uri": "paper.pdf", **paper},
    }


def claims(job: CodeGenerationResponse) -> dict[str, str]:
    """Return the state of each claim, by the number as it is printed and the page."""
    assert job.paper
    return {f"{claim.printed} p{claim.place.page}": claim.state for claim in job.paper.claims}


async def test_printed_code_becomes_cells_that_ran() -> None:
    """In order, with the package that it needs; what cannot run is shown with the reason."""
    executor = Prints()
    events, job = await played(service(executor), **ask())
    assert stages(events) == ["load", "stream", "check", "verify", "claims", "done"]
    code = [cell.source for cell in job.cells if cell.kind == "code"]
    assert code == ['library("lme4")', "fm1 <- lmer(y ~ x)\nfixef(fm1)", "summary(fm1)"]
    assert executor.runs[0].cells == tuple(code)
    assert not executor.runs[0].stop_on_error
    shown = [cell.source for cell in job.cells if "**Not run.**" in cell.source]
    assert ["pseudo-code" in text for text in shown] == [True, False]
    assert "It uses `cu`, `L`" in shown[1].replace("\\", "")
    assert all(
        cell.sources[0].page for cell in job.cells if cell.kind == "code" and "library" not in cell.source
    )


async def test_printed_numbers_are_compared() -> None:
    """Those of commands, those of output without a command, and those of sentences."""
    _, job = await played(service(), **ask())
    assert claims(job) == {
        "251.41 p2": "verified",
        "10.47 p2": "verified",
        "7.25 p3": "not_run",
        "1743.6 p4": "verified",
        "10.47 p1": "verified",
    }
    assert job.paper
    assert {claim.metric for claim in job.paper.claims} >= {
        "(Intercept)",
        "Days",
        "REML criterion at convergence",
    }
    assert "lme4 was attached" in " ".join(job.paper.assumptions)


async def test_a_planted_wrong_number_differs() -> None:
    """And nothing else does."""
    wrong = PAPER.blocks[1].model_copy(update={"text": PAPER.blocks[1].text.replace("10.47", "11.47")})
    paper = PAPER.model_copy(update={"blocks": (PAPER.blocks[0], wrong, *PAPER.blocks[2:])})
    _, job = await played(service(paper=paper), **ask())
    assert claims(job)["11.47 p2"] == "differs"
    assert sorted(claims(job).values()) == ["differs", "not_run", "verified", "verified"]
    assert "**differs**" in job.cells[0].source


async def test_the_notebook_says_it_all() -> None:
    """A front page with links to pages, claims in the metadata, and nothing of the paper that is markup."""
    _, job = await played(service(), **ask())
    notebook = to_notebook(job, kernel="ir", review="accepted")
    front = notebook["cells"][0]["source"]
    assert front.startswith("# A paper on &#60;i&#62;fits")
    row = "| verified | REML criterion at convergence | 1743.6 | 1743.6 |"
    assert f"{row} [page 4](<../papers/paper.pdf#page=4>)" in front
    assert "Exponents are lost." in front
    texts = "\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    assert "<img" not in texts
    assert "<b>" not in texts
    assert "## 1. Fits" in texts
    kept = notebook["metadata"]["gptoss_lab"]["claims"]
    assert {claim["state"] for claim in kept} == {"verified", "not_run"}
    assert json.dumps(kept)


async def test_a_part_of_the_paper() -> None:
    """What comes before it is run too, for it builds on that; what comes after is left out."""
    _, job = await played(service(), **ask(scope=("1. fits",)))
    code = [cell.source for cell in job.cells if cell.kind == "code"]
    assert code == ['library("lme4")', "fm1 <- lmer(y ~ x)\nfixef(fm1)"]
    assert job.paper
    assert job.paper.scope == ("code-1",)
    assert "outside the scope" in job.paper.missing[0]
    _, job = await played(service(), **ask(scope=("nothing",)))
    assert job.error
    assert "no part" in job.error.detail


async def test_without_a_sandbox_nothing_is_claimed() -> None:
    """The cells are there, and no number is verified."""
    _, job = await played(service(Prints(state=OFF)), **ask())
    assert next(cell.source for cell in job.cells if cell.kind == "code").startswith("fm1")
    assert set(claims(job).values()) == {"not_run"}
    assert any("were not run" in message for message in job.warnings)
    _, job = await played(service(), **{**ask(), "verify": False})
    assert set(claims(job).values()) == {"not_run"}


async def test_a_notebook_in_the_other_language_is_no_use() -> None:
    """The person is told which one to ask for, and nothing is claimed."""
    events, job = await played(service(), **{**ask(), "language": "python"})
    assert any(warning.hint == "It is written in R: ask for a notebook in R." for warning in warnings(events))
    assert not [cell for cell in job.cells if cell.kind == "code"]
    assert set(claims(job).values()) == {"not_run"}


async def test_a_cell_that_fails_verifies_nothing() -> None:
    """Its claims were not run, and those of the others are as they were."""
    _, job = await played(service(Prints(broken={"fixef": "Error: no"})), **ask())
    assert claims(job)["251.41 p2"] == "not_run"
    assert claims(job)["1743.6 p4"] == "verified"


async def test_r_that_cannot_be_asked_is_said() -> None:
    """The text of the commands alone is judged then."""
    events, job = await played(service(Prints(inspect_fault=SandboxError("It is gone."))), **ask())
    assert any("Names were not looked up" in warning.message for warning in warnings(events))
    assert [cell.source for cell in job.cells if cell.kind == "code"]


async def test_the_number_of_cells_may_be_bounded() -> None:
    """The rest is left out, and that is said."""
    events, job = await played(service(), **{**ask(), "max_cells": 2})
    assert sum(cell.kind == "code" for cell in job.cells) == 2
    assert any("left out" in warning.message for warning in warnings(events))
    assert claims(job)["1743.6 p4"] == "not_run"


async def test_cancelling_while_cells_run_releases_the_sandbox() -> None:
    """And while R is asked."""
    for executor, held in (
        (Prints(hold=(first := Held())), first),
        (Prints(hold_inspect=(second := Held())), second),
    ):

        async def read(running: GenerationService) -> None:
            async for _ in running.run(asked(**ask())):
                pass

        task = asyncio.ensure_future(read(service(executor)))
        await held.reached.wait()
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        assert held.released


def test_what_a_cell_printed() -> None:
    """Standard output and results, as text or as lines; not what went to standard error, nor colours."""
    run = CellVerification(
        status="ok",
        outputs=(
            {"output_type": "stream", "name": "stdout", "text": ["a\n", "\x1b[31mb\x1b[0m\n"]},
            {"output_type": "stream", "name": "stderr", "text": "no"},
            {"output_type": "display_data", "data": {"text/plain": "c", "text/html": "<b>c</b>"}},
            {"output_type": "execute_result", "data": {"image/png": "no"}},
            {"output_type": "display_data", "data": None},
            {"output_type": "error", "ename": "no"},
        ),
    )
    assert printed_text(run) == "a\nb\nc\n\n"
