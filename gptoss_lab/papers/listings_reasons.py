"""Why a command of a paper cannot be run, as far as its text tells."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from gptoss_lab.checks.r_tokens import Token, r_tokens
from gptoss_lab.papers.listings_r import r_is_balanced
from gptoss_lab.schemas.base import Language

ReasonKind = Literal["unparsed", "pseudo", "names", "package", "data", "interactive", "language"]

_R_ASKS = frozenset({
    "help",
    "browser",
    "readline",
    "readLines",
    "View",
    "edit",
    "fix",
    "demo",
    "vignette",
    "RShowDoc",
    "browseURL",
    "browseVignettes",
    "install.packages",
    "remotes",
    "menu",
    "q",
    "quit",
    "example",
    "debug",
    "recover",
    "locator",
    "identify",
})
_PYTHON_ASKS = frozenset({"input", "help", "breakpoint", "exit", "quit"})
_R_READS = re.compile(
    r"\b(?:read\.\w+|read_\w+|readRDS|load|source|scan|fread|file|url|download\.file)\s*\(\s*(?:file\s*=\s*)?"
    r"[\"']([^\"']+)[\"']"
)
_PYTHON_READS = re.compile(
    r"\b(?:read_\w+|open|loadtxt|genfromtxt|load|urlopen|urlretrieve)\(\s*[rbf]?[\"']([^\"']+)[\"']"
)
_SYMBOLS = re.compile(r"[\u2190-\u21ff\u2200-\u22ff\u2026\u0370-\u03ff]|<[a-z]+ [a-z ]+>")
_IN_STRINGS = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|#[^\n]*")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a command is not run; `text` is a sentence for a person."""

    kind: ReasonKind
    text: str


_LEFT_OUT = Reason("pseudo", "It is pseudo-code: `...` stands for something that the paper leaves out.")


def text_reason(source: str, language: Language, wanted: Language) -> Reason | None:
    """Return why a command cannot be run; None where its text does not tell."""
    if language != wanted:
        names = {"r": "R", "python": "Python"}
        return Reason("language", f"It is written in {names[language]}, and the notebook in {names[wanted]}.")
    if _SYMBOLS.search(_IN_STRINGS.sub("", source)):
        return Reason("pseudo", "It is pseudo-code: it holds signs that the language does not have.")
    return _of_r(source) if language == "r" else _of_python(source)


def _of_r(source: str) -> Reason | None:
    tokens = list(r_tokens(source))
    if any(token.text == "..." for token in tokens) and not any(token.text == "function" for token in tokens):
        return _LEFT_OUT
    if not r_is_balanced(source):
        return Reason("unparsed", "It is not complete R: a bracket or a string is not closed.")
    if _asks_r(tokens):
        return Reason("interactive", "It asks a person, or changes the installation.")
    return _reads(_R_READS, source)


def _asks_r(tokens: list[Token]) -> bool:
    if tokens and tokens[0].text == "?":
        return True
    called = pairwise(tokens)
    return any(name.kind == "name" and name.text in _R_ASKS and mark.text == "(" for name, mark in called)


def _of_python(source: str) -> Reason | None:
    if re.match(r"\s*[%!]|.*\?\s*$", source):
        return Reason("interactive", "It is a command of IPython or of a shell.")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        why = getattr(error, "msg", str(error))
        return Reason("unparsed", f"It is not Python that can be parsed: {str(why)[:120]}.")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and any(_is_dots(argument) for argument in node.args):
            return Reason(
                "pseudo", "It is pseudo-code: `...` stands for something that the paper leaves out."
            )
        if isinstance(node, ast.Assign) and _is_dots(node.value):
            return Reason(
                "pseudo", "It is pseudo-code: `...` stands for something that the paper leaves out."
            )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _PYTHON_ASKS:
            return Reason("interactive", "It asks a person.")
    return _reads(_PYTHON_READS, source)


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _reads(pattern: re.Pattern[str], source: str) -> Reason | None:
    found = pattern.search(source)
    if found is None or found[1].startswith("/data/"):
        return None
    return Reason("data", f"It reads {found[1][:80]}, which did not come with the paper.")
