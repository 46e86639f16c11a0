"""Which recording answers a question about the small paper on petals: see `tests/fakes/modelled.py`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_STEP = re.compile(r"(?m)^=== [0-9a-f]{16} step ===\n(?P<step>.*)$")
_STEPS = {"imports": "paper_setup", "the results": "paper_measure"}
_KINDS = {
    '{"units":': "paper_units",
    '{"config":': "paper_plan",
    '{"verdicts":': "paper_review",
    "cell of small tests": "paper_tests",
}


def paper_recording(messages: Sequence[dict[str, Any]]) -> str:
    """Return the name of the recording; a cell is told by its step."""
    asked = [str(message.get("content")) for message in messages]
    question = next((text for text in reversed(asked) if "\n# Task\n" in text), "")
    for text, name in _KINDS.items():
        if text in question:
            return name
    step = _STEP.search(question)
    return _STEPS.get(step["step"], "paper_fit") if step else "paper_fit"
