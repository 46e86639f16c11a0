"""A gap between the version that is documented and the one that is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gptoss_lab.documents.versions import example_lacks
from gptoss_lab.schemas.documents import ApiDifference, Example, VersionGap

_MAX_TOLD = 6
# Where another example fits as well as this, one that lacks something is no help, not even for a part.
_FITS = 0.35
_LACKING_SHARE = 0.09


@dataclass(frozen=True, slots=True)
class Gap:
    """Documentation and installation that differ. `own` is the corpus of the installed package."""

    corpus: str
    source: str
    package: str
    documented: str
    installed: str
    own: str = ""
    differences: tuple[ApiDifference, ...] = field(default=())

    @property
    def message(self) -> str:
        """Both versions in a sentence."""
        both = f"{self.package} {self.documented}, but {self.package} {self.installed} is installed"
        return f"The documentation is of {both}."

    def wire(self) -> VersionGap:
        """Return it as it travels."""
        return VersionGap(
            corpus=self.corpus,
            source=self.source,
            package=self.package,
            documented=self.documented,
            installed=self.installed,
            differences=self.differences,
            message=self.message,
        )


def sentence(differences: Sequence[ApiDifference]) -> str:
    """Return in words what is gone, and what to use; empty where nothing is."""
    told = [f"{entry.name} is gone{_instead(entry)}" for entry in differences if entry.kind != "parameter"]
    lost: dict[str, list[str]] = {}
    for entry in differences:
        if entry.kind == "parameter":
            lost.setdefault(entry.name, []).append(f"{entry.parameter}{_instead(entry)}")
    told += [f"{name} has no parameter {', '.join(entries)}" for name, entries in lost.items()]
    return f"Of what this task may need: {'; '.join(told[:_MAX_TOLD])}." if told else ""


def _instead(entry: ApiDifference) -> str:
    if not entry.instead:
        return ""
    return f" (use {entry.instead})" if entry.sure else f" (nearest: {entry.instead})"


def put_back(examples: Sequence[Example], gaps: Sequence[Gap]) -> list[Example]:
    """Put examples that use what is not installed behind the others; where one of these fits, far behind."""
    gone = {entry.name for gap in gaps for entry in gap.differences if entry.kind != "parameter"}
    lost: dict[str, set[str]] = {}
    for gap in gaps:
        for entry in gap.differences:
            if entry.kind == "parameter":
                lost.setdefault(entry.name.rpartition(".")[2], set()).add(entry.parameter)
    works, lacks = list[Example](), list[Example]()
    for example in examples:
        (lacks if _lacks(example, gone, lost) else works).append(example)
    if any(example.score >= _FITS for example in works):
        lacks = [entry.model_copy(update={"score": entry.score * _LACKING_SHARE}) for entry in lacks]
    return [*works, *lacks]


def _lacks(example: Example, gone: set[str], lost: Mapping[str, set[str]]) -> bool:
    used = gone.intersection((*example.symbols, example.citation.symbol))
    return example_lacks(example.code, {name.rpartition(".")[2] for name in used}, lost)
