"""The lines of a session as a paper prints it: commands apart from what they print."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gptoss_lab.papers.listings_r import r_goes_on
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.papers import Place

LineKind = Literal["code", "output"]

_R_PROMPT = re.compile(r"^\s{0,8}(?:R ?>|>)(?: (.*)|)$")
_R_MORE = re.compile(r"^\s{0,8}\+(?: (.*)|)$")
_PYTHON_PROMPT = re.compile(r"^\s{0,8}>>>(?: (.*)|)$")
_PYTHON_MORE = re.compile(r"^\s{0,8}\.\.\.(?: (.*)|)$")
_IN = re.compile(r"^\s{0,8}In ?\[ ?\d* ?\]: ?(.*)$")
_IN_MORE = re.compile(r"^\s*\.{3,}: ?(.*)$")
_OUT = re.compile(r"^\s{0,8}Out ?\[ ?\d* ?\]: ?(.*)$")
_KNITR = re.compile(r"^\s{0,8}#(?:#|>)(?: (.*)|)$")
_R_WORDS = re.compile(
    r"<-|^\s*(?:library|require|data|source|summary|plot|print|set\.seed)\(|\bfunction ?\(|%(?:>|in|\*)%|\|>"
)
_PYTHON_WORDS = re.compile(
    r"^\s*(?:import \w|from [\w.]+ import |def \w+\(|class \w+|for .+ in .+:|print\()|^\s*[\w.\[\]'\"]+ = \S"
)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line as it is printed, the block that it stands in, and what the form of the paper says it is."""

    text: str
    block: str
    place: Place
    kind: LineKind = "code"
    language: str = ""


@dataclass(slots=True)
class Command:
    """A command and what is printed below it; without a source it is output that no command precedes.

    Attributes:
        lines: Of the source, without prompts.
        places: Of these lines.
        prompted: It stood behind a prompt.
    """

    language: Language
    lines: list[str] = field(default_factory=list)
    places: list[SourceLine] = field(default_factory=list)
    printed: list[SourceLine] = field(default_factory=list)
    prompted: bool = False

    @property
    def source(self) -> str:
        """The code."""
        return "\n".join(self.lines).strip("\n")

    def take(self, text: str, line: SourceLine) -> None:
        """Add a line of code."""
        self.lines.append(text)
        self.places.append(line)


def language_of(lines: Sequence[SourceLine], fallback: Language) -> Language:
    """Return the language of lines: as the paper says, as their prompts show, or as they look."""
    for line in lines:
        if line.language in {"r", "python"}:
            return "r" if line.language == "r" else "python"
    texts = [line.text for line in lines if line.kind == "code"]
    if any(_PYTHON_PROMPT.match(text) or _IN.match(text) for text in texts):
        return "python"
    if any(_R_PROMPT.match(text) for text in texts):
        return "r"
    r_like = sum(bool(_R_WORDS.search(text)) for text in texts)
    python_like = sum(bool(_PYTHON_WORDS.search(text)) for text in texts)
    if r_like == python_like:
        return fallback
    return "r" if r_like > python_like else "python"


def commands(lines: Sequence[SourceLine], fallback: Language, *, plain: bool) -> list[Command]:
    """Split the lines of blocks that follow each other into commands with their output.

    Args:
        lines: In order.
        fallback: The language where nothing tells.
        plain: The form of the paper does not tell code from output, so that lines without a prompt are
            code only if they look like it.
    """
    language = language_of(lines, fallback)
    if any(_starts(line, language) is not None for line in lines):
        return _prompted(lines, language)
    return _unprompted(lines, language, plain=plain)


def _starts(line: SourceLine, language: Language) -> str | None:
    """Return what stands behind the prompt of a line; None where it has none."""
    if line.kind == "output":
        return None
    patterns = (_R_PROMPT,) if language == "r" else (_PYTHON_PROMPT, _IN)
    for pattern in patterns:
        if found := pattern.match(line.text):
            return found[1] or ""
    return None


def _prompted(lines: Sequence[SourceLine], language: Language) -> list[Command]:
    found: list[Command] = []
    for line in lines:
        code = _starts(line, language)
        if code is not None:
            found.append(Command(language, prompted=True))
            found[-1].take(code, line)
            continue
        if not found:
            found.append(Command(language))
        more = _continued(found[-1], line)
        if more is not None:
            found[-1].take(more, line)
        elif text := _result(line):
            found[-1].printed.append(text)
    return [command for command in found if command.source or command.printed]


def _continued(command: Command, line: SourceLine) -> str | None:
    """Return the code of a line that goes on with a command; None where it is output."""
    if line.kind == "output" or not command.lines or command.printed:
        return None
    if command.language == "r":
        if not r_goes_on(command.source):
            return None
        found = _R_MORE.match(line.text)
        return (found[1] or "") if found else line.text
    found = _PYTHON_MORE.match(line.text) or _IN_MORE.match(line.text)
    if found:
        return found[1] or ""
    return line.text if _python_goes_on(command.source) else None


def _python_goes_on(source: str) -> bool:
    """Say whether a bracket or a string is open."""
    try:
        ast.parse(source)
    except SyntaxError as error:
        return "was never closed" in str(error) or "unterminated triple" in str(error)
    except ValueError:
        return False
    return False


def _result(line: SourceLine) -> SourceLine | None:
    """Return a line of output without what marks it; None for an empty one."""
    for pattern in (_KNITR, _OUT):
        if found := pattern.match(line.text):
            line = SourceLine(found[1] or "", line.block, line.place, "output", line.language)
            break
    return line if line.text.strip() else None


def _unprompted(lines: Sequence[SourceLine], language: Language, *, plain: bool) -> list[Command]:
    found: list[Command] = []
    looks: Callable[[str], bool] = looks_like_code if plain else (lambda _: True)
    blocks = dict.fromkeys(line.block for line in lines)
    for block in blocks:
        own = [line for line in lines if line.block == block]
        text = "\n".join(line.text for line in own if line.kind == "code" and not _KNITR.match(line.text))
        is_code = bool(text.strip()) and looks(text)
        for line in own:
            is_output = line.kind == "output" or not is_code or _KNITR.match(line.text)
            if is_output and not found:
                found.append(Command(language))
            if not is_output and (not found or found[-1].printed or found[-1].places[-1].block != block):
                found.append(Command(language))
            if not is_output:
                found[-1].take(line.text, line)
            elif text_line := _result(line):
                found[-1].printed.append(text_line)
    return [command for command in found if command.source or command.printed]


def looks_like_code(text: str) -> bool:
    """Say whether lines without a prompt are code rather than what a program printed."""
    lines = [line for line in text.splitlines() if line.strip()]
    likely = sum(bool(_R_WORDS.search(line) or _PYTHON_WORDS.search(line)) for line in lines)
    return likely * 3 >= len(lines) and likely > 0
