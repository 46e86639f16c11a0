"""JSON as models write it."""

from __future__ import annotations

import time

import pytest

from gptoss_lab.services.paper_pipeline.modelled_answers import (
    UnreadableAnswerError,
    entries_of,
    loose_objects,
    names_of,
    read_object,
    text_of,
)

READABLE = [
    '{"units": [1]}',
    'First I thought of {"units": [0]}, but:\n```json\n{"units": [1]}\n```\nDone {ok}.',
    '[{"other": 1}, {"units": [1]}]',
    '{"answer": {"units": [1]}}',
    '{"units": [1,],}',
    '{"units": [1], "quote": "\\sigma + \\ualpha"}',
    '{"units": [1], "quote": "a\nb\tc"}',
]


@pytest.mark.parametrize("text", READABLE)
def test_the_last_object_of_the_form_is_read(text: str) -> None:
    """With words and fences around it, wrapped, with commas too many and lone backslashes."""
    assert read_object(text, ("units",))["units"] == [1]


@pytest.mark.parametrize("text", ["", "no", "{", '{"units": [1]', '{"others": []}', "[1, 2]", "null"])
def test_what_cannot_be_read_says_what_is_missing(text: str) -> None:
    """So that the model can be told."""
    with pytest.raises(UnreadableAnswerError, match="no complete JSON object with 'units'"):
        read_object(text, ("units",))


def test_mathematics_survives() -> None:
    """A lone backslash is kept, one that is escaped already stays one."""
    assert read_object(r'{"quote": "\sigma \\sigma"}', ("quote",)) == {"quote": r"\sigma \sigma"}


def test_objects_of_an_answer_that_was_cut_off() -> None:
    """Those that are whole."""
    text = '{"units": [{"statement": "a"}, {"statement": "b"}, {"stat'
    assert loose_objects(text) == [{"statement": "a"}, {"statement": "b"}]
    assert loose_objects("nothing") == []


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 50_000, "{" * 150_000 + "}" * 150_000, '"' * 90_000]
)
def test_a_hostile_answer_takes_no_time(text: str) -> None:
    """It is refused within seconds, and breaks nothing."""
    begun = time.process_time()
    with pytest.raises(UnreadableAnswerError):
        read_object(text, ("units",))
    assert loose_objects(text) == []
    assert time.process_time() - begun < 10


def test_values_of_any_kind() -> None:
    """Numbers are texts, a lone entry is a list, and what is neither is nothing."""
    values: list[object] = ["x ", 1.5, 3, True, None, [1], {}]
    assert [text_of(value) for value in values] == ["x", "1.5", "3", "", "", "", ""]
    assert text_of("x" * 900, 10) == "x" * 10
    lists: list[object] = [[1], "b", None]
    assert [entries_of({"a": value}, "a") for value in lists] == [[1], ["b"], []]
    assert names_of(["u1", 2, None, ""]) == ("u1", "2")
    assert names_of("u1") == ("u1",)
