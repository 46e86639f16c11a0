"""Metadata that anybody may have written."""

from __future__ import annotations

from typing import Any

import pytest

from gptoss_lab.drafts.report_reading import (
    MAX_PACKAGES,
    read_environments,
    read_provenance,
    read_removed,
)
from gptoss_lab.schemas.review import MAX_DECISIONS, MAX_REMOVED

RECORD = {"verdict": "edited", "at": "2026-01-02T03:04:05Z", "generated_chars": 10, "kept_chars": 8}


def ours(value: Any) -> dict[str, Any]:
    """Return metadata with our member."""
    return {"gptoss_lab": value}


@pytest.mark.parametrize("metadata", [None, 3, [], {}, {"gptoss_lab": None}])
def test_a_cell_of_a_person_has_no_provenance(metadata: Any) -> None:
    """Whatever its metadata are."""
    assert read_provenance(metadata) is None
    assert list(read_removed(metadata)) == []
    assert list(read_environments(metadata)) == []


@pytest.mark.parametrize("value", ["", 3, [], {}, {"review": "fine"}, {"review": ["accepted"]}])
def test_what_cannot_be_read_is_pending(value: Any) -> None:
    """As the page takes it: a damaged record is no acceptance."""
    found = read_provenance(ours(value))
    assert found is not None
    assert (found.review, found.generator, found.job) == ("pending", "examples", "")


def test_what_is_wrong_is_left_out_and_the_rest_read() -> None:
    """Unknown members of a later version, wrong types, damaged items of lists."""
    value = {
        "review": "accepted",
        "job": "j1",
        "cell": 7,
        "generator": "model",
        "later": {"version": 2},
        "seed": "many",
        "record": {**RECORD, "later": 1, "kept_sha256": "no hash"},
        "sources": [{"source": "pandas", "title": "groupby", "page": -1}, "nonsense", {"title": 3}],
        "checks": "nonsense",
        "decisions": [{"at": "", "scope": "hunk", "verdict": "accepted"}, {"scope": "hunk"}],
    }
    found = read_provenance(ours(value))
    assert found is not None
    assert (found.review, found.job, found.cell, found.seed) == ("accepted", "j1", "", None)
    assert found.record is not None
    assert (found.record.verdict, found.record.kept_sha256) == ("edited", "")
    assert [(one.title, one.page) for one in found.sources] == [("groupby", None)]
    assert (found.checks, len(found.decisions)) == ((), 1)


def test_lists_are_bounded() -> None:
    """A notebook of a million decisions costs no memory."""
    decision = {"at": "", "scope": "hunk", "verdict": "accepted"}
    found = read_provenance(ours({"review": "pending", "decisions": [decision] * 10_000}))
    assert found is not None
    assert len(found.decisions) == MAX_DECISIONS
    cell = {"job": "j", "cell": "c", "generator": "model", "record": RECORD}
    assert len(list(read_removed(ours({"removed": [cell] * 10_000})))) == MAX_REMOVED
    packages = {str(number): "1" for number in range(10_000)}
    image = {"runtime": "docker", "image": "i", "tag": "t", "packages": packages}
    (environment,) = read_environments(ours({"environments": {"i": image}}))
    assert len(environment.packages) == MAX_PACKAGES


def test_removed_cells_without_a_record_are_no_removed_cells() -> None:
    """There is nothing to tell of them."""
    good = {"job": "j", "cell": "c", "generator": "model", "record": RECORD, "source": "x = 1"}
    bad = [{**good, "record": None}, {"record": RECORD}, 3, None, []]
    (found,) = read_removed(ours({"removed": [*bad, good]}))
    assert (found.job, found.record.verdict) == ("j", "edited")
