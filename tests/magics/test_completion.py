"""What Tab offers."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%%gptoss --p", {"--paper"}),
        ("%%gptoss --d", {"--docs", "--dry-run"}),
        ("%%gptoss --cells 3 --rep", {"--replace"}),
        ("%%gptoss --lang ", {"python", "r"}),
        ("%%gptoss --docs pandas --verify r", {"run", "repair"}),
        ("%gptoss s", {"sources", "status"}),
    ],
)
def test_options_values_and_verbs(shell: Any, line: str, offered: set[str]) -> None:
    """Only what may stand there."""
    word = line[line.rindex(" ") + 1 :]
    with pytest.warns(PendingDeprecationWarning):
        _, found = shell.complete(word, line, len(line))
    assert offered <= set(found)
    assert "--effort" not in found
