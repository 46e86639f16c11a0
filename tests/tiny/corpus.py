"""Write what the tiny model learns from: prompts as this product sends them, as token ids.

    python -m tests.tiny.corpus corpus.json

Needs the product's own environment. The pieces of a prompt are kept apart, so that the training can
put them together anew in each step: system, developer, documents and question.
"""

from __future__ import annotations

import argparse
import inspect
import json
import random
import statistics
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from openai_harmony import (
    Conversation,
    DeveloperContent,
    HarmonyEncodingName,
    Message,
    ReasoningEffort,
    Role,
    SystemContent,
    load_harmony_encoding,
)

from gptoss_lab.prompts.layout import Layout, Pack
from gptoss_lab.prompts.repair import Broken, repair_question
from gptoss_lab.schemas.base import Effort
from gptoss_lab.schemas.documents import Citation, Passage
from gptoss_lab.schemas.generation import GeneratedCell
from tests.tiny.lessons import LESSONS, OTHER, R_OTHER, Lesson

EFFORTS: dict[Effort, Any] = {
    "low": ReasoningEffort.LOW,
    "medium": ReasoningEffort.MEDIUM,
    "high": ReasoningEffort.HIGH,
}
LOOP_TOKENS = 500
_CONTEXT = 65_536
_SHORT = 80
_STRANGE = (
    "Plot a sine curve with matplotlib",
    "Read the file data.csv with pandas",
    "Sort a list of words",
    "Draw a bar chart of the counts",
    "Draw random numbers with numpy and show a histogram",
    "Cluster points with scikit-learn",
    "Join two tables on a key",
    "Say hello",
    "Make a box plot of the columns of a data frame",
    "Resample a time series to months",
    "Split a text into words",
    "Solve a system of linear equations",
)
_ENCODING = load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)


def main() -> None:
    """Write the corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    chance = random.Random(4)
    words = list(_docstrings())
    chance.shuffle(words)
    documents = [_documents(words, chance) for _ in range(500)]
    corpus = {
        "system": {effort: [_system(effort, chance) for _ in range(80)] for effort in EFFORTS},
        "documents": documents,
        **_lessons(words, chance),
    }
    parser.parse_args().out.write_text(json.dumps(corpus, separators=(",", ":")), encoding="utf-8")
    lengths = [len(ids) for ids in documents]
    print(f"documents: {len(lengths)}, median {statistics.median(lengths)} tokens, longest {max(lengths)}")


def _lessons(words: list[str], chance: random.Random) -> dict[str, Any]:
    """Return all that belongs to a lesson, each under the lesson's name."""
    pieces: dict[str, dict[str, Any]] = {}
    for name, lesson in LESSONS.items():
        answers = {effort: _answer(lesson, effort) for effort in EFFORTS}
        repaired = {effort: _answer(_mender(lesson), effort) for effort in EFFORTS}
        parts = {
            "developer": _developer(lesson),
            "questions": list(_questions(lesson, words, chance)),
            "plain": [_user(_said(lesson, words, chance)) for _ in range(60)],
            "repairs": [_repair(lesson, words, chance) for _ in range(150)],
            "answers": answers,
            "repaired": repaired,
        }
        for kind, part in parts.items():
            pieces.setdefault(kind, {})[name] = part
    return pieces


def _docstrings() -> Iterator[str]:
    for package in ("numpy", "pandas", "statistics", "json", "pathlib", "asyncio"):
        module = import_module(package)
        for name in dir(module):
            yield from _texts(getattr(module, name, None))


def _texts(thing: object) -> Iterator[str]:
    members = [value for key, value in vars(thing).items() if key[0] != "_"] if inspect.isclass(thing) else []
    for member in (thing, *members):
        text = inspect.getdoc(member) or ""
        if len(text) > _SHORT:
            yield text


def _render(message: Message) -> list[int]:
    return list(_ENCODING.render_conversation(Conversation.from_messages([message])))


def _system(effort: Effort, chance: random.Random) -> list[int]:
    date = f"20{chance.randint(25, 31)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    content = SystemContent.new().with_reasoning_effort(EFFORTS[effort]).with_conversation_start_date(date)
    return _render(Message.from_role_and_content(Role.SYSTEM, content))


def _user(text: str) -> list[int]:
    return _render(Message.from_role_and_content(Role.USER, text))


def _developer(lesson: Lesson) -> list[int]:
    text = Layout(lesson.language, "low", _CONTEXT).draft("x", Pack(), ()).messages[0].content
    return _render(
        Message.from_role_and_content(Role.DEVELOPER, DeveloperContent.new().with_instructions(text))
    )


def _documents(words: list[str], chance: random.Random) -> list[int]:
    room = chance.choice((0, 60, 200, 500, 1000, 1500)) if chance.random() < 0.94 else 5000
    passages: list[Passage] = []
    size = 0
    while size < room:
        text = chance.choice(words)[: chance.randint(100, 2500)]
        size += len(text) // 4 + 25
        passages.append(
            Passage(
                id=f"{chance.getrandbits(40):010x}",
                kind="symbol",
                title=f"pandas.thing_{len(passages)}",
                text=text,
                tokens=len(text) // 4,
                citation=Citation(source="pandas", title="thing", version="3.1.1"),
            )
        )
    packages = (
        {"numpy": "2.4.6", "pandas": "3.1.1", "scipy": f"1.{chance.randint(1, 30)}.0"}
        if chance.random() < 0.8
        else {}
    )
    content = Layout("python", "low", _CONTEXT).draft("x", Pack(passages=passages, packages=packages), ())
    return _user(content.messages[1].content)


def _said(lesson: Lesson, words: list[str], chance: random.Random) -> str:
    if not lesson.phrases:
        return chance.choice(_STRANGE) if chance.random() < 0.4 else _noise(words, chance, 40)
    text = lesson.phrases[0] if chance.random() < 0.4 else chance.choice(lesson.phrases)
    text = chance.choice((text, text, text.lower(), f"{text}.", text[0].upper() + text[1:]))
    if chance.random() < 0.25:
        text = f"{text} {_noise(words, chance, 12)}"
    elif chance.random() < 0.1:
        text = f"{_noise(words, chance, 8)}. {text}"
    return text


def _noise(words: list[str], chance: random.Random, most: int) -> str:
    text = chance.choice(words).split()
    start = chance.randrange(len(text))
    return " ".join(text[start : start + chance.randint(1, most)])


def _questions(lesson: Lesson, words: list[str], chance: random.Random) -> Iterator[list[int]]:
    layout = Layout(lesson.language, "low", _CONTEXT)
    for _ in range(300 if lesson.phrases else 700):
        cells = [chance.choice(words)[: chance.randint(30, 300)] for _ in range(chance.randint(1, 3))]
        shown = cells if chance.random() < 0.25 else []
        yield _user(layout.draft(_said(lesson, words, chance), Pack(), shown).messages[2].content)


def _repair(lesson: Lesson, words: list[str], chance: random.Random) -> list[int]:
    sources = [part.partition("\n")[2] for part in lesson.answer.split("```")[1::2]]
    cells = [
        GeneratedCell(
            id=f"c{number}", kind="code", language=lesson.language, source=source.strip() or "count += 1"
        )
        for number, source in enumerate(sources)
    ]
    broken = [cells[-1] if chance.random() < 0.7 else chance.choice(cells)]
    last = broken[0].source.splitlines()[0]
    error = (
        f"{'-' * 75}\nKeyError{' ' * 33}Traceback (most recent call last)\n"
        f"Cell In[{chance.randint(1, 9)}], line 1\n----> 1 {last}\n{_noise(words, chance, 30)}\n"
        "KeyError: 'plums'"
    )
    tickets = [
        Broken(cell=cell, error=error if chance.random() < 0.8 else _noise(words, chance, 60))
        for cell in broken
    ]
    return _user(repair_question(_said(lesson, words, chance), cells, tickets))


def _mender(lesson: Lesson) -> Lesson:
    other = OTHER if lesson.language == "python" else R_OTHER
    return Lesson(
        language=lesson.language,
        phrases=(),
        thoughts=lesson.thoughts if lesson.repair else other.thoughts,
        answer=lesson.repair or other.answer,
    )


def _answer(lesson: Lesson, effort: Effort) -> list[int]:
    text = f"<|channel|>analysis<|message|>{lesson.thoughts[effort]}"
    loop = ""
    if lesson.thought_loop and effort == "high":
        loop = lesson.thought_loop
    else:
        text += f"<|end|><|start|>assistant<|channel|>final<|message|>{lesson.answer}"
        loop = lesson.loop
    ids: list[int] = list(_ENCODING.encode(text if loop else f"{text}<|return|>", allowed_special="all"))
    if loop:
        # Encoded as one text: a loop's tokens must be those that the text has.
        ids = list(_ENCODING.encode(text + loop * LOOP_TOKENS, allowed_special="all"))[
            : len(ids) + LOOP_TOKENS
        ]
    return ids


if __name__ == "__main__":
    main()
