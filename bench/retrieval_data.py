"""The API entries and tasks that retrieval is measured on, as an index of the product and its queries."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gptoss_lab.documents.blocks import Chunk, Place, Records, Symbol, SymbolKind
from gptoss_lab.documents.index_writer import IndexWriter

DATA_VARIABLE = "GPTOSS_BENCH_DATA"
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$")
_LANGUAGE = "python"
_PAGE_OF_LANGUAGE = "python.library."


@dataclass(frozen=True, slots=True)
class Entry:
    """One documented object or page."""

    id: str
    library: str
    name: str
    text: str

    @property
    def qualname(self) -> str:
        """The object's full name; empty for a page about something else."""
        name = self.name.removesuffix("()")
        if not _NAME.match(name):
            return ""
        is_full = self.library == _LANGUAGE or f"{name}.".startswith(f"{self.library}.")
        return name if is_full else f"{self.library}.{name}"


@dataclass(frozen=True, slots=True)
class Task:
    """A task with the program that solves it and the entries that belong to it."""

    id: str
    set: str
    prompt: str
    reference: str
    gold: frozenset[str]


def data_file(name: str, given: str = "") -> Path | None:
    """Return a data file: the one that was given, or that of the data folder; None where there is none."""
    path = Path(given) if given else Path(os.environ.get(DATA_VARIABLE, "")) / name
    return path if path.is_file() else None


def entries(path: Path) -> list[Entry]:
    """Return the API entries of a file of JSON lines."""
    return [Entry(row["id"], row["library"], row["name"], row["text"]) for row in _rows(path)]


def tasks(path: Path) -> list[Task]:
    """Return the tasks that name the entries they need."""
    return [
        Task(row["id"], row["set"], row["prompt"], row["reference"], frozenset(row["gold_docs"]))
        for row in _rows(path)
        if row.get("gold_docs")
    ]


def _rows(path: Path) -> list[dict[str, Any]]:
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as lines
    ):
        return [json.loads(line) for line in lines]


def write_index(path: Path, found: Sequence[Entry], copies: int = 1) -> None:
    """Write the product's index of the entries, each as one chunk; `copies` make it large."""
    kinds = _kinds(found)
    records = Records()
    for copy in range(copies):
        for entry in found:
            qualname = entry.qualname
            suffix = f"_{copy}" if copy else ""
            place = Place(entry.id, title=qualname or entry.name, symbol=qualname)
            if not qualname:
                records.chunks.append(Chunk("narrative", entry.name, entry.text, place))
                continue
            name = f"{qualname}{suffix}"
            records.chunks.append(Chunk("symbol", name, entry.text, place, (name,)))
            records.symbols.append(Symbol(name, kinds[qualname]))
    writer = IndexWriter(path)
    writer.write(records)
    writer.finish({})


def _kinds(found: Sequence[Entry]) -> dict[str, SymbolKind]:
    """Tell members of a class from functions, which the entries do not say: a class is documented itself."""
    named = {entry.qualname: entry.id for entry in found if entry.qualname}
    pages = {name for name, at in named.items() if at.startswith(_PAGE_OF_LANGUAGE) and "#" not in at}
    owners = named.keys() - pages
    return {name: "method" if name.rpartition(".")[0] in owners else "function" for name in named}
