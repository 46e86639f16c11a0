"""Claims as a model names them: kept where the paper prints the number in the quote, with a tolerance."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Literal

from gptoss_lab.papers.quotes import FoundQuote
from gptoss_lab.prompts.untrusted import one_line
from gptoss_lab.schemas.papers import Claim
from gptoss_lab.services.paper_pipeline.modelled_answers import text_of

MAX_DIGITS = 30
_RELATIVE = 0.05
_TOKEN = re.compile(
    r"(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:[.,]?\d+)?(?:\s*(?:\u00d7|\\times|x|\*)\s*10\s*\^?\s*\{?[-+]?\d+\}?"
    r"|[eE][-+]?\d+)?"
)
_POWER = re.compile(r"\s*(?:\u00d7|\\times|x|\*)\s*10\s*\^?\s*\{?([-+]?\d+)\}?|[eE]([-+]?\d+)")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"([-+]?)(\d*)(?:\.(\d+))?")
_DIRECTIONS: dict[str, Literal["", "higher", "lower"]] = {"higher": "higher", "lower": "lower"}


def number_of(printed: str) -> tuple[float, int, int] | None:
    """Return the value of a printed number, its decimals and its power of ten; None where it is none.

    A comma before three digits parts thousands, before others it is a decimal comma.
    """
    text = printed.strip().replace("\u2212", "-").replace("\u2013", "-").rstrip("%").strip().strip("$()")
    power_at = _POWER.search(text)
    power = int(power_at[1] or power_at[2]) if power_at and power_at.end() == len(text) else 0
    text = text[: power_at.start()].strip() if power_at and power_at.end() == len(text) else text
    text = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", ".")
    match = _PLAIN.fullmatch(text)
    if match is None or not (match[2] or match[3]) or len(text) > MAX_DIGITS or abs(power) > MAX_DIGITS:
        return None
    decimals = len(match[3] or "")
    return float(f"{text}e{power}"), decimals, power


def tolerance_of(printed: str, deviation: str = "") -> tuple[float, str]:
    """Return how far a computed value may be from a printed one, and why, in words.

    That is the deviation which the paper states, else half of the last printed digit. An integer that ends
    in zeros may be rounded to any of them: of it, five per cent.
    """
    stated = number_of(deviation) if deviation else None
    if stated is not None and stated[0] > 0:
        return stated[0], f"the deviation that the paper states, {one_line(deviation)}"
    read = number_of(printed)
    if read is None:
        return 0.0, "none"
    value, decimals, power = read
    digits = printed.strip().rstrip("%").strip()
    if decimals == 0 and value and digits.endswith("0"):
        return abs(value) * _RELATIVE, "5 % of it, as it ends in zeros"
    return 0.5 * 10.0 ** (power - decimals), "half of the last printed digit"


def is_printed_in(printed: str, text: str) -> bool:
    """Say whether a text holds a number, whole."""
    wanted = number_of(printed)
    if wanted is None:
        return False
    text = text.replace("\u2212", "-").replace("\u2013", "-")
    tokens = [match[0] for match in _TOKEN.finditer(text) if match[0].strip()]
    found = {read[0] for token in tokens if (read := number_of(token.strip().rstrip(",."))) is not None}
    # A dash before a number may part a range.
    return wanted[0] in found or -wanted[0] in found


def claim_of(entry: dict[str, Any], found: FoundQuote, taken: Sequence[str] = ()) -> Claim | None:
    """Return the claim that an entry of an answer makes; None where its quote does not print the number.

    Args:
        entry: As the model wrote it.
        found: Where its quote stands.
        taken: Ids that are given already.
    """
    printed = one_line(text_of(entry.get("value"), MAX_DIGITS + 4))
    read = number_of(printed)
    metric = one_line(text_of(entry.get("metric"), 160))
    if read is None or not metric or not is_printed_in(printed, found.text):
        return None
    deviation = one_line(text_of(entry.get("std"), MAX_DIGITS))
    if deviation and not is_printed_in(deviation, found.text):
        deviation = ""
    tolerance, why = tolerance_of(printed, deviation)
    direction = _DIRECTIONS.get(text_of(entry.get("direction"), 10).lower(), "")
    key = f"{found.block}\0{found.start}\0{metric.casefold()}\0{printed}"
    return Claim(
        id=fresh(f"c-{hashlib.sha256(key.encode()).hexdigest()[:8]}", taken),
        metric=metric,
        dataset=one_line(text_of(entry.get("dataset"), 120)),
        printed=printed,
        value=read[0],
        unit=one_line(text_of(entry.get("unit"), 40)),
        direction=direction,
        tolerance=tolerance,
        quote=found.text,
        block=found.block,
        place=found.place,
        reason=f"Tolerance: {why}.",
    )


def fresh(identifier: str, taken: Sequence[str]) -> str:
    """Return an id that is not taken."""
    number = 2
    name = identifier
    while name in taken:
        name = f"{identifier}-{number}"
        number += 1
    return name
