"""`jupyter gptoss sandbox add`."""

from __future__ import annotations

import json

from tests.cli.conftest import Invoke
from tests.fakes.services import FakeServices


def test_adds_what_is_named(services: FakeServices, invoke: Invoke) -> None:
    """To Python's environment unless another language is meant."""
    result = invoke("sandbox", "add", "emoji", "polars==1.0")
    assert result.exit_code == 0
    assert result.stdout == "Built python-1 for bubblewrap: abc123\n"
    assert result.stderr.splitlines() == ["Looking (50%)"]
    words = ("--language", "r", "--runtime", "docker", "--image", "abc")
    assert invoke("sandbox", "add", "dplyr", *words).exit_code == 0
    assert services.packages.asked == [
        ("python", "", "", "emoji", "polars==1.0"),
        ("r", "abc", "docker", "dplyr"),
    ]


def test_as_json(invoke: Invoke) -> None:
    """Steps and the image are lines of JSON."""
    lines = [json.loads(line) for line in invoke("sandbox", "add", "emoji", "--json").stdout.splitlines()]
    assert lines[0] == {"step": "looking", "done": 1, "total": 2}
    assert lines[-1]["id"] == "abc123"


def test_nothing_to_add_is_wrong_use(invoke: Invoke) -> None:
    """At least one package is named."""
    assert invoke("sandbox", "add").exit_code == 2
