"""Places for connections that wait for events."""

from __future__ import annotations

import pytest

from gptoss_lab.errors import LimitReachedError, TooManyReadersError
from gptoss_lab.services.access import Access
from gptoss_lab.services.readers import Readers


def test_one_person_takes_no_more_than_their_share() -> None:
    """Another one still finds a place."""
    readers = Readers(2, 10)
    leave = readers.enter("ada")
    readers.enter("ada")
    with pytest.raises(LimitReachedError, match="You follow 2"):
        readers.enter("ada")
    readers.enter("bob")
    leave()
    readers.enter("ada")


def test_there_are_only_so_many_in_all() -> None:
    """It is the server that is full then, and it says after how long to come again."""
    readers = Readers(0, 2)
    readers.enter("ada")
    readers.enter("bob")
    with pytest.raises(TooManyReadersError) as caught:
        readers.enter("carl")
    assert (caught.value.status, caught.value.retry_after_s) == (503, 10.0)


def test_a_place_is_given_back_once() -> None:
    """Tornado may tell of an end twice."""
    readers = Readers()
    leave = readers.enter("ada")
    readers.enter("ada")
    leave()
    leave()
    assert readers.count == 1


def test_the_defaults_bound_both() -> None:
    """A server without a configuration has limits too, those of all wider than those of one."""
    config = Access().config
    assert 0 < config.readers < config.readers_in_all
