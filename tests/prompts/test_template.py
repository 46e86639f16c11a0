"""Templates are strict."""

from __future__ import annotations

from typing import get_args

import pytest
from jinja2 import UndefinedError

from gptoss_lab.prompts.template import TemplateName, render


@pytest.mark.parametrize("name", get_args(TemplateName))
def test_a_missing_value_is_an_error(name: TemplateName) -> None:
    """No template renders a hole."""
    with pytest.raises(UndefinedError):
        render(name)


def test_values_are_not_escaped_and_not_templates() -> None:
    """Code stays code, and template syntax in a value is plain text."""
    text = render("task", cells=[], marker="m", task="a < b {{ secret }}", language_name="R", max_cells=None)
    assert "a < b {{ secret }}" in text
