"""The pages of exit codes and of errors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from gptoss_lab import errors as tree
from gptoss_lab.cli.exit_codes import MEANINGS
from gptoss_lab.errors import GptossError
from tools.docs.markdown import code, table
from tools.docs.markdown import page as joined

EXITS = """\
# Exit codes

Every verb of `jupyter gptoss` ends with one of these. In a pipeline, 4 and 5 are the ones to think
about: cells were made but did not all run well, and cells that nobody has reviewed.
"""
ERRORS = """\
# Errors

Each error says what happened and what you can do. Over HTTP it is a problem of RFC 9457 with the `code`
of this table; the events of a job end with the same object; the command line prints both sentences and
ends with 2 for errors of a request, else with 1 ([exit codes](exit-codes.md)). The hint here is the one
that an error has where the place that raises it knows no better.
"""


def exit_codes() -> str:
    """Return the page of exit codes, from what the command line says of itself."""
    rows = [(code(str(number.value)), words) for number, words in MEANINGS.items()]
    return joined(EXITS, table(("code", "meaning"), rows))


def errors() -> str:
    """Return the page of errors: the tree of gptoss_lab/errors.py."""
    kinds: tuple[type[GptossError], ...] = (GptossError, *_below(GptossError))
    rows = [
        (code(kind.code), str(kind.status), _first(kind), kind.default_hint, code(kind.__name__))
        for kind in kinds
    ]
    heads = ("code", "HTTP status", "what happened", "what to do", "class")
    drawn = inspect.getdoc(tree) or ""
    picture = drawn[drawn.index("```") : drawn.rindex("```")].strip("`").removeprefix("text").strip("\n")
    return joined(ERRORS, table(heads, rows), "## The tree", f"```text\n{picture}\n```")


def _below(kind: type[GptossError]) -> Iterator[type[GptossError]]:
    for child in kind.__subclasses__():
        if child.__module__ == tree.__name__:
            yield child
            yield from _below(child)


def _first(kind: type[GptossError]) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0]
