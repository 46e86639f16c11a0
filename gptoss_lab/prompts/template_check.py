"""Whether a person's template can take the place of a built-in one.

What keeps the words of others apart from the task must survive any rewording: so each template is
rendered with known texts, and these must come out once each, in order, behind the lines that tell them.
"""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import TemplateError, TemplateSyntaxError, meta

from gptoss_lab.prompts.paper_probes import (
    cell_probes,
    plan_probes,
    review_probes,
    rules_probes,
    units_probes,
)
from gptoss_lab.prompts.probe import (
    ABOVE,
    ANNOUNCED,
    CELL,
    ERROR,
    LINE,
    MARK,
    NO_ORDERS,
    RULES,
    TASK,
    TRUST,
    Probe,
    marked,
)
from gptoss_lab.prompts.template import TemplateName, environment

MAX_CHARS = 64_000
_OWN = {"task": TASK, "rules": RULES, "marker": MARK, "language_name": "Python"}


def _developer() -> list[Probe]:
    values = {"language_name": "Python", "fence": "python", "rules": RULES}
    return [Probe(values, ("```python", RULES, TRUST, NO_ORDERS)), Probe({**values, "rules": ""}, (TRUST,))]


def _documents() -> list[Probe]:
    entry = {"label": "a1", "title": "PROBE-TITLE", "version": "PROBE-VERSION", "text": CELL}
    values = {"entries": [entry], "packages": ["PROBE-PACKAGE 1"], "marker": MARK}
    told = (ANNOUNCED, marked("doc:a1"), CELL, marked("end of documentation"), "PROBE-PACKAGE 1")
    return [Probe(values, told), Probe({**values, "entries": [], "packages": []}, ())]


def _variables() -> tuple[str, ...]:
    return (ANNOUNCED, marked("variables"), LINE, marked("end of variables"), RULES, "# Task", TASK)


def _task() -> list[Probe]:
    values = {**_OWN, "cells": [CELL], "variables": [LINE], "max_cells": 3}
    cells = (ANNOUNCED, marked("cell 1"), CELL, marked("end of notebook"))
    bare = {**values, "cells": [], "variables": [], "rules": "", "max_cells": None}
    return [Probe(values, (*cells, *_variables())), Probe(bare, ("# Task", TASK))]


def _repair() -> list[Probe]:
    cells = [{"number": 1, "source": CELL, "broken": True}]
    tickets = [{"number": 1, "problems": [LINE], "error": ERROR}]
    # Templates of before the variables were told may leave them out.
    values = {
        **_OWN,
        "above": [ABOVE],
        "cells": cells,
        "tickets": tickets,
        "numbers": "cell 1",
        "variables": [],
    }
    values.pop("language_name")
    told = (ANNOUNCED, f"=== {MARK} ", ABOVE, f"=== {MARK} cell 1", CELL)
    after = (LINE, ERROR, marked("end of cells"), RULES, "# Task", TASK, "cell 1")
    return [Probe(values, (*told, *after))]


def _edit() -> list[Probe]:
    cell = {"what": "Python", "source": CELL, "error": ERROR}
    values = {
        **_OWN,
        "above": [ABOVE],
        "cells": [cell],
        "variables": [LINE],
        "calls": "`f`",
        "one_call": True,
        "names": "```python cell 1",
        "has_text": False,
        "fence": "python",
        "max_cells": 2,
    }
    told = (ANNOUNCED, f"=== {MARK} above ===", ABOVE, f"=== {MARK} cell 1", CELL, ERROR)
    expected = (*told, marked("end of cells"), *_variables())
    kinds = ("edit", "fix", "redo", "explain", "example", "port")
    changing = kinds[:3]
    return [Probe({**values, "kind": kind, "changes": kind in changing}, expected) for kind in kinds]


_PROBES: dict[TemplateName, list[Probe]] = {
    "developer": _developer(),
    "documents": _documents(),
    "task": _task(),
    "repair": _repair(),
    "edit": _edit(),
    "paper_rules": rules_probes(),
    "paper_units": units_probes(),
    "paper_plan": plan_probes(),
    "paper_cell": cell_probes(),
    "paper_review": review_probes(),
}
VARIABLES: dict[TemplateName, tuple[str, ...]] = {
    name: tuple(sorted(probes[0].values)) for name, probes in _PROBES.items()
}
"""The values that each template gets."""


def problems_of(name: TemplateName, text: str) -> list[str]:
    """Return why a text cannot be this template, in words; nothing where it can."""
    if len(text) > MAX_CHARS:
        return [f"it has more than {MAX_CHARS} characters"]
    try:
        tree = environment().parse(text)
    except TemplateSyntaxError as error:
        return [f"line {error.lineno}: {error.message}"]
    if any(True for _ in meta.find_referenced_templates(tree)):
        return ["it includes, imports or extends another template, which is not possible"]
    unknown = sorted(meta.find_undeclared_variables(tree) - set(VARIABLES[name]) - {"range"})
    if unknown:
        known = ", ".join(VARIABLES[name])
        return [f"it uses {', '.join(unknown)}, which it does not get; it gets {known}"]
    return list(dict.fromkeys(problem for probe in _PROBES[name] for problem in _rendered(text, probe)))


def _rendered(text: str, probe: Probe) -> Iterator[str]:
    try:
        told = environment().from_string(text).render(**probe.values)
    except (TemplateError, TypeError, ValueError, ArithmeticError, OverflowError) as error:
        yield f"it cannot be rendered: {error}"
        return
    place = 0
    for wanted in probe.expected:
        found = told.find(wanted, place)
        if found < 0:
            where = "is out of its place" if wanted in told else "is missing"
            yield f"“{_named(wanted)}” {where}"
            return
        place = found + len(wanted)
    yield from (
        f"“{probe_text}” stands there more than once"
        for probe_text in (CELL, LINE, ERROR, ABOVE, "PROBE-TITLE", "PROBE-PACKAGE")
        if told.count(probe_text) > 1
    )


def _named(text: str) -> str:
    """Return a needle as the author of a template knows it."""
    names = {TASK: "{{ task }}", RULES: "{{ rules }}"}
    return names.get(text, text.replace(MARK, "{{ marker }}"))
