"""The claims of a paper, computed by real cells in a real sandbox."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.services.execution import ExecutionService
from gptoss_lab.services.paper_pipeline.datasets_shipped import ShippedData
from tests.fakes.modelled import FIT, GOOD, MEASURE, SETUP, UNITS, Played, played
from tests.fakes.talking import TalkingGenerator
from tests.sandbox.conformance import require_image

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

R_SETUP = "```r\nlibrary(stats)\n```"
R_FIT = """\
```r
fit <- function(x, y) {
  X <- cbind(1, x)
  drop(solve(t(X) %*% X, t(X) %*% y))
}
x <- iris$Petal.Length
y <- iris$Petal.Width
beta <- fit(x, y)
beta
```"""
R_MEASURE = """\
```r
residuals <- y - beta[1] - beta[2] * x
claim_values[["c1"]] <- unname(beta[2])
claim_values[["c2"]] <- sqrt(sum(residuals^2) / (length(x) - 2))
claim_values[["c3"]] <- 1 - sum(residuals^2) / sum((y - mean(y))^2)
str(claim_values)
```"""
R_TESTS = """\
```r
stopifnot("a line through two points" = isTRUE(all.equal(unname(fit(c(0, 1), c(1, 3))), c(1, 2))))
```"""


@pytest.fixture
async def service(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ExecutionService]:
    """Make the sandbox of a language, its image built."""
    language: Language = getattr(request, "param", "python")
    shared = os.environ.get("GPTOSS_LAB_TEST_DATA_DIR", "")
    monkeypatch.setenv("GPTOSS_LAB_DATA_DIR", shared or str(tmp_path))
    config = SandboxConfig(runtime="docker")
    made = ExecutionService(config=config, runtimes=make_runtimes(config))
    if not (await made.status(language)).image_ready:
        await require_image("docker", language)
    yield made
    await made.close()


def states(job: Played) -> list[str]:
    """Return the states of the claims."""
    return [claim.state for claim in job.report.claims]


def failures(job: Played) -> list[str]:
    """Return the errors of cells."""
    runs = [cell.verification for cell in job.run.run.sheet.code()]
    return [run.error if run else "not run" for run in runs if run is None or run.status != "ok"]


async def test_python(service: ExecutionService) -> None:
    """Two numbers of the paper come out to the digit, the third is wrong there; tests and checks pass."""
    job = await played(executor=service)
    assert failures(job) == []
    assert states(job) == ["verified", "verified", "differs"]
    assert [claim.computed for claim in job.report.claims] == pytest.approx(
        [0.415755, 0.206484, 0.92711], abs=1e-5
    )
    assert "data set `iris` of the installed package scikit-learn" in " ".join(job.report.assumptions)
    assert not [finding for cell in job.run.run.sheet.code() for finding in cell.findings]


@pytest.mark.parametrize("service", ["r"], indirect=True)
async def test_r(service: ExecutionService) -> None:
    """The same from the data sets of R."""
    answers = {**GOOD, "cell": [R_SETUP, R_FIT, R_MEASURE], "tests": [R_TESTS]}
    job = await played(executor=service, language="r", model=TalkingGenerator((), answers=answers))
    assert failures(job) == []
    assert states(job) == ["verified", "verified", "differs"]
    assert 'data("iris", package = "datasets")' in "\n".join(job.sources)


@pytest.mark.parametrize("service", ["r"], indirect=True)
async def test_r_numbers_that_are_none(service: ExecutionService) -> None:
    """NA, a vector and a missing one are not checkable, and break nothing."""
    measure = R_MEASURE.replace("sqrt(sum(residuals^2) / (length(x) - 2))", "c(1, 2) * beta[1]").replace(
        'claim_values[["c3"]] <- 1 - sum(residuals^2) / sum((y - mean(y))^2)',
        'claim_values[["c3"]] <- log(-beta[2]^2)',
    )
    answers = {**GOOD, "cell": [R_SETUP, R_FIT, measure], "tests": [""]}
    job = await played(executor=service, language="r", model=TalkingGenerator((), answers=answers))
    assert states(job) == ["verified", "not_checkable", "not_checkable"]


async def test_stand_in_data_say_so_in_their_outputs(service: ExecutionService) -> None:
    """Where a package lacks the data: in each output of what they touch, and nothing is verified."""
    claims = [{**claim, "dataset": "Petals-2026"} for claim in UNITS["claims"]]
    units = {**UNITS, "claims": claims, "data": []}
    columns = "{name: rng.normal(size=20) for name in ('petal length (cm)', 'petal width (cm)')}"
    made = f"```python\nrng = np.random.default_rng(1)\nstand_in_petals_2026 = {columns}\n```"
    fit = FIT.replace("iris[", "stand_in_petals_2026[").replace(".to_numpy()", "")
    cells = [SETUP, made, fit, MEASURE]
    job = await played({"units": [json.dumps(units)], "cell": cells}, executor=service)
    assert failures(job) == []
    assert set(states(job)) == {"not_checkable"}
    assert all(claim.stand_in and claim.computed is not None for claim in job.report.claims)
    touched = [cell for cell in job.run.run.sheet.code() if "Stand-in data" in cell.source]
    assert len(touched) == 5
    for cell in touched:
        assert cell.verification is not None
        printed = "".join(str(output.get("text", "")) for output in cell.verification.outputs)
        assert "Stand-in data, not those of the paper." in printed


@pytest.mark.parametrize("service", ["python", "r"], indirect=True)
async def test_what_packages_hold(service: ExecutionService, request: pytest.FixtureRequest) -> None:
    """The sandbox tells it, nothing is downloaded for it, and each loads by the line that is given."""
    language: Language = request.node.callspec.params["service"]
    held = {one.name: one for one in await ShippedData().of(service, language, "image")}
    assert "iris" in held
    wanted = ["iris", "longley"] if language == "python" else ["iris", "women", "longley"]
    code = [f"{held[name].imports}\n{held[name].code}\n{name}" for name in wanted]
    answer = await service.execute(ExecutionRequest(cells=tuple(code), language=language))
    assert [cell.status for cell in answer.cells] == ["ok"] * len(code)
