"""Measures which examples answer tasks that nothing was tuned on: `python -m bench.examples`.

The lists were written on 2026-11-23 after the last change of the ranking, which was not changed for
what they showed; only this measure was made stricter then, to count what is shown to a person alone.
Who tunes on them writes new ones, and the figures say since when.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.figure import Figure, report
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import DocSource, Example
from gptoss_lab.services.corpora import CorpusService
from gptoss_lab.services.generators.fit import MIN_SCORE, select

HELD_OUT_ON = "2026-11-23"
ASKED = 8
TOP = 3
# What a person asks, and what an example that answers it must hold.
PANDAS_TASKS = {
    "replace negative numbers with zero": ("clip(", ".where(", ".mask("),
    "turn wide columns into long format": ("melt(", "wide_to_long("),
    "cumulative sum of a column": (".cumsum(",),
    "extract the year from a date column": (".year",),
    "remove whitespace around strings": (".str.strip(",),
    "rank students by score": (".rank(",),
    "difference between consecutive rows": (".diff(",),
    "apply a function to every row": (".apply(",),
    "percentage change from one period to the next": (".pct_change(",),
    "rows that contain a substring": (".str.contains(",),
    "explode lists into separate rows": (".explode(",),
    "randomly sample a tenth of the rows": (".sample(",),
    "describe summary statistics of numeric columns": (".describe(",),
}
SKLEARN_TASKS = {
    "hierarchical clustering with ward linkage": ("AgglomerativeClustering(", "ward_tree("),
    "find density-based clusters with noise": ("DBSCAN(", "OPTICS("),
    "scale values to the range zero to one": ("MinMaxScaler(", "minmax_scale("),
    "polynomial features for regression": ("PolynomialFeatures(",),
    "chain preprocessing and a classifier in a pipeline": ("Pipeline(", "make_pipeline("),
    "naive Bayes classifier": ("NB(",),
    "mean squared error of predictions": ("mean_squared_error(",),
    "detect anomalies with isolation forest": ("IsolationForest(",),
    "select the ten best features": ("SelectKBest(", "RFE(", "SequentialFeatureSelector("),
    "count words in documents": ("CountVectorizer(",),
    "quantile regression": ("QuantileRegressor(",),
    "encode labels as integers": ("LabelEncoder(", "OrdinalEncoder("),
}
NONSENSE = (
    "how tall is mount everest",
    "compose a symphony in d minor",
    "knit a sweater for my grandmother",
    "repair a leaking kitchen tap",
    "who painted the mona lisa",
    "recommend a movie for tonight",
    "grow tomatoes on a balcony",
    "write an apology to my landlord",
    "explain the rules of cricket",
    "teach me to play the guitar",
    "what should I wear to a wedding",
    "name my new kitten",
    "brew coffee without a machine",
    "learn to swim in a week",
    "find my lost keys",
    "pack a suitcase for a winter holiday",
    "cure a headache",
    "describe the taste of mango",
    "convert my neighbour to vegetarianism",
    "draw a horse",
    "paint the fence white",
    "sing happy birthday",
    "negotiate a higher salary",
    "is there life on mars",
    "tie a bow tie",
)


def holds(example: Example, wanted: tuple[str, ...]) -> bool:
    """Say whether an example uses one of the names that answer a task."""
    return any(name in example.code for name in wanted)


async def answered(
    service: CorpusService, corpus: str, tasks: Mapping[str, tuple[str, ...]]
) -> tuple[int, int]:
    """Return how many tasks the first example answers, and how many one of the first three."""
    first = any_of_three = 0
    for task, wanted in tasks.items():
        top = [item for item in await service.examples([corpus], task, limit=TOP) if item.score >= MIN_SCORE]
        found = [holds(item, wanted) for item in top]
        first += found[:1] == [True]
        any_of_three += any(found)
        if not any(found):
            print(f"{task}: {[(item.title, item.score) for item in top]}", file=sys.stderr)
    return first, any_of_three


async def let_through(service: CorpusService, corpora: list[str]) -> int:
    """Return how many nonsense tasks get a cell where both packages are the documentation."""
    shown = 0
    for task in NONSENSE:
        chosen = select(task, await service.examples(corpora, task, limit=ASKED)).chosen
        if chosen:
            shown += 1
            print(f"{task}: {[fit.example.title for fit in chosen]}", file=sys.stderr)
    return shown


async def measure(folder: Path) -> list[Figure]:
    """Return the figures of the held-out lists."""
    service = CorpusService(folder=folder, config=DocumentConfig())
    names = ("pandas", "sklearn")
    pandas, sklearn = [(await service.ensure(DocSource(kind="package", uri=name))).id for name in names]
    parts = [await answered(service, pandas, PANDAS_TASKS), await answered(service, sklearn, SKLEARN_TASKS)]
    first, three = (sum(values) for values in zip(*parts, strict=True))
    shown = await let_through(service, [pandas, sklearn])
    await service.close()
    count = len(PANDAS_TASKS) + len(SKLEARN_TASKS)
    suffix = f"held_out_{HELD_OUT_ON}"
    return [
        Figure("examples", f"tasks_in_top_1_{suffix}", first / count, "share"),
        Figure("examples", f"tasks_in_top_3_{suffix}", three / count, "share"),
        Figure("examples", f"nonsense_let_through_{suffix}", shown / len(NONSENSE), "share"),
    ]


def main() -> int:
    """Print the figures; return the exit status."""
    with tempfile.TemporaryDirectory() as name:
        return report(asyncio.run(measure(Path(name))))


if __name__ == "__main__":
    sys.exit(main())
