"""Lay out the messages of a prompt: what stays the same first, what changes last.

The order is what lets the server's prefix cache serve the instructions and the documentation of
a second question. Documentation stands in a user message, so that it gains no authority.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gptoss_lab.errors import TooLargeError
from gptoss_lab.prompts.budget import estimate_tokens, fitting, prompt_room
from gptoss_lab.prompts.template import render
from gptoss_lab.prompts.untrusted import marker_for, neutralise, one_line
from gptoss_lab.schemas.base import Effort, Language
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.documents import Example, Passage

LANGUAGE_NAMES: dict[Language, str] = {"python": "Python", "r": "R"}
_SAFE_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,39}")
_NOTEBOOK_SHARE = 0.4
_MAX_PACKAGES = 60


@dataclass(frozen=True, slots=True)
class Pack:
    """What is known beside the task. `packages` maps an installed package to its version."""

    passages: Sequence[Passage] = ()
    examples: Sequence[Example] = ()
    packages: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages that fit. `labels` maps what a cell may cite to the id of a passage or example."""

    messages: tuple[ChatMessage, ...]
    prompt_tokens: int
    labels: Mapping[str, str]
    cut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    label: str
    title: str
    version: str
    text: str
    score: float

    @property
    def tokens(self) -> int:
        return estimate_tokens(f"{self.label}{self.title}{self.text}") + 20


class Layout:
    """Builds the prompts of one job.

    Args:
        language: The notebook's language.
        effort: How much the model may think, which takes room from the prompt.
        context_tokens: The model's context.
    """

    def __init__(self, language: Language, effort: Effort, context_tokens: int) -> None:
        self._language = language
        self._room = prompt_room(effort, context_tokens)
        self._instructions = render("developer", language_name=LANGUAGE_NAMES[language], fence=language)

    def draft(self, task: str, pack: Pack, cells: Sequence[str]) -> Prompt:
        """Return the prompt for new cells.

        Args:
            task: What the person asks for; never shortened.
            pack: The documentation.
            cells: The code that the notebook already has, in its order.

        Raises:
            TooLargeError: The task alone does not fit.
        """
        texts = [neutralise(cell) for cell in cells if cell.strip()]
        bare = self._question(task, [])
        room = self._room_beside(bare)
        near, _ = fitting(texts[::-1], _cell_tokens, int(room * _NOTEBOOK_SHARE))
        question = self._question(task, near[::-1])
        left_out = len(texts) - len(near)
        cut = [f"{left_out} of {len(texts)} cells of the notebook"] if left_out else []
        return self._prompt(question, pack, cut)

    def repair(self, question: str, pack: Pack) -> Prompt:
        """Return the prompt for a question of repair, under the same instructions and documentation.

        Raises:
            TooLargeError: The question alone does not fit.
        """
        return self._prompt(question, pack, [])

    def _question(self, task: str, cells: Sequence[str]) -> str:
        task = neutralise(task).strip()
        marker = marker_for(task, *cells)
        name = LANGUAGE_NAMES[self._language]
        return render("task", task=task, cells=cells, marker=marker, language_name=name)

    def _room_beside(self, question: str) -> int:
        room = self._room - estimate_tokens(self._instructions, "prose") - estimate_tokens(question)
        if room < 0:
            raise TooLargeError(
                "The task does not fit into the model's context",
                hint="Shorten the task, or choose a lower effort or a model with a longer context.",
            )
        return room

    def _prompt(self, question: str, pack: Pack, cut: list[str]) -> Prompt:
        packages = [
            f"{one_line(name)} {one_line(version)}" for name, version in (pack.packages or {}).items()
        ]
        packages = sorted(packages)[:_MAX_PACKAGES]
        room = self._room_beside(question) - estimate_tokens(", ".join(packages)) - 120
        entries = _entries(pack)
        wanted = sorted(entries, key=lambda entry: -entry.score)
        taken, _ = fitting(wanted, lambda entry: entry.tokens, room)
        if len(taken) < len(entries):
            cut.append(f"{len(entries) - len(taken)} of {len(entries)} passages of the documentation")
        documents = _documents(sorted(taken, key=lambda entry: entry.id), packages)
        messages = (
            ChatMessage(role="developer", content=self._instructions),
            ChatMessage(role="user", content=documents),
            ChatMessage(role="user", content=question),
        )
        tokens = sum(estimate_tokens(message.content) for message in messages)
        return Prompt(messages, tokens, {entry.label: entry.id for entry in taken}, tuple(cut))


def _documents(entries: Sequence[_Entry], packages: Sequence[str]) -> str:
    marker = marker_for(*packages, *(f"{entry.title}{entry.version}{entry.text}" for entry in entries))
    return render("documents", entries=entries, packages=packages, marker=marker)


def _entries(pack: Pack) -> list[_Entry]:
    passages = {passage.id: _entry(passage, passage.text) for passage in pack.passages}
    examples = {example.id: _entry(example, example.code) for example in pack.examples}
    return list({**examples, **passages}.values())


def _entry(item: Passage | Example, text: str) -> _Entry:
    return _Entry(
        id=item.id,
        label=label_of(item.id),
        title=one_line(item.title),
        version=one_line(item.citation.version),
        text=neutralise(text).strip(),
        score=item.score,
    )


def label_of(identifier: str) -> str:
    """Return the name under which a cell cites a passage: its id, or a hash where that is unsafe."""
    if _SAFE_LABEL.fullmatch(identifier):
        return identifier
    return hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest()[:10]


def _cell_tokens(cell: str) -> int:
    return estimate_tokens(cell) + 16
