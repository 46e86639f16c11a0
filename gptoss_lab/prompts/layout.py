"""Lay out the messages of a prompt: what stays the same first, what changes last.

The order is what lets the server's prefix cache serve the instructions and the documentation of
a second question. Documentation stands in a user message, so that it gains no authority.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from gptoss_lab.errors import TooLargeError
from gptoss_lab.prompts.budget import Counter, Estimate, fitting, prompt_room
from gptoss_lab.prompts.edit import EditQuestion
from gptoss_lab.prompts.shelf import Shelf, arrange
from gptoss_lab.prompts.template import Wording
from gptoss_lab.prompts.untrusted import marker_for, neutralise, one_line
from gptoss_lab.prompts.variables import variable_lines
from gptoss_lab.schemas.base import Effort, Language
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.documents import Example, Passage
from gptoss_lab.schemas.generation import NotebookVariable

LANGUAGE_NAMES: dict[Language, str] = {"python": "Python", "r": "R"}
_SAFE_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,39}")
_NOTEBOOK_SHARE = 0.4
_MAX_PACKAGES = 60
_DOCUMENTS_TOKENS = 120  # what the documents message says beside the documents
_HEADER_TOKENS = 32  # the line above a passage; its delimiter is a random number
_CELL_TOKENS = 24  # the line above a cell


@dataclass(frozen=True, slots=True)
class Own:
    """What a person's own side adds to a question.

    Attributes:
        rules: Their house rules.
        variables: What their kernel holds.
    """

    rules: str = ""
    variables: Sequence[NotebookVariable] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """What is known beside the task.

    Attributes:
        packages: Maps an installed package to its version.
        shelf: What stood in the last prompt on the same documentation.
    """

    passages: Sequence[Passage] = ()
    examples: Sequence[Example] = ()
    packages: Mapping[str, str] | None = None
    shelf: Shelf = field(default_factory=Shelf)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages that fit. The beginning of them is the same for the next question on the documentation.

    Attributes:
        labels: Maps what a cell may cite to the id of a passage or example.
        cut: What does not fit, in words.
        shelf: The documentation that stands in them.
    """

    messages: tuple[ChatMessage, ...]
    prompt_tokens: int
    labels: Mapping[str, str]
    cut: tuple[str, ...] = ()
    shelf: Shelf = field(default_factory=Shelf)


@dataclass(frozen=True, slots=True)
class _Entry:
    item: Passage | Example
    id: str
    label: str
    title: str
    version: str
    text: str
    score: float


class Layout:
    """Builds the prompts of one job.

    Args:
        language: The notebook's language.
        effort: How much the model may think, which takes room from the prompt.
        context_tokens: The model's context.
        counter: Counts tokens; guesses when not given.
        wording: The templates, and what the administrator has put into them.
    """

    def __init__(
        self,
        language: Language,
        effort: Effort,
        context_tokens: int,
        counter: Counter | None = None,
        wording: Wording | None = None,
    ) -> None:
        self._language = language
        self._effort = effort
        self._counter = counter or Estimate()
        self._room = prompt_room(effort, context_tokens)
        wording = wording or Wording()
        self._templates = wording.templates
        self._instructions = self._templates.render(
            "developer",
            language_name=LANGUAGE_NAMES[language],
            fence=language,
            rules=neutralise(wording.rules).strip(),
        )

    def draft(
        self,
        task: str,
        pack: Pack,
        cells: Sequence[str],
        max_cells: int | None = None,
        own: Own | None = None,
    ) -> Prompt:
        """Return the prompt for new cells.

        Args:
            task: What the person asks for; never shortened.
            pack: The documentation.
            cells: The code that the notebook already has, in its order.
            max_cells: How many cells of code there may be.
            own: The person's rules and variables.

        Raises:
            TooLargeError: The task alone does not fit.
        """
        own = own or Own()
        lines, left_out = variable_lines(own.variables, task)
        question = partial(self._question, task, max_cells, neutralise(own.rules).strip(), lines)
        return self._asked(question, pack, cells, _cut_variables(left_out, own.variables))

    def edit(self, question: EditQuestion, pack: Pack, cells: Sequence[str]) -> Prompt:
        """Return the prompt for an edit: the nearest of the cells above, as many as fit.

        Raises:
            TooLargeError: The edited cells and the task alone do not fit.
        """
        lines, left_out = variable_lines(question.variables, question.task)
        told = replace(question, lines=lines, templates=self._templates)
        return self._asked(told.text, pack, cells, _cut_variables(left_out, question.variables))

    def repair(self, question: str, pack: Pack) -> Prompt:
        """Return the prompt for a question of repair, under the same instructions and documentation.

        Raises:
            TooLargeError: The question alone does not fit.
        """
        return self._prompt(question, pack, [])

    def near(self, cells: Sequence[str], bare: str) -> list[str]:
        """Return the nearest of the notebook's cells, as many as fit beside a question.

        Raises:
            TooLargeError: The question alone does not fit.
        """
        texts = [neutralise(cell) for cell in cells if cell.strip()]
        room = self._room_beside(bare)
        near, _ = fitting(texts[::-1], self._cell_tokens, int(room * _NOTEBOOK_SHARE))
        return near[::-1]

    def _asked(
        self, question: Callable[[Sequence[str]], str], pack: Pack, cells: Sequence[str], cut: list[str]
    ) -> Prompt:
        near = self.near(cells, question([]))
        total = sum(bool(cell.strip()) for cell in cells)
        left_out = total - len(near)
        told = [f"{left_out} of {total} cells of the notebook"] if left_out else []
        return self._prompt(question(near), pack, [*told, *cut])

    def _question(
        self, task: str, max_cells: int | None, rules: str, variables: Sequence[str], cells: Sequence[str]
    ) -> str:
        task = neutralise(task).strip()
        return self._templates.render(
            "task",
            task=task,
            cells=cells,
            variables=variables,
            rules=rules,
            marker=marker_for(task, rules, *variables, *cells),
            language_name=LANGUAGE_NAMES[self._language],
            max_cells=max_cells,
        )

    def _room_beside(self, question: str) -> int:
        count = self._counter.text
        room = self._room - count(self._instructions, "prose") - count(question)
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
        room = self._room_beside(question) - self._counter.text(", ".join(packages)) - _DOCUMENTS_TOKENS
        entries = _entries([*pack.examples, *pack.passages])
        standing = _still_true(_entries(pack.shelf.items), entries)
        known = {**standing, **entries}
        wanted = sorted(entries.values(), key=lambda entry: -entry.score)
        arranged = arrange(
            list(standing.values()), wanted, name=lambda entry: entry.id, cost=self._cost, room=room
        )
        if arranged.left_out:
            cut.append(f"{arranged.left_out} of {len(entries)} passages of the documentation")
        taken = [known[name] for name in arranged.order]
        marker = _marker(pack.shelf.marker if standing else "", taken, packages)
        documents = self._templates.render("documents", entries=taken, packages=packages, marker=marker)
        messages = (
            ChatMessage(role="developer", content=self._instructions),
            ChatMessage(role="user", content=documents),
            ChatMessage(role="user", content=question),
        )
        return Prompt(
            messages,
            self._counter.messages(messages, self._effort),
            {entry.label: entry.id for entry in taken},
            tuple(cut),
            Shelf(tuple(entry.item for entry in taken), marker),
        )

    def _cost(self, entry: _Entry) -> int:
        return self._counter.text(f"{entry.label}{entry.title}{entry.version}{entry.text}") + _HEADER_TOKENS

    def _cell_tokens(self, cell: str) -> int:
        return self._counter.text(cell) + _CELL_TOKENS


def _cut_variables(left_out: int, variables: Sequence[NotebookVariable]) -> list[str]:
    return [f"{left_out} of {len(variables)} variables of the notebook"] if left_out else []


def _marker(last: str, entries: Sequence[_Entry], packages: Sequence[str]) -> str:
    """Return the last delimiter, so that the prompt begins as the last one; another if a text holds it."""
    texts = (*packages, *(f"{entry.title}{entry.version}{entry.text}" for entry in entries))
    return last if last and not any(last in text for text in texts) else marker_for(*texts)


def _still_true(standing: dict[str, _Entry], entries: Mapping[str, _Entry]) -> dict[str, _Entry]:
    """Return what stood in the last prompt; nothing where the documentation has changed since."""
    same = all(standing[name].text == entry.text for name, entry in entries.items() if name in standing)
    return standing if same else {}


def _entries(items: Sequence[Passage | Example]) -> dict[str, _Entry]:
    """Return entries by id; of two with one id the later counts."""
    return {item.id: _entry(item) for item in items}


def _entry(item: Passage | Example) -> _Entry:
    text = item.text if isinstance(item, Passage) else item.code
    return _Entry(
        item=item,
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
