"""`jupyter gptoss sandbox save|load`."""

from __future__ import annotations

import json

from tests.cli.conftest import Invoke
from tests.fakes.services import FakeServices


def test_saves_to_a_file(services: FakeServices, invoke: Invoke) -> None:
    """A file that exists is only replaced when that is asked for."""
    result = invoke("sandbox", "save", "abc", "x.tar")
    assert (result.exit_code, result.stdout) == (0, "Saved python-1 to x.tar\n")
    assert invoke("sandbox", "save", "abc", "x.tar", "--force").exit_code == 0
    assert services.images.carried == ["x.tar False", "x.tar True"]
    assert invoke("sandbox", "save", "zzz", "x.tar").exit_code == 2


def test_loads_a_file(services: FakeServices, invoke: Invoke) -> None:
    """It says what it was, or writes it as JSON."""
    result = invoke("sandbox", "load", "x.tar")
    assert (result.exit_code, result.stdout) == (0, "Loaded python-1 for bubblewrap: abc123\n")
    lines = invoke("sandbox", "load", "x.tar", "--json").stdout.splitlines()
    assert json.loads(lines[-1])["id"] == "abc123"
    assert services.images.carried == ["x.tar", "x.tar"]
