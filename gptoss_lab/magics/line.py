"""The options of a `%%gptoss` line.

The page reads the same line in its own language; tests/magics/lines.json holds both to one meaning.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from IPython.core.error import UsageError

CHOICES = {
    "--lang": ("python", "r"),
    "--effort": ("low", "medium", "high"),
    "--verify": ("off", "run", "repair"),
}
FLAGS = {"--replace": "replace", "--dry-run": "dry_run", "--help": "help"}
KNOWN = ("--docs", "--paper", *CHOICES, "--cells", *FLAGS)
MAX_CELLS = 40
MAX_SOURCES = 32
MAX_TASK_CHARS = 16_000
MAX_PAPER_CHARS = 4096
PAPER_TASK = "Implement the paper."
_NUMBER = re.compile(r"[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Options:
    """What a line asks for. None means: as the server, or the kernel, is set."""

    docs: tuple[str, ...] = ()
    paper: str | None = None
    lang: str | None = None
    effort: str | None = None
    verify: str | None = None
    cells: int | None = None
    replace: bool = False
    dry_run: bool = False
    help: bool = False


def parse_line(line: str) -> Options:
    """Return the options of a line.

    Raises:
        UsageError: An option is unknown, or its value is missing or wrong.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError("A quotation mark is not closed in the line of %%gptoss.") from error
    options = Options()
    while words:
        name, equals, value = words.pop(0).partition("=")
        given = [value] if equals else []
        options = _reader_of(name)(options, name, given, words)
    if len(options.docs) > MAX_SOURCES:
        raise UsageError(f"At most {MAX_SOURCES} sources fit behind --docs; there are {len(options.docs)}.")
    return options


def read_task(body: str, *, paper: bool = False) -> str:
    """Return the task that stands below the line; a paper is a task by itself.

    Raises:
        UsageError: There is none, or it is too long.
    """
    task = body.strip() or (PAPER_TASK if paper else "")
    if not task:
        raise UsageError("There is no task. Write below the line of %%gptoss what you need, in words.")
    if len(task) > MAX_TASK_CHARS:
        raise UsageError(
            f"The task has {len(task):,} characters; {MAX_TASK_CHARS:,} fit. Name a file in --docs."
        )
    return task


Reader = Callable[[Options, str, list[str], list[str]], Options]


def _reader_of(name: str) -> Reader:
    if name == "--docs":
        return _read_docs
    if name == "--paper":
        return _read_paper
    if name in CHOICES:
        return _read_choice
    if name == "--cells":
        return _read_number
    if name in FLAGS:
        return _read_flag
    if not name.startswith("-"):
        raise UsageError(
            f"`{name}` stands where an option is expected. Write the task below the line of %%gptoss."
        )
    near = get_close_matches(name, KNOWN, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"There is no option {name}.{meant} `%gptoss help` lists them.")


def _read_docs(options: Options, name: str, given: list[str], rest: list[str]) -> Options:
    while rest and not rest[0].startswith("--"):
        given.append(rest.pop(0))
    sources = tuple(source for source in given if source.strip())
    if not sources:
        raise UsageError(f"{name} needs a source: a package, a path or a web address.")
    return replace(options, docs=(*options.docs, *sources))


def _read_paper(options: Options, name: str, given: list[str], rest: list[str]) -> Options:
    value = _value_of(given, rest).strip()
    if not value:
        raise UsageError(f"{name} takes a file, an arXiv id, a DOI or a web address.")
    if options.paper is not None:
        raise UsageError(f"One {name} fits. Name further papers in --docs.")
    if len(value) > MAX_PAPER_CHARS:
        raise UsageError(f"What stands behind {name} is too long: {MAX_PAPER_CHARS:,} characters fit.")
    return replace(options, paper=value)


def _read_choice(options: Options, name: str, given: list[str], rest: list[str]) -> Options:
    value = _value_of(given, rest)
    choices = CHOICES[name]
    if value not in choices:
        got = f", not {value}" if value else ""
        raise UsageError(f"{name} takes {', '.join(choices[:-1])} or {choices[-1]}{got}.")
    change: dict[str, Any] = {name.removeprefix("--"): value}
    return replace(options, **change)


def _read_number(options: Options, name: str, given: list[str], rest: list[str]) -> Options:
    value = _value_of(given, rest)
    if not _NUMBER.fullmatch(value) or int(value) > MAX_CELLS:
        got = f", not {value}" if value else ""
        raise UsageError(f"{name} takes a number from 1 to {MAX_CELLS}{got}.")
    return replace(options, cells=int(value))


def _value_of(given: list[str], rest: list[str]) -> str:
    if not given and rest and not rest[0].startswith("--"):
        given = [rest.pop(0)]
    return given[0] if given else ""


def _read_flag(options: Options, name: str, given: list[str], _rest: list[str]) -> Options:
    if given:
        raise UsageError(f"{name} takes no value.")
    change: dict[str, Any] = {FLAGS[name]: True}
    return replace(options, **change)
