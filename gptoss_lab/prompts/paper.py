"""The questions that lead from a paper to cells. What the paper says stands between markers, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gptoss_lab.prompts.template import TemplateName, Wording
from gptoss_lab.prompts.untrusted import marker_for, neutralise, one_line
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.chat import ChatMessage

LANGUAGE_NAMES: dict[Language, str] = {"python": "Python", "r": "R"}
CLAIM_FORMS: dict[Language, str] = {"python": 'claim_values["c1"]', "r": 'claim_values[["c1"]]'}
_MAX_ANSWER_CHARS = 6000
_MAX_ERROR_CHARS = 1200

Messages = tuple[ChatMessage, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A text of others: of a paper, of documentation, or a cell. `label` is how an answer names it."""

    label: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class PlanQuestion:
    """What is known when a plan is made. All lines are made of others' words."""

    title: str
    scope: Sequence[str]
    units: Sequence[str]
    claims: Sequence[str]
    entries: Sequence[Entry]
    data: Sequence[str]
    max_cells: int


@dataclass(frozen=True, slots=True)
class CellQuestion:
    """What one cell is to do.

    Attributes:
        role: What kind of step it is; `tests` asks for assertions.
        what: The step, in the words of a plan.
        entries: The units that it implements.
        documents: Documentation of what it may call.
        above: The names that the cells above define.
        claims: The numbers that it computes.
        data: What the data are and under which name they are there.
        makes: The name under which the cell makes data that stand in; empty where it makes none.
    """

    role: str
    what: str
    entries: Sequence[Entry]
    documents: Sequence[Entry] = ()
    above: Sequence[str] = ()
    claims: Sequence[str] = ()
    data: Sequence[str] = ()
    makes: str = ""


class PaperPrompts:
    """Lays out the messages of one job.

    Args:
        wording: The templates, and the administrator's rules.
        language: The notebook's language.
        task: What the person asks for.
        rules: The person's house rules.
    """

    def __init__(self, wording: Wording, language: Language, task: str, rules: str = "") -> None:
        self._templates = wording.templates
        self._language: Language = language
        self._own = {"task": neutralise(task).strip(), "language_name": LANGUAGE_NAMES[language]}
        self._rules = neutralise(rules).strip()
        self._developer = self._templates.render(
            "paper_rules",
            language_name=LANGUAGE_NAMES[language],
            rules=neutralise(wording.rules).strip(),
        )

    def units(self, entries: Sequence[Entry]) -> Messages:
        """Return the question for the units and claims of a part of the paper."""
        return self._asked("paper_units", entries=_safe(entries))

    def plan(self, question: PlanQuestion) -> Messages:
        """Return the question for a plan."""
        return self._asked(
            "paper_plan",
            title=one_line(question.title),
            scope=_lines(question.scope),
            units=_lines(question.units),
            claims=_lines(question.claims),
            entries=_safe(question.entries),
            data=_lines(question.data),
            rules=self._rules,
            max_cells=question.max_cells,
        )

    def cell(self, question: CellQuestion) -> Messages:
        """Return the question for a cell."""
        return self._asked(
            "paper_cell",
            entries=_safe(question.entries),
            documents=_safe(question.documents),
            above=_lines(question.above),
            claims=_lines(question.claims),
            rules=self._rules,
            role=question.role,
            what=one_line(question.what),
            data=_lines(question.data),
            makes=one_line(question.makes),
            claim_form=CLAIM_FORMS[self._language],
            fence=self._language,
        )

    def review(self, entries: Sequence[Entry], cells: Sequence[Entry]) -> Messages:
        """Return the question for a verdict on each unit."""
        return self._asked("paper_review", entries=_safe(entries), cells=_safe(cells))

    def _asked(self, name: TemplateName, **values: object) -> Messages:
        marker = marker_for(*map(repr, values.values()), *self._own.values())
        text = self._templates.render(name, marker=marker, **self._own, **values)
        return (
            ChatMessage(role="developer", content=self._developer),
            ChatMessage(role="user", content=text),
        )


def again(messages: Messages, answer: str, error: str) -> Messages:
    """Return the question once more, with what was wrong with the answer."""
    told = f"Your answer cannot be used: {one_line(error)[:_MAX_ERROR_CHARS]}\n\n"
    wanted = (
        "Give the whole answer once more, corrected: one JSON object of the form above, and nothing else."
    )
    return (
        *messages,
        ChatMessage(role="assistant", content=neutralise(answer)[-_MAX_ANSWER_CHARS:] or "{}"),
        ChatMessage(role="user", content=told + wanted),
    )


def _safe(entries: Sequence[Entry]) -> list[Entry]:
    return [
        replace(entry, title=one_line(entry.title), text=neutralise(entry.text).strip()) for entry in entries
    ]


def _lines(lines: Sequence[str]) -> list[str]:
    return [one_line(line) for line in lines]
