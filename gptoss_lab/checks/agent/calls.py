"""Calls: whether their arguments fit a signature."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping

from gptoss_lab.checks.agent.library import near
from gptoss_lab.checks.agent.reports import Reports
from gptoss_lab.checks.agent.values import shown

NAMED = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
MOST_SHOWN = 3


class Calls(Reports):
    """Judges calls against signatures."""

    def bind(self, node: ast.Call, found: Mapping[str, inspect.Signature]) -> None:
        """Report a call whose arguments fit none of these signatures, by title."""
        wrong = {title: problem(node, one) for title, one in found.items()}
        if not wrong or not all(wrong.values()):
            return
        best = _closest(node, found)
        title = best[0]
        told = f"Its signature is `{title}{shown(found[title])}`."
        unknown = unknown_keywords(node, found[title])
        evidence = [f"{other}{shown(found[other])}" for other in best]
        if unknown:
            named = [p.name for p in found[title].parameters.values() if p.kind in NAMED]
            message = f"`{title}` has no parameter `{unknown[0]}`. {told}"
            self.report(node, f"{title}.{unknown[0]}", message, near(unknown[0], named), evidence)
        else:
            message = f"`{title}` cannot be called so: {wrong[title]}. {told}"
            self.report(node, title, message, (), evidence)


def unknown_keywords(node: ast.Call, found: inspect.Signature) -> list[str]:
    """Return the keywords of a call that a signature does not take."""
    parameters = found.parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return []
    named = {parameter.name for parameter in parameters if parameter.kind in NAMED}
    return [keyword.arg for keyword in node.keywords if keyword.arg and keyword.arg not in named]


def problem(node: ast.Call, found: inspect.Signature) -> str:
    """Say what is wrong with a call; empty when it fits. What `*` and `**` bring is not known."""
    unknown = unknown_keywords(node, found)
    if unknown:
        return f"no parameter {unknown[0]}"
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        return ""
    keywords = dict.fromkeys(keyword.arg for keyword in node.keywords if keyword.arg)
    spread = any(keyword.arg is None for keyword in node.keywords)
    try:
        (found.bind_partial if spread else found.bind)(*node.args, **keywords)
    except TypeError as error:
        return str(error)
    return ""


def _closest(node: ast.Call, found: Mapping[str, inspect.Signature]) -> list[str]:
    """Return the titles of the signatures that a call comes nearest to."""

    def distance(title: str) -> tuple[int, int, str]:
        one = found[title]
        wrong = unknown_keywords(node, one)
        similar = sum(bool(near(name, one.parameters)) for name in wrong)
        return len(wrong), -similar, title

    return sorted(found, key=distance)[:MOST_SHOWN]
