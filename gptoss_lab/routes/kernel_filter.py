"""The allow-list for messages that a sandboxed kernel sends to a page.

The kernel holds the key that signs its messages, so each of them may be forged, malformed or huge.
Nothing is copied: a message is rebuilt from what its kind needs, or it is dropped.

Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from functools import partial
from typing import Any

from jupyter_client import protocol_version  # type: ignore[attr-defined] # untyped package

from gptoss_lab.sandbox.outputs import RICH, SHOWN, clean_content, clean_text, counted

MAX_HEADER_BYTES = 64 << 10
MAX_CONTENT_BYTES = 4 << 20
MAX_REPLY_BYTES = 1 << 20
MAX_STREAM_CHARACTERS = 1 << 20
MAX_BUNDLE_CHARACTERS = 256 << 10
# JSON and patterns keep the interpreter to themselves; these bound for how long.
MAX_BRACKETS = 50_000
MAX_COMMAS = 200_000
PIECE_CHARACTERS = 64 << 10
MAX_NAME_CHARACTERS = 256
MAX_ENTRIES = 64
MAX_DEPTH = 8
HEADER_KEYS = ("msg_id", "msg_type", "username", "session", "date", "subshell_id")
STATES = frozenset({"starting", "busy", "idle"})

Content = Mapping[str, Any]
Rule = Callable[[Content], "dict[str, Any] | None"]


def clean_message(
    channel: str, parts: list[bytes], unpack: Callable[[bytes], Any], may_ask: Container[str]
) -> dict[str, Any] | None:
    """Return a kernel's message as the page may see it; None when it may not.

    Args:
        channel: The channel it came on.
        parts: Its header, parent header, metadata and content, then buffers, which are dropped.
        unpack: Reads one part.
        may_ask: The requests whose front end lets the kernel ask for input.

    Raises:
        ValueError: It is not a message.
    """
    if any(len(part) > MAX_HEADER_BYTES for part in parts[:3]):
        raise ValueError("the header is too large")
    header, parent = _clean_header(unpack(parts[0])), _clean_header(unpack(parts[1]))
    kind = header.get("msg_type", "")
    rule = _RULES.get((channel, kind))
    if channel == "stdin" and kind == "input_request" and parent.get("msg_id") in may_ask:
        rule = _clean_question
    if rule is None:
        return None
    if _is_too_large(kind, parts[3]):
        header["msg_type"], content = _replace(kind, len(parts[3]))
    elif (cleaned := rule(_mapping(unpack(parts[3])))) is not None:
        content = cleaned
    else:
        return None
    metadata = _clean_metadata(unpack(parts[2])) if kind == "execute_reply" else {}
    # Our version of the protocol: another one would have the server rewrite the message.
    header["version"] = protocol_version
    return {"header": header, "parent_header": parent, "metadata": metadata, "content": content}


def clean_value(value: object, depth: int = 0) -> Any:
    """Return plain data with clean texts; None for what is nested too deeply."""
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth < MAX_DEPTH and isinstance(value, Mapping):
        return {clean_text(str(key)): clean_value(inner, depth + 1) for key, inner in value.items()}
    if depth < MAX_DEPTH and isinstance(value, list):
        return [clean_value(inner, depth + 1) for inner in value]
    return None


def _clean_header(header: object) -> dict[str, Any]:
    read = _mapping(header)
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
    began = _mapping(metadata).get("started")
    return {"started": clean_text(began)[:MAX_NAME_CHARACTERS]} if isinstance(began, str) else {}


def _is_too_large(kind: str, content: bytes) -> bool:
    return (
        len(content) > (MAX_CONTENT_BYTES if kind in {*SHOWN, "execute_reply"} else MAX_REPLY_BYTES)
        or content.count(b"[") + content.count(b"{") > MAX_BRACKETS
        or content.count(b",") > MAX_COMMAS
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
    return {"code": clean_text(code) if isinstance(code, str) else "", "execution_count": count or 0}


def _clean_stream(content: Content) -> dict[str, Any]:
    """Clean a long text in pieces, so that others get their turn in between."""
    text = content.get("text")
    left, pieces = _cut(text, MAX_STREAM_CHARACTERS) if isinstance(text, str) else "", []
    while left:
        line_end = left.rfind("\n", 0, PIECE_CHARACTERS) + 1 if len(left) > PIECE_CHARACTERS else 0
        piece, left = left[: line_end or PIECE_CHARACTERS], left[line_end or PIECE_CHARACTERS :]
        pieces.append(clean_text(piece))
    return {**(clean_content("stream", {"name": content.get("name")}) or {}), "text": "".join(pieces)}


def _clean_rich(kind: str, content: Content) -> dict[str, Any] | None:
    data = dict(_mapping(content.get("data")))
    _refuse_many(data)
    if isinstance(page := data.get("text/html"), str) and len(page) > MAX_BUNDLE_CHARACTERS:
        del data["text/html"]
    if isinstance(plain := data.get("text/plain"), str):
        data["text/plain"] = _cut(plain, MAX_BUNDLE_CHARACTERS)
    return clean_content(kind, {**content, "data": data})


def _cut(text: str, limit: int) -> str:
    more = len(text) - limit
    return text if more <= 0 else f"{text[:limit]}\n[{more} more characters are not shown]\n"


def _clean_reply(content: Content) -> dict[str, Any]:
    """Keep how a cell ended. Payloads are dropped: they write into the person's notebook."""
    status = content.get("status")
    reply: dict[str, Any] = {
        "status": status if status in {"ok", "error", "aborted"} else "error",
        "execution_count": counted(content.get("execution_count")),
        "payload": [],
    }
    if reply["status"] == "ok":
        expressions = _mapping(content.get("user_expressions"))
        _refuse_many(expressions)
        reply["user_expressions"] = {
            clean_text(name): _clean_expression(_mapping(value)) for name, value in expressions.items()
        }
    elif reply["status"] == "error":
        reply.update(clean_content("error", content) or {})
    return reply


def _clean_expression(value: Content) -> dict[str, Any]:
    if value.get("status") != "ok":
        return {"status": "error", **(clean_content("error", value) or {})}
    return {"status": "ok", **_clean_bundle(value)}


def _clean_inspection(content: Content) -> dict[str, Any]:
    found = content.get("found") is True
    return {"status": "ok", "found": found, **_clean_bundle(content if found else {})}


def _clean_bundle(content: Content) -> dict[str, Any]:
    return _clean_rich("display_data", {"data": content.get("data")}) or {}


def _clean_kernel_info(content: Content) -> dict[str, Any]:
    """Keep what a page needs to know of the kernel; no link may be a script, no exporter a module."""
    kept: dict[str, Any] = clean_value(content)
    links = kept.get("help_links")
    kept["help_links"] = [
        {"text": str(link.get("text", "")), "url": link["url"]}
        for link in (links if isinstance(links, list) else [])
        if isinstance(link, dict) and str(link.get("url", "")).startswith("https://")
    ]
    features = kept.get("supported_features")
    if isinstance(features, list):
        kept["supported_features"] = [name for name in features if name != "debugger"]
    language = kept.get("language_info")
    if isinstance(language, dict) and not str(language.get("nbconvert_exporter", "")).isidentifier():
        language.pop("nbconvert_exporter", None)
    return kept


def _clean_question(content: Content) -> dict[str, Any]:
    prompt = content.get("prompt")
    text = clean_text(prompt)[:MAX_HEADER_BYTES] if isinstance(prompt, str) else ""
    return {"prompt": text, "password": content.get("password") is True}


def _refuse_many(entries: Content) -> None:
    if len(entries) > MAX_ENTRIES:
        raise ValueError("there are too many entries")


def _mapping(value: object) -> Content:
    return value if isinstance(value, Mapping) else {}


_PLAIN_REPLIES = (
    *("complete_reply", "is_complete_reply", "history_reply", "interrupt_reply", "shutdown_reply"),
    *("create_subshell_reply", "delete_subshell_reply", "list_subshell_reply"),
)
_REPLIES: dict[str, Rule] = {
    "execute_reply": _clean_reply,
    "inspect_reply": _clean_inspection,
    "kernel_info_reply": _clean_kernel_info,
    "comm_info_reply": lambda _content: {"status": "ok", "comms": {}},
    **dict.fromkeys(_PLAIN_REPLIES, clean_value),
}
# What is not named here is dropped: comms, which carry widgets, the debugger, and what is yet to come.
_RULES: dict[tuple[str, str], Rule] = {
    **{("iopub", kind): partial(_clean_rich, kind) for kind in RICH},
    **{("iopub", kind): partial(clean_content, kind) for kind in ("error", "clear_output")},
    ("iopub", "stream"): _clean_stream,
    ("iopub", "status"): _clean_status,
    ("iopub", "execute_input"): _clean_input,
    **{(channel, kind): rule for channel in ("shell", "control") for kind, rule in _REPLIES.items()},
}
