"""The first page of a PDF: title, authors, abstract. What the file says of itself must be printed there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from gptoss_lab.papers.pdf_layout import is_bold
from gptoss_lab.papers.text_lines import TextLine

_ABSTRACT = re.compile(r"^abstract\b[\s.:\u2014-]*", re.IGNORECASE)
_ENDS = re.compile(
    r"^(?:keywords?|index terms|\d+\.?\s+introduction|introduction|i\.\s+introduction)\b", re.IGNORECASE
)
_PLACES = re.compile(
    r"universit|institut|department|college|school|laborator|center|centre|\bETH\b|@|http|street|google|"
    r"research|faculty|\d{4}|abstract|inc\.|correspond|\bof\b|\bfor\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[\d*\u2217\u2020\u2021\u00a7\u00b6,\u00b9\u00b2\u00b3\u2070-\u2079]+$")
_NAME = re.compile(r"^[^\W\d_][\w.'\u2019-]*(?:\s+[^\W\d_][\w.'\u2019-]*){1,4}$")
_ALIKE = 0.93
_LARGER = 1.08
_MAX_TITLE_LINES = 5
_MAX_AUTHORS = 60
_LEAST_LETTERS = 4


def title_lines(lines: Sequence[TextLine]) -> list[TextLine]:
    """Return the lines of the title: the largest of the upper half of the page, next to each other."""
    if not lines:
        return []
    top = max(line.y for line in lines)
    foot = min(line.y for line in lines)
    upper = [
        line
        for line in lines
        if line.y > (top + foot) / 2
        and len(line.text) >= _LEAST_LETTERS
        and not line.turned
        and not line.mono
    ]
    largest = max((line.size for line in upper), default=0.0)
    sizes = Counter(round(line.size, 1) for line in lines)
    usual = max(sizes, key=lambda size: sizes[size])
    if largest < _LARGER * usual:
        return upper[:1]  # nothing stands out; the first line is as good a name as any
    found = [line for line in upper if line.size >= _ALIKE * largest]
    return found[:_MAX_TITLE_LINES]


def authors(lines: Sequence[TextLine], title: Sequence[TextLine], stated: str) -> tuple[str, ...]:
    """Return the names between the title and the abstract.

    Args:
        lines: Those of the first page.
        title: Those of the title.
        stated: The names that the file states; those that the page prints too are taken.
    """
    printed = _squeezed(" ".join(line.text for line in lines))
    named = [name.strip() for name in re.split(r",|;|\band\b|&", stated) if name.strip()]
    agreed = [name for name in named if _squeezed(name.split()[-1]) in printed and _NAME.match(name)]
    if agreed and len(agreed) == len(named):
        return tuple(agreed)[:_MAX_AUTHORS]
    under = [line for line in lines if title and line.y < min(one.y for one in title)]
    head: list[TextLine] = []
    for line in sorted(under, key=lambda one: -one.y):
        if _ABSTRACT.match(line.text) or _ENDS.match(line.text):
            break
        head.append(line)
    names: dict[str, None] = {}
    for line in head:
        for cell in [one.text for one in line.cells] or [line.text]:
            for part in re.split(r",|;|\band\b|&|\u00b7", cell):
                name = _MARKS.sub("", part.strip()).strip()
                if _NAME.match(name) and not _PLACES.search(name) and name[0].isupper():
                    names[name] = None
    return tuple(names)[:_MAX_AUTHORS]


def abstract_lines(lines: Sequence[TextLine]) -> list[TextLine]:
    """Return the lines of the abstract, in the order in which they are painted; its name is cut off."""
    found: list[TextLine] = []
    inside = False
    for line in lines:
        if not inside and _ABSTRACT.match(line.text):
            inside = True
            if len(line.text) > len("abstract") + 2:
                found.append(line)
            continue
        if inside and (_ENDS.match(line.text) or (found and is_bold(line) and not is_bold(found[-1]))):
            break
        if inside:
            found.append(line)
    return found


def without_name(text: str) -> str:
    """Return the text of an abstract without the word in front."""
    return _ABSTRACT.sub("", text, count=1)


def agreed_title(stated: str, lines: Sequence[TextLine]) -> str:
    """Return the title that a file states, where its first page prints it; empty where it does not."""
    printed = _squeezed(" ".join(line.text for line in lines))
    wanted = _squeezed(stated)
    return " ".join(stated.split()) if len(wanted) > _LEAST_LETTERS and wanted in printed else ""


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()
