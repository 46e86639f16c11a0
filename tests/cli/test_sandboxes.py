"""`jupyter gptoss sandbox`."""

from __future__ import annotations

import json

from tests.cli.conftest import Invoke
from tests.fakes.services import FakeServices


def test_build_says_what_it_built(services: FakeServices, invoke: Invoke) -> None:
    """Steps go to standard error, the result to standard output."""
    result = invoke("sandbox", "build", "python", "--runtime", "bubblewrap")
    assert result.exit_code == 0
    assert services.execution.built == ["python:bubblewrap"]
    assert result.stdout == "Built python-1 for bubblewrap: abc123\n"
    assert "installing packages" in result.stderr


def test_build_as_json(invoke: Invoke) -> None:
    """Steps and the image are lines of JSON."""
    lines = [json.loads(line) for line in invoke("sandbox", "build", "python", "--json").stdout.splitlines()]
    assert lines[0] == {"step": "fetching the base", "done": 1, "total": 2}
    assert lines[-1]["id"] == "abc123"


def test_list_and_rm(services: FakeServices, invoke: Invoke) -> None:
    """The id that `list` shows, or its beginning, removes."""
    assert invoke("sandbox", "list").stdout.split()[:3] == ["abc123", "bubblewrap", "python"]
    assert json.loads(invoke("sandbox", "list", "--json").stdout)["tag"] == "python-1"
    assert invoke("sandbox", "rm", "abc").exit_code == 0
    assert services.execution.removed == ["abc123"]


def test_rm_of_what_is_not_there(services: FakeServices, invoke: Invoke) -> None:
    """A sentence, not a traceback."""
    result = invoke("sandbox", "rm", "zzz")
    assert (result.exit_code, services.execution.removed) == (2, [])
    assert "There is no image zzz." in result.stderr


def test_an_unknown_language_is_wrong_use(invoke: Invoke) -> None:
    """The languages are named."""
    result = invoke("sandbox", "build", "cobol")
    assert result.exit_code == 2
    assert "python" in result.stderr
