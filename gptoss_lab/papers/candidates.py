"""What of a paper could be implemented: algorithms, model equations, experiments and printed code."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gptoss_lab.schemas.papers import Candidate, CandidateKind, Paper, PaperBlock, Place

MAX_CANDIDATES = 60
_MAX_TITLE_CHARS = 140
_NUMBER = re.compile(r"[-+\u2212]?\d+(?:[.,]\d+)?(?:\s*(?:\u00b1|\+/-|\\pm)\s*\d+(?:[.,]\d+)?)?\s*%?")
_NUMERIC_SHARE = 0.3
_FEW_EQUATIONS = 3

_METHOD = re.compile(
    r"method|model|approach|algorithm|procedure|estimat|inference|formulation|derivation|objective|architecture"
    r"|methode|verfahren|m\u00e9thode|m\u00e9todo|metodo|\u65b9\u6cd5|\u65b9\u6848|\u6a21\u578b",
    re.IGNORECASE,
)
_EXPERIMENT = re.compile(
    r"experiment|evaluation|result|simulation|case stud|empirical|application|benchmark|ablation|example"
    r"|ergebnis|r\u00e9sultat|resultado|\u5b9e\u9a8c|\u5b9f\u9a13|\u7ed3\u679c",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"related work|introduction|background|preliminar|conclusion|discussion|acknowledge?ment|future work"
    r"|references|bibliography|survey|literature",
    re.IGNORECASE,
)
_RESULTS = re.compile(
    r"result|accuracy|error|score|comparison|performance|estimate|coverage|bias|rmse|auc|f1", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Found:
    kind: CandidateKind
    title: str
    blocks: tuple[PaperBlock, ...]
    score: float


def candidates_of(paper: Paper) -> tuple[Candidate, ...]:
    """Return what could be implemented, the likeliest first.

    An id is the kind and a number in the order of reading: the same for the same paper and reader.
    """
    order = {block.id: number for number, block in enumerate(paper.blocks)}
    found = [*_algorithms(paper), *_models(paper), *_experiments(paper), *_code(paper)]
    found.sort(key=lambda one: order[one.blocks[0].id])
    counts: dict[CandidateKind, int] = defaultdict(int)
    named: list[Candidate] = []
    for one in found:
        counts[one.kind] += 1
        named.append(
            Candidate(
                id=f"{one.kind}-{counts[one.kind]}",
                kind=one.kind,
                title=_short(one.title),
                blocks=tuple(block.id for block in one.blocks),
                place=one.blocks[0].place,
                score=round(one.score, 3),
            )
        )
    named.sort(key=lambda candidate: -candidate.score)
    return tuple(named[:MAX_CANDIDATES])


def likeliest(ranked: Sequence[Candidate], most: int = 3) -> tuple[Candidate, ...]:
    """Return what to implement where nobody chose: the best methods, and the experiment that tests them.

    Printed code is chosen only where there is nothing else.
    """
    methods = [one for one in ranked if one.kind in {"algorithm", "model"}]
    tests = [one for one in ranked if one.kind == "experiment"]
    chosen = [*methods[: max(most - 1, 1)], *tests[:1]]
    return tuple(chosen or ranked[:most])


def _algorithms(paper: Paper) -> Iterator[_Found]:
    for block in paper.blocks:
        if block.kind == "algorithm":
            caption = block.caption or block.text.strip().partition("\n")[0]
            has_label = block.label and not caption.lower().startswith(block.label.lower())
            title = f"{block.label}: {caption}" if has_label and caption else caption or block.label
            told = (other for other in paper.blocks if _mentions(other, block.label))
            yield _Found("algorithm", title or "An algorithm", (block, *told), 1.0)


def _models(paper: Paper) -> Iterator[_Found]:
    """Yield the equations of each section, and methods that are told in words alone."""
    for section, blocks in _by_section(paper.blocks):
        equations = tuple(block for block in blocks if block.kind == "equation")
        name = _name(section)
        is_method = any(_METHOD.search(title) for title in section) and not _OTHERS.search(name)
        if equations:
            labelled = [block.label for block in equations if block.label]
            explained = any(block.symbols for block in equations)
            score = 0.45 + 0.2 * is_method + 0.1 * bool(labelled) + 0.05 * explained
            score += 0.1 * min(len(equations), _FEW_EQUATIONS) / _FEW_EQUATIONS
            score -= 0.3 * bool(_OTHERS.search(name))
            yield _Found("model", f"{_of_section('The model', section)}{_range(labelled)}", equations, score)
        elif is_method and not any(block.kind == "algorithm" for block in blocks):
            told = tuple(block for block in blocks if block.kind == "prose")
            if told:
                yield _Found("model", _of_section("The method", section), told, 0.4)


def _experiments(paper: Paper) -> Iterator[_Found]:
    """Yield sections that are called so, with their tables, and results that stand in other sections."""
    for section, blocks in _by_section(paper.blocks):
        tables = [block for block in blocks if block.kind == "table" and _is_numeric(block)]
        named = any(_EXPERIMENT.search(title) for title in section)
        if named:
            kept = tuple(block for block in blocks if block.kind in {"prose", "table", "output"})
            if kept:
                score = 0.55 + 0.2 * bool(tables) - 0.3 * bool(_OTHERS.search(_name(section)))
                yield _Found("experiment", _of_section("The experiment", section), kept, score)
            continue
        for table in tables:
            if _RESULTS.search(f"{table.caption} {' '.join(table.rows[0]) if table.rows else ''}"):
                title = f"{table.label}: {table.caption}" if table.label else table.caption
                yield _Found("experiment", title or "A table of results", (table,), 0.5)


def _code(paper: Paper) -> Iterator[_Found]:
    groups: dict[str, list[PaperBlock]] = defaultdict(list)
    for block in paper.blocks:
        if block.kind == "code":
            groups[block.place.section[0] if block.place.section else ""].append(block)
    for title, blocks in groups.items():
        pieces = "1 piece" if len(blocks) == 1 else f"{len(blocks)} pieces"
        name = _of_section("Code printed", (title,) if title else (), link="in")
        yield _Found("code", f"{name} ({pieces})", tuple(blocks), 0.6)


def _by_section(blocks: Iterable[PaperBlock]) -> list[tuple[tuple[str, ...], list[PaperBlock]]]:
    groups: dict[tuple[str, ...], list[PaperBlock]] = defaultdict(list)
    for block in blocks:
        if block.kind not in {"reference", "footnote"}:
            groups[block.place.section].append(block)
    return list(groups.items())


def _mentions(block: PaperBlock, label: str) -> bool:
    if not label or block.kind != "prose":
        return False
    return re.search(rf"(?<!\w){re.escape(label)}(?!\w)", block.text, re.IGNORECASE) is not None


def _is_numeric(table: PaperBlock) -> bool:
    cells = [cell.strip() for row in table.rows[1:] for cell in row if cell.strip()]
    numbers = sum(_NUMBER.fullmatch(cell.strip("*\u2020 ")) is not None for cell in cells)
    return bool(cells) and numbers / len(cells) >= _NUMERIC_SHARE


def _name(section: Sequence[str]) -> str:
    return section[-1] if section else ""


def _of_section(what: str, section: Sequence[str], *, link: str = "of") -> str:
    return f"{what} {link} \u201c{_name(section)}\u201d" if section else what


def _range(labels: Sequence[str]) -> str:
    if not labels:
        return ""
    if len(labels) == 1:
        return f", equation {labels[0]}"
    return f", equations {labels[0]} to {labels[-1]}"


def _short(title: str) -> str:
    text = " ".join(title.split())
    return text if len(text) <= _MAX_TITLE_CHARS else f"{text[: _MAX_TITLE_CHARS - 1].rstrip()}\u2026"


def where(place: Place) -> str:
    """Return a place in words: `p. 5, Results`; empty where nothing is known of it."""
    page = f"p. {place.page}" if place.page else ""
    return ", ".join(filter(None, (page, place.section[-1] if place.section else "")))
