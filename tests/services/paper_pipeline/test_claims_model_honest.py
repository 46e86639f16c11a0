"""A number that was written down is told from one that was computed."""

from __future__ import annotations

import pytest

from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.papers import Claim
from gptoss_lab.services.paper_pipeline.claims_model_honest import written_down

SLOPE = Claim(id="c", metric="slope", printed="10.47", value=10.47, quote="10.47", block="b")
SMALL = SLOPE.model_copy(update={"printed": "0.5", "value": 0.5})
DOWN = "The code stores a fixed number"
THERE = "stands in the code itself"
CASES: list[tuple[Language, Claim, str, str]] = [
    ("python", SLOPE, 'claim_values["c1"] = beta[1]', ""),
    ("python", SLOPE, 'claim_values["c1"] = float(fit(x, y)[1])', ""),
    ("python", SLOPE, 'claim_values["c1"] = df.shape[0]', ""),
    ("python", SLOPE, "slope = model.coef_[0]\nclaim_values.update(c1=slope)", ""),
    ("python", SLOPE, 'claim_values["c1"] = 10.47', THERE),
    ("python", SLOPE, 'x = "10.47"\nclaim_values["c1"] = float(x)', THERE),
    ("python", SLOPE, 'claim_values["c1"] = round(10.4700, 2)', THERE),
    ("python", SLOPE, "# the paper has 10.47\nclaim_values['c1'] = beta[1]", ""),
    ("python", SLOPE, 'claim_values["c1"] = 10.4 + 0.07', DOWN),
    ("python", SLOPE, 'a = 10.4\nb = a + 0.07\nclaim_values["c1"] = float(b)', DOWN),
    ("python", SLOPE, 'claim_values["c1"] = np.float64(10.4699)', DOWN),
    ("python", SLOPE, 'claim_values.update({"c1": 10.4701})', DOWN),
    ("python", SLOPE, 'claim_values.setdefault("c1", 10.4701)', DOWN),
    ("python", SLOPE, 'claim_values["c1"] = paper_slope', DOWN),
    ("python", SMALL, "rate = 0.5\nclaim_values['c1'] = fit(rate).mean()", ""),
    ("python", SMALL, "claim_values['c1'] = 0.5", DOWN),
    ("python", SMALL, "claim_values['c2'] = 0.5\nclaim_values['c1'] = fit()", ""),
    ("python", SLOPE, "this is no Python (", ""),
    ("r", SLOPE, 'claim_values[["c1"]] <- unname(beta[2])', ""),
    ("r", SLOPE, "claim_values$c1 <- coef(model)[2]  # 10.47", ""),
    ("r", SLOPE, 'claim_values[["c1"]] <- 10.47', THERE),
    ("r", SLOPE, 'claim_values[["c1"]] <- as.numeric("10.47")', THERE),
    ("r", SLOPE, "claim_values$c1 = round(10.4699, 4)", DOWN),
    ("r", SLOPE, 'claim_values[["c1"]] <- paper_slope', DOWN),
    ("r", SMALL, 'claim_values[["c1"]] <- 0.5', DOWN),
]


@pytest.mark.parametrize(("language", "claim", "source", "told"), CASES)
def test_what_shows_that_a_number_was_not_computed(
    language: Language, claim: Claim, source: str, told: str
) -> None:
    """It stands in the code, or all that is stored is made of literals and of values that the paper gives."""
    why = written_down(
        claim, "c1", ["import numpy as np" if language == "python" else "", source], language, ["paper_slope"]
    )
    assert told in why
    assert bool(told) == bool(why)
