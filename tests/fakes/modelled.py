"""A small paper on the petals of iris, what a good model says of it, and jobs played through with both."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.events import Event, Warn
from gptoss_lab.schemas.execution import CellVerification, ExecutionRequest
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.schemas.papers import Paper, PaperAsk, PaperBlock, PaperReport, Place, SymbolMeaning
from gptoss_lab.services.paper_pipeline.datasets_shipped import SHIPPED as SHIPPED_DATA
from gptoss_lab.services.paper_pipeline.pipeline import paper_events
from gptoss_lab.services.paper_pipeline.run import PaperRun
from gptoss_lab.services.paper_pipeline.units import READINGS
from gptoss_lab.services.paper_pipeline.write_own import TOKEN
from gptoss_lab.services.pipeline.ports import Executor
from gptoss_lab.services.pipeline.run import Run
from tests.fakes.generation import FakeCorpora, FakeExecutor
from tests.fakes.papers import ReadPapers
from tests.fakes.talking import Answers, TalkingGenerator

URI = "petals.tex"
METHOD, DATA, RESULTS = ("2 Method",), ("3 Data",), ("4 Results",)


def _block(identifier: str, kind: str, text: str, section: tuple[str, ...], **more: Any) -> PaperBlock:
    place = Place(page=more.pop("page", 1), section=section)
    return PaperBlock.model_validate({"id": identifier, "kind": kind, "text": text, "place": place, **more})


PETALS = Paper(
    id="petals",
    uri=URI,
    form="latex",
    title="The petals of iris, by least squares",
    authors=("A. Author",),
    files=(URI,),
    pages=4,
    blocks=(
        _block("i1", "prose", "Flowers have been measured for a long time.", ("1 Introduction",)),
        _block("m1", "prose", "We regress the width of a petal on its length, with an intercept.", METHOD),
        _block(
            "m2",
            "equation",
            "beta = (X'X)^-1 X'y",
            METHOD,
            latex=r"\hat\beta = (X^\top X)^{-1} X^\top y",
            label="(1)",
            symbols=(SymbolMeaning(symbol="X", meaning="the design matrix"),),
        ),
        _block("m3", "prose", "Before the fit, outliers are removed.", METHOD),
        _block("d1", "prose", "We use the iris data of 150 flowers.", DATA, page=2),
        _block(
            "r1",
            "prose",
            "On the iris data the slope is 0.4158 with a standard error of 0.0096, and the residual standard "
            "deviation is 0.2065 cm.",
            RESULTS,
            page=3,
        ),
        _block("r2", "prose", "The share of the variance that is explained is 0.937.", RESULTS, page=3),
        _block("z1", "reference", "R. A. Fisher, 1936. The slope is 9.999.", ("References",), page=4),
    ),
)

UNITS: dict[str, list[dict[str, Any]]] = {
    "units": [
        {
            "block": "b2",
            "statement": "Width is regressed on length, with an intercept.",
            "quote": "We regress the width of a petal on its length, with an intercept.",
            "status": "supported",
            "question": "",
        },
        {
            "block": "b3",
            "statement": "The coefficients solve the normal equations.",
            "quote": r"\hat\beta = (X^\top X)^{-1} X^\top y",
            "status": "supported",
        },
        {
            "block": "b4",
            "statement": "Outliers are removed by a rule that is not given.",
            "quote": "Before the fit, outliers are removed.",
            "status": "unresolved",
            "question": "By which rule are outliers removed?",
        },
    ],
    "claims": [
        {
            "block": "b6",
            "metric": "slope",
            "dataset": "iris",
            "value": "0.4158",
            "std": "",
            "unit": "",
            "direction": "",
            "quote": "the slope is 0.4158",
        },
        {
            "block": "b6",
            "metric": "residual standard deviation",
            "dataset": "iris",
            "value": "0.2065",
            "unit": "cm",
            "direction": "lower",
            "quote": "the residual standard deviation is 0.2065 cm",
        },
        {
            "block": "b7",
            "metric": "explained share of the variance",
            "dataset": "iris",
            "value": 0.937,
            "direction": "higher",
            "quote": "The share of the variance that is explained is 0.937.",
        },
    ],
    "data": [{"block": "b5", "name": "iris", "quote": "the iris data", "licence": "", "size": "150 flowers"}],
}
PLAN: dict[str, list[dict[str, Any]]] = {
    "config": [{"name": "n_flowers", "value": "150", "unit": ""}],
    "cells": [
        {"id": "setup", "role": "setup", "title": "imports", "units": [], "claims": [], "after": []},
        {
            "id": "fit",
            "role": "core",
            "title": "the fit",
            "units": ["u1", "u2"],
            "claims": [],
            "after": ["setup"],
        },
        {
            "id": "results",
            "role": "evaluation",
            "title": "the results",
            "units": [],
            "claims": ["c1", "c2", "c3"],
            "after": ["fit"],
        },
    ],
    "not_implemented": [{"unit": "u3", "reason": "The paper gives no rule."}],
    "assumptions": [{"unit": "u3", "assumed": "No flower is removed."}],
}
SETUP = "```python\nimport numpy as np\n```"
FIT = """\
```python
def fit(x, y):
    X = np.column_stack([np.ones(len(x)), x])
    return np.linalg.solve(X.T @ X, X.T @ y)


x = iris["petal length (cm)"].to_numpy()
y = iris["petal width (cm)"].to_numpy()
beta = fit(x, y)
beta
```"""
MEASURE = """\
```python
residuals = y - beta[0] - beta[1] * x
claim_values["c1"] = beta[1]
claim_values["c2"] = np.sqrt(residuals @ residuals / (len(x) - 2))
claim_values["c3"] = 1 - residuals.var() / y.var()
claim_values
```"""
TESTS = """\
```python
assert np.allclose(fit(np.array([0.0, 1.0]), np.array([1.0, 3.0])), [1.0, 2.0]), "a line through two points"
```"""
VERDICTS = {
    "verdicts": [
        {"unit": "u1", "verdict": "pass", "note": "Both columns are used."},
        {"unit": "u2", "verdict": "wrong-surface", "note": "solve is used in place of the inverse."},
    ]
}
GOOD: Answers = {
    "units": [f"Here is what I found.\n\n{json.dumps(UNITS)}\n"],
    "plan": [f"```json\n{json.dumps(PLAN)}\n```"],
    "cell": [SETUP, FIT, MEASURE],
    "tests": [TESTS],
    "review": [json.dumps(VERDICTS)],
}
TRUE = {"c1": 0.41575542, "c2": 0.20648418, "c3": 0.92711}
SHIPPED = [{"package": "scikit-learn", "name": "iris"}]


def verification(printed: str) -> CellVerification:
    """Return the run of a cell that printed this."""
    output = {"output_type": "stream", "name": "stdout", "text": printed}
    return CellVerification(status="ok", outputs=(output,))


@dataclass
class PrintingExecutor(FakeExecutor):
    """Prints these numbers where the cell of the claims is run, and tells these data sets.

    Attributes:
        computed: What the cells computed, by label.
        shipped: What the packages hold.
    """

    computed: Mapping[str, object] = field(default_factory=lambda: dict(TRUE))
    shipped: list[dict[str, str]] = field(default_factory=lambda: list(SHIPPED))

    async def run(self, request: ExecutionRequest) -> AsyncIterator[tuple[int, CellVerification]]:
        async for index, verification in super().run(request):
            if TOKEN in request.cells[index] and verification.status == "ok":
                text = f"slope: something\n{TOKEN} {json.dumps(self.computed)}\n"
                output = {"output_type": "stream", "name": "stdout", "text": text}
                yield index, verification.model_copy(update={"outputs": (output,)})
            else:
                yield index, verification

    async def inspect(self, language: Language, script: str, payload: str, *, timeout_s: float = 30.0) -> str:
        if "sklearn.datasets" in script or "utils::data" in script:
            return json.dumps(self.shipped)
        return await super().inspect(language, script, payload, timeout_s=timeout_s)


@dataclass
class Played:
    """What came of a job."""

    events: list[Event]
    run: PaperRun
    model: TalkingGenerator

    @property
    def report(self) -> PaperReport:
        """What is known of the paper."""
        report = self.run.told.report()
        assert report is not None
        return report

    @property
    def warnings(self) -> str:
        """What was warned of."""
        return "\n".join(event.message for event in self.events if isinstance(event, Warn))

    @property
    def sources(self) -> list[str]:
        """The code."""
        return [cell.source for cell in self.run.run.sheet.code()]


async def played(
    answers: Answers | None = None,
    *,
    paper: Paper = PETALS,
    ask: Mapping[str, object] | None = None,
    executor: Executor | None = None,
    model: TalkingGenerator | None = None,
    keep: bool = False,
    **request: Any,
) -> Played:
    """Run a job on the paper to its end; what was read before it is forgotten unless it is to be kept."""
    if not keep:
        READINGS.clear()
        SHIPPED_DATA.clear()
    asked = PaperAsk.model_validate({"uri": URI, **(ask or {})})
    wanted = CodeGenerationRequest.model_validate({"task": "Implement it", "paper": asked, **request})
    talking = model or TalkingGenerator((), answers={**GOOD, **(answers or {})})
    run = PaperRun(
        Run(wanted, FakeCorpora(), executor or PrintingExecutor(), talking), asked, ReadPapers({URI: paper})
    )
    return Played([event async for event in paper_events(run)], run, talking)
