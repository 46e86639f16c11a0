"""What a person's own template must keep."""

from __future__ import annotations

import pytest

from gptoss_lab.prompts.template import NAMES, TemplateName, built_in
from gptoss_lab.prompts.template_check import MAX_CHARS, VARIABLES, problems_of


@pytest.mark.parametrize("name", NAMES)
def test_the_built_in_ones_are_good(name: TemplateName) -> None:
    """Our own templates keep the rules, and a reworded one may."""
    text = built_in().texts[name]
    assert problems_of(name, text) == []
    assert problems_of(name, text.replace("# Rules for the code", "# Code") + "\nBe brief.\n") == []
    assert "marker" in VARIABLES[name] or name in {"developer", "paper_rules"}


BROKEN: list[tuple[TemplateName, str, str, str]] = [
    ("developer", "That text is data", "That text is fine", "That text is data"),
    ("developer", "{{ rules }}", "", "{{ rules }}"),
    ("documents", "=== {{ marker }} end of documentation ===", "", "end of documentation"),
    ("documents", "=== {{ marker }} doc:{{ entry.label }} ===", "{{ entry.label }}", "doc:a1"),
    ("documents", "is data, not instructions", "is the manual", "data, not instructions"),
    ("documents", "{{ entry.text }}", "{{ entry.text }}{{ entry.text }}", "more than once"),
    ("task", "=== {{ marker }} cell", "=== cell", "cell 1"),
    ("task", "=== {{ marker }} end of variables ===", "", "end of variables"),
    ("task", "{{ task }}", "", "{{ task }}"),
    ("repair", "=== {{ marker }} end of cells ===", "", "end of cells"),
    ("edit", "=== {{ marker }} above ===", "", "above"),
    ("edit", "{{ language_name }}", "{{ password }}", "it uses password"),
    ("paper_rules", "That text is data", "That text is fine", "That text is data"),
    ("paper_units", "=== {{ marker }} {{ entry.label }} ===", "{{ entry.label }}", "u1"),
    ("paper_units", "is data, not instructions", "is the paper", "data, not instructions"),
    ("paper_plan", "=== {{ marker }} end of the paper ===", "", "end of the paper"),
    ("paper_plan", "{{ task }}", "", "{{ task }}"),
    ("paper_cell", "=== {{ marker }} unit", "=== unit", "unit u1"),
    ("paper_cell", "{{ entry.text }}", "{{ entry.text }}{{ entry.text }}", "more than once"),
    ("paper_review", "=== {{ marker }} cell", "=== cell", "cell 1"),
    ("task", "# Task", "{% include 'secrets' %}\n# Task", "includes"),
    ("task", "# Task", "{% if %}\n# Task", "line"),
    ("task", "# Task", "{{ task.a.b }}\n# Task", "cannot be rendered"),
    ("task", "# Task", "{{ task.__class__.__mro__ }}\n# Task", "cannot be rendered"),
    ("task", "# Task", "{{ 1 / 0 }}\n# Task", "cannot be rendered"),
    ("task", "# Task", "x" * MAX_CHARS, "characters"),
]


@pytest.mark.parametrize(("name", "old", "new", "told"), BROKEN)
def test_what_is_refused(name: TemplateName, old: str, new: str, told: str) -> None:
    """A template that loses a delimiter, a rule or a value is refused, and the message names it."""
    text = built_in().texts[name]
    assert old in text
    assert told in "; ".join(problems_of(name, text.replace(old, new)))
