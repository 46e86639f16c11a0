"""The help of an R package, as the R of the sandbox gives it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError

from gptoss_lab.errors import DocumentError
from gptoss_lab.schemas.base import Wire

PAGES_AT_ONCE = 100
_FOLDER = Path(__file__).parent
_HEADING = re.compile(r"^(\S[^\n]{0,80}):$", re.MULTILINE)
_TITLE_LINE = re.compile(r"\A.*R Documentation\s*\n")


class RObject(Wire):
    """One thing that a package shows: a function with its signature, or data."""

    name: str = Field(max_length=500)
    kind: str = "function"
    signature: str = ""


class RUnit(Wire):
    """A stretch of a page's examples that runs by itself."""

    code: str
    summary: str = ""
    calls: tuple[str, ...] = ()


class RPage(Wire):
    """One page of help. `text` is all of it as R shows it; `problem` says why there is nothing else."""

    name: str
    title: str = ""
    aliases: tuple[str, ...] = ()
    objects: tuple[RObject, ...] = ()
    arguments: tuple[str, ...] = ()
    text: str = ""
    internal: bool = False
    examples: tuple[RUnit, ...] = ()
    problem: str = ""

    def sections(self) -> dict[str, str]:
        """Return what stands below each heading, in order; a heading that comes twice is one section."""
        parts = _HEADING.split(_TITLE_LINE.sub("", self.text))
        found: dict[str, str] = {}
        for heading, body in zip(parts[1::2], parts[2::2], strict=True):
            text = _outdented(body)
            if text:
                found[heading] = f"{found[heading]}\n\n{text}" if heading in found else text
        return found


class RVignette(Wire):
    """A longer text of a package, in R Markdown."""

    name: str
    text: str


class RHelp(Wire):
    """Some pages of a package's help; `total` is the number of all."""

    total: int = Field(ge=0)
    pages: tuple[RPage, ...] = ()
    undocumented: tuple[RObject, ...] = ()
    vignettes: tuple[RVignette, ...] = ()


@cache
def help_script() -> str:
    """Return the function that runs in the sandbox's R: JSON text in, JSON text out."""
    program = (_FOLDER / "r_help.R").read_text(encoding="utf-8")
    return program.replace("EXAMPLES_PROGRAM", (_FOLDER / "r_examples.R").read_text(encoding="utf-8"))


def help_payload(package: str, start: int, count: int = PAGES_AT_ONCE) -> str:
    """Return the function's input for pages `start` to `start + count - 1`, counted from 1."""
    return json.dumps({"package": package, "from": start, "count": count})


def read_help(answer: str) -> RHelp:
    """Read an answer. It comes from a sandbox, so that nothing in it is trusted.

    Raises:
        DocumentError: The answer is not the function's.
    """
    try:
        return RHelp.model_validate_json(answer)
    except ValidationError as error:
        raise DocumentError("The R of the sandbox gave no help pages that can be read.") from error


def _outdented(body: str) -> str:
    """Return the text of a section without the margin that R's own viewer gives it."""
    lines = [line.rstrip() for line in body.strip("\n").split("\n")]
    margins = [len(line) - len(line.lstrip()) for line in lines if line]
    margin = min(margins, default=0)
    return "\n".join(line[margin:] for line in lines).strip("\n")
