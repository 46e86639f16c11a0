"""Measures retrieval of API documentation: `python -m bench.retrieval [--docs FILE] [--tasks FILE]`.

Without the options the files `api-docs.jsonl.gz` and `tasks-dev.jsonl.gz` of the folder that the environment
variable GPTOSS_BENCH_DATA names are taken. The documentation of pandas is that of Debian's package
python-pandas-doc, which is downloaded and unpacked into the cache, never installed.
"""

from __future__ import annotations

import argparse
import importlib
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figure import Figure, percentile, report
from bench.retrieval_data import DATA_VARIABLE, Entry, Task, data_file, entries, tasks, write_index
from bench.retrieval_pages import page_figures
from gptoss_lab.documents.questions import prose
from gptoss_lab.documents.retrieval import find_passages, names_of
from gptoss_lab.documents.tokens import terms
from gptoss_lab.schemas.documents import DocQuery

TOP = 10
DROPPED = 0.7
SEEDS = range(5)
CHUNKS_FOR_TIME = 100_000
QUERY_P95_MS = 20.0
SEARCH_NDCG = {"ds1000": 0.20, "odex": 0.16}
DRAFT_RECALL = {"ds1000": 0.80, "odex": 0.88}
DROPPED_NDCG = {"ds1000": 0.36, "odex": 0.42}

Search = Callable[[Task], list[str]]


def ndcg(found: Sequence[str], gold: frozenset[str]) -> float:
    """Return the normalized discounted cumulative gain of the first ten."""
    gain = sum(1 / math.log2(at + 2) for at, key in enumerate(found[:TOP]) if key in gold)
    return gain / sum(1 / math.log2(at + 2) for at in range(min(TOP, len(gold))))


def recall(found: Sequence[str], gold: frozenset[str]) -> float:
    """Return the share of what belongs to a task that is among the first ten."""
    return len(gold.intersection(found[:TOP])) / len(gold)


def mean(
    asked: Sequence[Task], search: Search, score: Callable[[Sequence[str], frozenset[str]], float]
) -> float:
    """Return the mean score of a search over tasks."""
    return sum(score(search(task), task.gold) for task in asked) / len(asked)


def by_search(index: Path) -> Search:
    """Return the product's search by the task's words alone."""
    return lambda task: _found(index, DocQuery(text=task.prompt))


def by_draft(index: Path, dropped: float = 0.0, seed: int = 0) -> Search:
    """Return the product's retrieval with the names of the reference as the draft, some left out by lot."""
    lots = random.Random(seed)  # noqa: S311 - lots for a measurement, the same each time

    def search(task: Task) -> list[str]:
        names, packages = names_of(task.reference, task.prompt)
        kept = tuple(name for name in names if lots.random() >= dropped)
        return _found(index, DocQuery(text=task.prompt, symbols=kept, packages=packages))

    return search


def _found(index: Path, query: DocQuery) -> list[str]:
    wide = query.model_copy(update={"max_symbol_passages": TOP, "max_narrative_passages": 0})
    passages = find_passages([("api", index)], wide)
    return list(dict.fromkeys(passage.citation.source for passage in passages))


def by_peer(found: Sequence[Entry]) -> Search:
    """Return the search of bm25s over the same tokens.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    bm25s = importlib.import_module("bm25s")  # no dependency: the extra `bench` brings it
    peer = bm25s.BM25()
    peer.index([terms(f"{entry.qualname} {entry.text}") or ["-"] for entry in found], show_progress=False)

    def search(task: Task) -> list[str]:
        asked = list(dict.fromkeys(terms(prose(task.prompt)))) or ["-"]
        places, _ = peer.retrieve([asked], k=TOP, show_progress=False)
        return [found[int(place)].id for place in places[0]]

    return search


def quality(index: Path, found: Sequence[Entry], asked: Sequence[Task]) -> list[Figure]:
    """Return how well each set of tasks is served."""
    peer = by_peer(found)
    figures: list[Figure] = []
    for name, least_ndcg in SEARCH_NDCG.items():
        of_set = [task for task in asked if task.set == name]
        beside = mean(of_set, peer, ndcg)
        values = {
            "search_ndcg10": (mean(of_set, by_search(index), ndcg), least_ndcg),
            "draft_recall10": (mean(of_set, by_draft(index), recall), DRAFT_RECALL[name]),
            "dropped_draft_ndcg10": (_dropped(index, of_set), DROPPED_NDCG[name]),
        }
        for label, (value, least) in values.items():
            other = mean(of_set, peer, recall) if "recall" in label else beside
            figures.append(
                Figure(
                    "retrieval",
                    f"{name}_{label}",
                    value,
                    "score",
                    "bm25s, same tokens",
                    other,
                    least,
                    at_most=False,
                )
            )
    return figures


def _dropped(index: Path, asked: Sequence[Task]) -> float:
    return sum(mean(asked, by_draft(index, DROPPED, seed), ndcg) for seed in SEEDS) / len(SEEDS)


def query_time(folder: Path, found: Sequence[Entry], asked: Sequence[Task]) -> Figure:
    """Return the time of a query among very many chunks."""
    index = folder / "large.index"
    write_index(index, found, math.ceil(CHUNKS_FOR_TIME / len(found)))
    search, spent = by_search(index), list[float]()
    for task in asked:
        started = time.perf_counter()
        search(task)
        spent.append((time.perf_counter() - started) * 1000)
    return Figure("retrieval", "query_p95_100k_chunks", percentile(spent, 95), "ms", threshold=QUERY_P95_MS)


def main(words: Sequence[str] | None = None) -> int:
    """Print the figures; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", default="", help="API entries, JSON lines: id, library, name, text")
    parser.add_argument(
        "--tasks", default="", help="tasks, JSON lines: id, set, prompt, reference, gold_docs"
    )
    given = parser.parse_args(words)
    docs = data_file("api-docs.jsonl.gz", given.docs)
    rows = data_file("tasks-dev.jsonl.gz", given.tasks)
    if docs is None or rows is None:
        print(f"No data: give --docs and --tasks, or set {DATA_VARIABLE} to their folder.", file=sys.stderr)
        return 1
    found, asked = entries(docs), tasks(rows)
    with tempfile.TemporaryDirectory() as name:
        index = Path(name) / "api.index"
        write_index(index, found)
        figures = [*quality(index, found, asked), query_time(Path(name), found, asked)]
    return report([*figures, *page_figures()])


if __name__ == "__main__":
    sys.exit(main())
