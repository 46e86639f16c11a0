"""How the kernel learns that a page listens, and what it hands over."""

from __future__ import annotations

from typing import Any

import pytest

from gptoss_lab.magics.front_end import MIME, TICKET, hand_over, ticket_of
from gptoss_lab.magics.variables import Variable


class Kernel:
    """A kernel in the middle of an execution."""

    def __init__(self, metadata: Any) -> None:
        self._metadata = metadata

    def get_parent(self) -> dict[str, Any]:
        """Return the request that runs."""
        return {"metadata": self._metadata}


class Shell:
    """A shell that a kernel runs, or none."""

    def __init__(self, kernel: Kernel | None) -> None:
        self.kernel = kernel


@pytest.mark.parametrize(
    ("kernel", "ticket"),
    [
        (None, ""),
        (Kernel({}), ""),
        (Kernel(None), ""),
        (Kernel({TICKET: 3}), ""),
        (Kernel({TICKET: "t-1", "cellId": "c"}), "t-1"),
    ],
)
def test_a_ticket_says_that_a_page_listens(kernel: Kernel | None, ticket: str) -> None:
    """It is on the execution, or nobody listens."""
    assert ticket_of(Shell(kernel)) == ticket  # type: ignore[arg-type]


def test_a_request_bears_the_ticket_and_no_value(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a plain text for whoever cannot read it."""
    published: list[dict[str, Any]] = []
    monkeypatch.setattr(shell.display_pub, "publish", published.append)
    hand_over(shell, "t-1", [Variable("df", "a table")], "asked")
    request = {"version": 1, "ticket": "t-1", "variables": [{"name": "df", "description": "a table"}]}
    assert published == [{MIME: request, "text/plain": "asked"}]
