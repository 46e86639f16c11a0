"""What is reused of the prompts before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.engines.worker.prefix import PrefixStore
from tests.fakes.networks import FakeCache


def remember(store: PrefixStore, ids: list[int], salt: str = "") -> int:
    """Compute a prompt as `generate` does; return how many of its tokens were not computed again."""
    kept = store.take(ids, salt)
    assert isinstance(kept.cache, FakeCache)
    reused = len(kept.ids)
    assert kept.cache.ids == kept.ids == ids[:reused]
    whole = len(ids) - len(ids) % store.chunk_tokens
    kept.cache.ids += ids[reused:whole]
    kept.ids += ids[reused:whole]
    return reused


def test_the_shared_beginning_is_not_computed_again() -> None:
    """In whole chunks: 20 shared tokens are two chunks of 8."""
    store = PrefixStore(FakeCache, 2, 8)
    assert remember(store, [*range(20), 90, 91, 92, 93]) == 0
    assert remember(store, [*range(20), 80, 81, 82, 83]) == 16


def test_the_last_token_is_always_computed() -> None:
    """The same prompt again needs the scores behind its end."""
    store = PrefixStore(FakeCache, 2, 8)
    assert remember(store, [*range(16)]) == 0
    assert remember(store, [*range(16)]) == 8


def test_a_salt_parts_prompts() -> None:
    """One person's prompts are not measured by another's."""
    store = PrefixStore(FakeCache, 2, 8)
    assert remember(store, [*range(40)], "ann") == 0
    assert remember(store, [*range(40)], "ben") == 0
    assert remember(store, [*range(41)], "ann") == 40


def test_a_long_prompt_survives_one_that_shares_little() -> None:
    """Where another place is to be had, the shared part is copied and the long one stays whole."""
    store = PrefixStore(FakeCache, 2, 8)
    long = [*range(80)]
    assert remember(store, long) == 0
    assert remember(store, [*range(8), *range(100, 140)]) == 8
    assert remember(store, [*long, 1, 2, 3]) == 80


def test_the_oldest_prompt_makes_room() -> None:
    """Two places, three prompts."""
    store = PrefixStore(FakeCache, 2, 8)
    first, second, third = ([start + place for place in range(24)] for start in (0, 100, 200))
    for prompt in (first, second, third):
        assert remember(store, prompt) == 0
    assert remember(store, [*second, 7]) == 24
    assert remember(store, [*first, 7]) == 0
    assert store.tokens == 48


def test_nothing_is_left_after_forgetting() -> None:
    """The memory is given back."""
    store = PrefixStore(FakeCache, 2, 8)
    assert remember(store, [*range(24)]) == 0
    store.forget()
    assert store.tokens == 0
    assert remember(store, [*range(24)]) == 0


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=40), max_size=12))
def test_what_is_reused_is_always_the_beginning_of_the_prompt(prompts: list[list[int]]) -> None:
    """Whatever came before: `remember` compares the tokens in the cache with the prompt's."""
    store = PrefixStore(FakeCache, 2, 4)
    for prompt in prompts:
        reused = remember(store, prompt)
        assert reused % 4 == 0
        assert reused < len(prompt)
