"""Tab completion of options, values and verbs."""

from __future__ import annotations

from typing import Any

from gptoss_lab.magics.line import CHOICES, KNOWN
from gptoss_lab.magics.verbs import VERBS


def complete(_shell: object, event: Any) -> list[str]:
    """Return what may stand at the cursor; IPython keeps what begins as the word there does."""
    words = str(event.line)[: len(str(event.text_until_cursor))].split()
    if words and words[0] == "%gptoss":
        return [*VERBS, "help"]
    before = words[-2] if len(words) > 1 and event.symbol else words[-1] if words else ""
    return list(CHOICES.get(before, KNOWN))
