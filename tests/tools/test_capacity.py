"""How many people a GPU serves, on paper."""

from __future__ import annotations

import re

import pytest

from tools import capacity
from tools.release.build import ROOT


def test_the_page_shows_what_the_program_prints() -> None:
    """Whoever changes a figure writes the tables anew."""
    text = (ROOT / "docs" / "how-to" / "deploy.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- capacity -->\n(.*)\n<!-- /capacity -->", text, re.DOTALL)
    assert shown is not None
    assert shown[1] == capacity.page(), "put the output of `python -m tools.capacity` between the marks"


@pytest.mark.parametrize(
    ("load", "slots", "share"),
    [(0.0, 1, 0.0), (0.5, 1, 0.5), (1.0, 2, 1 / 3), (8.0, 8, 1.0), (9.0, 8, 1.0)],
)
def test_waiting_is_erlang_s(load: float, slots: int, share: float) -> None:
    """One slot waits as often as it is busy; two with load one a third of the time; full load always."""
    assert capacity.waiting(load, slots) == pytest.approx(share)


def test_more_slots_serve_more_than_in_proportion() -> None:
    """What is shared by more people waits less."""
    assert capacity.people(8) > 8 * capacity.people(1)


def test_memory_bounds_what_a_gpu_holds() -> None:
    """Longer requests are fewer; a GPU that is smaller than the model holds none."""
    assert capacity.sequences(24, 32_768) < capacity.sequences(24, 8_192)
    assert capacity.sequences(8, 1_024) == 0


def test_a_host_verifies_no_more_than_memory_and_processors_allow() -> None:
    """The scarcer of the two decides."""
    assert capacity.verifying(64, 8) == capacity.verifying(4, 256)


def test_every_figure_says_where_it_comes_from() -> None:
    """Assumptions are called so."""
    known = ("assumed", "measured", "chosen", "`")
    assert all(figure.source.startswith(known) or "report" in figure.source for figure in capacity.FIGURES)
