"""The allow-list for messages that a sandboxed kernel sends to a page.

The kernel holds the key that signs its messages, so each of them may be forged, malformed or huge.
Nothing is copied: a message is rebuilt from what its kind needs, or it is dropped.

| message | what of it passes |
|---|---|
| stream | clean text; a sequence that is cut between two messages is put together first |
| display_data, execute_result | the filtered bundle; of its metadata sizes and backgrounds |
| update_display_data | the same; a page applies it to displays of the same kernel alone |
| error | clean, bounded texts |
| clear_output | whether it waits |
| status | starting, busy, idle: only the server says that a kernel restarts or is dead |
| execute_input | clean code and count: a console shows it, nothing runs it |
| replies, input_request | as `kernel_replies` says |
| comm_*, debug_*, shutdown_reply on iopub, iopub_welcome, usage_*, others | nothing |
| buffers, and metadata but when a cell began | nothing |

A parent header names any cell the sandbox likes: what it shows there is filtered like the rest, and
a page ignores what answers no request of its own.

Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import partial
from typing import Any

from jupyter_client import protocol_version  # type: ignore[attr-defined] # untyped package

from gptoss_lab.routes.kernel_replies import REPLIES, Content, Rule, clean_question, clean_rich, cut, mapping
from gptoss_lab.sandbox.output_picture import lift_pictures, put_back
from gptoss_lab.sandbox.output_text import PIECE_CHARACTERS, TextFilter, clean_text, cut_lines
from gptoss_lab.sandbox.outputs import RICH, SHOWN, clean_content, counted

MAX_HEADER_BYTES = 64 << 10
MAX_RICH_BYTES = 24 << 20
MAX_CONTENT_BYTES = 4 << 20
MAX_REPLY_BYTES = 1 << 20
MAX_STREAM_CHARACTERS = 1 << 20
# JSON keeps the interpreter to itself; these bound for how long.
MAX_BRACKETS = 50_000
MAX_COMMAS = 200_000
MAX_ESCAPES = 2_000_000
MAX_NAME_CHARACTERS = 256
MAX_STREAMS = 64
HEADER_KEYS = ("msg_id", "msg_type", "username", "session", "date", "subshell_id")
STATES = frozenset({"starting", "busy", "idle"})


class Streams:
    """What of each cell's streams waits for the end of a sequence."""

    def __init__(self) -> None:
        self._filters: dict[tuple[str, str], TextFilter] = {}

    def clean(self, parent: str, content: Content) -> dict[str, Any]:
        """Return a piece of a stream; a long one is cleaned in parts, so that others get their turn."""
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        text = content.get("text")
        text = cut(text, MAX_STREAM_CHARACTERS) if isinstance(text, str) else ""
        filter_ = self._filters.setdefault((parent, name), TextFilter())
        parts = [
            filter_.feed(text[start : start + PIECE_CHARACTERS])
            for start in range(0, len(text), PIECE_CHARACTERS)
        ]
        while len(self._filters) > MAX_STREAMS:
            del self._filters[next(iter(self._filters))]
        return {"name": name, "text": cut_lines("".join(parts))}

    def end(self, parent: str) -> None:
        """Forget what has not ended with its cell: it would have shown nothing."""
        for name in ("stdout", "stderr"):
            self._filters.pop((parent, name), None)


def clean_parts(
    channel: str, parts: list[bytes], session: Any, may_ask: MutableMapping[str, None], streams: Streams
) -> list[bytes] | None:
    """Return a kernel's message, in parts, as the page may see it; None when it may not.

    Args:
        channel: The channel it came on.
        parts: Its parts after the signature.
        session: Reads and writes them.
        may_ask: The requests whose front end lets the kernel ask for input, until they are answered.
        streams: What was held back of the streams on this connection.

    Raises:
        ValueError: It is not a message.
    """
    is_too_large = len(parts[3]) > MAX_RICH_BYTES
    content, marks = (parts[3], {}) if is_too_large else lift_pictures(parts[3])
    cleaned = clean_message(channel, [*parts[:3], content], session.unpack, may_ask, streams)
    if cleaned is None:
        return None
    written: list[bytes] = session.serialize(cleaned)
    if marks:
        signed = [*written[-4:-1], put_back(written[-1], marks)]
        written = [*written[:-5], session.sign(signed), *signed]
    return written


def clean_message(
    channel: str,
    parts: list[bytes],
    unpack: Callable[[bytes], Any],
    may_ask: MutableMapping[str, None],
    streams: Streams | None = None,
) -> dict[str, Any] | None:
    """Return a kernel's message as the page may see it; None when it may not.

    Args:
        channel: The channel it came on.
        parts: Its header, parent header, metadata and content, then buffers, which are dropped.
        unpack: Reads one part.
        may_ask: The requests whose front end lets the kernel ask for input, until they are answered.
        streams: What was held back of the streams on this connection.

    Raises:
        ValueError: It is not a message.
    """
    if any(len(part) > MAX_HEADER_BYTES for part in parts[:3]):
        raise ValueError("the header is too large")
    header, parent = _clean_header(unpack(parts[0])), _clean_header(unpack(parts[1]))
    kind = header.get("msg_type", "")
    rule = _RULES.get((channel, kind))
    request = parent.get("msg_id", "")
    streams = streams or Streams()
    if channel == "stdin" and kind == "input_request" and request in may_ask:
        rule = clean_question
    elif (channel, kind) == ("iopub", "stream"):
        rule = partial(streams.clean, request)
    if rule is None:
        return None
    if _is_too_large(kind, parts[3]):
        header["msg_type"], content = _replace(kind, len(parts[3]))
    elif (cleaned := rule(mapping(unpack(parts[3])))) is not None:
        content = cleaned
    else:
        return None
    _note_end(kind, content, request, may_ask, streams)
    metadata = _clean_metadata(unpack(parts[2])) if kind == "execute_reply" else {}
    # Our version of the protocol: another one would have the server rewrite the message.
    header["version"] = protocol_version
    return {"header": header, "parent_header": parent, "metadata": metadata, "content": content}


def _note_end(
    kind: str, content: Content, request: str, may_ask: MutableMapping[str, None], streams: Streams
) -> None:
    """Forget what was kept for a request that is answered."""
    if kind == "execute_reply":
        may_ask.pop(request, None)
    elif content.get("execution_state") == "idle":
        streams.end(request)


def _clean_header(header: object) -> dict[str, Any]:
    read = mapping(header)
    kept = {
        key: clean_text(value)[:MAX_NAME_CHARACTERS]
        for key in HEADER_KEYS
        if isinstance(value := read.get(key), str)
    }
    if read and not {"msg_id", "msg_type"} <= kept.keys():
        raise ValueError("the header has no name")
    return kept


def _clean_metadata(metadata: object) -> dict[str, Any]:
    """Keep when the cell began: JupyterLab records it."""
    began = mapping(metadata).get("started")
    return {"started": clean_text(began)[:MAX_NAME_CHARACTERS]} if isinstance(began, str) else {}


def _is_too_large(kind: str, content: bytes) -> bool:
    limit = MAX_RICH_BYTES if kind in RICH else MAX_CONTENT_BYTES
    return (
        len(content) > (limit if kind in {*SHOWN, "execute_reply"} else MAX_REPLY_BYTES)
        or content.count(b"[") + content.count(b"{") > MAX_BRACKETS
        or content.count(b",") > MAX_COMMAS
        or content.count(b"\\") > MAX_ESCAPES
    )


def _replace(kind: str, size: int) -> tuple[str, dict[str, Any]]:
    """Return the kind and the content that stand for a message that is too large to be read.

    Raises:
        ValueError: Nothing can stand for it.
    """
    note = f"[not shown: {size / 1e6:.1f} MB at once is too large or too nested for the page]"
    if kind == "execute_reply":
        failure = {"ename": "OutputTooLarge", "evalue": note, "traceback": [note]}
        return kind, {"status": "error", "execution_count": None, "payload": [], **failure}
    if kind in SHOWN:
        return "stream", {"name": "stderr", "text": f"{note}\n"}
    raise ValueError("the content is too large")


def _clean_status(content: Content) -> dict[str, Any] | None:
    state = content.get("execution_state")
    return {"execution_state": state} if isinstance(state, str) and state in STATES else None


def _clean_input(content: Content) -> dict[str, Any]:
    code = content.get("code")
    count = counted(content.get("execution_count"))
    return {
        "code": cut_lines(clean_text(code)) if isinstance(code, str) else "",
        "execution_count": count or 0,
    }


# What is not named here is dropped: comms, which carry widgets, the debugger, and what is yet to come.
_RULES: dict[tuple[str, str], Rule] = {
    **{("iopub", kind): partial(clean_rich, kind) for kind in RICH},
    **{("iopub", kind): partial(clean_content, kind) for kind in ("error", "clear_output")},
    ("iopub", "status"): _clean_status,
    ("iopub", "execute_input"): _clean_input,
    **{(channel, kind): rule for channel in ("shell", "control") for kind, rule in REPLIES.items()},
}
