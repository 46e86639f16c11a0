"""Seeded mistakes in R code: the slips that a person or a model makes with an API."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_CALL = re.compile(r"(?<![\w.$@:])((?:[A-Za-z][\w.]*)::)?([A-Za-z][\w.]{2,})\(")
_NAMED = re.compile(r"(?<=[(,])(\s*)([A-Za-z][\w.]{3,})(\s*=(?!=))")
_LANGUAGE = frozenset({
    "function",
    "library",
    "require",
    "for",
    "while",
    "suppressWarnings",
    "data",
    "set.seed",
})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A unit of code with one mistake. `unit` is the number of the unit that it was made of."""

    unit: int
    kind: str
    code: str


def misspelt_function(code: str, chance: random.Random) -> str | None:
    """Swap, drop or double a letter in the name of a called function."""
    match = _pick(_CALL, code, chance)
    return None if match is None else _replace(code, match, 2, _slip(match[2], chance))


def misspelt_argument(code: str, chance: random.Random) -> str | None:
    """Do the same to the name of an argument."""
    match = _pick(_NAMED, code, chance)
    return None if match is None else _replace(code, match, 2, _slip(match[2], chance))


def invented_argument(code: str, chance: random.Random) -> str | None:
    """Give a call an argument that sounds likely."""
    match = _pick(_CALL, code, chance)
    if match is None or code[match.end() :].lstrip().startswith(")"):
        return None
    invented = chance.choice(("verbose_mode", "axis", "inplace", "use_cache", "num_workers", "strict_mode"))
    return f"{code[: match.end()]}{invented} = TRUE, {code[match.end() :]}"


def wrong_package(code: str, chance: random.Random) -> str | None:
    """Take a function out of a package that does not have it."""
    match = _pick(_CALL, code, chance)
    if match is None:
        return None
    package = chance.choice(("stats", "utils", "graphics", "tools", "dplyr", "data.table"))
    return f"{code[: match.start()]}{package}::{match[2]}({code[match.end() :]}"


def too_many_arguments(code: str, chance: random.Random) -> str | None:
    """Give a call twenty more arguments, without names."""
    match = _pick(_CALL, code, chance)
    if match is None or code[match.end() :].lstrip().startswith(")"):
        return None
    return f"{code[: match.end()]}{'1, ' * 20}{code[match.end() :]}"


KINDS: dict[str, Callable[[str, random.Random], str | None]] = {
    "misspelt function": misspelt_function,
    "misspelt argument": misspelt_argument,
    "invented argument": invented_argument,
    "wrong package": wrong_package,
    "too many arguments": too_many_arguments,
}


def mutants(units: Sequence[str], per_kind: int, seed: int) -> list[Mutant]:
    """Return up to `per_kind` mutants of each kind, each of another unit, as the seed has it."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    found: list[Mutant] = []
    for kind, mutate in KINDS.items():
        order = list(range(len(units)))
        chance.shuffle(order)
        made = ((unit, mutate(units[unit], chance)) for unit in order)
        some = [Mutant(unit, kind, code) for unit, code in made if code is not None and code != units[unit]]
        found += some[:per_kind]
    return found


def _pick(pattern: re.Pattern[str], code: str, chance: random.Random) -> re.Match[str] | None:
    spans = [match.span() for match in re.finditer(r"#[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", code)]
    found = [
        match
        for match in pattern.finditer(code)
        if match[2] not in _LANGUAGE and not any(a <= match.start(2) < b for a, b in spans)
    ]
    return chance.choice(found) if found else None


def _replace(code: str, match: re.Match[str], group: int, text: str) -> str:
    return f"{code[: match.start(group)]}{text}{code[match.end(group) :]}"


def _slip(name: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(name) - 1)
    kind = chance.choice(("swap", "drop", "double"))
    if kind == "swap" and name[at] != name[at + 1]:
        return f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}"
    return f"{name[:at]}{name[at + 1 :]}" if kind == "drop" else f"{name[:at]}{name[at]}{name[at:]}"
