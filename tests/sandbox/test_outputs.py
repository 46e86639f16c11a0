"""What leaves a sandbox can be seen and read, within bounds, and does nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gptoss_lab.sandbox.outputs import CellOutputs, clean_content


def collect(
    *messages: tuple[str, dict[str, Any]], max_bytes: int = 1000, max_messages: int = 100
) -> CellOutputs:
    """Collect messages as one cell's."""
    outputs = CellOutputs(max_bytes=max_bytes, max_messages=max_messages)
    for kind, content in messages:
        outputs.add(kind, content)
    return outputs


def stream(text: str, name: str = "stdout") -> tuple[str, dict[str, Any]]:
    """Make a stream message."""
    return "stream", {"name": name, "text": text}


def test_merges_streams_and_joins_a_colour_cut_in_two() -> None:
    """Consecutive messages of one stream are one output; a sequence may span them."""
    outputs = collect(stream("a\x1b[3"), stream("1mb"), stream("e", "stderr"), stream("c")).outputs()
    assert [(item["name"], item["text"]) for item in outputs] == [
        ("stdout", "a\x1b[31mb"),
        ("stderr", "e"),
        ("stdout", "c"),
    ]


def test_cuts_at_the_byte_limit() -> None:
    """What is over the limit is cut, within a character too, and said."""
    outputs = collect(stream("é" * 10), max_bytes=5)
    assert outputs.truncated
    assert outputs.outputs()[0]["text"] == "éé"
    outputs.add("display_data", {"data": {"text/plain": "x" * 10}, "metadata": {}})
    assert len(outputs.outputs()) == 1


def test_cuts_at_the_message_limit_but_keeps_the_error() -> None:
    """Ten thousand tiny messages stop at the limit; the error after them is still shown."""
    outputs = collect(*[stream("x")] * 10, max_messages=3)
    outputs.add("error", {"ename": "E", "evalue": "v", "traceback": ["t"]})
    assert outputs.truncated
    assert [item["output_type"] for item in outputs.outputs()] == ["stream", "error"]
    assert outputs.outputs()[0]["text"] == "xxx"


def test_clears_at_once_or_with_the_next_output() -> None:
    """clear_output removes what was shown, later when it is asked to wait."""
    waiting = collect(stream("1"), ("clear_output", {"wait": True}))
    assert waiting.outputs()[0]["text"] == "1"
    waiting.add(*stream("2"))
    assert waiting.outputs()[0]["text"] == "2"
    assert collect(stream("1"), ("clear_output", {"wait": False})).outputs() == ()


def test_updates_a_display_in_place() -> None:
    """update_display_data changes every output of that display and adds none."""
    shown = {"data": {"text/plain": "old"}, "metadata": {}, "transient": {"display_id": "d"}}
    update = {"data": {"text/plain": "new", "text/javascript": "x"}, "transient": {"display_id": "d"}}
    outputs = collect(("display_data", shown), ("update_display_data", update))
    assert outputs.outputs() == (
        {"output_type": "display_data", "data": {"text/plain": "new"}, "metadata": {}},
    )
    outputs.add("update_display_data", {"data": {"text/plain": "x"}, "transient": {"display_id": "other"}})
    assert len(outputs.outputs()) == 1


def test_ignores_comms_and_payloads() -> None:
    """Widget traffic and unknown messages leave no trace."""
    outputs = collect(
        ("comm_open", {"target_name": "jupyter.widget"}), ("payload", {"source": "set_next_input"})
    )
    assert outputs.outputs() == ()
    assert clean_content("comm_msg", {}) is None


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"name": 3, "text": {"a": 1}},
        {"data": "text", "metadata": 3},
        {"data": {"text/plain": ["a"]}, "transient": 4},
        {"ename": None, "evalue": [], "traceback": "no list"},
        {"execution_count": True},
    ],
)
@pytest.mark.parametrize("kind", ["stream", "display_data", "execute_result", "update_display_data", "error"])
def test_survives_any_shape(kind: str, content: dict[str, Any]) -> None:
    """A message of the wrong shape gives a valid output or none, never an exception."""
    outputs = collect((kind, content)).outputs()
    assert json.loads(json.dumps(outputs)) == list(outputs)
    cleaned = clean_content(kind, content)
    assert cleaned is None or json.loads(json.dumps(cleaned)) == cleaned


def test_bounds_an_error() -> None:
    """A traceback of any size is cut from the front: its end tells most."""
    lines = [str(number) + "x" * 1000 for number in range(1000)]
    error = collect(("error", {"ename": "E" * 9999, "evalue": "v", "traceback": lines})).outputs()[0]
    assert len(error["ename"]) == 256
    assert sum(map(len, error["traceback"])) <= 64 << 10
    assert error["traceback"][-1].startswith("999")


def test_an_update_brings_its_own_look() -> None:
    """Sizes and backgrounds come with what they belong to; the rest of the metadata is not kept."""
    shown = {"data": {"text/plain": "old"}, "metadata": {"x": 1}, "transient": {"display_id": "d"}}
    look = {"width": 3, "isolated": True, "text/plain": {"needs_background": "dark", "y": "<script>"}}
    update = {"data": {"text/plain": "new"}, "metadata": look, "transient": {"display_id": "d"}}
    (output,) = collect(("display_data", shown)).outputs()
    assert output["metadata"] == {}
    (output,) = collect(("display_data", shown), ("update_display_data", update)).outputs()
    assert output["metadata"] == {"width": 3, "text/plain": {"needs_background": "dark"}}
