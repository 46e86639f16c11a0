"""Writes the lines of a PDF as blocks, page after page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gptoss_lab.papers.draft import Draft, grid_text
from gptoss_lab.papers.pdf_equations import displays, kinds
from gptoss_lab.papers.pdf_floats import CAPTION, Float, floats
from gptoss_lab.papers.pdf_headings import REFERENCES, Headings, bare
from gptoss_lab.papers.pdf_layout import Layout
from gptoss_lab.papers.pdf_prose import Joiner
from gptoss_lab.papers.pdf_tables import grid
from gptoss_lab.papers.text_lines import TextLine

_PROMPT = re.compile(r"^\s*(?:R?> |>>> |\+ |\$ |In \[\d+\]:)")
_R_PROMPT = re.compile(r"^(?:R> |> )", re.MULTILINE)
_PYTHON_PROMPT = re.compile(r"^(?:>>> |In \[\d+\]:)", re.MULTILINE)
_NOTE = re.compile(r"^(\d{1,2}|[*\u2217\u2020\u2021\u00a7])\s*(?=\S)")
_ENTRY = re.compile(r"^(\[[^\]\s]{1,20}\]|\d{1,3}\.)\s+")
_STEP_NUMBER = re.compile(r"^\d+\s*:\s*")
_SMALL = 0.93
_TINY = 0.82
_LOW = 0.45
_INLINE_GAP = 1.36
_BLANK_LINE = 1.75
_PARAGRAPH_GAP = 1.62
_STEP_PT = 0.75


class PageWriter:
    """Writes pages into a draft. Paragraphs and lists of references go on over the end of a page."""

    def __init__(self, draft: Draft, joiner: Joiner, *, below: bool) -> None:
        self._draft, self._joiner, self._below = draft, joiner, below
        self._headings = Headings()
        self._paragraph: list[TextLine] = []
        self._references: list[TextLine] | None = None
        self._last: TextLine | None = None
        self._layout = Layout(10.0, (72.0,), (540.0,))
        self._page = 1

    def write(self, lines: Sequence[TextLine], layout: Layout, page: int) -> None:
        """Write one page."""
        self._layout, self._page = layout, page
        apart = floats(lines, layout, below=self._below)
        used = {id(line) for one in apart for line in (*one.caption, *one.lines)}
        heads = {id(one.at): one for one in apart}
        text = [line for line in lines if id(line) not in used or id(line) in heads]
        maths = dict(zip(map(id, text), kinds(text, layout), strict=True))
        notes = _notes(text, layout)
        at = 0
        while at < len(text):
            line = text[at]
            if id(line) in heads:
                self._float(heads[id(line)])
                at += 1
            elif id(line) in notes:
                at = self._note(text, at, notes)
            elif line.mono and not self._is_inline(text, at):
                at = self._code(text, at)
            elif maths[id(line)] and self._references is None:
                at = self._equation(text, at, maths, heads)
            else:
                at = self._line(text, at)

    def finish(self) -> None:
        """Close what is open."""
        self._flush()
        self._close_references()

    def _line(self, text: Sequence[TextLine], at: int) -> int:
        line = text[at]
        level = self._headings.level(line, self._last, self._layout)
        if level and not CAPTION.match(line.text):
            return self._heading(text, at, level)
        self._last = line
        if self._references is not None:
            self._references.append(line)
        elif not (line.size < _TINY * self._layout.body and len(line.text) < 12 and not self._paragraph):  # noqa: PLR2004
            if self._paragraph and self._begins(line):
                self._flush()
            self._paragraph.append(line)
        return at + 1

    def _heading(self, text: Sequence[TextLine], at: int, level: int) -> int:
        line = text[at]
        lines = [line]
        at += 1
        while at < len(text) and len(lines) < 3 and self._headings.joins(lines[-1], text[at]):  # noqa: PLR2004
            lines.append(text[at])
            at += 1
        title = self._joiner.lines(lines)
        self._flush()
        self._close_references()
        self._last = lines[-1]
        if title.strip().lower() == "abstract":
            return at
        self._draft.heading(bare(title), level, page=line.page)
        if bare(title).strip().lower().rstrip(".") in REFERENCES:
            self._references = []
        return at

    def _begins(self, line: TextLine) -> bool:
        """Say whether a line begins a paragraph."""
        last = self._paragraph[-1]
        if last.page != line.page or last.y < line.y:
            return last.text.rstrip().endswith((".", "?", "!", ":")) and line.text[:1].isupper()
        gap = last.y - line.y
        left, right = self._layout.column(line)
        indented = line.x > left + 0.8 * self._layout.body and last.x <= left + 3 and gap > 0.9 * last.size
        short = last.right < right - 8 * self._layout.body and last.text.rstrip().endswith((".", ":", "?"))
        return gap > _PARAGRAPH_GAP * last.size or indented or (short and line.text[:1].isupper())

    def _flush(self) -> None:
        lines, self._paragraph = self._paragraph, []
        text = self._joiner.lines(lines)
        if any(char.isalnum() for char in text):
            self._draft.add("prose", text, page=lines[0].page)

    def _is_inline(self, text: Sequence[TextLine], at: int) -> bool:
        """Say whether a line in a typewriter font goes on with the paragraph around it."""
        line = text[at]
        if self._references is not None:
            return not _PROMPT.match(line.text)
        if _PROMPT.match(line.text) or not self._paragraph:
            return False
        last = self._paragraph[-1]
        alone = at + 1 >= len(text) or not text[at + 1].mono
        return alone and last.page == line.page and 0 < last.y - line.y <= _INLINE_GAP * last.size

    def _code(self, text: Sequence[TextLine], at: int) -> int:
        self._flush()
        first = text[at]
        lines: list[str] = []
        last = first
        while at < len(text) and text[at].mono and not CAPTION.match(text[at].text):
            line = text[at]
            if last.y - line.y > _BLANK_LINE * last.size:
                lines.append("")
            lines.append(line.text)
            last = line
            at += 1
        code = "\n".join(lines)
        language = "r" if _R_PROMPT.search(code) else "python" if _PYTHON_PROMPT.search(code) else ""
        self._draft.add("code", code, page=first.page, language=language)
        self._last = last
        return at

    def _equation(
        self, text: Sequence[TextLine], at: int, maths: dict[int, bool], heads: dict[int, Float]
    ) -> int:
        self._flush()
        run: list[TextLine] = []
        while at < len(text) and maths[id(text[at])] and id(text[at]) not in heads:
            run.append(text[at])
            at += 1
        for one in displays(run, self._layout):
            shown = f"{one.text} {one.label}".strip()
            if any(char.isalnum() for char in one.text):
                self._draft.add("equation", shown, label=one.label, page=run[0].page)
        self._last = run[-1]
        return at

    def _float(self, one: Float) -> None:
        caption = self._joiner.lines(one.caption)
        match = CAPTION.match(caption)
        said = caption[match.end() :].strip() if match else caption
        page = one.at.page
        if one.kind == "table":
            rows = grid(one.lines, self._joiner)
            text = grid_text(rows)
            self._draft.add("table", text, label=one.label, caption=said, rows=rows, page=page)
        elif one.kind == "algorithm" and one.lines:
            self._draft.add("algorithm", _steps(one.lines), label=one.label, caption=said, page=page)
        self._draft.add("caption", said, label=one.label, page=page)

    def _note(self, text: Sequence[TextLine], at: int, notes: set[int]) -> int:
        lines = [text[at]]
        at += 1
        while at < len(text) and id(text[at]) in notes and not _NOTE.match(text[at].text):
            lines.append(text[at])
            at += 1
        joined = self._joiner.lines(lines)
        match = _NOTE.match(joined)
        label = match[1] if match else ""
        self._draft.add(
            "footnote", joined[match.end() :] if match else joined, label=label, page=lines[0].page
        )
        return at

    def _close_references(self) -> None:
        lines, self._references = self._references, None
        if not lines:
            return
        entries: list[list[TextLine]] = []
        marked = sum(_ENTRY.match(line.text) is not None for line in lines) > len(lines) / 10
        for line in lines:
            begins = _ENTRY.match(line.text) is not None if marked else line.x <= _hang(lines, line) + 1
            if begins or not entries:
                entries.append([])
            entries[-1].append(line)
        for entry in entries:
            text = self._joiner.lines(entry)
            mark = _ENTRY.match(text)
            label = mark[1] if mark else ""
            self._draft.add(
                "reference", text[mark.end() :] if mark else text, label=label, page=entry[0].page
            )


def _hang(lines: Sequence[TextLine], line: TextLine) -> float:
    """Return where the entries around a line begin: further left than the lines that go on."""
    same = [one.x for one in lines if one.page == line.page and abs(one.x - line.x) < 40]  # noqa: PLR2004 - one column
    return min(same)


def _notes(text: Sequence[TextLine], layout: Layout) -> set[int]:
    """Return the lines of footnotes: small, at the foot of the page, from the first that has a mark."""
    if not text:
        return set()
    foot, top = min(line.y for line in text), max(line.y for line in text)
    limit = foot + _LOW * (top - foot)
    found: set[int] = set()
    inside = False
    for line in text:
        small = (
            _TINY * 0.8 * layout.body < line.size < _SMALL * layout.body and line.y < limit and not line.mono
        )
        inside = small and layout.is_flush(line) and (inside or _NOTE.match(line.text) is not None)
        if inside:
            found.add(id(line))
    return found


def _steps(lines: Sequence[TextLine]) -> str:
    """Return the lines of an algorithm with their indentation."""
    kept: list[tuple[float, str, float]] = []
    for line in sorted(lines, key=lambda one: -one.y):
        match = _STEP_NUMBER.match(line.text)
        skipped = len(match[0].split()) if match else 0
        word = line.words[skipped] if skipped < len(line.words) else line
        text = line.text[match.end() :] if match else line.text
        if text:
            kept.append((word.x, text, line.size))
    left = min((x for x, _, _ in kept), default=0.0)
    return "\n".join(" " * (2 * round((x - left) / (2 * _STEP_PT * size))) + text for x, text, size in kept)
