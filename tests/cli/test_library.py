"""`jupyter gptoss index`."""

from __future__ import annotations

import json

from tests.cli.conftest import Invoke
from tests.fakes.services import FakeServices


def test_a_source_is_indexed(services: FakeServices, invoke: Invoke) -> None:
    """The result says how much was found."""
    result = invoke("index", "pandas")
    assert result.exit_code == 0
    assert result.stdout.startswith("pandas ")
    assert "0 passages, 0 symbols, 0 examples (unchanged)" in result.stdout
    assert [info.title for info in services.corpora.known.values()] == ["pandas"]


def test_an_index_as_json(invoke: Invoke) -> None:
    """The last line is the corpus."""
    assert (
        json.loads(invoke("index", "pandas", "--json", "--refresh").stdout.splitlines()[-1])["cached"]
        is False
    )
