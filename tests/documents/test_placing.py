"""Ids in the order of pages."""

from __future__ import annotations

from gptoss_lab.documents.placing import Placed, Starts, next_starts, place

FIRST = Starts(1, 100_000, 1)


def at(number: int) -> Starts:
    """Return where a page begins that stands at a place in the index."""
    return Starts(number, 100_000 + number, number)


def of(*numbers: int) -> Starts:
    """Return how much a page holds: the same of each kind."""
    return Starts(*numbers * 3)


def end(start: Starts, _: Starts | None) -> Starts:
    """Return the end of a page that holds three of each kind."""
    return Starts(*(one + 3 for one in start))


def test_pages_that_stay_keep_their_place() -> None:
    """One that grows does too, as long as it ends before the next."""
    pages = [Placed("a", at(1), None), Placed("b", at(20), of(30)), Placed("c", at(50), None)]
    assert place(pages, FIRST, end) == {"a": at(1), "b": at(20), "c": at(50)}
    assert place([*pages[:1], Placed("b", at(20), of(31)), pages[2]], FIRST, end) is None


def test_a_new_page_stands_in_the_middle_of_what_is_free() -> None:
    """After the ids of the page before, so that both have room; at the end there is always some."""
    pages = [
        Placed("a", at(1), None),
        Placed("n", None, of(2)),
        Placed("c", at(30), None),
        Placed("z", None, of(5)),
    ]
    found = place(pages, FIRST, end)
    assert found is not None
    assert found["n"] == at(4 + (26 - 2) // 2)
    assert found["z"].symbol > 33
    full = [Placed("a", at(1), None), Placed("n", None, of(20)), Placed("c", at(20), None)]
    assert place(full, FIRST, end) is None


def test_pages_in_another_order_have_no_place() -> None:
    """Ids follow the order, so these have to be given anew."""
    assert place([Placed("b", at(20), None), Placed("a", at(1), None)], FIRST, end) is None


def test_empty_pages_are_told_apart() -> None:
    """Each takes an id, so that their order is known."""
    found = place([Placed(name, None, of(0)) for name in "abc"], FIRST, end)
    assert found is not None
    assert found["a"] < found["b"] < found["c"]


def test_room_grows_with_a_page() -> None:
    """A large page gets more than a small one."""
    small, large = next_starts(at(1), at(1)), next_starts(at(1), at(401))
    assert (small.symbol, large.symbol) == (17, 401 + 16 + 100)
