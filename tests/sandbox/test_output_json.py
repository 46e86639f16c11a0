"""Plain data stays plain data."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.sandbox.output_json import MAX_SHOWN_VALUES, clean_tree, clean_value


def test_data_keeps_its_shape() -> None:
    """Texts are cleaned, keys too."""
    assert clean_tree({"a\u202e": [1, 2.5, None, True, {"b": "\x1b]0;t\x07x"}]}) == {
        "a\ufffd": [1, 2.5, None, True, {"b": "x"}]
    }
    assert clean_tree([]) == []


def test_what_is_no_tree_or_too_much_is_none() -> None:
    """A page draws each value; what is too deep is cut there."""
    assert clean_tree("text") is None
    assert clean_tree([0] * (MAX_SHOWN_VALUES + 1)) is None
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    assert str(clean_tree(deep)).count("[") == 32
    assert clean_value({"a": object()}) == {"a": None}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_cleaning_twice_is_cleaning_once(value: Any) -> None:
    """Nothing is left to clean."""
    assert clean_value(clean_value(value)) == clean_value(value)
