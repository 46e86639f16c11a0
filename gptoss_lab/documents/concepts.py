"""What a task asks for, as weighted groups of search terms, and how much of it a text covers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul

from gptoss_lab.documents.tokens import SOFT, STOP, stem, words

MAX_TASK_CHARS = 4_000
MAX_CONCEPTS = 40
_SYNONYM_STRENGTH = 0.9
_SOFT_WEIGHT = 0.3
_PROSE_WEIGHT = 0.5
_ABSENT_WEIGHT = 0.7
_LEAST_WEIGHT = 0.35
_SEVERAL = 3
_LONE_TRUST = 0.6

# Words of one line mean nearly the same to a data scientist; API names stand beside them.
_GROUPS = """
mean average avg
groupby group grouped grouping per
sum total
count frequency occurrences value_counts histogram
missing nan null na isna fillna dropna imputer imputation
fill impute replace fillna
reduce reduction
remove drop delete discard
duplicate duplicates distinct unique drop_duplicates
merge join combine
concatenate concat append
sort order rank
standardize standardise standardscaler zscore
scale scaling scaler rescale normalize normalise
cluster clusters clustering
classify classifier classification
plot draw chart graph visualize visualise
predict forecast prediction
train fit learn
evaluate score metric assess
pca dimensionality decomposition
resample monthly daily weekly hourly downsample upsample
rolling moving window
pivot reshape crosstab pivot_table
top head largest nlargest
bottom tail smallest nsmallest
convert cast astype
date datetime timestamp
text string str
correlation corr correlated
deviation std stdev
variance var
quantile percentile quartile
hyperparameter params param_grid
onehot dummies get_dummies onehotencoder
categorical category
outlier anomaly novelty
filter select subset query loc
apply map transform
cumulative cumsum running
difference diff
bin cut discretize bucket
shuffle permute
neighbors neighbours neighbor knn
"""
_PHRASES: Sequence[tuple[str, str]] = (
    (r"k[\s-]*means", "kmeans"),
    (r"group(?:ed|ing|s)?[\s-]+by", "groupby"),
    (r"one[\s-]*hot", "onehot"),
    (r"principal\s+components?(?:\s+analysis)?", "pca"),
    (r"support\s+vector(?:\s+machines?)?", "svm svc"),
    (r"cross[\s-]*validat\w*", "cross_val_score cross_validate"),
    (r"pivot\s+tables?", "pivot_table"),
    (r"grid[\s-]+search(?:es)?|tun(?:e|ing)(?:\s+the)?\s+hyper-?parameters?", "gridsearchcv"),
    (r"train(?:ing)?[\s,/&-]+(?:and\s+)?test(?:ing)?(?:\s+(?:sets?|data|splits?))?", "train_test_split"),
    (r"(?:k[\s-]*)?nearest[\s-]+neighbou?rs?", "neighbors"),
    (r"how\s+(?:often|many\s+times)", "value_counts"),
    (r"standard\s+deviations?", "std"),
    (r"confusion\s+matri(?:x|ces)", "confusion_matrix"),
)

_HYPHENATED = re.compile(r"\b[a-z0-9]+(?:-[a-z0-9]+)+\b")


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing a task asks for. `forms` are stems, the task's own word first."""

    forms: tuple[str, ...]
    soft: bool = False


def _synonyms() -> dict[str, tuple[str, ...]]:
    table: dict[str, list[str]] = {}
    for line in _GROUPS.strip().splitlines():
        stems = list(dict.fromkeys(stem(word) for word in line.split()))
        for item in stems:
            table.setdefault(item, []).extend(other for other in stems if other != item)
    return {key: tuple(dict.fromkeys(others)) for key, others in table.items()}


_SYNONYMS = _synonyms()
_SOFT = frozenset(stem(word) for word in SOFT)


def concepts(task: str) -> list[Concept]:
    """Return what a task asks for, each thing once, in order."""
    text = task[:MAX_TASK_CHARS].lower() if task.isupper() else task[:MAX_TASK_CHARS]
    found: dict[str, Concept] = {}
    for pattern, names in _PHRASES:
        text, hits = re.subn(pattern, " ", text, flags=re.IGNORECASE)
        if hits:
            forms = tuple(stem(name) for name in names.split())
            extra = tuple(item for form in forms for item in _SYNONYMS.get(form, ()))
            found.setdefault(forms[0], Concept(tuple(dict.fromkeys((*forms, *extra)))))
    whole = _hyphenated(text)
    for word in words(text):
        form = stem(word)
        if word in STOP or len(word) == 1 or any(form == concept.forms[0] for concept in found.values()):
            continue
        held = dict.fromkeys((form, *whole.get(word, ()), *_SYNONYMS.get(form, ())))
        found[form] = Concept(tuple(held), soft=form in _SOFT)
    return _without_wholes(list(found.values()), text)[:MAX_CONCEPTS]


def _hyphenated(text: str) -> dict[str, tuple[str, ...]]:
    """Map each part of a hyphenated word to the names that code makes of the whole: t-SNE is `TSNE`."""
    made: dict[str, tuple[str, ...]] = {}
    for match in _HYPHENATED.findall(text.lower()):
        whole = (stem(match.replace("-", "")), match.replace("-", "_"))
        for part in match.split("-"):
            made[part] = whole
    return made


def _without_wholes(found: list[Concept], text: str) -> list[Concept]:
    """Drop the parts of identifiers that the task names whole: `value_counts` asks for one thing."""
    wholes = [
        word for word in re.findall(r"\w+", text) if "_" in word or not (word.islower() or word.istitle())
    ]
    parts = {stem(part) for whole in wholes for part in words(whole)} - {
        stem(whole.lower()) for whole in wholes
    }
    return [concept for concept in found if concept.forms[0] not in parts] if parts else found


def compounds(task: str) -> set[str]:
    """Return names that neighbouring words of the task would make: `linearregression`, `pivot_table`."""
    plain = [word for word in words(task[:MAX_TASK_CHARS]) if word not in STOP]
    made: set[str] = set()
    for size in (2, 3):
        for start in range(len(plain) - size + 1):
            run = plain[start : start + size]
            made |= {stem("".join(run)), stem("".join((*run[:-1], stem(run[-1])))), "_".join(run)}
    return made


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each concept in one collection of texts."""

    concepts: Sequence[Concept]
    values: Sequence[float]
    _meant: Mapping[str, Sequence[tuple[int, float]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Note once what each form says: thousands of texts are weighed by it."""
        meant: dict[str, list[tuple[int, float]]] = {}
        for at, concept in enumerate(self.concepts):
            for number, form in enumerate(concept.forms):
                meant.setdefault(form, []).append((at, _SYNONYM_STRENGTH if number else 1.0))
        object.__setattr__(self, "_meant", meant)

    def held(self, terms: str) -> set[str]:
        """Return those of a text's terms that something is asked for with."""
        return self._meant.keys() & terms.split()

    @classmethod
    def of(
        cls,
        found: Sequence[Concept],
        document_count: int,
        frequency: Callable[[str], int],
        is_api: Callable[[str], bool],
    ) -> Weights:
        """Weigh concepts by how rare they are, and what an API is named after above other words.

        A person's own nouns ("sales", "region") are seldom names of an API: they must cost less
        where they are missing, and must not decide where an example's data has them by chance.
        """
        scale = math.log(1 + document_count / 0.5) or 1.0
        values: list[float] = []
        for concept in found:
            seen = max((frequency(form) for form in concept.forms), default=0)
            if seen:
                rarity = math.log(1 + (document_count - seen + 0.5) / (seen + 0.5)) / scale
                value = max(_LEAST_WEIGHT, min(1.0, rarity + 0.25))
                value *= 1.0 if any(is_api(form) for form in concept.forms) else _PROSE_WEIGHT
            else:
                value = _ABSENT_WEIGHT
            values.append(value * _SOFT_WEIGHT if concept.soft else value)
        return cls(found, values)

    def coverage(self, fields: Sequence[tuple[float, Collection[str]]]) -> float:
        """Return the share, 0 to 1, of what is asked that the fields hold; each field has its worth."""
        total = sum(self.values)
        return sum(map(mul, self.values, self.parts(fields))) / total if total else 0.0

    def trust(self, parts: Sequence[float], told: Sequence[float]) -> float:
        """Return below 1 where what is held is mostly chance.

        That is one word of several alone, or nothing but words of the data that an example uses.

        Args:
            parts: How far each concept is held.
            told: The same without the data: by names, code and summary alone.
        """
        hard = [pair for concept, *pair in zip(self.concepts, parts, told, strict=True) if not concept.soft]
        lone = len(hard) >= _SEVERAL and sum(part > 0 for part, _ in hard) == 1
        by_data = bool(hard) and not any(said for _, said in hard)
        return _LONE_TRUST if lone or by_data else 1.0

    def parts(self, fields: Sequence[tuple[float, Collection[str]]]) -> list[float]:
        """Return how far, 0 to 1, the fields hold each concept."""
        found = [0.0] * len(self.concepts)
        for worth, forms in fields:
            for form in self._meant.keys() & forms:
                for at, strength in self._meant[form]:
                    found[at] = max(found[at], worth * strength)
        return found

    def gain(self, parts: Sequence[float], covered: Sequence[float]) -> float:
        """Return the share of what is asked that the parts add to what is covered already."""
        total = sum(self.values)
        added = (max(0.0, part - had) for part, had in zip(parts, covered, strict=True))
        return (
            sum(value * more for value, more in zip(self.values, added, strict=True)) / total
            if total
            else 0.0
        )
