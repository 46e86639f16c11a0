"""Which commands of a paper can be run, in their order, and what the paper leaves out that they need."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gptoss_lab.papers.listings import Listing
from gptoss_lab.papers.listings_answer import ReadCommand, ReadListings, ReadPackage
from gptoss_lab.papers.listings_named import assigned_in_text
from gptoss_lab.papers.listings_reasons import Reason, text_reason
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.papers import Paper

MAX_PACKAGES = 40
_MAX_NAMES = 4
_ALWAYS = frozenset({"base", "stats", "graphics", "grDevices", "utils", "datasets", "methods"})
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]")
_AS_PACKAGE = re.compile(
    r"(?:packages? |library\([\"']?|require\([\"']?)([A-Za-z][\w.]*\w)|([A-Za-z][\w.]*\w) packages?\b"
)
_AS_PACKAGE_WEIGHT = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """A command, and why it is not run; None where it is."""

    listing: Listing
    reason: Reason | None = None


@dataclass(slots=True)
class Program:
    """The commands in order.

    Attributes:
        attached: Packages that they need and that the paper does not attach before.
        assumptions: What was taken for granted, in words.
    """

    judged: list[Judged] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)

    @property
    def runnable(self) -> list[Listing]:
        """Those that are run."""
        return [entry.listing for entry in self.judged if entry.reason is None]


def packages_in_text(paper: Paper, installed: Collection[str]) -> list[str]:
    """Return installed packages that a paper names, those that it names most first."""
    counts: Counter[str] = Counter()
    for text in (paper.title, paper.abstract, *(block.text for block in paper.blocks)):
        counts.update(word for word in _WORD.findall(text) if word in installed)
        for before, after in _AS_PACKAGE.findall(text):
            name = before or after
            if name in installed:
                counts[name] += _AS_PACKAGE_WEIGHT
    return [name for name, _ in counts.most_common() if name not in _ALWAYS][:MAX_PACKAGES]


def judge_r(paper: Paper, listings: Sequence[Listing], answer: ReadListings, wanted: Language) -> Program:
    """Judge commands by what the sandbox's R says of them.

    Args:
        paper: Where assignments stand in the text that no listing holds.
        listings: In order; named ones that cannot run are left out, for the paper does not print them.
        answer: What R says; its packages are in the order in which the paper may mean them.
        wanted: The language of the notebook.
    """
    session = _Session(paper, answer)
    for listing in listings:
        reason = text_reason(listing.source, listing.language, wanted) or session.reason(listing)
        if listing.named and reason is not None:
            continue
        session.program.judged.append(Judged(listing, reason))
    session.tell()
    return session.program


class _Session:
    """What is there when the next command runs."""

    def __init__(self, paper: Paper, answer: ReadListings) -> None:
        self.program = Program()
        self._paper = paper
        self._read: Mapping[str, ReadCommand] = {command.id: command for command in answer.commands}
        self._packages: dict[str, ReadPackage] = {package.name: package for package in answer.packages}
        self._functions, self._values = set(answer.functions), set(answer.values)
        self._made: set[str] = set()
        self._attached: list[str] = []
        self._why: dict[str, str] = {}

    def reason(self, listing: Listing) -> Reason | None:
        """Return why a command cannot run; where it can, note what it makes."""
        read = self._read.get(listing.id)
        if read is None:
            return Reason("unparsed", "The sandbox's R said nothing of it.")
        if read.problem is not None:
            return Reason("unparsed", f"It is not R that can be parsed: {_first_line(read.problem)}.")
        absent = [name for name in (*read.attaches, *read.loads) if not self._is_installed(name)]
        if absent:
            return Reason("package", f"It needs the package {absent[0]}, which the sandbox does not have.")
        attached = [*self._attached, *self._with_depends(read.attaches)]
        borrowed, assigned, unknown = self._resolve(listing, read, attached)
        if unknown:
            names = ", ".join(f"`{name}`" for name in unknown[:_MAX_NAMES])
            return Reason("names", f"It uses {names}, which nothing before it makes.")
        for name, package in borrowed.items():
            self._borrow(name, package)
        self.program.judged += [Judged(added) for added in assigned]
        self._made.update(added.source.partition(" <- ")[0] for added in assigned)
        self._attached = list(dict.fromkeys((*self._attached, *self._with_depends(read.attaches))))
        self._made.update((*read.defines, *read.datasets))
        return None

    def tell(self) -> None:
        """Say what was assumed."""
        for package, name in self._why.items():
            self.program.assumptions.append(
                f"The paper uses {name} without attaching a package; {package} was attached, which has it."
            )

    def _resolve(
        self, listing: Listing, read: ReadCommand, attached: Sequence[str]
    ) -> tuple[dict[str, str], list[Listing], list[str]]:
        """Return where names come from: packages, assignments in the text, and those that are nowhere."""
        borrowed: dict[str, str] = {}
        assigned: list[Listing] = []
        unknown: list[str] = []
        for name, kinds in _uses(read):
            if self._is_there(name, kinds, attached):
                continue
            package = self._home(name, kinds)
            named = None if package else assigned_in_text(self._paper, name, listing.block)
            if package:
                borrowed[name] = package
            elif named is not None and kinds != "function":
                assigned.append(_assignment(listing, len(assigned), named.code))
                page = f" on page {named.block.place.page}" if named.block.place.page else ""
                self.program.assumptions.append(f"`{named.code}` stands in the text{page}, not in a listing.")
            elif kinds != "soft":
                unknown.append(name)
        return borrowed, assigned, unknown

    def _is_there(self, name: str, kinds: str, attached: Sequence[str]) -> bool:
        if name in self._made or any(name in self._holds(package, kinds) for package in attached):
            return True
        # A part of a function cannot be changed, so that a function of this name is of no use.
        return name in self._values or (kinds != "target" and name in self._functions)

    def _home(self, name: str, kinds: str) -> str:
        return next((package for package in self._packages if name in self._holds(package, kinds)), "")

    def _borrow(self, name: str, package: str) -> None:
        if package in self._attached:
            return
        self._attached = list(dict.fromkeys((*self._attached, *self._with_depends((package,)))))
        self.program.attached.append(package)
        self._why[package] = f"`{name}`"

    def _with_depends(self, packages: Iterable[str]) -> Iterator[str]:
        waiting, seen = list(packages), set[str]()
        while waiting:
            name = waiting.pop(0)
            if name in seen or not self._is_installed(name):
                continue
            seen.add(name)
            yield name
            waiting += self._packages[name].depends if name in self._packages else ()

    def _is_installed(self, package: str) -> bool:
        return package in _ALWAYS or (package in self._packages and self._packages[package].installed)

    def _holds(self, package: str, kinds: str) -> Collection[str]:
        found = self._packages.get(package, ReadPackage(name=package))
        return found.data if kinds == "target" else found.holds


def _uses(read: ReadCommand) -> Iterator[tuple[str, str]]:
    """Yield the names that a command uses, and how; of what it may only read nothing can be asked."""
    for kind, names in (
        ("target", read.targets),
        ("variable", read.variables),
        ("function", read.functions),
        ("soft", read.soft),
    ):
        for name in names:
            yield name, kind


def _assignment(listing: Listing, number: int, code: str) -> Listing:
    return replace(listing, id=f"{listing.id}t{number}", source=code, printed=(), named=True)


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines[0] if lines else "it is empty")[:160]
