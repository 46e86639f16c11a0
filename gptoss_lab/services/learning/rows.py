"""Generations as rows that TRL reads: conversational prompt-completion, and preferences.

Source: https://huggingface.co/docs/trl/dataset_formats
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any, Literal

from gptoss_lab.errors import TooLargeError
from gptoss_lab.prompts.layout import Layout, Pack
from gptoss_lab.prompts.template import Wording
from gptoss_lab.schemas.base import Effort, Language
from gptoss_lab.schemas.documents import Citation
from gptoss_lab.services.learning.likeness import exact, near
from gptoss_lab.services.learning.reviewed import Part, Reviewed
from gptoss_lab.services.learning.scrub import scrub

Kind = Literal["sft", "preference"]
EFFORT: Effort = "medium"
CONTEXT_TOKENS = 32_768
SCHEMA = 1
_LONGEST_LICENCE = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One row, ready to be written.

    Attributes:
        text: A line of JSON.
        exact: Tells it from every other prompt and answer.
        near: The same for what layout and comments do not change.
        secrets: How many of each kind were taken out of it.
    """

    kind: Kind
    notebook: str
    text: str
    exact: bytes
    near: bytes
    secrets: Mapping[str, int]


class RowMaker:
    """Makes rows by the templates of this server, so that a prompt reads as it did when it was asked.

    Documentation is left out of prompts: what was sent is not kept, and it is not the person's own.

    Args:
        wording: The templates and house rules.
        drop_secrets: Leave a row out where a secret is found, instead of what was found.
    """

    def __init__(self, wording: Wording, *, drop_secrets: bool = False) -> None:
        self._wording = wording
        self._drop = drop_secrets
        self._layouts: dict[Language, Layout] = {}
        self.dropped: Counter[str] = Counter()

    def completion(self, one: Reviewed) -> Row | None:
        """Return what is learnt from what was kept; None where that is nothing, or is dropped."""
        if not any(part.kind == "code" for part in one.kept):
            return None
        return self._row("sft", one, one.kept, {"completion": one.kept})

    def preference(self, one: Reviewed, chosen: Sequence[Part], kept_in: str = "") -> Row | None:
        """Return a pair: what was chosen, and what this generation gave.

        Args:
            one: The generation that was edited or rejected.
            chosen: What the person has instead.
            kept_in: The job that `chosen` is of, where it is another one.
        """
        if not one.generated or not any(part.kind == "code" for part in chosen):
            return None
        if _code_near(one.generated) == _code_near(chosen):
            return None
        return self._row("preference", one, chosen, {"chosen": chosen, "rejected": one.generated}, kept_in)

    def _row(
        self,
        kind: Kind,
        one: Reviewed,
        code: Sequence[Part],
        answers: Mapping[str, Sequence[Part]],
        kept_in: str = "",
    ) -> Row | None:
        secrets: Counter[str] = Counter()

        def clean(text: str) -> str:
            cleaned, found = scrub(text)
            secrets.update(found)
            return cleaned

        task = clean(one.task)
        prompt = self._prompt(one.language, task)
        if prompt is None:
            self.dropped["task_too_long"] += 1
            return None
        texts = {name: clean(answer_text(parts)) for name, parts in answers.items()}
        if self._drop and secrets:
            self.dropped["secrets"] += 1
            return None
        said = {name: [{"role": "assistant", "content": text}] for name, text in texts.items()}
        row = {"prompt": prompt, **said, "gptoss_lab": _provenance(one, clean, kept_in)}
        key = json.dumps([task, *texts.values()])
        return Row(
            kind=kind,
            notebook=one.notebook,
            text=json.dumps(row, ensure_ascii=False),
            exact=exact(kind + key),
            near=exact(kind + " ".join(task.split()).casefold()) + _code_near(code),
            secrets=dict(secrets),
        )

    def _prompt(self, language: Language, task: str) -> list[dict[str, str]] | None:
        if language not in self._layouts:
            self._layouts[language] = Layout(language, EFFORT, CONTEXT_TOKENS, wording=self._wording)
        try:
            messages = self._layouts[language].draft(task, Pack(), ()).messages
        except TooLargeError:
            return None
        return [{"role": message.role, "content": message.content} for message in messages]


def answer_text(parts: Sequence[Part]) -> str:
    """Return cells as the model writes them: text as it is, code in fenced blocks."""
    return "\n\n".join(
        part.text.strip() if part.kind == "markdown" else _fenced(part) for part in parts if part.text.strip()
    )


def _fenced(part: Part) -> str:
    text = part.text.strip("\n")
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{part.language}\n{text}\n{fence}"


def _code_near(parts: Sequence[Part]) -> bytes:
    return near([(part.language, part.text) for part in parts if part.kind == "code"])


def _provenance(one: Reviewed, clean: Any, kept_in: str) -> dict[str, Any]:
    origin = one.origin
    return {
        "schema": SCHEMA,
        "notebook": clean(one.notebook),
        "job": one.job,
        "kept_job": kept_in or one.job,
        "created_at": one.created_at,
        "generator": origin.generator,
        "model": origin.model,
        "seed": -1 if origin.seed is None else origin.seed,
        "templates": origin.templates,
        "language": one.language,
        "accepted": one.verdicts.get("accepted", 0),
        "edited": one.verdicts.get("edited", 0),
        "rejected": one.verdicts.get("rejected", 0),
        # Lists of texts: Arrow, which TRL reads with, wants the same members in each row.
        "sources": [clean(_source(source)) for source in one.sources],
        "licences": sorted({licence for source in one.sources if (licence := licence_of(source.source))}),
        "packages": list(one.packages),
    }


def _source(source: Citation) -> str:
    named = f"{source.source} {source.version}".strip()
    return f"{named}: {source.link}" if source.link else named


@cache
def licence_of(name: str) -> str:
    """Return a package's own words on its licence; empty where it is not installed here, or says nothing."""
    try:
        said = metadata(name)
    except (PackageNotFoundError, ValueError):
        return ""
    words = next((said[name] for name in ("License-Expression", "License") if said.get_all(name)), "")
    first = words.strip().splitlines()[:1]
    if first and len(first[0]) <= _LONGEST_LICENCE:
        return f"{name}: {first[0].strip()}"
    names = [
        line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or [] if line.startswith("License")
    ]
    return f"{name}: {', '.join(names)}" if names else ""
