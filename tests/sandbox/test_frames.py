"""The frame parser takes any bytes and any cuts."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.sandbox.agent.mux import CLOSE, DATA, HEADER, MAX_PAYLOAD_BYTES, OPEN
from gptoss_lab.sandbox.frames import Frame, FrameError, FrameParser, close_frame, data_frame

NUMBERS = st.integers(0, 2**32 - 1)
FRAMES = st.lists(st.builds(Frame, NUMBERS, st.one_of(st.none(), st.binary(max_size=300))), max_size=20)


def _encode(frame: Frame) -> bytes:
    if frame.payload is None:
        return close_frame(frame.connection)
    return data_frame(frame.connection, frame.payload)


@given(frames=FRAMES, cuts=st.lists(st.integers(1, 50), min_size=1))
def test_cuts_do_not_matter(frames: list[Frame], cuts: list[int]) -> None:
    """However the stream is cut, the same frames come out and nothing is left over."""
    stream = b"".join(map(_encode, frames))
    parser, found, start, turn = FrameParser(), [], 0, 0
    while start < len(stream):
        step = cuts[turn % len(cuts)]
        found += parser.feed(stream[start : start + step])
        start, turn = start + step, turn + 1
    parser.finish()
    assert found == frames


@given(noise=st.binary(max_size=400))
def test_noise_is_parsed_or_refused(noise: bytes) -> None:
    """Any bytes give frames within bounds or a FrameError, never another failure."""
    frames = []
    with contextlib.suppress(FrameError):
        frames = FrameParser().feed(noise)
    assert all(frame.payload is None or len(frame.payload) <= MAX_PAYLOAD_BYTES for frame in frames)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (HEADER.pack(1, DATA, MAX_PAYLOAD_BYTES + 1), "over the limit"),
        (HEADER.pack(1, DATA, 2**32 - 1), "over the limit"),
        (HEADER.pack(1, OPEN, 22), "operation 1"),
        (HEADER.pack(1, 3, 9), "operation 3"),
        (HEADER.pack(1, 255, 0), "operation 255"),
        (HEADER.pack(1, CLOSE, 4), "carries bytes"),
    ],
)
def test_what_is_refused_says_why(frame: bytes, says: str) -> None:
    """Only data within the limit and empty closings may come out of a sandbox."""
    with pytest.raises(FrameError, match=says):
        FrameParser().feed(frame)


def test_a_cut_frame_is_noticed_at_the_end() -> None:
    """A stream that ends inside a frame is not a clean end."""
    parser = FrameParser()
    assert parser.feed(data_frame(1, b"hello")[:-1]) == []
    with pytest.raises(FrameError, match="inside a frame"):
        parser.finish()
