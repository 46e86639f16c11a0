"""Measures what is found in papers, and how fast: `python -m bench.paper_structure`."""

from __future__ import annotations

import asyncio
import json
import random
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pypdf

from bench.figure import Figure, report
from gptoss_lab.papers.child import read_in_child
from gptoss_lab.papers.jobs import ReadJob
from gptoss_lab.schemas.config import PaperConfig
from gptoss_lab.schemas.papers import Paper
from tests.papers.pdf_pages import pdf, shown
from tools.debian import missing, unpacked

SOURCE = Path(__file__).resolve().parent.parent / "tests" / "papers" / "source"
DOC = "usr/lib/R/site-library/lme4/doc"
KINDS = ("section", "equation", "table", "algorithm")
RECALL = 0.95
NUMBERS = 0.98
PDF_PAGES = 30
PDF_S = 10.0
LATEX_S = 2.0
PEAK_MB = 1024.0
ROWS, COLUMNS, TABLES = 12, 6, 4
NUMBER = re.compile(r"\d+(?:\.\d+)?")
PROSE = "We estimate the parameters of the model by minimizing the squared error on the rows."


async def read_s(path: Path) -> tuple[Paper, float]:
    """Return a paper as the child reads it, and the seconds that took, the start of the child included."""
    config = PaperConfig()
    with tempfile.TemporaryDirectory() as folder:
        job = ReadJob(
            id="p",
            uri=path.name,
            location=str(path),
            name=path.name,
            folder=folder,
            max_pages=config.max_pages,
            memory_bytes=config.read_memory_bytes,
            timeout_s=config.read_timeout_s,
        )
        started = time.perf_counter()
        paper = await read_in_child(job, lambda *_: None)
        return paper, time.perf_counter() - started


def found(paper: Paper, kind: str) -> list[str]:
    """Return what was found of a kind, without white space."""
    if kind == "section":
        return [section.title for section in paper.sections]
    blocks = [block for block in paper.blocks if block.kind == kind]
    if kind == "table":
        return [squeezed("|".join("".join(row) for row in block.rows)) for block in blocks]
    if kind == "algorithm":
        return [squeezed(block.text.splitlines()[0]) for block in blocks]
    return [squeezed(block.latex or block.text) for block in blocks]


def squeezed(text: str) -> str:
    """Return a text without white space."""
    return re.sub(r"\s+", "", text)


def recall(wanted: Iterable[str], got: Iterable[str]) -> tuple[int, int]:
    """Return how many of those wanted were found, and how many are wanted."""
    left = Counter(got)
    asked = list(wanted)
    hits = 0
    for item in asked:
        if left[item] > 0:
            left[item] -= 1
            hits += 1
    return hits, len(asked)


def structure(papers: Mapping[str, Paper], form: str) -> list[Figure]:
    """Return the recall of each kind over the papers of a form."""
    golden: dict[str, dict[str, list[str]]] = json.loads((SOURCE / "golden.json").read_text(encoding="utf-8"))
    figures: list[Figure] = []
    for kind in KINDS:
        counts = [
            recall(golden[name][kind], found(paper, kind))
            for name, paper in papers.items()
            if paper.form == form
        ]
        hits, asked = sum(hit for hit, _ in counts), sum(want for _, want in counts)
        figures.append(_share(f"{form}_{kind}s_found", hits / asked if asked else 0.0, RECALL))
    return figures


def table_numbers(paper: Paper) -> list[str]:
    """Return the numbers in the tables of a paper."""
    cells = [cell for block in paper.blocks if block.kind == "table" for row in block.rows for cell in row]
    return [number for cell in cells for number in NUMBER.findall(cell)]


def made_tables(path: Path) -> list[str]:
    """Write a PDF with tables of decimals; return the decimals."""
    chance = random.Random(7)  # noqa: S311 - made-up results
    pages: list[str] = []
    numbers: list[str] = []
    for table in range(TABLES):
        page = "".join(shown(PROSE, 72, 740 - 12 * at) for at in range(5))
        page += shown(f"Table {table + 1}: Errors of the methods on all data sets.", 150, 660)
        page += "".join(shown(f"Set {column}", 160 + 65 * column, 640) for column in range(COLUMNS))
        for row in range(ROWS):
            y = 628 - 12 * row
            page += shown(f"Method {row}", 80, y)
            for column in range(COLUMNS):
                number = f"{chance.uniform(0, 100):.{1 + column % 3}f}"
                numbers.append(number)
                page += shown(number, 160 + 65 * column, y)
        page += "".join(shown(PROSE, 72, 440 - 12 * at) for at in range(5))
        pages.append(page)
    path.write_bytes(pdf(pages))
    return numbers


def first_pages(path: Path, count: int, target: Path) -> Path:
    """Write the first pages of a PDF; return the file."""
    writer = pypdf.PdfWriter()
    writer.append(str(path), pages=(0, count))
    writer.write(str(target))
    return target


async def measure(folder: Path) -> list[Figure]:
    """Return all figures."""
    names = json.loads((SOURCE / "golden.json").read_text(encoding="utf-8"))
    papers = {name: (await read_s(SOURCE / name))[0] for name in names}
    figures = [*structure(papers, "latex"), *structure(papers, "html")]
    numbers = made_tables(folder / "tables.pdf")
    made, _ = await read_s(folder / "tables.pdf")
    hits, asked = recall(numbers, table_numbers(made))
    figures.append(_share("pdf_made_table_decimals", hits / asked, NUMBERS))
    return [*figures, *await real(folder)]


async def real(folder: Path) -> list[Figure]:
    """Return the figures of a real paper against its own source.

    Raises:
        ValueError: The short paper has another number of pages.
    """
    source = unpacked("r-cran-lme4") / DOC
    printed, whole_s = await read_s(source / "lmer.pdf")
    short, short_s = await read_s(first_pages(source / "lmer.pdf", PDF_PAGES, folder / "short.pdf"))
    written, latex_s = await read_s(source / "lmer.Rnw")
    if short.pages != PDF_PAGES:
        raise ValueError(f"the short paper has {short.pages} pages")
    hits, asked = recall(table_numbers(written), table_numbers(printed))
    figures = [_share("pdf_lmer_table_numbers", hits / asked, NUMBERS)]
    for kind in ("equation", "table"):
        got, want = recall(labels(written, kind), labels(printed, kind))
        figures.append(_share(f"pdf_lmer_{kind}s_found", got / want, RECALL))
    titles = [section.title.replace("$", "") for section in written.sections]
    got, want = recall(titles, [section.title for section in printed.sections])
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        *figures,
        _share("pdf_lmer_sections_found", got / want, RECALL),
        Figure("paper_structure", "pdf_30_pages", short_s, "s", threshold=PDF_S),
        Figure("paper_structure", "pdf_51_pages", whole_s, "s"),
        Figure("paper_structure", "latex_51_pages", latex_s, "s", threshold=LATEX_S),
        Figure("paper_structure", "child_peak_memory", peak_mb, "MB", threshold=PEAK_MB),
    ]


def labels(paper: Paper, kind: str) -> Sequence[str]:
    """Return what the paper calls its blocks of a kind."""
    return [block.label for block in paper.blocks if block.kind == kind and block.label]


def _share(name: str, value: float, threshold: float) -> Figure:
    return Figure("paper_structure", name, value, "share", threshold=threshold, at_most=False)


def main() -> int:
    """Print the figures; return the exit status."""
    if lacking := missing():
        print(lacking, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        return report(asyncio.run(measure(Path(folder))))


if __name__ == "__main__":
    sys.exit(main())
