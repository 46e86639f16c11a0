"""The allow-list for what a sandboxed kernel sends."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from jupyter_client._version import protocol_version as client_version
from jupyter_client.session import Session

from gptoss_lab.routes import kernel_filter, kernel_replies
from gptoss_lab.routes.kernel_filter import MAX_RICH_BYTES, Streams, clean_message, clean_parts
from gptoss_lab.sandbox.output_text import MAX_LINE_CHARACTERS

PNG = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1).to_bytes(4, "big") + (1).to_bytes(4, "big") + b"\x08\x06\0\0\0"
).decode()
PARENT = {"msg_id": "cell-1", "msg_type": "execute_request", "session": "page"}


def packed(kind: str, content: object, **parts: object) -> list[bytes]:
    """Return the parts of a message as they come from a kernel."""
    header = {"msg_id": "m", "msg_type": kind, "version": "3.0", "evil": "<script>"}
    whole = {"header": header, "parent_header": PARENT, "metadata": {}, "content": content, **parts}
    return [json.dumps(whole[name]).encode() for name in ("header", "parent_header", "metadata", "content")]


def cleaned(channel: str, kind: str, content: object, may_ask: tuple[str, ...] = ()) -> dict[str, Any] | None:
    """Return the content that the page would see."""
    message = clean_message(channel, packed(kind, content), json.loads, dict.fromkeys(may_ask))
    return None if message is None else message["content"]


def shown(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the MIME bundle that the page would see."""
    content = cleaned("iopub", "display_data", {"data": data, "metadata": {"text/html": {"isolated": True}}})
    assert content is not None
    assert content["metadata"] == {}
    data_shown: dict[str, Any] = content["data"]
    return data_shown


@pytest.mark.parametrize(
    "data",
    [
        {"application/javascript": "alert(1)"},
        {"text/javascript": "alert(1)"},
        {"text/html": "<img src=x onerror=alert(1)>"},
        {"text/html": "<table><td><script>alert(1)</script></table>"},
        {"image/svg+xml": "<svg><script>alert(1)</script></svg>"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}},
        {"text/html": "<div><script>alert(1)</script></div>"},
        {"application/vnd.plotly.v1+json": {"data": []}},
        {"image/png": "<svg onload=alert(1)>"},
    ],
)
def test_what_could_run_in_the_page_is_not_shown(data: dict[str, Any]) -> None:
    """Its plain text stays, or a line that says what is missing."""
    assert shown({**data, "text/plain": "<thing>"}) == {"text/plain": "<thing>"}
    assert shown(data) == {"text/plain": f"[not shown: {next(iter(data))}]"}


def test_tables_pictures_and_text_are_shown() -> None:
    """What data people look at most passes."""
    table = '<table border="1" class="dataframe"><tr><td>1</td></tr></table>'
    assert "<td>1</td>" in shown({"text/html": table, "text/plain": "1"})["text/html"]
    assert shown({"image/png": PNG, "text/plain": "<Figure>"}) == {"image/png": PNG, "text/plain": "<Figure>"}


@pytest.mark.parametrize("channel", ["iopub", "shell", "control", "stdin"])
@pytest.mark.parametrize("kind", ["comm_open", "comm_msg", "comm_close", "debug_event", "debug_reply", "new"])
def test_comms_and_the_unknown_are_dropped(channel: str, kind: str) -> None:
    """The list says what passes, not what does not."""
    assert cleaned(channel, kind, {"comm_id": "c", "data": {}}) is None


def test_a_kind_passes_on_its_own_channel_only() -> None:
    """A reply on iopub or an output on shell is a forgery."""
    assert cleaned("iopub", "execute_reply", {"status": "ok"}) is None
    assert cleaned("shell", "display_data", {"data": {}}) is None
    assert cleaned("iopub", "input_request", {"prompt": "?"}, ("cell-1",)) is None


def test_a_question_needs_a_request_that_allowed_it() -> None:
    """A forged question could ask for a password at any time."""
    question = {"prompt": "Name\u202e: ", "password": 1}
    assert cleaned("stdin", "input_request", question) is None
    assert cleaned("stdin", "input_request", question, ("cell-1",)) == {
        "prompt": "Name\N{REPLACEMENT CHARACTER}: ",
        "password": False,
    }


def test_a_request_that_is_answered_asks_no_more() -> None:
    """A question long after its cell is no question of that cell."""
    may_ask = dict.fromkeys(["cell-1", "cell-2"])
    question, reply = packed("input_request", {"prompt": "?"}), packed("execute_reply", {"status": "ok"})
    assert clean_message("stdin", question, json.loads, may_ask) is not None
    assert clean_message("shell", reply, json.loads, may_ask) is not None
    assert clean_message("stdin", question, json.loads, may_ask) is None
    assert list(may_ask) == ["cell-2"]


def test_states_and_inputs() -> None:
    """Only the server says that a kernel restarts or is dead."""
    assert cleaned("iopub", "status", {"execution_state": "idle", "x": 1}) == {"execution_state": "idle"}
    for state in ("restarting", "dead", {"a": 1}, None):
        assert cleaned("iopub", "status", {"execution_state": state}) is None
    echo = cleaned("iopub", "execute_input", {"code": "a\u202e", "execution_count": True})
    assert echo == {"code": "a\N{REPLACEMENT CHARACTER}", "execution_count": 0}


def test_the_envelope_is_rebuilt() -> None:
    """Nothing unknown is in it, and the version is one that nobody adapts."""
    parts = packed("execute_reply", {"status": "ok"}, metadata={"started": "2026-01-01", "x": {"y": 1}})
    message = clean_message("shell", [*parts, b"buffer"], json.loads, {})
    assert message is not None
    assert message["header"] == {
        "msg_id": "m",
        "msg_type": "execute_reply",
        "version": client_version,
    }
    assert message["parent_header"] == PARENT
    assert message["metadata"] == {"started": "2026-01-01"}
    assert "buffers" not in message


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"{}"],
        [b"nonsense", b"{}", b"{}", b"{}"],
        [b'{"msg_type": "stream"}', b"{}", b"{}", b"{}"],
        [b'{"msg_id": 1, "msg_type": ["stream"]}', b"{}", b"{}", b"{}"],
        [b'{"msg_id": "m", "msg_type": "stream"}', b'{"a": 1}', b"{}", b"{}"],
        packed("stream", {}, header={"msg_id": "m", "msg_type": "stream", "x": "y" * (65 << 10)}),
        [*packed("stream", {})[:3], b"[" * 40_000],
        packed("display_data", {"data": {f"a/{number}": "" for number in range(100)}}),
        packed("complete_reply", {"matches": ["x" * (2 << 20)]}),
    ],
)
def test_what_is_no_message_raises(parts: list[bytes]) -> None:
    """The connection drops it and says so once."""
    channel = "shell" if parts and b"complete" in parts[0] else "iopub"
    with pytest.raises((ValueError, IndexError, RecursionError)):
        clean_message(channel, parts, json.loads, {})


@pytest.mark.parametrize("content", [None, [], "text", 7])
def test_a_content_of_another_shape_is_empty(content: object) -> None:
    """A number instead of an object must not reach the page."""
    assert cleaned("iopub", "stream", content) == {"name": "stdout", "text": ""}
    assert cleaned("shell", "execute_reply", content) == {
        "status": "error",
        "execution_count": None,
        "payload": [],
        "ename": "",
        "evalue": "",
        "traceback": [],
    }


def test_long_texts_are_cut_and_say_so() -> None:
    """The beginning stays, clean at every place where it was worked on in pieces."""
    line = "x" * 99 + "\n"
    whole = cleaned("iopub", "stream", {"name": "stderr", "text": line * 5000 + "\x07"})
    assert whole == {"name": "stderr", "text": line * 5000 + "\N{REPLACEMENT CHARACTER}"}
    cut = cleaned("iopub", "stream", {"text": line * (kernel_filter.MAX_STREAM_CHARACTERS // 100 + 1)})
    assert cut is not None
    assert cut["text"].endswith("x\n[24 more characters are not shown]\n")
    plain = shown({
        "text/plain": line * (kernel_replies.MAX_BUNDLE_CHARACTERS // 100) + "y" * 100,
        "text/html": "<table>" * 99_999,
    })
    assert plain["text/plain"].endswith("y\n[56 more characters are not shown]\n")
    assert "text/html" not in plain


def test_enormous_lines_are_cut() -> None:
    """A page lays out lines, not megabytes without one; what is cut is said, and the line ends."""
    wide = MAX_LINE_CHARACTERS
    content = cleaned("iopub", "stream", {"text": "x" * (wide + 7) + "\nnext\r\n"})
    assert content == {
        "name": "stdout",
        "text": "x" * wide + " [7 more characters in this line]\nnext\r\n",
    }


def test_a_sequence_cut_in_two_is_put_together() -> None:
    """A colour stays and a link goes, wherever the kernel cuts its stream; each stream is its own."""
    streams = Streams()

    def told(text: str, name: str = "stdout") -> str:
        parts = packed("stream", {"name": name, "text": text})
        message = clean_message("iopub", parts, json.loads, {}, streams)
        assert message is not None
        text_told: str = message["content"]["text"]
        return text_told

    assert told("a\x1b") == "a"
    assert told("other", "stderr") == "other"
    assert told("[3") == ""
    assert told("1mred\x1b]8;;http://ev") == "\x1b[31mred"
    assert told("il\x07link\x1b]8;;\x1b") == "link"
    assert told("\\\x1b[0m.\x1b[") == "\x1b[0m."
    idle = packed("status", {"execution_state": "idle"})
    assert clean_message("iopub", idle, json.loads, {}, streams) is not None
    assert told("2J") == "2J"


def test_streams_that_never_end_are_forgotten() -> None:
    """What is held back is bounded, however many cells a sandbox makes up."""
    streams = Streams()
    for number in range(kernel_filter.MAX_STREAMS * 2):
        parent = {**PARENT, "msg_id": f"cell-{number}"}
        parts = packed("stream", {"text": "\x1b["}, parent_header=parent)
        assert clean_message("iopub", parts, json.loads, {}, streams) is not None
    assert len(streams._filters) == kernel_filter.MAX_STREAMS


@pytest.mark.parametrize(
    "content",
    [
        {"data": {"image/png": "A" * MAX_RICH_BYTES}},
        {"data": [[]] * kernel_filter.MAX_BRACKETS},
        {"data": [0] * (kernel_filter.MAX_COMMAS + 2)},
    ],
)
def test_what_is_too_large_to_read_is_replaced(content: object) -> None:
    """The page sees that something is missing; a cell still ends."""
    message = clean_message("iopub", packed("display_data", content), json.loads, {})
    assert message is not None
    assert message["header"]["msg_type"] == "stream"
    assert message["content"]["name"] == "stderr"
    assert message["content"]["text"].startswith("[not shown: ")
    reply = cleaned("shell", "execute_reply", content)
    assert reply is not None
    assert (reply["status"], reply["ename"]) == ("error", "OutputTooLarge")


def test_a_large_picture_passes_whole_and_signed() -> None:
    """Ten megabytes are shown, and whoever checks signatures finds the right one."""
    session = Session(key=b"secret")
    picture = base64.b64encode(base64.b64decode(PNG) + bytes(10 << 20)).decode()
    parts = packed("display_data", {"data": {"image/png": picture, "text/plain": "<Figure>"}})
    written = clean_parts("iopub", parts, session, {}, Streams())
    assert written is not None
    read = session.deserialize(session.feed_identities(written)[1])
    assert read["content"]["data"] == {"image/png": picture, "text/plain": "<Figure>"}
    small = clean_parts("iopub", packed("status", {"execution_state": "idle"}), session, {}, Streams())
    assert small is not None
    assert session.deserialize(session.feed_identities(small)[1])["content"] == {"execution_state": "idle"}
    assert clean_parts("iopub", packed("comm_open", {}), session, {}, Streams()) is None
