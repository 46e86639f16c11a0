"""Data sets: what of the paper's is here, in the order of what a person would take first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import PurePosixPath
from typing import Literal

from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.generation import NotebookVariable
from gptoss_lab.schemas.papers import Paper
from gptoss_lab.services.paper_pipeline.units_read import NamedData

Origin = Literal["variable", "file", "package", "stand_in"]
MAX_CHOSEN = 6
_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"[A-Za-z.][\w.]*\w")
_FILLERS = frozenset({
    "the",
    "a",
    "an",
    "of",
    "data",
    "dataset",
    "datasets",
    "set",
    "sets",
    "database",
    "corpus",
    "from",
    "in",
    "on",
    "and",
    "benchmark",
    "sample",
    "samples",
    "package",
    "r",
    "python",
    "training",
    "test",
})
_R_WORDS = frozenset({"function", "repeat", "next", "break", "else", "while", "for", "if"})
_MIN_NAME = 3
_MIN_FOUND_NAME = 5
_READERS: dict[Language, dict[str, str]] = {
    "python": {
        ".csv": "pd.read_csv({path})",
        ".tsv": 'pd.read_csv({path}, sep="\\t")',
        ".txt": 'pd.read_csv({path}, sep=None, engine="python")',
        ".json": "pd.read_json({path})",
        ".parquet": "pd.read_parquet({path})",
        ".xlsx": "pd.read_excel({path})",
    },
    "r": {
        ".csv": "read.csv({path})",
        ".tsv": "read.delim({path})",
        ".txt": "read.table({path}, header = TRUE)",
        ".rds": "readRDS({path})",
    },
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """A data set that an installed package holds. `code` gives it the name `name`."""

    name: str
    package: str
    code: str
    imports: str = ""


@dataclass(frozen=True, slots=True)
class DataChoice:
    """What stands for a data set of the paper.

    Attributes:
        named: As the paper has it.
        variable: The name under which the cells find it.
        code: The lines that load it; empty where it is there already, or is to be made.
        told: What it is, in a sentence.
    """

    named: str
    origin: Origin
    variable: str
    code: str = ""
    told: str = ""


def choose_data(
    named: Sequence[NamedData],
    variables: Sequence[NotebookVariable],
    files: Sequence[str],
    shipped: Sequence[Shipped],
    language: Language,
) -> tuple[DataChoice, ...]:
    """Return one choice for each data set: the live kernel's, a file, a package's, else data that stand in.

    Nothing is fetched: what is only named is told, with the licence and size where the paper says them.
    """
    chosen: list[DataChoice] = []
    taken: set[str] = set()
    for one in named:
        if len(chosen) >= MAX_CHOSEN:
            break
        choice = (
            _variable(one, variables)
            or _file(one, files, language, alone=len(named) == 1)
            or _package(one, shipped)
            or _stand_in(one)
        )
        if choice.variable not in taken:
            taken.add(choice.variable)
            chosen.append(choice)
    return tuple(chosen)


def found_names(paper: Paper, shipped: Sequence[Shipped]) -> list[NamedData]:
    """Return data sets of packages that the paper's text names as data, for an answer that names none."""
    text = "\n".join(block.text for block in paper.blocks)
    words = set(_NAME.findall(text))
    names: list[NamedData] = []
    for one in shipped:
        if one.name not in words or len(one.name) < _MIN_FOUND_NAME:
            continue
        name = re.escape(one.name)
        as_data = (
            rf"(?<![\w.]){name}(?:['\u2019\"`]*\s+data(?:\s*set|set)?\b)|data\s*=\s*[\"']?{name}(?![\w.])"
        )
        if re.search(as_data, text):
            names.append(NamedData(one.name))
    return names[:MAX_CHOSEN]


def is_same(named: str, name: str) -> bool:
    """Say whether a data set that a paper names has a name, whatever its spelling."""
    wanted, here = _told(named), "".join(_words(name))
    return len(here) >= _MIN_NAME and "".join(wanted) == here


def is_named_in(named: str, name: str) -> bool:
    """Say whether a name is one of the words by which a paper names a data set."""
    here = "".join(_words(name))
    return len(here) > _MIN_NAME and here in _told(named)


def _told(named: str) -> list[str]:
    return [word for word in _words(named) if word not in _FILLERS]


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _variable(one: NamedData, variables: Sequence[NotebookVariable]) -> DataChoice | None:
    for variable in variables:
        if (variable.columns or variable.shape) and is_same(one.name, variable.name):
            told = (
                f"{one.name} is `{variable.name}` of the notebook's kernel; the sandbox does not hold it, so "
                "that what needs it is not run there."
            )
            return DataChoice(one.name, "variable", variable.name, told=told)
    return None


def _file(one: NamedData, files: Sequence[str], language: Language, *, alone: bool) -> DataChoice | None:
    for file in files:
        path = PurePosixPath(file)
        reader = _READERS[language].get(path.suffix.lower())
        if reader is None or not (_is_file(one, path.stem) or (alone and len(files) == 1)):
            continue
        name = variable_of(path.stem)
        if language == "python":
            first = '_folder = "/data" if os.path.isdir("/data") else "."\n'
            load = reader.format(path=f"os.path.join(_folder, {path.name!r})")
            code = f"import os\n\nimport pandas as pd\n\n{first}{name} = {load}"
        else:
            quoted = _r_string(path.name)
            first = 'folder_ <- if (dir.exists("/data")) "/data" else "."\n'
            code = f"{first}{name} <- {reader.format(path=f'file.path(folder_, {quoted})')}"
        return DataChoice(one.name, "file", name, code, f"{one.name} is read from the file {path.name}.")
    return None


def _package(one: NamedData, shipped: Sequence[Shipped]) -> DataChoice | None:
    same = next((held for held in shipped if is_same(one.name, held.name)), None)
    held = same or next((held for held in shipped if is_named_in(one.name, held.name)), None)
    if held is None:
        return None
    code = f"{held.imports}\n\n{held.code}" if held.imports else held.code
    told = f"{one.name} is the data set `{held.name}` of the installed package {held.package}."
    return DataChoice(one.name, "package", held.name, code, told)


def _stand_in(one: NamedData) -> DataChoice:
    facts = [f"licence: {one.licence}"] if one.licence else []
    facts += [f"size: {one.size}"] if one.size else []
    known = f" ({', '.join(facts)})" if facts else ""
    told = (
        f"{one.name}{known} is not here, and nothing is downloaded: synthetic data stand in for it. Download "
        "it yourself and show the file to the sandbox to use it."
    )
    return DataChoice(one.name, "stand_in", f"stand_in_{variable_of(one.name)}"[:40].rstrip("_"), told=told)


def variable_of(name: str) -> str:
    """Return a name for a variable that is valid in both languages."""
    plain = re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_").lower()[:40].strip("_")
    is_name = plain and not plain[0].isdigit() and len(plain) >= _MIN_NAME
    return (
        plain if is_name and not iskeyword(plain) and plain not in _R_WORDS else f"data_{plain}".rstrip("_")
    )


def _is_file(one: NamedData, stem: str) -> bool:
    return is_same(one.name, stem) or is_named_in(one.name, stem)


def _r_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
