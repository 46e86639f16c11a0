"""Which texts are new versions of which others."""

from __future__ import annotations

from gptoss_lab.services.generators.likeness import likeness, pairs


def test_as_many_stand_in_their_order() -> None:
    """Whatever they hold."""
    assert pairs(["a", "b"], ["zzz", "yyy"]) == [0, 1]


def test_others_by_likeness() -> None:
    """Each offered text is taken once, and one that is like nothing is not taken."""
    assert pairs(["sales.mean()"], ["import os", "sales.mean(axis=0)"]) == [1]
    assert pairs(["a = 1", "sales.mean()", "c = 3"], ["sales.median()"]) == [None, 0, None]
    assert pairs(["qqq"], ["xxx", "yyy"]) == [None]


def test_likeness() -> None:
    """From 0 to 1."""
    assert likeness("abc", "abc") == 1
    assert likeness("abc", "xyz") == 0
