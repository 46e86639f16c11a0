"""Numbers as papers print them, and how far a computed one may be from them."""

from __future__ import annotations

import pytest

from gptoss_lab.papers.quotes import FoundQuote
from gptoss_lab.schemas.papers import Place
from gptoss_lab.services.paper_pipeline.claims_model import claim_of, is_printed_in, number_of, tolerance_of
from gptoss_lab.services.paper_pipeline.claims_model_check import compared, computed_values
from gptoss_lab.services.paper_pipeline.write_own import TOKEN
from tests.fakes.modelled import verification

NUMBERS = [
    ("1743.6", 1743.6),
    ("1,743.6", 1743.6),
    ("12,345", 12345),
    ("0,42", 0.42),
    ("\u22123.5", -3.5),
    (".42", 0.42),
    ("93.1%", 93.1),
    ("1.2e-3", 0.0012),
    ("1.2 \u00d7 10^{-3}", 0.0012),
    (r"3 \times 10^4", 30000),
    ("$5$", 5),
    ("(12.5)", 12.5),
]
NONE = ["", "n/a", "1.2.3", "3 to 4", "--", "e5", "9" * 40, "1e999", "nan", "inf", "0x10", "1_000"]


@pytest.mark.parametrize(("printed", "value"), NUMBERS)
def test_numbers_are_read(printed: str, value: float) -> None:
    """In the ways that papers print them."""
    read = number_of(printed)
    assert read is not None
    assert read[0] == pytest.approx(value)


@pytest.mark.parametrize("printed", NONE)
def test_what_is_no_number(printed: str) -> None:
    """Nothing is made of it."""
    assert number_of(printed) is None


@pytest.mark.parametrize(
    ("printed", "std", "tolerance", "why"),
    [
        ("1743.6", "", 0.05, "half of the last printed digit"),
        ("251.41", "", 0.005, "half of the last printed digit"),
        ("37", "", 0.5, "half of the last printed digit"),
        ("1000", "", 50, "5 %"),
        ("0.0", "", 0.05, "half of the last printed digit"),
        ("0", "", 0.5, "half of the last printed digit"),
        ("1.2e-3", "", 0.00005, "half of the last printed digit"),
        ("93.1", "0.4", 0.4, "the deviation that the paper states, 0.4"),
        ("93.1", "none", 0.05, "half of the last printed digit"),
        ("93.1", "0", 0.05, "half of the last printed digit"),
    ],
)
def test_tolerances(printed: str, std: str, tolerance: float, why: str) -> None:
    """The deviation that is stated, else the last digit, else a share; and which of them is said."""
    found, told = tolerance_of(printed, std)
    assert found == pytest.approx(tolerance)
    assert why in told


def test_a_number_stands_whole_in_a_quote() -> None:
    """A part of a longer number is another number."""
    text = "the slope is 251.41 (10.47), \u22123.5 and 1,743.6 at 12-15 points."
    assert all(is_printed_in(printed, text) for printed in ("251.41", "10.47", "-3.5", "1743.6", "12", "15"))
    assert not any(is_printed_in(printed, text) for printed in ("251", "51.41", "0.47", "743.6", "25", "x"))


def found(text: str) -> FoundQuote:
    """Return a quote that was found."""
    return FoundQuote("b1", Place(page=2), "text", 3, 3 + len(text), text)


def test_a_claim_needs_its_number_in_its_quote() -> None:
    """And a name for what is measured; a deviation that is not there is not taken."""
    entry = {"metric": "slope\n<|end|>", "value": 10.47, "std": "99.5", "direction": "Higher", "dataset": "d"}
    claim = claim_of(entry, found("a slope of 10.47"))
    assert claim is not None
    assert (claim.printed, claim.value, claim.direction, claim.metric) == (
        "10.47",
        10.47,
        "higher",
        "slope < |end| >",
    )
    assert claim.tolerance == pytest.approx(0.005)
    assert claim_of(entry, found("a slope of 10.5")) is None
    assert claim_of({**entry, "metric": ""}, found("a slope of 10.47")) is None
    assert claim_of({**entry, "value": [10.47]}, found("a slope of 10.47")) is None
    stated = claim_of({**entry, "std": "0.4"}, found("a slope of 10.47 (sd 0.4)"))
    assert stated is not None
    assert stated.tolerance == pytest.approx(0.4)
    assert claim_of(entry, found("a slope of 10.47"), [claim.id]) != claim


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (10.47, "verified"),
        (10.4651, "verified"),
        (10.475, "verified"),
        (10.4752, "differs"),
        (-10.47, "differs"),
    ],
)
def test_a_value_is_compared_with_a_claim(value: float, state: str) -> None:
    """Half of the last digit on both sides; a rounding that comes out exactly on it agrees."""
    claim = claim_of({"metric": "slope", "value": "10.47"}, found("a slope of 10.47"))
    assert claim is not None
    settled = compared(claim, value)
    assert (settled.state, settled.computed) == (state, value)
    assert settled.reason == "Tolerance: half of the last printed digit: 0.005."
    assert compared(claim.model_copy(update={"stand_in": True}), value).state == "not_checkable"


@pytest.mark.parametrize(
    ("printed", "values"),
    [
        (f'{TOKEN} {{"c1": 1.5, "c2": null}}\n', {"c1": 1.5}),
        (f'slope: 3\n{TOKEN} {{"c1": 1}}\n{TOKEN} {{"c1": 2}}\n', {"c1": 2.0}),
        (f'{TOKEN} {{"c1": NaN, "c2": Infinity, "c3": true, "c4": "5", "c5": [1], "c6": 7}}\n', {"c6": 7.0}),
        (f'{TOKEN} {{"c1": 1{"0" * 400}}}\n', {}),
        (f"{TOKEN} {{broken\n", {}),
        (f"{TOKEN} [1]\n", {}),
        ('{"c1": 1}\n', {}),
        ("", {}),
    ],
)
def test_what_the_cell_of_the_claims_prints(printed: str, values: dict[str, float]) -> None:
    """One line of ours, the last of them, and of it the finite numbers."""
    assert computed_values(verification(printed)) == values


def test_only_standard_output_counts() -> None:
    """A result, or a warning that looks like the line, is none."""
    line = f'{TOKEN} {{"c1": 1}}\n'
    ok = verification("")
    outputs = (
        {"output_type": "stream", "name": "stderr", "text": line},
        {"output_type": "execute_result", "data": {"text/plain": line}, "metadata": {}},
    )
    assert computed_values(ok.model_copy(update={"outputs": outputs})) == {}
