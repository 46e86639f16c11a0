"""Thousands of readers that wait, on a real server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.idle_streams import WANTED, measure, possible


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_server_full_of_idle_readers_answers(
    record_property: Callable[[str, object], None],
) -> None:
    """Ten thousand, or as many as may be open: requests are answered, one more reader is refused politely."""
    found = measure(WANTED)
    record_property("streams", found.streams)
    assert found.streams == possible(WANTED)
    assert len(found.beside_ms) == len(found.alone_ms), "not every request beside the streams was answered"
    assert (found.refused, found.retry_after) == (503, "10")
    assert found.after_leaving == 200, "the places of those who left stay taken"
