"""Calls: whether their arguments fit a signature."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping

from gptoss_lab.checks.agent.keywords import invented
from gptoss_lab.checks.agent.library import near
from gptoss_lab.checks.agent.reports import Reports
from gptoss_lab.checks.agent.values import Target, shown

NAMED = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
MOST_SHOWN = 3


class Calls(Reports):
    """Judges calls against signatures."""

    def bind(self, node: ast.Call, found: Mapping[str, Target]) -> None:
        """Report a call whose arguments fit none of these, by title."""
        wrong = {title: problem(node, one) for title, one in found.items()}
        if not wrong or not all(wrong.values()) or self.quiet:
            return
        best = _closest(node, found)
        title = best[0]
        told = f"Its signature is `{title}{shown(found[title].signature)}`."
        unknown = unknown_keywords(node, found[title])
        evidence = [f"{other}{shown(found[other].signature)}" for other in best]
        if unknown:
            named = [p.name for p in found[title].signature.parameters.values() if p.kind in NAMED]
            message = f"`{title}` has no parameter `{unknown[0]}`. {told}"
            self.report(node, f"{title}.{unknown[0]}", message, near(unknown[0], named), evidence)
        else:
            message = f"`{title}` cannot be called so: {wrong[title]}. {told}"
            self.report(node, title, message, (), evidence)


def unknown_keywords(node: ast.Call, target: Target) -> list[str]:
    """Return the keywords of a call that neither a signature takes nor what its `**` goes to."""
    parameters = target.signature.parameters.values()
    keywords = [keyword.arg for keyword in node.keywords if keyword.arg]
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return invented(target, keywords) if keywords else []
    named = {parameter.name for parameter in parameters if parameter.kind in NAMED}
    return [name for name in keywords if name not in named]


def problem(node: ast.Call, target: Target) -> str:
    """Say what is wrong with a call; empty when it fits. What `*` and `**` bring is not known."""
    unknown = unknown_keywords(node, target)
    if unknown:
        return f"no parameter {unknown[0]}"
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        return ""
    keywords = dict.fromkeys(keyword.arg for keyword in node.keywords if keyword.arg)
    spread = any(keyword.arg is None for keyword in node.keywords)
    found = target.signature
    try:
        (found.bind_partial if spread else found.bind)(*node.args, **keywords)
    except TypeError as error:
        return str(error)
    return ""


def _closest(node: ast.Call, found: Mapping[str, Target]) -> list[str]:
    """Return the titles of the signatures that a call comes nearest to."""

    def distance(title: str) -> tuple[int, int, str]:
        wrong = unknown_keywords(node, found[title])
        similar = sum(bool(near(name, found[title].signature.parameters)) for name in wrong)
        return len(wrong), -similar, title

    return sorted(found, key=distance)[:MOST_SHOWN]
