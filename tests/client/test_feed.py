"""Events from a server that cuts, stalls, and sends what it should not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gptoss_lab.client import feed
from gptoss_lab.client.errors import (
    FaultError,
    ProtocolError,
    StillRunningError,
    StreamLostError,
)
from gptoss_lab.client.frames import Frames
from gptoss_lab.errors import GptossError, NotFoundError
from tests.client.driver import FAST, Driver, Kind
from tests.fakes.raw_server import LAST, RawServer, Script, event, head, stream

PULSE = b": still here\n\n"
PROBLEM = b'{"title": "x", "status": 404, "code": "not_found", "detail": "No such job", "hint": "Look."}'


def resumed(asked: list[str]) -> list[str]:
    """Return the number after which each request asked to go on."""
    heads = [line for head in asked for line in head.lower().split("\r\n")]
    return [line.partition(": ")[2] for line in heads if line.startswith("last-event-id")]


async def test_a_cut_stream_is_taken_up_where_it_ended(kind: Kind) -> None:
    """Also amid an event, of which the half that came is not told."""
    half = event(3)[:20]
    with RawServer(stream(event(1), event(2), half), stream(), stream(event(3), LAST)) as server:
        events = await Driver(kind, server.url).ask("events", "j")
    assert [one.seq for one in events] == [1, 2, 3, 9]
    assert resumed(server.asked) == ["0", "2", "2"]


async def test_a_server_that_stays_away_is_told_in_the_end(kind: Kind) -> None:
    """After a bounded number of tries, with the number to go on from."""
    with RawServer(stream(event(1), event(2)), stream()) as server:
        with pytest.raises(StreamLostError, match="broke off") as caught:
            await Driver(kind, server.url).ask("events", "j")
        assert len(server.asked) == 1 + FAST.stream_retries
    assert caught.value.last_seq == 2


async def test_the_same_event_again_and_again_is_no_progress(kind: Kind) -> None:
    """A server that begins anew for ever is not followed for ever."""
    with RawServer(stream(event(1))) as server, pytest.raises(StreamLostError):
        await Driver(kind, server.url).ask("events", "j")
    assert len(server.asked) == 1 + FAST.stream_retries


async def test_silence_is_borne_so_long(kind: Kind) -> None:
    """Without an event and without a pulse the connection counts as cut."""
    patience = replace(FAST, idle_s=0.15)
    with RawServer(stream(event(1), 5.0), stream(LAST)) as server:
        events = await Driver(kind, server.url, patience=patience).ask("events", "j")
    assert [one.seq for one in events] == [1, 9]


async def test_a_pulse_is_a_sign_of_life(kind: Kind) -> None:
    """A job that has nothing to say for long is not given up."""
    patience = replace(FAST, idle_s=0.4)
    beats = (PULSE, 0.15) * 5
    with RawServer(stream(event(1), *beats, LAST)) as server:
        events = await Driver(kind, server.url, patience=patience).ask("events", "j")
    assert [one.seq for one in events] == [1, 9]
    assert len(server.asked) == 1


async def test_who_waits_only_so_long_learns_that_it_goes_on(kind: Kind) -> None:
    """Whether the server says something or not."""
    for script in (stream(event(1), *(PULSE, 0.05) * 40), stream(5.0)):
        with RawServer(script) as server, pytest.raises(StillRunningError) as caught:
            await Driver(kind, server.url).ask("wait", "j", timeout_s=0.3)
        assert "cancel" in caught.value.hint


@pytest.mark.parametrize(
    ("script", "kind_of", "words"),
    [
        (stream(b"data: {nonsense\n\n"), ProtocolError, "json_invalid"),
        (stream(b'data: {"type": "secret-tulips"}\n\n'), ProtocolError, "event that is none"),
        (stream(b'data: {"type": "warning", "message": "\xff\xfe"}\n\n'), ProtocolError, "none"),
        ((head("200 OK", "Content-Type: text/html"), b"<html>"), ProtocolError, "no events, but text/html"),
        ((head("200 OK"), b"<html>"), ProtocolError, "no events, but nothing"),
        (
            (head("404 Not Found", "Content-Type: application/problem+json"), PROBLEM),
            NotFoundError,
            "No such",
        ),
        ((head("500 Oh"), b"x"), FaultError, "500"),
        ((head("502 Bad Gateway"), b"<html>nginx"), StreamLostError, "no gptoss_lab answers behind it"),
        ((b"\x00\x01garbage\r\n\r\n",), StreamLostError, "broke off"),
        ((), StreamLostError, "broke off"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_what_is_no_stream_of_events(
    kind: Kind, script: Script, kind_of: type[GptossError], words: str
) -> None:
    """Each is told as what it is, and nothing of what came is in the message."""
    with RawServer(script) as server, pytest.raises(kind_of, match=words) as caught:
        await Driver(kind, server.url).ask("events", "j")
    assert "tulips" not in str(caught.value)
    assert caught.value.hint


async def test_an_event_without_end_is_not_taken(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than an event can be is not held, however it comes."""
    monkeypatch.setattr(feed, "MAX_EVENT_BYTES", 1 << 20)
    endless = stream(b"data: " + b"a" * (2 << 20))
    with RawServer(endless) as server, pytest.raises(ProtocolError, match="more than 1 MB"):
        await Driver(kind, server.url).ask("events", "j")


async def test_a_huge_event_is_read(kind: Kind) -> None:
    """A cell may be long, and comes in many pieces."""
    text = "x" * (8 << 20)
    close = event(1, "cell_close", f'"cell": "a", "source": "{text}"')
    with RawServer(stream(close, LAST)) as server:
        events = await Driver(kind, server.url).ask("events", "j")
    assert events[0].source == text


async def test_unnumbered_events_are_no_place_to_resume_from(kind: Kind) -> None:
    """They lead to where the job stands; the number before them holds."""
    with RawServer(stream(event(4), event(0)), stream(LAST)) as server:
        events = await Driver(kind, server.url).ask("events", "j")
    assert [one.seq for one in events] == [4, 0, 9]
    assert resumed(server.asked) == ["0", "4"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_end_in_every_way_and_come_in_every_piece(size: int) -> None:
    """As the standard of server-sent events has it: CR, LF or both, a mark at the start, comments."""
    text = b"\xef\xbb\xbfdata: a\r\ndata:b\r\n\r\n: pulse\n\nid: 7\nevent: x\n\ndata\ndata: c\n\ndata:  d\r\r"
    frames = Frames(1000)
    found = [data for at in range(0, len(text), size) for data in frames.take(text[at : at + size])]
    found += frames.take(b"\n")
    assert found == [b"a\nb", b"\nc", b" d"]


def test_an_event_of_many_small_lines_is_bounded_too() -> None:
    """No way around the limit."""
    frames = Frames(max_bytes=100)
    for _ in range(20):
        assert frames.take(b"data: 1234\n") == []
    with pytest.raises(ProtocolError):
        frames.take(b"data: 1234\n")
