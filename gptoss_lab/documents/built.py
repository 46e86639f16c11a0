"""What all ways to build an index share: when it is given up, what it states, what is told of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from gptoss_lab.documents import PARSER_VERSION
from gptoss_lab.documents.index_writer import IndexWriter
from gptoss_lab.documents.jobs import ParseJob, ParseResult
from gptoss_lab.errors import DocumentError

_MAX_WARNINGS = 20


@contextmanager
def writing(output: Path) -> Iterator[IndexWriter]:
    """Open a new index, and give it up on any error.

    Raises:
        StorageError: The disk is full, or the folder is not writable.
    """
    writer = IndexWriter(output)
    try:
        yield writer
    except BaseException:
        writer.abandon()
        raise


def stated(job: ParseJob, read: Sequence[str] = ()) -> dict[str, str]:
    """Return what an index says of itself.

    Args:
        job: What it is built from.
        read: The files that are in it.
    """
    held = frozenset(read)
    validators = {
        file.path: [file.etag, file.modified]
        for file in job.files
        if file.path in held and (file.etag or file.modified)
    }
    return {"parser": str(PARSER_VERSION), "version": job.version, "validators": json.dumps(validators)}


def require_content(job: ParseJob, records: int, warnings: Sequence[str]) -> None:
    """Refuse a source that gave no records.

    Raises:
        DocumentError: There is nothing in it.
    """
    if not records:
        raise DocumentError(
            f"Nothing to read was found in {job.title}" + (f": {warnings[0]}" if warnings else ""),
            hint="Point at HTML, Markdown, reStructuredText, notebooks or PDF files with text in them.",
        )


def result_of(counts: Mapping[str, int], warnings: Sequence[str]) -> ParseResult:
    """Return what is told of an index that was built."""
    return ParseResult(**counts, warnings=tuple(dict.fromkeys(warnings))[:_MAX_WARNINGS])
