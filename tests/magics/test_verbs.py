"""What the verbs say."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.error import UsageError

from gptoss_lab.magics import verbs
from gptoss_lab.schemas.model import ModelState


class Fake:
    """Answers from a table; what is not in it is not on the server."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self._answers = answers

    def get(self, path: str) -> dict[str, Any]:
        """Return what stands there."""
        if path not in self._answers:
            raise UsageError("answered 404")
        return self._answers[path]


HEALTH = {"version": "0.1", "generator": "model", "model": "gpt-oss-20b", "sandbox": {"available": False}}


def test_sources_are_listed() -> None:
    """Or the way to have some is told."""
    row = {"title": "pandas", "version": "2.2", "chunks": 9, "examples": 3}
    assert verbs.sources(Fake(corpora={"corpora": [row]})) == "pandas 2.2: 9 passages, 3 examples"
    assert "--docs pandas" in verbs.sources(Fake(corpora={"corpora": []}))


def test_status_says_who_answers_and_what_is_verified() -> None:
    """With the reason where nothing can be."""
    health = {**HEALTH, "sandbox": {"available": False, "reason": "no Docker"}}
    assert verbs.status(Fake(health=health)).splitlines() == [
        "gptoss_lab 0.1",
        "Model: gpt-oss-20b",
        "Verification: no Docker",
    ]
    good = {**HEALTH, "generator": "examples", "sandbox": {"available": True, "runtime": "docker"}}
    assert "No model is attached" in verbs.status(Fake(health=good))
    assert "with docker" in verbs.status(Fake(health=good))


def test_model_says_what_it_does() -> None:
    """Its phase and percentage, its failure, its memory; an older server's health instead."""
    state = {"model": "gpt-oss-20b", "phase": "loading", "progress": {"percent": 41.7}}
    assert verbs.model(Fake(model=state)) == "gpt-oss-20b: loading, 42 %"
    failed = {
        "phase": "failed",
        "failure": {"message": "Out of memory.", "hint": "Use less."},
        "memory": {"resident_bytes": 3 << 20},
    }
    assert verbs.model(Fake(model=failed)) == "No model: failed\nOut of memory. Use less.\nMemory: 3 MiB"
    assert "No model is attached" in verbs.model(Fake(model=ModelState().model_dump()))
    ready = ModelState(phase="ready", model="gpt-oss-20b").model_dump()
    assert verbs.model(Fake(model=ready)) == "gpt-oss-20b: ready"
    assert verbs.model(Fake(health=HEALTH)) == "Model: gpt-oss-20b"


def test_history_lists_generations_only() -> None:
    """Ten at most, each on a line."""
    job = {
        "kind": "generate",
        "state": "done",
        "created_at": "2026-11-26T22:01:02Z",
        "cells": 2,
        "verified": 1,
    }
    jobs = [{**job, "task": "mean\nof " + "x" * 99}, {**job, "kind": "execute"}, *[job] * 20]
    rows = verbs.history(Fake(**{"code/jobs": {"jobs": jobs}})).splitlines()
    assert len(rows) == verbs.MAX_JOBS
    assert rows[0].startswith("2026-11-26 22:01  done       2 cells, 1 verified  mean of xxx")
    assert rows[0].endswith("…")
    assert "remembers no generation" in verbs.history(Fake(**{"code/jobs": {"jobs": []}}))


@pytest.mark.parametrize("name", ["sources", "status", "model", "history"])
def test_every_verb_is_listed(name: str) -> None:
    """The help and the completion read the same table."""
    assert name in verbs.VERBS
