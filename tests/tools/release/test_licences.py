"""Which licences pass."""

from __future__ import annotations

from typing import Any

import pytest

from tools.release import licences


def component(*said: dict[str, Any], name: str = "a") -> dict[str, Any]:
    """Return a component with what it says of its licences."""
    return {"name": name, "version": "1", "licenses": list(said)}


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "Apache-2.0 OR GPL-3.0-only",
        "(MIT AND BSD-3-Clause) OR GPL-2.0-only",
        "ISC AND (MIT OR LGPL-3.0)",
    ],
)
def test_a_permissive_licence_passes(licence: str) -> None:
    """Of alternatives one is enough; of what holds together all must be."""
    assert licences.is_permissive(licence)


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "MIT AND GPL-2.0-only", "", "AND", "Proprietary", "True", "MIT WITH"]
)
def test_any_other_does_not(licence: str) -> None:
    """What cannot be read is no permission."""
    assert not licences.is_permissive(licence)


def test_a_package_without_a_permissive_licence_is_named() -> None:
    """With the place where a reason could be given."""
    (told,) = licences.refusals([component({"license": {"id": "AGPL-3.0-only"}}, name="fast-pdf")])
    assert "fast-pdf 1: AGPL-3.0-only" in told
    assert "tools.release.licences" in told


def test_a_package_that_states_no_licence_is_named() -> None:
    """Silence is no permission."""
    (told,) = licences.refusals([component()])
    assert "no licence stated" in told


def test_an_identifier_goes_before_the_words_of_the_index() -> None:
    """Old classifiers stand beside the exact licence for a while."""
    said = ({"license": {"name": "License :: OSI Approved :: Strange"}}, {"license": {"id": "MIT"}})
    assert licences.stated(component(*said)) == ["MIT"]
    assert not list(licences.refusals([component(*said)]))


def test_words_alone_must_all_be_permissive() -> None:
    """Whether they are alternatives is not said."""
    free, strict = "License :: OSI Approved :: MIT License", "License :: OSI Approved :: GNU GPL"
    said = component({"license": {"name": free}}, {"license": {"name": strict}})
    assert len(list(licences.refusals([said]))) == 1


def test_an_exception_that_is_over_is_named() -> None:
    """A package that has mended its metadata needs none."""
    (told,) = licences.refusals([component({"license": {"id": "MIT"}}, name="bleach")])
    assert "take it out" in told


def test_every_exception_has_a_reason_and_shows_in_the_report() -> None:
    """A licence that was looked up is told as such."""
    assert all(licence and len(reason) > 20 for licence, reason in licences.ACCEPTED.values())
    report = licences.table([component(name="certifi"), component({"license": {"id": "MIT"}})])
    assert "| certifi | 1 | MPL-2.0 | a list of certificates" in report
    assert "| a | 1 | MIT |  |" in report
