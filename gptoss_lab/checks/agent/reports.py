"""Findings, with what the installed packages say as evidence."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gptoss_lab.checks.agent.library import SUCCESSORS, Library, near, version
from gptoss_lab.checks.agent.values import method_signature, shown, signature

MAX_EVIDENCE_CHARS = 400


class Reports:
    """Collects findings. `quiet` above 0 finds nothing."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.findings: list[dict[str, Any]] = []
        self.excused: set[str] = set()
        self.cell = ""
        self.quiet = 0

    @contextmanager
    def silence(self, when: bool) -> Iterator[None]:
        """Report nothing inside, where `when` holds."""
        self.quiet += when
        yield
        self.quiet -= when

    def absent(self, node: ast.expr | ast.stmt, owner: Any, name: str, told: str = "") -> None:
        """Report a name that its module or class does not have."""
        if name in self.excused:
            return
        what = getattr(owner, "__qualname__", "") or getattr(owner, "__name__", "")
        top = str(getattr(owner, "__module__", "") or getattr(owner, "__name__", "")).split(".")[0]
        message = f"`{what}` has no `{name}` in the installed `{top}`{version(top)}."
        # A library that knows what became of the name says so in its error.
        extra = f" {told}" if told and "has no attribute" not in told else ""
        successor = [SUCCESSORS[f"{what}.{name}"]] if f"{what}.{name}" in SUCCESSORS else []
        nearest = near(name, dir(owner))
        evidence = [described(owner, other) for other in nearest]
        self.report(node, f"{what}.{name}", message + extra, [*successor, *nearest], evidence)

    def report(
        self,
        node: ast.expr | ast.stmt,
        symbol: str,
        message: str,
        suggestions: Iterable[str] = (),
        evidence: Iterable[str] = (),
    ) -> None:
        """Add a finding once."""
        place = {"cell": self.cell, "line": node.lineno, "symbol": symbol}
        told = {"suggestions": list(suggestions), "evidence": [text for text in evidence if text]}
        finding = {**place, "message": message, **told}
        if not self.quiet and finding not in self.findings:
            self.findings.append(finding)


def described(owner: Any, name: str) -> str:
    """Return a member's signature and the first line of its documentation; empty where it has neither."""
    try:
        member = getattr(owner, name)
    except Exception:  # noqa: BLE001 - a library may compute its members, and fail at it as it likes
        return ""
    found = method_signature(owner, name) if inspect.isclass(owner) else signature(member)
    summary = (inspect.getdoc(member) or "").strip().split("\n")[0] if callable(member) else ""
    if found is None and not summary:
        return ""
    text = f"{name}{shown(found) if found is not None else ''}"
    return (f"{text}: {summary}" if summary else text)[:MAX_EVIDENCE_CHARS]
