"""The templates of the prompts, rendered where they can reach nothing but their values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

TemplateName = Literal[
    "developer",
    "documents",
    "task",
    "repair",
    "edit",
    "paper_rules",
    "paper_units",
    "paper_plan",
    "paper_cell",
    "paper_review",
]
NAMES: tuple[TemplateName, ...] = get_args(TemplateName)
SUFFIX = ".md.j2"


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """Return what reads and renders templates: a file of a person's is no program."""
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # a model reads it, no browser; `neutralise` is its escape
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Templates:
    """A text for each template.

    Args:
        texts: What differs from the built-in ones, already checked.

    Attributes:
        texts: All of them.
        version: A hash of all texts, to tell by which templates a cell was made.
    """

    def __init__(self, texts: Mapping[TemplateName, str] | None = None) -> None:
        self.texts = {**_built_in_texts(), **(texts or {})}
        self.version = version_of(*(self.texts[name] for name in NAMES))
        self._compiled = {name: environment().from_string(self.texts[name]) for name in NAMES}

    def render(self, name: TemplateName, **values: Any) -> str:
        """Render a template; a value that it needs and does not get is an error."""
        return self._compiled[name].render(**values).strip()


@cache
def built_in() -> Templates:
    """Return the templates that come with us."""
    return Templates()


def version_of(*texts: str) -> str:
    """Return a short hash of texts."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Wording:
    """What the server's configuration puts into every prompt.

    Attributes:
        rules: The administrator's house rules.
        notes: Which templates of a person's own are not used, and why.
    """

    templates: Templates = field(default_factory=built_in)
    rules: str = ""
    notes: tuple[str, ...] = ()


def _built_in_texts() -> dict[TemplateName, str]:
    folder = files("gptoss_lab.prompts") / "templates"
    return {name: (folder / f"{name}{SUFFIX}").read_text("utf-8") for name in NAMES}
