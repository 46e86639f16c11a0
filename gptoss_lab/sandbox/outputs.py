"""The filter between a sandboxed kernel and everything that shows its outputs.

JupyterLab trusts the outputs of every cell that was executed, so a script, a widget or an HTML
page from a sandbox would run in the person's own page with the person's own rights. What leaves
here can be seen and read, and neither runs nor loads anything: `output_bundle` says what of each type.

Source: https://nbformat.readthedocs.io/en/latest/format_description.html#code-cell-outputs
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gptoss_lab.sandbox.output_bundle import MAX_NAME_CHARACTERS, clean_bundle, clean_metadata
from gptoss_lab.sandbox.output_text import clean_text, cut_lines, strip_ansi

__all__ = [
    "RICH",
    "SHOWN",
    "CellOutputs",
    "clean_bundle",
    "clean_content",
    "clean_text",
    "content_bytes",
    "counted",
    "strip_ansi",
]

MAX_ERROR_CHARACTERS = 64 << 10
MAX_TRACEBACK_LINES = 500
SHOWN = ("stream", "execute_result", "display_data", "update_display_data", "error", "clear_output")
RICH = frozenset({"execute_result", "display_data", "update_display_data"})


def clean_content(kind: str, content: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the content of an iopub message as it may be shown; None when it may not be.

    Args:
        kind: The message's type.
        content: The message's content, of any shape: a sandbox wrote it.
    """
    if kind == "stream":
        name = "stderr" if content.get("name") == "stderr" else "stdout"
        return {"name": name, "text": cut_lines(clean_text(_text(content.get("text"))))}
    if kind == "error":
        return _clean_error(content)
    if kind == "clear_output":
        return {"wait": content.get("wait") is True}
    if kind not in RICH:
        return None
    data = clean_bundle(content.get("data"))
    cleaned: dict[str, Any] = {"data": data, "metadata": clean_metadata(content.get("metadata"), data)}
    transient = content.get("transient")
    if isinstance(transient, Mapping) and isinstance(label := transient.get("display_id"), str):
        cleaned["transient"] = {"display_id": clean_text(label[:MAX_NAME_CHARACTERS])}
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
            {**output, "text": cut_lines(clean_text("".join(output["text"])))}
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
                shown.update(data=cleaned["data"], metadata=cleaned["metadata"])
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


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
