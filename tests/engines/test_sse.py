"""Events come out of bytes whatever their pieces are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.engines.sse import MAX_EVENT_BYTES, SseDecoder
from gptoss_lab.errors import EngineProtocolError

ODD = '{"a": "é\u2028\x85"}'
STREAM = f": ping\r\n\r\ndata: {ODD}\r\n\r\nevent: x\nid: 3\ndata:one\ndata: two\n\ndata: last".encode()
EVENTS = [ODD, "one\ntwo", "last"]


@given(cuts=st.sets(st.integers(0, len(STREAM))))
def test_any_pieces(cuts: set[int]) -> None:
    """Characters and lines may be split anywhere; only LF and CRLF end a line."""
    decoder = SseDecoder()
    ends = [*sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    assert [data for piece in pieces for data in decoder.feed(piece)] + decoder.finish() == EVENTS


def test_a_huge_event_is_refused() -> None:
    """A line that never ends does not fill the memory."""
    decoder = SseDecoder()
    decoder.feed(b"data: " + b"x" * (MAX_EVENT_BYTES // 2))
    with pytest.raises(EngineProtocolError):
        decoder.feed(b"x" * MAX_EVENT_BYTES)
