"""The templates of the prompts."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

TemplateName = Literal["developer", "documents", "task", "repair", "edit"]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("gptoss_lab.prompts"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - a model reads it, no browser; `neutralise` is its escape
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(name: TemplateName, **values: Any) -> str:
    """Render a template; a value that it needs and does not get is an error."""
    return _environment().get_template(f"{name}.md.j2").render(**values).strip()
