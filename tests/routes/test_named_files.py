"""Which requests name files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gptoss_lab.errors import PolicyError, SourceRefusedError
from gptoss_lab.routes.named_files import read_object, refuse_files


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"task": "t", "sources": []},
        {"sources": [{"uri": "pandas"}, {"uri": "https://example.org/a.html"}, {"uri": "r:dplyr"}]},
        {"sources": [{"uri": "./x", "kind": "package"}, {"uri": "dplyr", "kind": "r-package"}]},
        {"paper": {"uri": "arXiv:2401.01234"}},
        {"paper": {"uri": "doi:10.1000/x"}},
        {"paper": {"uri": "https://example.org/p.pdf"}},
        {"cells": ["open('/etc/passwd')"], "data": []},
        {"sources": "nonsense", "paper": 3, "uri": None},
        {"uri": "pandas"},
    ],
)
def test_what_names_no_file_passes(body: dict[str, Any]) -> None:
    """The other server judges the rest, and gets it as it came."""
    sent = json.dumps(body).encode()
    refuse_files(sent)
    assert read_object(sent) == body


@pytest.mark.parametrize("body", [b"", b" ", b"[1]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_object_passes(body: bytes) -> None:
    """The other server says what is wrong with it."""
    refuse_files(body)
    assert read_object(body) == {}


@pytest.mark.parametrize(
    "body",
    [
        {"sources": [{"uri": "pandas"}, {"uri": "docs/a.md"}]},
        {"sources": [{"uri": "pandas", "kind": "folder"}]},
        {"sources": [{"uri": "~/a.pdf"}]},
        {"paper": {"uri": "paper.tex"}},
        {"uri": "/etc", "kind": "auto"},
    ],
)
def test_a_file_to_read_is_refused(body: dict[str, Any]) -> None:
    """With what can be named instead."""
    with pytest.raises(SourceRefusedError, match="another machine") as caught:
        refuse_files(json.dumps(body).encode())
    assert "arXiv" in caught.value.hint


def test_a_file_to_show_is_refused() -> None:
    """It can be sent with the execution."""
    with pytest.raises(PolicyError, match="another machine"):
        refuse_files(b'{"cells": ["1"], "data": ["a.csv"]}')
