"""The events of one cell: filtered, in order, bounded."""

from __future__ import annotations

from typing import Any

from gptoss_lab.schemas.runs import ExecutionEvent
from gptoss_lab.services.cell_stream import CellStream


def stream(max_bytes: int = 1000, max_messages: int = 100) -> CellStream:
    """Return the stream of cell 3."""
    return CellStream(3, max_bytes=max_bytes, max_messages=max_messages)


def told(cell: CellStream, *, end: bool = True) -> list[tuple[str, Any]]:
    """Return the kinds and texts of what is new."""
    return [(event.type, getattr(event, "text", None)) for event in cell.take(end=end)]


def say(cell: CellStream, text: object, name: str = "stdout") -> None:
    """Write to a stream, as a kernel would."""
    cell.add("stream", {"name": name, "text": text})


def test_every_message_that_may_be_shown_is_one_event() -> None:
    """Their order is kept, and other messages are none."""
    cell = stream()
    say(cell, "a")
    say(cell, "b", "stderr")
    cell.add("display_data", {"data": {"text/plain": "d"}, "transient": {"display_id": "n"}})
    cell.add("update_display_data", {"data": {"text/plain": "u"}, "transient": {"display_id": "n"}})
    cell.add("clear_output", {"wait": True})
    cell.add("execute_result", {"data": {"text/plain": "r"}, "execution_count": 4})
    cell.add("error", {"ename": "E", "evalue": "v", "traceback": ["t"]})
    for other in ("comm_open", "status", "execute_input", "debug_event", "no such kind"):
        cell.add(other, {"data": {}})
    events: list[Any] = cell.take(end=True)
    kinds = ["stdout", "stderr", "display", "update_display", "clear_output", "result", "error"]
    assert [event.type for event in events] == kinds
    assert {event.cell for event in events} == {3}
    assert (events[2].display, events[3].display, events[4].wait) == ("n", "n", True)
    assert (events[5].data, events[5].execution_count) == ({"text/plain": "r"}, 4)
    assert (events[6].ename, events[6].evalue, events[6].traceback) == ("E", "v", ("t",))
    assert cell.take(end=True) == []


def test_nothing_active_leaves() -> None:
    """Scripts, widgets and what controls a terminal are gone; colours stay."""
    cell = stream()
    page = {"text/html": "<script>x</script>", "application/javascript": "x"}
    cell.add("display_data", {"data": page})
    say(cell, "\x1b]0;title\x07\x1b[2J\x1b[31mred\u202e")
    events: list[Any] = cell.take(end=True)
    assert events[0].data == {"text/plain": "[not shown: application/javascript, text/html]"}
    assert events[1].text == "\x1b[31mred\ufffd"


def test_a_colour_that_is_cut_in_two_waits_for_its_rest() -> None:
    """Its beginning is not shown as letters; what never comes to its end is dropped."""
    cell = stream()
    say(cell, "a\x1b[3")
    assert told(cell, end=False) == [("stdout", "a")]
    say(cell, "1mred\x1b")
    assert told(cell, end=False) == [("stdout", "\x1b[31mred")]
    say(cell, "[0m")
    assert told(cell) == [("stdout", "\x1b[0m")]
    say(cell, "b\x1b[")
    assert told(cell) == [("stdout", "b"), ("stdout", "[")]


def test_a_held_piece_keeps_its_place() -> None:
    """What comes on the other stream, or beside it, comes after."""
    cell = stream()
    say(cell, "a\x1b[3")
    say(cell, "b", "stderr")
    assert [kind for kind, _ in told(cell)] == ["stdout", "stdout", "stderr"]


def test_bytes_are_bounded_and_said_once() -> None:
    """The text is cut at a whole character; after it only one error is shown."""
    cell = stream(max_bytes=5)
    say(cell, "ab")
    say(cell, "éé")
    say(cell, "more")
    cell.add("display_data", {"data": {"text/plain": "x"}})
    for name in ("first", "second"):
        cell.add("error", {"ename": name, "evalue": "", "traceback": []})
    events: list[Any] = cell.take(end=True)
    assert [event.type for event in events] == ["stdout", "stdout", "truncated", "error"]
    assert [events[0].text, events[1].text] == ["ab", "é"]
    assert (events[2].what, events[2].limit, events[3].ename) == ("bytes", 5, "first")
    assert cell.truncated
    assert cell.take(end=True) == []


def test_messages_are_bounded() -> None:
    """However small they are."""
    cell = stream(max_messages=2)
    for _ in range(5):
        say(cell, "x")
    events: list[Any] = cell.take(end=True)
    assert [event.type for event in events] == ["stdout", "stdout", "truncated"]
    assert (events[2].what, events[2].limit) == ("messages", 2)


def test_a_cut_that_others_know_of_is_said() -> None:
    """A message that was too large to be read marks the cell from outside."""
    cell = stream()
    cell.truncated = True
    assert told(cell) == [("truncated", None)]


def test_content_of_any_shape_is_survived() -> None:
    """A sandbox writes what it likes."""
    cell = stream()
    say(cell, ["no text"])
    shapes: tuple[dict[str, Any], ...] = ({}, {"data": 3}, {"data": None, "transient": []}, {"traceback": 3})
    for content in shapes:
        for kind in ("stream", "display_data", "execute_result", "error", "clear_output"):
            cell.add(kind, content)
    events: list[ExecutionEvent] = cell.take(end=True)
    assert {event.type for event in events} == {"display", "result", "error", "clear_output"}
