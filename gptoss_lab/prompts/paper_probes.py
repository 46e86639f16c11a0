"""What the templates for papers must keep, whoever words them."""

from __future__ import annotations

from typing import Any

from gptoss_lab.prompts.probe import (
    ABOVE,
    ANNOUNCED,
    CELL,
    LINE,
    MARK,
    NO_ORDERS,
    RULES,
    TASK,
    TRUST,
    Probe,
    marked,
)

_ENTRY = {"label": "u1", "title": "PROBE-TITLE", "text": CELL}
_SHARED: dict[str, Any] = {"marker": MARK, "task": TASK, "language_name": "Python"}


def rules_probes() -> list[Probe]:
    """Return those of the developer message."""
    values = {"language_name": "Python", "rules": RULES}
    return [Probe(values, (RULES, TRUST, NO_ORDERS)), Probe({**values, "rules": ""}, (TRUST, NO_ORDERS))]


def units_probes() -> list[Probe]:
    """Return those of the question for the units of a part."""
    told = (ANNOUNCED, marked("u1"), "PROBE-TITLE", CELL, marked("end of the part"), "# Task", TASK)
    return [Probe({**_SHARED, "entries": [_ENTRY]}, (*told, '"units"', '"claims"', '"data"'))]


def plan_probes() -> list[Probe]:
    """Return those of the question for a plan."""
    values = {
        **_SHARED,
        "title": "PROBE-PAPER",
        "scope": ["PROBE-SCOPE"],
        "units": [LINE],
        "claims": ["PROBE-CLAIM"],
        "entries": [_ENTRY],
        "data": ["PROBE-DATA"],
        "rules": RULES,
        "max_cells": 7,
    }
    told = (ANNOUNCED, marked("paper"), "PROBE-PAPER", "PROBE-SCOPE", marked("units"), LINE)
    more = (marked("claims"), "PROBE-CLAIM", marked("passage"), CELL, "PROBE-DATA")
    end = (marked("end of the paper"), RULES, "# Task", TASK, '"config"', '"cells"', '"not_implemented"')
    return [Probe(values, (*told, *more, *end))]


def cell_probes() -> list[Probe]:
    """Return those of the question for a cell, and for a cell of tests."""
    values = {
        **_SHARED,
        "entries": [_ENTRY],
        "documents": [{"label": "d1", "title": "PROBE-DOCUMENT", "text": "PROBE-PACKAGE"}],
        "above": [ABOVE],
        "claims": [LINE],
        "rules": RULES,
        "role": "core",
        "what": "PROBE-WHAT",
        "data": ["PROBE-DATA"],
        "makes": "",
        "claim_form": "PROBE-FORM",
        "fence": "python",
    }
    told = (ANNOUNCED, marked("unit u1"), "PROBE-TITLE", CELL, marked("doc:d1"), "PROBE-PACKAGE")
    more = (marked("step"), "PROBE-WHAT", "PROBE-DATA", ABOVE, LINE, marked("end of what is there"))
    end = (RULES, "# Task", TASK, "PROBE-FORM", "```python")
    others = ({**values, "role": "tests"}, {**values, "makes": "PROBE-MADE"})
    return [Probe(each, (*told, *more, *end)) for each in (values, *others)]


def review_probes() -> list[Probe]:
    """Return those of the question for verdicts."""
    cell = {"label": "1", "title": "PROBE-NAME", "text": LINE}
    told = (ANNOUNCED, marked("unit u1"), "PROBE-TITLE", CELL, marked("cell 1"), LINE)
    end = (marked("end of cells"), "# Task", TASK, '"verdicts"')
    return [Probe({**_SHARED, "entries": [_ENTRY], "cells": [cell]}, (*told, *end))]
