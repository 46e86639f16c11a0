"""What leaves a sandbox is text, plain tables and pictures, within bounds."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.sandbox.outputs import CellOutputs, clean_bundle, clean_content, clean_text, strip_ansi

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 4, 4)
HOSTILE = (
    "application/javascript",
    "text/javascript",
    "application/vnd.jupyter.widget-view+json",
    "image/svg+xml",
    "text/markdown",
    "text/latex",
    "application/vnd.bokehjs_exec.v0+json",
)


def encoded(content: bytes) -> str:
    """Return base64 with line breaks, as kernels send it."""
    return base64.encodebytes(content).decode()


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


@pytest.mark.parametrize("mime", HOSTILE)
def test_drops_what_a_page_would_run(mime: str) -> None:
    """A bundle keeps its text and loses what a page would run or fetch."""
    assert clean_bundle({mime: "alert(1)", "text/plain": "shown"}) == {"text/plain": "shown"}


@pytest.mark.parametrize("mime", HOSTILE)
def test_names_what_was_dropped_alone(mime: str) -> None:
    """A bundle of nothing but script says so in text."""
    assert clean_bundle({mime: "alert(1)"}) == {"text/plain": f"[not shown: {mime}]"}


def test_keeps_colours_and_nothing_else_of_a_terminal() -> None:
    """SGR sequences stay; cursor moves, titles, links and the clipboard go."""
    text = "\x1b[31mred\x1b[0m\x1b[2J\x1b[1;1H\x1b]0;title\x07\x1b]52;c;aGk=\x1b\\\x1b]8;;http://x\x07link\x1b]8;;\x07\x1bc"
    assert clean_text(text) == "\x1b[31mred\x1b[0mlinkc"
    assert strip_ansi(text) == "redlinkc"


def test_replaces_controls_and_direction_marks() -> None:
    """NUL, bell, C1, bidi and lone surrogates become the replacement character."""
    assert (
        clean_text("a\x00b\x07c\x9bd\u202ee\u2066f\ud800g\t\r\n")
        == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg\t\r\n"
    )


@given(st.text())
def test_text_is_always_printable_and_encodable(text: str) -> None:
    """No escape but SGR and no half character goes out; cleaning twice is cleaning once."""
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert "\x1b" not in strip_ansi(text)
    assert clean_text(cleaned) == cleaned


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


def test_keeps_real_pictures_only() -> None:
    """A PNG stays without its line breaks; broken base64, wrong content and a pixel bomb go."""
    bomb = PNG[:-8] + struct.pack(">II", 60_000, 60_000)
    assert clean_bundle({"image/png": encoded(PNG)}) == {"image/png": base64.b64encode(PNG).decode()}
    for bad in ("<svg onload=alert(1)>", encoded(b"GIF89a"), encoded(bomb), encoded(PNG[:10]), 7, ["x"]):
        assert "image/png" not in clean_bundle({"image/png": bad})


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


@pytest.mark.timeout(20)  # a pass for each opening would take minutes
def test_unended_terminal_strings_are_dropped_in_one_pass() -> None:
    """A megabyte of openings without an end is no way to hold the server."""
    assert clean_text("\x1b]" * 500_000 + "seen") == "]" * 500_000 + "seen"


def test_bounds_an_error() -> None:
    """A traceback of any size is cut from the front: its end tells most."""
    lines = [str(number) + "x" * 1000 for number in range(1000)]
    error = collect(("error", {"ename": "E" * 9999, "evalue": "v", "traceback": lines})).outputs()[0]
    assert len(error["ename"]) == 256
    assert sum(map(len, error["traceback"])) <= 64 << 10
    assert error["traceback"][-1].startswith("999")
