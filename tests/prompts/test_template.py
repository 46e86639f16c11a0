"""Templates are strict."""

from __future__ import annotations

from typing import get_args

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from gptoss_lab.prompts.template import TemplateName, Templates, built_in


@pytest.mark.parametrize("name", get_args(TemplateName))
def test_a_missing_value_is_an_error(name: TemplateName) -> None:
    """No template renders a hole."""
    with pytest.raises(UndefinedError):
        built_in().render(name)


def test_values_are_not_escaped_and_not_templates() -> None:
    """Code stays code, and template syntax in a value is plain text."""
    text = built_in().render(
        "task",
        cells=[],
        variables=[],
        rules="",
        marker="m",
        task="a < b {{ secret }}",
        language_name="R",
        max_cells=None,
    )
    assert "a < b {{ secret }}" in text


def test_a_version_tells_texts_apart() -> None:
    """The same texts have the same version, another text another one."""
    assert Templates().version == built_in().version
    assert Templates({"task": built_in().texts["task"] + "\nBe brief."}).version != built_in().version


def test_a_template_reaches_nothing() -> None:
    """What is no value of the template's cannot be read through one."""
    hostile = Templates({"developer": "{{ language_name.__class__.__mro__ }} {{ fence }}{{ rules }}"})
    with pytest.raises(SecurityError):
        hostile.render("developer", language_name="Python", fence="python", rules="")
