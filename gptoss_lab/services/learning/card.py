"""The card of a dataset: what is in it, where it comes from, what was left out.

Source: https://huggingface.co/docs/hub/datasets-cards
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from gptoss_lab.schemas.learning import DatasetReport

WIDTH = 100
_WORDS = {
    "pending": "cells that wait for a review",
    "change_of_a_cell": "changes of cells that were there",
    "no_task": "cells whose task nobody has any more",
    "no_job": "cells without a job",
    "unread_notebook": "notebooks that could not be read",
    "task_too_long": "rows whose task does not fit into a prompt",
    "secrets": "rows with secrets in them",
    "exact": "rows that were there already",
    "near": "rows with the same code but for its layout",
}


def card(report: DatasetReport) -> str:
    """Return the card as Markdown."""
    return "\n".join((*_front(report), *_body(report))) + "\n"


def _front(report: DatasetReport) -> Iterator[str]:
    yield from ("---", "pretty_name: Reviewed notebook cells", "license: other", "tags: [trl, code, jupyter]")
    yield "configs:"
    for kind in ("sft", "preference"):
        files = [file for file in report.files if file.name.startswith(f"{kind}-")]
        if files:
            yield f"- config_name: {kind}"
            yield "  data_files:"
        for file in files:
            split = file.name.removeprefix(f"{kind}-").removesuffix(".jsonl")
            yield f"  - {{split: {split}, path: {file.name}}}"
    yield "---"


def _body(report: DatasetReport) -> Iterator[str]:
    yield "# Reviewed notebook cells"
    yield ""
    yield from textwrap.wrap(
        "Written by `jupyter gptoss dataset export` from reviews of generated cells. It holds your tasks and "
        "your code: look through it before you give it to anybody. The licence is that of your notebooks and "
        "of the documentation they cite; `licences` of each row says what is known of it.",
        WIDTH,
    )
    yield ""
    yield "| file | rows | bytes | SHA-256 |"
    yield "|---|---|---|---|"
    for file in report.files:
        yield f"| {file.name} | {file.rows} | {file.size_bytes} | `{file.sha256[:16]}` |"
    yield ""
    yield from textwrap.wrap(
        "`sft-*` are prompts with completions, `preference-*` prompts with what was chosen and what was "
        "rejected, in the conversational form of TRL. `gptoss_lab` says of each row where it comes from.",
        WIDTH,
    )
    yield ""
    yield f"- Notebooks read: {report.notebooks}; generations reviewed to the end: {report.generations}"
    yield f"- Cells: {_listed(report.verdicts)}"
    yield f"- Left out: {_listed({**report.skipped, **report.dropped}) or 'nothing'}"
    yield f"- Duplicates: {_listed(report.duplicates) or 'none'}"
    yield f"- Taken out as secret or personal: {_listed(report.secrets) or 'nothing was found'}"
    yield f"- Edited or rejected generations whose original is not known any more: {report.unknown_originals}"
    yield f"- Split by notebook, {report.validation:g} for validation, seed {report.seed}"
    yield f"- Templates of the prompts: {report.templates}"
    yield ""
    yield "Patterns find most secrets, not all: nothing replaces a look of your own."


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {_WORDS.get(name, name)}" for name, count in counts.items() if count)
