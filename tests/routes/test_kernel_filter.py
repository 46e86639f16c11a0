"""The allow-list for what a sandboxed kernel sends."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from jupyter_client._version import protocol_version as client_version

from gptoss_lab.routes import kernel_filter
from gptoss_lab.routes.kernel_filter import MAX_CONTENT_BYTES, clean_message

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
    message = clean_message(channel, packed(kind, content), json.loads, may_ask)
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
        {"text/markdown": "[x](javascript:alert(1))"},
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


def test_a_reply_loses_its_payload() -> None:
    """A sandbox must not write cells; how the cell ended stays."""
    payload = [{"source": "set_next_input", "text": "!rm -rf ~", "replace": True}]
    expressions = {
        "a": {"status": "ok", "data": {"text/html": "<script>", "text/plain": "1"}, "metadata": {}}
    }
    reply = {"status": "ok", "execution_count": 3, "payload": payload, "user_expressions": expressions}
    assert cleaned("shell", "execute_reply", reply) == {
        "status": "ok",
        "execution_count": 3,
        "payload": [],
        "user_expressions": {"a": {"status": "ok", "data": {"text/plain": "1"}, "metadata": {}}},
    }
    failed = {"status": "error", "ename": "E", "evalue": "\u202ev", "traceback": ["\x1b[31mt\x1b[0m", 1]}
    assert cleaned("shell", "execute_reply", failed) == {
        "status": "error",
        "execution_count": None,
        "payload": [],
        "ename": "E",
        "evalue": "\N{REPLACEMENT CHARACTER}v",
        "traceback": ["\x1b[31mt\x1b[0m", ""],
    }


def test_a_question_needs_a_request_that_allowed_it() -> None:
    """A forged question could ask for a password at any time."""
    question = {"prompt": "Name\u202e: ", "password": 1}
    assert cleaned("stdin", "input_request", question) is None
    assert cleaned("stdin", "input_request", question, ("cell-1",)) == {
        "prompt": "Name\N{REPLACEMENT CHARACTER}: ",
        "password": False,
    }


def test_kernel_info_carries_no_script_and_no_module() -> None:
    """JupyterLab opens the links and nbconvert imports the exporter."""
    info = {
        "status": "ok",
        "banner": "\x1b]0;title\x07Python",
        "language_info": {
            "name": "python",
            "nbconvert_exporter": "os.path",
            "codemirror_mode": {"version": 3},
        },
        "help_links": [
            {"text": "bad", "url": "javascript:alert(1)"},
            {"text": "good", "url": "https://docs.python.org", "onclick": "x"},
            "junk",
        ],
        "supported_features": ["debugger", "kernel subshells"],
    }
    assert cleaned("shell", "kernel_info_reply", info) == {
        "status": "ok",
        "banner": "Python",
        "language_info": {"name": "python", "codemirror_mode": {"version": 3}},
        "help_links": [{"text": "good", "url": "https://docs.python.org"}],
        "supported_features": ["kernel subshells"],
    }


def test_completions_and_documentation_stay() -> None:
    """A person who writes in a sandboxed notebook is helped as usual."""
    reply = {"status": "ok", "matches": ["head", "he\u202ead"], "cursor_start": 0, "cursor_end": 2}
    assert cleaned("shell", "complete_reply", reply) == {
        **reply,
        "matches": ["head", "he\N{REPLACEMENT CHARACTER}ad"],
    }
    found = {"status": "ok", "found": True, "data": {"text/html": "<script>", "text/plain": "doc"}}
    assert cleaned("shell", "inspect_reply", found) == {
        "status": "ok",
        "found": True,
        "data": {"text/plain": "doc"},
        "metadata": {},
    }
    assert cleaned("control", "comm_info_reply", {"comms": {"x": {}}}) == {"status": "ok", "comms": {}}


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
    message = clean_message("shell", [*parts, b"buffer"], json.loads, ())
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
        clean_message(channel, parts, json.loads, ())


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
    cut = cleaned("iopub", "stream", {"text": "x" * (kernel_filter.MAX_STREAM_CHARACTERS + 5)})
    assert cut is not None
    assert cut["text"].endswith("x\n[5 more characters are not shown]\n")
    plain = shown({
        "text/plain": "x" * (kernel_filter.MAX_BUNDLE_CHARACTERS + 1),
        "text/html": "<table>" * 99_999,
    })
    assert plain["text/plain"].endswith("x\n[1 more characters are not shown]\n")
    assert "text/html" not in plain


@pytest.mark.parametrize(
    "content",
    [
        {"data": {"image/png": "A" * MAX_CONTENT_BYTES}},
        {"data": [[]] * kernel_filter.MAX_BRACKETS},
        {"data": [0] * (kernel_filter.MAX_COMMAS + 2)},
    ],
)
def test_what_is_too_large_to_read_is_replaced(content: object) -> None:
    """The page sees that something is missing; a cell still ends."""
    message = clean_message("iopub", packed("display_data", content), json.loads, ())
    assert message is not None
    assert message["header"]["msg_type"] == "stream"
    assert message["content"]["name"] == "stderr"
    assert message["content"]["text"].startswith("[not shown: ")
    reply = cleaned("shell", "execute_reply", content)
    assert reply is not None
    assert (reply["status"], reply["ename"]) == ("error", "OutputTooLarge")
