"""Measures indexing of the pandas package, and how its examples are ranked: `python -m bench.index`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bench.figure import Figure, report
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import CorpusInfo, DocSource
from gptoss_lab.services.corpora import CorpusService

SECOND_RUN_S = 0.5
TOP = 3
FITS = 0.35
LEAST_FOUND = 0.85
# What a person asks, and what one of the first three examples must hold.
PANDAS_TASKS = {
    "mean of one column grouped by another": ".groupby(",
    "average value per category": ".groupby(",
    "total sales per region": ".sum(",
    "fill missing values with the column median": ".fillna(",
    "drop duplicate rows": ".drop_duplicates(",
    "merge two dataframes on a key column": "merge(",
    "pivot table of sales by month": "pivot_table(",
    "rolling 7 day moving average of a time series": ".rolling(",
    "count how often each value occurs in a column": ".value_counts(",
    "sort a dataframe by two columns": ".sort_values(",
    "convert a column of strings to datetime": "to_datetime(",
    "resample daily data to monthly sums": ".resample(",
    "one-hot encode a categorical column": "get_dummies(",
    "correlation between columns": ".corr(",
    "bin ages into groups": "cut(",
    "concatenate two dataframes": "concat(",
}
SKLEARN_TASKS = {
    "fit a linear regression and predict": "LinearRegression(",
    "cluster points with k-means": "KMeans(",
    "standardize features and train a logistic regression": "LogisticRegression(",
    "split data into train and test sets": "train_test_split(",
    "random forest classifier and feature importances": "RandomForestClassifier(",
    "reduce dimensions with PCA": "PCA(",
    "cross-validate a support vector machine": "cross_val",
    "tune hyperparameters with grid search": "GridSearchCV(",
    "compute the confusion matrix": "confusion_matrix(",
    "one-hot encode categorical features": "OneHotEncoder(",
    "impute missing values with the mean": "SimpleImputer(",
    "ridge regression": "idge",
    "text classification with tf-idf": "Tfidf",
    "k nearest neighbours classifier": "KNeighborsClassifier(",
    "gradient boosting regression": "GradientBoostingRegressor(",
    "plot the roc curve": "RocCurveDisplay",
}
NONSENSE = (
    "bake a chocolate cake with strawberries",
    "asdf qwer",
    "write me a poem about the sea",
    "what is the weather in Paris today",
    "book a flight to Rome",
)
PACKAGE = "pandas"
GRIFFE = """
import sys, griffe
loader = griffe.GriffeLoader(search_paths=[sys.argv[1]], allow_inspection=False)
loader.load(sys.argv[2])
loader.resolve_aliases(implicit=True, external=False)
"""


def plain_griffe_s() -> float:
    """Return the seconds that a fresh process needs to load the package with griffe alone."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", GRIFFE, sysconfig.get_path("purelib"), PACKAGE], check=True)
    return time.perf_counter() - started


async def ensure_s(folder: Path) -> tuple[float, CorpusInfo]:
    """Return the seconds of one call on a new service, and what it answered."""
    service = CorpusService(folder=folder, config=DocumentConfig())
    started = time.perf_counter()
    info = await service.ensure(DocSource(kind="package", uri=PACKAGE))
    seconds = time.perf_counter() - started
    await service.close()
    return seconds, info


async def ranking(folder: Path, package: str, tasks: Mapping[str, str]) -> tuple[float, float]:
    """Return the share of tasks that are answered, and the best score of nonsense."""
    service = CorpusService(folder=folder, config=DocumentConfig())
    corpus = (await service.ensure(DocSource(kind="package", uri=package))).id
    found = 0
    for task, wanted in tasks.items():
        top = [item for item in await service.examples([corpus], task, limit=TOP) if item.score >= FITS]
        if any(wanted in item.code for item in top):
            found += 1
        else:
            print(f"{package}: {task}: {[item.title for item in top]}", file=sys.stderr)
    nonsense = [item.score for task in NONSENSE for item in await service.examples([corpus], task)]
    await service.close()
    return found / len(tasks), max(nonsense, default=0.0)


def main() -> int:
    """Print the figures; return the exit status."""
    with tempfile.TemporaryDirectory() as name:
        first_s, info = asyncio.run(ensure_s(Path(name)))
        second_s, again = asyncio.run(ensure_s(Path(name)))
        pandas_found, pandas_noise = asyncio.run(ranking(Path(name), PACKAGE, PANDAS_TASKS))
        sklearn_found, sklearn_noise = asyncio.run(ranking(Path(name), "sklearn", SKLEARN_TASKS))
    if not again.cached:
        print("the second run was not served from the index", file=sys.stderr)
        return 1
    peer_s = plain_griffe_s()
    found = {"pandas": (pandas_found, pandas_noise), "sklearn": (sklearn_found, sklearn_noise)}
    ranked = [
        figure
        for package, (share, noise) in found.items()
        for figure in (
            Figure(
                "index", f"{package}_tasks_in_top_3", share, "share", threshold=LEAST_FOUND, at_most=False
            ),
            Figure("index", f"{package}_nonsense_score", noise, "score", threshold=FITS),
        )
    ]
    return report([
        Figure("index", "pandas_first_run", first_s, "s", peer="griffe load, no index", peer_value=peer_s),
        Figure("index", "pandas_second_run", second_s, "s", threshold=SECOND_RUN_S),
        Figure("index", "pandas_symbols", info.symbols, "symbols"),
        Figure("index", "pandas_chunks", info.chunks, "chunks"),
        Figure("index", "pandas_examples", info.examples, "examples"),
        Figure("index", "pandas_size", info.size_bytes / 1e6, "MB"),
        *ranked,
    ])


if __name__ == "__main__":
    sys.exit(main())
