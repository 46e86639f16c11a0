"""The names that a statement of R reads, binds and calls, as far as its text says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gptoss_lab.documents.r_statements import KEYWORDS, Token

_ASSIGNS, _MIRRORED = frozenset({"<-", "<<-", "="}), frozenset({"->", "->>"})
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_CONSTANTS = frozenset(
    """
    TRUE FALSE T F NULL NA NaN Inf NA_integer_ NA_real_ NA_character_ NA_complex_ pi letters LETTERS
    month.name month.abb R.version R.version.string version .Machine .Platform .GlobalEnv
    """.split()  # noqa: SIM905 - a list of names reads better this way
)
# Their arguments are read as columns of data, or not evaluated at all.
_QUOTING = frozenset(
    """
    library require requireNamespace data quote bquote substitute expression with within subset transform
    curve D deriv aes vars mutate filter select arrange group_by summarise summarize count pull rename
    rm remove detach missing match.arg UseMethod help tibble nls rename_with distinct across slice_max
    slice_min pivot_longer pivot_wider
    """.split()  # noqa: SIM905 - as above
)
_PIPES = frozenset({"%>%", "|>", "%<>%", "%T>%"})
_REMOVES = frozenset({"rm", "remove"})


@dataclass(frozen=True, slots=True)
class Names:
    """What a statement does with names.

    Attributes:
        reads: Names that must be bound before it.
        may: Names that it reads unless they are columns of its data.
        binds: Names that it makes anew.
        changes: Names of objects that it changes in place, or only where its condition holds.
        removes: Names that are gone after it.
        calls: What it calls, `package::name` where it says so.
    """

    reads: frozenset[str]
    may: frozenset[str]
    binds: frozenset[str]
    changes: frozenset[str]
    removes: frozenset[str]
    calls: tuple[str, ...]


def r_names(tokens: Sequence[Token]) -> Names:
    """Return the names of one statement."""
    value, binds, changes = _targets(tokens)
    inner = _local(value)
    reads: set[str] = set()
    may: set[str] = set()
    for at, soft in _read(value):
        (may if soft else reads).add(value[at].text)
    calls = tuple(dict.fromkeys(_called(tokens)))
    removed = (
        {token.text for token in tokens[1:] if token.kind == "name"} if _head(tokens) in _REMOVES else set()
    )
    bound_inside = frozenset(_assigned(value))
    return Names(
        reads=frozenset((reads | changes) - inner - _CONSTANTS),
        may=frozenset((may | {name.rpartition(":")[2] for name in calls}) - inner - _CONSTANTS)
        | bound_inside,
        binds=frozenset(binds),
        changes=frozenset(changes | bound_inside),
        removes=frozenset(removed),
        calls=calls,
    )


def _head(tokens: Sequence[Token]) -> str:
    return tokens[0].text if len(tokens) > 1 and tokens[1].text == "(" else ""


def _targets(tokens: Sequence[Token]) -> tuple[Sequence[Token], set[str], set[str]]:
    """Take the targets of a statement's assignments off its value."""
    binds: set[str] = set()
    changes: set[str] = set()
    depth = begin = 0
    end = len(tokens)
    for at, token in enumerate(tokens):
        if token.kind != "operator":
            continue
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if depth == 0 and token.text in _ASSIGNS:
            _target(tokens[begin:at], binds, changes)
            begin = at + 1
        elif depth == 0 and token.text in _MIRRORED:
            end = min(end, at)
            _target(tokens[at + 1 :], binds, changes)
    value = tokens[begin:end]
    if _head(value) == "assign" and len(value) > 2 and value[2].kind == "string":  # noqa: PLR2004 - assign("x"
        binds.add(value[2].text[1:-1])
    if _head(value) == "data":
        binds |= {token.text.strip("\"'") for token in value[2:] if token.kind != "operator"}
    return value, binds, changes


def _target(tokens: Sequence[Token], binds: set[str], changes: set[str]) -> None:
    names = [token for at, token in enumerate(tokens) if not _followed(tokens, at, "(")]
    root = next((token for token in names if token.kind in {"name", "string"}), None)
    if root is not None:
        (binds if len(tokens) == 1 else changes).add(root.text.strip("\"'"))


def _followed(tokens: Sequence[Token], at: int, *marks: str) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].kind == "operator" and tokens[at + 1].text in marks


def _preceded(tokens: Sequence[Token], at: int, *marks: str) -> bool:
    return at > 0 and tokens[at - 1].text in marks


def _assigned(tokens: Sequence[Token]) -> set[str]:
    """Return the names that parts of a statement bind: in a loop, or in the arguments of a call."""
    if any(token.text in {"function", "\\"} for token in tokens):
        return set()
    return {
        token.text for at, token in enumerate(tokens) if token.kind == "name" and _followed(tokens, at, "<-")
    }


def _local(tokens: Sequence[Token]) -> set[str]:
    """Return the names that a statement binds for itself: parameters, loop variables, local ones."""
    found = {token.text for at, token in enumerate(tokens) if _followed(tokens, at, "<-", "<<-")}
    for at, token in enumerate(tokens):
        if _preceded(tokens, at + 1, "function", "\\") or token.text == "for":
            depth = 0
            for place in range(at + 1, len(tokens)):
                mark = tokens[place].text if tokens[place].kind == "operator" else ""
                depth += (mark in _OPEN) - (mark in _CLOSE)
                if tokens[place].kind == "name" and depth == 1 and _preceded(tokens, place, "(", ","):
                    found.add(tokens[place].text)
                if depth == 0:
                    break
    return found


def _called(tokens: Sequence[Token]) -> Iterator[str]:
    for at, token in enumerate(tokens):
        if token.kind == "name" and _followed(tokens, at, "(") and token.text not in KEYWORDS:
            if _preceded(tokens, at, "$", "@"):
                continue
            owned = _preceded(tokens, at, "::", ":::") and at > 1
            yield f"{tokens[at - 2].text}::{token.text}" if owned else token.text


def _read(tokens: Sequence[Token]) -> Iterator[tuple[int, bool]]:
    """Yield where names are read, and whether they may be columns of data instead."""
    formula = any(token.kind == "operator" and token.text == "~" for token in tokens)
    columns = formula and any(
        token.text == "data" and _followed(tokens, at, "=") for at, token in enumerate(tokens)
    )
    quoting: list[bool] = []
    for at, token in enumerate(tokens):
        if token.kind == "operator" and token.text in _OPEN:
            quoting.append((bool(quoting) and quoting[-1]) or _quotes(tokens, at))
        elif token.kind == "operator" and token.text in _CLOSE:
            quoting.pop()
        elif token.kind == "name" and token.text not in KEYWORDS and token.text != ".":
            named = bool(quoting) and _followed(tokens, at, "=")
            part = _preceded(tokens, at, "$", "@", "::", ":::") or _followed(tokens, at, "::", ":::", "(")
            if not named and not part and not (columns and _in_formula(tokens, at)):
                yield at, bool(quoting) and quoting[-1]


def _quotes(tokens: Sequence[Token], at: int) -> bool:
    """Say whether the bracket that opens here is that of a call which reads columns."""
    if not at or tokens[at].text != "(" or tokens[at - 1].kind != "name":
        return False
    return tokens[at - 1].text in _QUOTING or any(token.text in _PIPES for token in tokens[:at])


def _in_formula(tokens: Sequence[Token], at: int) -> bool:
    """Say whether the argument that holds a name has a tilde."""
    return any(_tilde(tokens, at, step) for step in (-1, 1))


def _tilde(tokens: Sequence[Token], at: int, step: int) -> bool:
    depth, place = 0, at + step
    while 0 <= place < len(tokens):
        mark = tokens[place].text if tokens[place].kind == "operator" else ""
        if mark == "~":
            return True
        depth += ((mark in _OPEN) - (mark in _CLOSE)) * step
        if mark == "," and depth <= 0:
            return False
        place += step
    return False
