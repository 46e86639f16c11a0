"""Examples and symbols out of several indexes."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.documents.index_reader import Indexes, open_index
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.documents import ApiSymbol, Example

# About 1,500 tokens.
_SKELETON_CHARS = 4_500
_SKELETON_NAMES = 200


def find_examples(indexes: Indexes, task: str, limit: int, language: Language = "python") -> list[Example]:
    """Return the runnable examples that fit a task, best first.

    Raises:
        DocumentError: An index is damaged.
    """
    found: list[tuple[float, int, Example]] = []
    for corpus, path in indexes:
        with open_index(path, corpus) as reader:
            # The place in its own list keeps what a corpus chose for variety near its front.
            found += [
                (-example.score, at, example)
                for at, example in enumerate(reader.examples(task, limit, language))
            ]
    if len(indexes) > 1:
        found.sort(key=lambda item: item[:2])
    return [example for _, _, example in found[:limit]]


def find_symbols(indexes: Indexes, names: Sequence[str]) -> list[ApiSymbol]:
    """Return what the indexes know of names.

    Raises:
        DocumentError: An index is damaged.
    """
    found: dict[str, ApiSymbol] = {}
    for corpus, path in indexes:
        with open_index(path, corpus) as reader:
            for symbol in reader.symbols(names):
                found.setdefault(symbol.qualname, symbol)
    return list(found.values())


def find_texts(indexes: Indexes, names: Sequence[str]) -> dict[str, str]:
    """Return all that the indexes tell of objects, by their qualified names.

    Raises:
        DocumentError: An index is damaged.
    """
    found: dict[str, str] = {}
    for corpus, path in indexes:
        with open_index(path, corpus) as reader:
            for name in names:
                if text := reader.text_of(name):
                    found.setdefault(name, text)
    return found


def main_packages(indexes: Indexes) -> dict[str, str]:
    """Return the package that most documented objects of each index belong to; none where there are none.

    Raises:
        DocumentError: An index is damaged.
    """
    found: dict[str, str] = {}
    for corpus, path in indexes:
        with open_index(path, corpus) as reader:
            package = reader.main_package()
            if package:
                found[corpus] = package
    return found


def skeleton(indexes: Indexes) -> tuple[str, ...]:
    """Return the modules and classes that most of what is documented belongs to, within a small budget.

    Raises:
        DocumentError: An index is damaged.
    """
    found: list[str] = []
    for corpus, path in indexes:
        with open_index(path, corpus) as reader:
            room = _SKELETON_CHARS // len(indexes)
            for owner in reader.owners(_SKELETON_NAMES):
                room -= len(owner) + 2
                if room < 0:
                    break
                found.append(owner)
    return tuple(sorted(dict.fromkeys(found)))
