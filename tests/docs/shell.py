"""Lines of a shell, as pages show them: what can be known of them without running them."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence

OPERATORS = frozenset({"&&", "||", ";", "|", "&"})
REDIRECTS = frozenset({">", ">>", "<", "2>", "2>&1", ">&"})
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
PREFIXES = frozenset({"sudo", "nice", "nohup", "time", "env"})


class ShellError(ValueError):
    """A line is not one that a shell would take."""


def commands(text: str, *, prompted: bool = False) -> Iterator[list[str]]:
    """Return the simple commands of a block, each as its words.

    Args:
        text: The block.
        prompted: Commands stand behind `$ `, and the rest is what they print.

    Raises:
        ShellError: bash does not take it.
    """
    lines = [line for line, _ in sessions(text)] if prompted else text.splitlines()
    program = "\n".join(lines)
    checked = subprocess.run(["bash", "-n"], input=program, capture_output=True, text=True, check=False)
    if checked.returncode or checked.stderr:
        raise ShellError(checked.stderr.strip())
    for line in program.replace("\\\n", " ").splitlines():
        yield from _simple(line)


def sessions(text: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a console, each with the lines that it prints.

    Raises:
        ShellError: It begins without a command.
    """
    found: list[tuple[str, list[str]]] = []
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line.removeprefix("$ ")
            while command.endswith("\\"):
                command = command[:-1] + next(lines).removeprefix("> ").strip()
            found.append((command, []))
        elif not found:
            raise ShellError("a console block begins with a line `$ COMMAND`")
        else:
            found[-1][1].append(line)
    return found


def _simple(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words: list[str] = []
    rest = iter(lexer)
    for word in rest:
        if word in OPERATORS:
            yield from _whole(words)
            words = []
        elif word in REDIRECTS:
            next(rest, "")
        else:
            words.append(word)
    yield from _whole(words)


def _whole(words: Sequence[str]) -> Iterator[list[str]]:
    rest = list(words)
    while rest and (ASSIGNMENT.match(rest[0]) or rest[0] in PREFIXES):
        rest = rest[1:]
    if rest:
        yield rest
