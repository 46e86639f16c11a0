"""Notebooks as a review leaves them, and the store that knows what was generated."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from gptoss_lab.prompts.template import Wording
from gptoss_lab.schemas.config import ExecutionConfig
from gptoss_lab.schemas.events import CellClose, CellOpen, Done, Event, Queued
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.services.job_store.records import JobRecord, StoredEvent
from gptoss_lab.services.job_store.store import JobStore
from gptoss_lab.services.learning.export import DatasetExport
from gptoss_lab.services.learning.history import History


def cell(job: str, name: str, text: str, verdict: str = "accepted", **ours: Any) -> dict[str, Any]:
    """Return a cell as the page leaves it."""
    record = {
        "verdict": verdict,
        "at": "2026-01-02T03:04:05Z",
        "kept_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    said = {
        "review": "accepted",
        "job": job,
        "cell": name,
        "task": f"task of {job}",
        "generator": "model",
        "model": "gpt-oss-20b",
        "record": record,
        **ours,
    }
    return {
        "cell_type": "code",
        "source": text,
        "metadata": {"gptoss_lab": said},
        "outputs": ["never written"],
    }


def gone(job: str, name: str, task: str) -> dict[str, Any]:
    """Return what a notebook remembers of a rejected cell."""
    record = {"verdict": "rejected", "at": "2026-01-02T03:04:05Z"}
    return {
        "job": job,
        "cell": name,
        "task": task,
        "generator": "model",
        "model": "gpt-oss-20b",
        "record": record,
    }


def write(path: Path, *cells: dict[str, Any], removed: tuple[dict[str, Any], ...] = ()) -> Path:
    """Write a notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"kernelspec": {"language": "python"}, "gptoss_lab": {"removed": list(removed)}}
    path.write_text(json.dumps({"nbformat": 4, "metadata": metadata, "cells": list(cells)}))
    return path


def keep_job(
    folder: Path, job: str, *sources: str, task: str = "", created_at: str = "2026-01-02T00:00:00+00:00"
) -> None:
    """Keep a generation as the server does."""
    folder.mkdir(exist_ok=True, mode=0o700)
    request = CodeGenerationRequest(task=task or f"task of {job}")
    events: list[Event] = [Queued(seq=1, job=job)]
    for place, source in enumerate(sources):
        events.append(
            CellOpen(
                seq=len(events) + 1,
                job=job,
                cell=f"c{place + 1}",
                kind="code",
                index=place,
                language="python",
            )
        )
        events.append(CellClose(seq=len(events) + 1, job=job, cell=f"c{place + 1}", source=source))
    events.append(Done(seq=len(events) + 1, job=job, state="done", cells=len(sources)))
    store = JobStore(folder)
    record = JobRecord(
        job, "me", "generate", created_at, created_at, request.model_dump_json(), "", "{}", "", ""
    )
    stored = [StoredEvent(job, event.seq, event.model_dump_json(), 0) for event in events]
    store.write([record], stored, [])
    store.close()


def exporter(jobs: Path, stopped: Any = lambda: False) -> DatasetExport:
    """Return an export that knows the store."""
    history = History(jobs, ExecutionConfig())
    return DatasetExport(history, Wording(), stopped=stopped, progress=lambda _name, _count: None)


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a file of a dataset."""
    file = folder / f"{name}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
