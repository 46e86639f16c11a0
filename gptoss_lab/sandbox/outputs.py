"""The filter between a sandboxed kernel and everything that shows its outputs.

JupyterLab trusts the outputs of every cell that was executed, so a script, a widget or an HTML
page from a sandbox would run in the person's own page with the person's own rights. What leaves
here is text, plain tables and pictures.

Source: https://nbformat.readthedocs.io/en/latest/format_description.html#code-cell-outputs
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Mapping
from typing import Any

from gptoss_lab.sandbox.output_html import sanitize_table

MAX_ERROR_CHARACTERS = 64 << 10
MAX_TRACEBACK_LINES = 500
MAX_NAME_CHARACTERS = 256
MAX_PICTURE_PIXELS = 64 << 20
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
SHOWN = ("stream", "execute_result", "display_data", "update_display_data", "error", "clear_output")
RICH = frozenset({"execute_result", "display_data", "update_display_data"})
PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}

_SGR = r"\x1b\[[0-9;:]*m"
_ESCAPES = re.compile(
    rf"(?P<kept>{_SGR})"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # other control sequences: cursor, screen, modes
    r"|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"  # strings for the terminal: titles, links, clipboard
    r"|\x1b",
    re.DOTALL,
)
_SGR_ONLY = re.compile(_SGR)
# C0 but tab, line feed and carriage return (and ESC, handled above), DEL, C1, bidi controls, and
# halves of surrogate pairs, which no UTF-8 text can carry.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean_text(text: str) -> str:
    """Keep colours, replace every other control, bidi and broken character."""
    plain = _ESCAPES.sub(lambda match: match["kept"] or "", text)
    return _CONTROLS.sub(REPLACEMENT, plain)


def strip_ansi(text: str) -> str:
    """Return clean text without colours."""
    return _SGR_ONLY.sub("", clean_text(text))


def clean_bundle(data: object) -> dict[str, Any]:
    """Return what of a MIME bundle may be shown; text names what was left out when nothing stays."""
    if not isinstance(data, Mapping):
        return {}
    kept: dict[str, Any] = {}
    for mime, magic in PICTURES.items():
        if (picture := _clean_picture(data.get(mime), magic)) is not None:
            kept[mime] = picture
    if isinstance(source := data.get("text/html"), str) and (table := sanitize_table(clean_text(source))):
        kept["text/html"] = table
    if isinstance(plain := data.get("text/plain"), str):
        kept["text/plain"] = clean_text(plain)
    if not kept:
        names = ", ".join(sorted(clean_text(str(mime))[:MAX_NAME_CHARACTERS] for mime in data)[:5])
        kept["text/plain"] = f"[not shown: {names or 'an empty output'}]"
    return kept


def clean_content(kind: str, content: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the content of an iopub message as it may be shown; None when it may not be.

    Args:
        kind: The message's type.
        content: The message's content, of any shape: a sandbox wrote it.
    """
    if kind == "stream":
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        return {"name": name, "text": clean_text(_text(content.get("text")))}
    if kind == "error":
        return _clean_error(content)
    if kind == "clear_output":
        return {"wait": content.get("wait") is True}
    if kind not in RICH:
        return None
    cleaned: dict[str, Any] = {"data": clean_bundle(content.get("data")), "metadata": {}}
    transient = content.get("transient")
    if isinstance(transient, Mapping) and isinstance(label := transient.get("display_id"), str):
        cleaned["transient"] = {"display_id": label[:MAX_NAME_CHARACTERS]}
    if kind == "execute_result":
        cleaned["execution_count"] = counted(content.get("execution_count"))
    return cleaned


def counted(value: object) -> int | None:
    """Return a believable execution count, or None."""
    return value if type(value) is int and 0 <= value < 1 << 31 else None


class CellOutputs:
    """Collects the outputs of one cell from its messages, within bounds.

    Args:
        max_bytes: How much content is kept.
        max_messages: How many messages are looked at.
    """

    def __init__(self, *, max_bytes: int, max_messages: int) -> None:
        self.truncated = False
        self.received_bytes = 0
        self.received_messages = 0
        self._left = max_bytes
        self._max_messages = max_messages
        self._outputs: list[dict[str, Any]] = []
        self._displays: dict[str, list[dict[str, Any]]] = {}
        self._clear_next = False

    def add(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take one iopub message of this cell; others than outputs are ignored."""
        if kind not in SHOWN:
            return
        size = content_bytes(content)
        self.received_bytes += size
        self.received_messages += 1
        if self.received_messages > self._max_messages and kind != "error":
            self.truncated = True
        elif kind == "clear_output":
            self._clear(wait=content.get("wait") is True)
        elif kind == "stream":
            self._add_stream(content)
        elif kind == "error":
            self._append({"output_type": "error", **_clean_error(content)})
        elif self._take(size):
            self._add_rich(kind, content)

    def outputs(self) -> tuple[dict[str, Any], ...]:
        """Return the outputs as nbformat 4 has them."""
        return tuple(
            {**output, "text": clean_text("".join(output["text"]))}
            if output["output_type"] == "stream"
            else output
            for output in self._outputs
        )

    def _add_stream(self, content: Mapping[str, Any]) -> None:
        # Kept raw until the end: a colour may be cut in two between messages.
        text = _text(content.get("text"))
        encoded = text.encode("utf-8", "replace")
        if len(encoded) > self._left:
            self.truncated = True
            text = encoded[: self._left].decode("utf-8", "ignore")
        self._left = max(0, self._left - len(encoded))
        if not text:
            return
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        self._clear_if_due()
        last = self._outputs[-1] if self._outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"].append(text)
        else:
            self._outputs.append({"output_type": "stream", "name": name, "text": [text]})

    def _add_rich(self, kind: str, content: Mapping[str, Any]) -> None:
        cleaned = clean_content(kind, content) or {}
        label = cleaned.pop("transient", {}).get("display_id")
        if kind == "update_display_data":
            for shown in self._displays.get(label, ()):
                shown["data"] = cleaned["data"]
            return
        output = {"output_type": kind, **cleaned}
        self._append(output)
        if label is not None:
            self._displays.setdefault(label, []).append(output)

    def _append(self, output: dict[str, Any]) -> None:
        self._clear_if_due()
        self._outputs.append(output)

    def _take(self, size: int) -> bool:
        if size > self._left:
            self.truncated = True
            return False
        self._left -= size
        return True

    def _clear(self, *, wait: bool) -> None:
        self._clear_next = wait
        if not wait:
            self._outputs.clear()
            self._displays.clear()

    def _clear_if_due(self) -> None:
        if self._clear_next:
            self._clear(wait=False)


def content_bytes(content: object) -> int:
    """Estimate what a message's content takes, without writing it out again."""
    if isinstance(content, str):
        return len(content)
    if isinstance(content, Mapping):
        return sum(content_bytes(key) + content_bytes(value) for key, value in content.items())
    if isinstance(content, (list, tuple)):
        return sum(map(content_bytes, content))
    return 8


def _clean_error(content: Mapping[str, Any]) -> dict[str, Any]:
    lines = content.get("traceback")
    lines = lines[-MAX_TRACEBACK_LINES:] if isinstance(lines, list) else []
    left = MAX_ERROR_CHARACTERS
    traceback: list[str] = []
    for line in reversed(lines):
        text = clean_text(_text(line)[:left])
        left -= len(text)
        traceback.insert(0, text)
        if left <= 0:
            break
    return {
        "ename": clean_text(_text(content.get("ename"))[:MAX_NAME_CHARACTERS]),
        "evalue": clean_text(_text(content.get("evalue"))[:MAX_ERROR_CHARACTERS]),
        "traceback": traceback,
    }


def _clean_picture(value: object, magic: bytes) -> str | None:
    if not isinstance(value, str):
        return None
    compact = "".join(value.split())
    try:
        content = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not content.startswith(magic) or _png_pixels(content) > MAX_PICTURE_PIXELS:
        return None
    return compact


def _png_pixels(content: bytes) -> int:
    """Return a PNG's size in pixels: a few bytes may unpack to more than a browser holds.

    Source: https://www.w3.org/TR/png-3/#11IHDR
    """
    if not content.startswith(PICTURES["image/png"]):
        return 0
    if len(content) < 24:  # noqa: PLR2004 - signature, chunk header, width and height
        return MAX_PICTURE_PIXELS + 1
    width, height = struct.unpack_from(">II", content, 16)
    return int(width * height)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
