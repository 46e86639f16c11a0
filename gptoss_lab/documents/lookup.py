"""From a name as code writes it to the documented objects that it may mean, the likeliest first."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from gptoss_lab.documents.imports import ALIASES
from gptoss_lab.documents.scope import package_of
from gptoss_lab.documents.tokens import terms

MAX_MATCHES = 5
MAX_EXACT = 2
_MAX_ROWS = 500
_NEAR_CUTOFF = 0.75
_MAX_NEAR = 2
_NEAR_PREFIX = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What tells the objects of one name apart.

    Attributes:
        scope: The packages that the task is about.
        names: The other names of the draft: a method is rather that of a class among them.
        said: The terms of the task's words.
    """

    scope: Collection[str] = ()
    names: Sequence[str] = ()
    said: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """One object that a name may mean. The lowest `rank` is the likeliest; `is_exact` leaves no other."""

    qualname: str
    rank: tuple[int, ...] = field(default=())
    is_exact: bool = False


class Lookup:
    """Looks names up in one index.

    Args:
        db: The index.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def matches(self, name: str, asked: Asked) -> list[Match]:
        """Return the objects that a name may mean, the likeliest first; none where none is called so.

        A full name, also with the field's short name for the package, means one object. Of a longer
        name that is not documented the ending counts, so that `df.groupby` finds what has a groupby.
        """
        name = name.strip().rstrip("()")
        first, dot, rest = name.partition(".")
        for candidate in dict.fromkeys((name, f"{ALIASES.get(first, first)}{dot}{rest}")):
            rows = self._db.execute(
                "SELECT DISTINCT qualname FROM names WHERE name = ? ORDER BY qualname LIMIT ?",
                (candidate, MAX_EXACT),
            )
            if found := [Match(row["qualname"], is_exact=True) for row in rows]:
                return found
        return self._by_ending(name, asked)

    def nearest(self, name: str, asked: Asked) -> list[Match]:
        """Return the objects with the names most like one that is not documented."""
        last = name.rpartition(".")[2]
        start = last[:_NEAR_PREFIX]
        rows = self._db.execute(
            "SELECT DISTINCT last FROM names WHERE last >= ? AND last < ? ORDER BY last",
            (start, f"{start}\U0010ffff"),
        )
        near = difflib.get_close_matches(
            last, [row["last"] for row in rows], n=_MAX_NEAR, cutoff=_NEAR_CUTOFF
        )
        return [match for item in near for match in self._by_ending(f".{item}", asked)[:1]]

    def _by_ending(self, name: str, asked: Asked) -> list[Match]:
        last = name.rpartition(".")[2]
        rows = self._db.execute(
            "SELECT n.name, n.qualname, coalesce(o.members, 0) AS members, "
            "coalesce(o.is_class, 0) AS is_class FROM names n LEFT JOIN owners o "
            "ON o.owner = substr(n.name, 1, max(0, length(n.name) - length(n.last) - 1)) "
            "WHERE n.last = ? ORDER BY n.name, n.qualname LIMIT ?",
            (last, _MAX_ROWS),
        ).fetchall()
        ranked: dict[str, tuple[int, ...]] = {}
        for row in _longest_ending(rows, name):
            rank = _rank(row, asked, is_member="." in name)
            ranked[row["qualname"]] = min(rank, ranked.get(row["qualname"], rank))
        ordered = sorted(ranked.items(), key=lambda item: (item[1], item[0]))
        alone = len(ordered) == 1
        return [Match(qualname, rank, is_exact=alone) for qualname, rank in ordered[:MAX_MATCHES]]


def _longest_ending(rows: Sequence[sqlite3.Row], name: str) -> Sequence[sqlite3.Row]:
    parts = [part for part in name.split(".") if part]
    for size in range(len(parts) - 1, 1, -1):
        ending = ".".join(parts[-size:])
        found = [row for row in rows if row["name"] == ending or row["name"].endswith(f".{ending}")]
        if found:
            return found
    return rows


def _rank(row: sqlite3.Row, asked: Asked, *, is_member: bool) -> tuple[int, ...]:
    """Return how unlikely it is that this object is meant.

    In order: another package than the task's; a class that the draft does not make; a function where
    a member is written; a class that the task does not speak of; few members; a deep and long name.
    """
    name: str = row["name"]
    owner = name.rpartition(".")[0]
    return (
        package_of(name) not in asked.scope,
        not _is_made(owner, asked.names),
        bool(row["is_class"]) != is_member,
        -len(set(terms(owner.replace(".", " "))).intersection(asked.said)),
        -row["members"],
        name.count("."),
        len(name),
    )


def _is_made(owner: str, names: Iterable[str]) -> bool:
    last = owner.rpartition(".")[2]
    return bool(last) and any(name.rpartition(".")[2] == last for name in names)
