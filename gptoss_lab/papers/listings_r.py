"""Where a command of R ends.

Source: https://cran.r-project.org/doc/manuals/r-release/R-lang.html#Parser
"""

from __future__ import annotations

from gptoss_lab.checks.r_tokens import Token, r_tokens

_OPEN, _CLOSE = "([{", ")]}"
_OPERATORS = frozenset("+-*/^|&~<>=,!$@:%?\\")
_HEADS = frozenset({"if", "for", "while", "function"})
_UNFINISHED = frozenset({"else", "repeat", "function", "in"})


def r_goes_on(source: str) -> bool:
    """Say whether R would ask for more: a bracket or a string is open, or an operator ends the text."""
    tokens = list(r_tokens(source))
    if not tokens:
        return False
    if any(token.kind == "mark" and token.text in {'"', "'", "`"} for token in tokens):
        return True
    depth = sum((token.text in _OPEN) - (token.text in _CLOSE) for token in tokens if token.kind == "mark")
    if depth > 0:
        return True
    last = tokens[-1]
    if last.kind == "mark" and last.text in _OPERATORS:
        return True
    if last.kind == "name" and last.text in _UNFINISHED:
        return True
    return depth == 0 and last.kind == "mark" and last.text == ")" and _is_head(tokens)


def r_is_balanced(source: str) -> bool:
    """Say whether brackets and strings are closed in their order."""
    open_marks: list[str] = []
    for token in r_tokens(source):
        if token.kind != "mark":
            continue
        if token.text in {'"', "'", "`"}:
            return False
        if token.text in _OPEN:
            open_marks.append(token.text)
        elif token.text in _CLOSE and (not open_marks or open_marks.pop() != _OPEN[_CLOSE.index(token.text)]):
            return False
    return not open_marks


def _is_head(tokens: list[Token]) -> bool:
    """Say whether the text ends with the condition of a statement or the parameters of a function."""
    depth = 0
    for place in range(len(tokens) - 1, -1, -1):
        token = tokens[place]
        if token.kind != "mark" or token.text not in "()":
            continue
        depth += 1 if token.text == ")" else -1
        if depth == 0:
            before = tokens[place - 1] if place else None
            return before is not None and (
                (before.kind == "name" and before.text in _HEADS)
                or (before.kind == "mark" and before.text == "\\")
            )
    return False
