"""Templates of a person's own: files in a folder, each checked before it takes a built-in one's place."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gptoss_lab.prompts.template import NAMES, SUFFIX, TemplateName, Templates, Wording
from gptoss_lab.prompts.template_check import problems_of
from gptoss_lab.schemas.config import PromptConfig

LOG = logging.getLogger(__name__)
_MAX_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Override:
    """A file that is to be a template. Without problems it is.

    Attributes:
        name: The template; None for a file that has the name of none.
    """

    path: Path
    name: TemplateName | None
    text: str = ""
    problems: tuple[str, ...] = ()


def templates_folder(config: PromptConfig, data: Path) -> Path:
    """Return where templates of a person's own lie, whether or not the folder is there."""
    return Path(config.templates).expanduser() if config.templates else data / "templates"


def read_overrides(folder: Path) -> list[Override]:
    """Read and check the templates of a folder; none where it is not there. Blocks."""
    return list(_read(folder)) if folder.is_dir() else []


def read_wording(config: PromptConfig, data: Path) -> Wording:
    """Return what stands in every prompt; a template that is refused is told in the log. Blocks.

    Args:
        config: The configuration.
        data: Our data folder.
    """
    found = read_overrides(templates_folder(config, data))
    refused = [override for override in found if override.problems]
    for override in refused:
        LOG.warning(
            "The template %s is not used: %s. The built-in one is; see `jupyter gptoss templates check`.",
            override.path,
            "; ".join(override.problems),
        )
    texts = {override.name: override.text for override in found if override.name and not override.problems}
    notes = tuple(
        f"Your template {override.path.name} is not used, as {override.problems[0]}." for override in refused
    )
    return Wording(Templates(texts), config.house_rules, notes)


def _read(folder: Path) -> Iterator[Override]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        stem = path.name.removesuffix(SUFFIX)
        name = next((known for known in NAMES if known == stem), None)
        if name is None:
            known = ", ".join(f"{each}{SUFFIX}" for each in NAMES)
            yield Override(path, None, problems=(f"no template has this name; there are {known}",))
            continue
        try:
            text = _text(path)
        except (OSError, UnicodeDecodeError) as error:
            yield Override(path, name, problems=(f"it cannot be read: {error}",))
            continue
        yield Override(path, name, text, tuple(problems_of(name, text)))


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES).decode("utf-8")
