"""The outer end of the relay, against a sandbox in memory."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox import relay as relay_module
from gptoss_lab.sandbox.agent.mux import CLOSE, DATA, HEADER, MAX_PAYLOAD_BYTES, OPEN
from gptoss_lab.sandbox.frames import close_frame, data_frame
from gptoss_lab.sandbox.relay import Relay, inner_ports, outer_ports
from gptoss_lab.sandbox.runtime import Exit
from tests.fakes.runtime import FakeSandbox


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    """A folder with a short path."""
    with tempfile.TemporaryDirectory(prefix="gl-") as name:
        yield Path(name)


@pytest.fixture
async def sandbox() -> FakeSandbox:
    """A sandbox in the test's hands."""
    return FakeSandbox()


@pytest.fixture
async def relay(sandbox: FakeSandbox, folder: Path) -> AsyncIterator[Relay]:
    """A relay that has started."""
    relay = Relay(sandbox, folder, byte_limit=None)
    await relay.start()
    yield relay
    await relay.close()


async def _dial(relay: Relay, number: int = 1) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_unix_connection(f"{relay.address}-{number}")


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _is_private(path: Path) -> bool:
    return path.stat().st_mode & 0o077 == 0


def _descriptors() -> int:
    return len(_names(Path("/proc/self/fd")))


def test_ports_pair_up() -> None:
    """The five channels have a port inside and a number outside, in the same order."""
    assert list(inner_ports()) == list(outer_ports())
    assert inner_ports()["shell_port"] == 9001
    assert outer_ports()["hb_port"] == 5


async def test_bytes_go_both_ways(relay: Relay, sandbox: FakeSandbox) -> None:
    """A client's connection opens the kernel's port and carries bytes in both directions."""
    reader, writer = await _dial(relay, 2)
    writer.write(b"ping")
    frames = await sandbox.until_frames(2)
    assert frames == [(1, OPEN, 9002, b""), (1, DATA, 4, b"ping")]
    sandbox.say(data_frame(1, b"pong"))
    assert await reader.readexactly(4) == b"pong"
    await _hang_up(writer)
    assert (await sandbox.until_frames(3))[2] == (1, CLOSE, 0, b"")


async def test_a_close_from_inside_ends_one_connection(relay: Relay, sandbox: FakeSandbox) -> None:
    """When the kernel closes a connection, that client sees its end and others live on."""
    first, first_writer = await _dial(relay)
    second, second_writer = await _dial(relay)
    await sandbox.until_frames(2)
    sandbox.say(data_frame(1, b"bye") + close_frame(1) + data_frame(1, b"late") + data_frame(2, b"on"))
    assert await first.read() == b"bye"
    assert await second.readexactly(2) == b"on"
    await _hang_up(first_writer)
    await _hang_up(second_writer)
    assert not sandbox.ended


async def test_a_reset_client_harms_no_other(relay: Relay, sandbox: FakeSandbox) -> None:
    """Bytes for a client that vanished are dropped; another client still gets its own."""
    _, doomed = await _dial(relay)
    reader, writer = await _dial(relay)
    await sandbox.until_frames(2)
    doomed.transport.abort()
    sandbox.say(data_frame(1, b"x" * 100_000) * 20 + data_frame(2, b"fine"))
    assert await asyncio.wait_for(reader.readexactly(4), 5) == b"fine"
    await _hang_up(writer)


@pytest.mark.parametrize(
    ("stream", "says"),
    [
        (data_frame(7, b"x"), "connection 7 was never opened"),
        (data_frame(0, b"x"), "connection 0 was never opened"),
        (HEADER.pack(1, DATA, MAX_PAYLOAD_BYTES + 1), "over the limit"),
        (HEADER.pack(1, 9, 0), "operation 9"),
    ],
)
async def test_broken_frames_end_the_sandbox(
    relay: Relay, sandbox: FakeSandbox, stream: bytes, says: str
) -> None:
    """A frame against the rules kills this sandbox and says why."""
    reader, writer = await _dial(relay)
    await sandbox.until_frames(1)
    sandbox.say(stream)
    assert (await asyncio.wait_for(sandbox.wait(), 5)).code == 137
    assert says in relay.reason
    assert await reader.read() == b""
    await _hang_up(writer)


@pytest.mark.parametrize(
    ("last", "says"),
    [(data_frame(1, b"half")[:-2], "was lost: the stream ended inside a frame"), (b"", "was lost")],
)
async def test_a_stream_that_ends_alone_ends_the_sandbox(
    relay: Relay, sandbox: FakeSandbox, monkeypatch: pytest.MonkeyPatch, last: bytes, says: str
) -> None:
    """Nobody can reach a kernel whose relay has gone: it is ended, and the reason says so."""
    monkeypatch.setattr(relay_module, "LOST_AFTER_S", 0.05)
    reader, writer = await _dial(relay)
    await sandbox.until_frames(1)
    sandbox.say(last)
    sandbox.reader.feed_eof()
    assert await reader.read() == b""
    await asyncio.wait_for(sandbox.wait(), 5)
    assert relay.lost
    assert relay.reason.endswith(says)
    await _hang_up(writer)


async def test_a_sandbox_that_ends_inside_a_frame_has_its_own_reason(
    relay: Relay, sandbox: FakeSandbox
) -> None:
    """What was killed while it spoke is not blamed for half a frame."""
    reader, writer = await _dial(relay)
    await sandbox.until_frames(1)
    sandbox.say(data_frame(1, b"half")[:-2])
    sandbox.end(Exit(137, oom=True, reason="out of memory"))
    assert await reader.read() == b""
    assert (relay.reason, relay.lost) == ("", False)
    await _hang_up(writer)


async def test_a_clean_end_has_no_reason(relay: Relay, sandbox: FakeSandbox) -> None:
    """When the sandbox ends between frames, clients are closed and nothing is blamed."""
    reader, writer = await _dial(relay)
    await sandbox.until_frames(1)
    sandbox.end(Exit(0))
    assert await reader.read() == b""
    assert not relay.reason
    await _hang_up(writer)


async def test_the_byte_limit_ends_the_sandbox(sandbox: FakeSandbox, folder: Path) -> None:
    """More bytes than allowed end the sandbox, and no more of them reach the client."""
    relay = Relay(sandbox, folder, byte_limit=1000)
    await relay.start()
    reader, writer = await _dial(relay)
    await sandbox.until_frames(1)
    sandbox.say(data_frame(1, b"x" * 500))
    sandbox.say(data_frame(1, b"y" * 50_000))
    assert b"y" not in await asyncio.wait_for(reader.read(), 5)
    assert "1000 bytes" in relay.reason
    assert sandbox.ended
    await _hang_up(writer)
    await relay.close()


async def test_a_message_over_the_limit_ends_the_sandbox(sandbox: FakeSandbox, folder: Path) -> None:
    """A size that is too big ends the sandbox before the client hears of it; each connection counts alone."""
    relay = Relay(sandbox, folder, byte_limit=None, message_limit=1 << 20)
    await relay.start()
    reader, writer = await _dial(relay)
    _, other = await _dial(relay)
    await sandbox.until_frames(2)
    greeting = (b"\xff" + bytes(8) + b"\x7f\x03").ljust(64, b"\0")
    for number in (1, 2):
        sandbox.say(data_frame(number, greeting + b"\x03" + (700_000).to_bytes(8, "big") + b"x" * 1000))
    await asyncio.wait_for(reader.readexactly(1073), 5)
    assert not relay.reason
    sandbox.say(data_frame(1, b"y" * 100_000) * 7)
    sandbox.say(data_frame(1, b"z" * 99_000 + b"\x02" + (700_000).to_bytes(8, "big")))
    await asyncio.wait_for(reader.read(), 5)
    assert "a message of more than 1 MiB" in relay.reason
    assert sandbox.ended
    for each in (writer, other):
        await _hang_up(each)
    await relay.close()


async def test_a_client_that_does_not_read_is_dropped(
    relay: Relay, sandbox: FakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stalled client holds the others for a while, then loses its connection."""
    monkeypatch.setattr(relay_module, "STALL_TIMEOUT_S", 0.1)
    monkeypatch.setattr(relay_module, "CONNECTION_BUFFER_BYTES", 1 << 20)
    stalled, stalled_writer = await _dial(relay)
    await sandbox.until_frames(1)
    stalled._transport.pause_reading()  # type: ignore[attr-defined]
    reader, writer = await _dial(relay)
    await sandbox.until_frames(2)
    sandbox.say(data_frame(1, b"x" * 100_000) * 60 + data_frame(2, b"ok"))
    assert await asyncio.wait_for(reader.readexactly(2), 5) == b"ok"
    await _hang_up(writer)
    stalled_writer.transport.abort()


async def test_large_bytes_arrive_whole(relay: Relay, sandbox: FakeSandbox) -> None:
    """Twenty megabytes arrive complete and in order."""
    reader, writer = await _dial(relay)
    await sandbox.until_frames(1)
    block = bytes(range(256)) * 256

    async def speak() -> None:
        for _ in range(320):
            sandbox.say(data_frame(1, block))
            await asyncio.sleep(0)

    task = asyncio.create_task(speak())
    got = await reader.readexactly(320 * len(block))
    await task
    assert got == block * 320
    await _hang_up(writer)


async def test_files_have_a_socket_of_their_own(sandbox: FakeSandbox, folder: Path) -> None:
    """The sixth socket leads to the file service; what it is told counts for no limit."""
    relay = Relay(sandbox, folder, byte_limit=1000, message_limit=1 << 20)
    await relay.start()
    reader, writer = await asyncio.open_unix_connection(relay.files_address)
    assert await sandbox.until_frames(1) == [(1, OPEN, 9006, b"")]
    for _ in range(5):
        sandbox.say(data_frame(1, b"\xff" * 1000))
    assert await asyncio.wait_for(reader.readexactly(5000), 5) == b"\xff" * 5000
    assert (relay.reason, relay.bytes_in > 5000) == ("", True)
    sandbox.say(close_frame(1) + data_frame(1, bytes(1000)))
    assert await asyncio.wait_for(reader.read(), 5) == b""
    await _hang_up(writer)
    await asyncio.wait_for(sandbox.wait(), 5)
    assert "more than 1000 bytes" in relay.reason
    await relay.close()


async def test_close_leaves_nothing(sandbox: FakeSandbox, folder: Path) -> None:
    """After close there is no task, no descriptor and no socket file of ours; twice is fine."""
    tasks, descriptors = len(asyncio.all_tasks()), _descriptors()
    relay = Relay(sandbox, folder, byte_limit=None)
    await relay.start()
    assert _names(folder) == {f"k-{n}" for n in range(1, 7)}
    assert all(_is_private(folder / name) for name in _names(folder))
    clients = [await _dial(relay, n) for n in range(1, 7)]
    await sandbox.until_frames(6)
    await relay.close()
    await relay.close()
    for _, writer in clients:
        await _hang_up(writer)
    await asyncio.sleep(0.05)
    assert _names(folder) == set()
    assert len(asyncio.all_tasks()) == tasks
    assert _descriptors() == descriptors


async def test_a_client_that_was_never_served_is_closed(relay: Relay) -> None:
    """A connection whose task is cancelled before its first step sees its end."""
    dialing = asyncio.ensure_future(_dial(relay))
    while not relay._clients:  # noqa: ASYNC110 - each turn of the loop counts
        await asyncio.sleep(0)
    for task in relay._clients:
        task.cancel()
    reader, writer = await dialing
    assert relay._last == 0
    assert await asyncio.wait_for(reader.read(), 5) == b""
    await _hang_up(writer)


@pytest.mark.parametrize("turns", range(5))
async def test_a_client_that_arrives_at_the_end_is_closed(
    sandbox: FakeSandbox, folder: Path, turns: int
) -> None:
    """A connection that is accepted while the relay closes leaves no descriptor, whenever it comes."""
    relay = Relay(sandbox, folder, byte_limit=None)
    before = _descriptors()
    await relay.start()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{relay.address}-4")
        for _ in range(turns):
            await asyncio.sleep(0)
        await relay.close()
        client.settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""
    assert _descriptors() == before


async def test_a_long_path_is_refused(sandbox: FakeSandbox, tmp_path: Path) -> None:
    """A path over the kernel's limit is named, with what to do, before anything is bound."""
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    with pytest.raises(SandboxError, match="longer than 107 bytes") as caught:
        await Relay(sandbox, folder, byte_limit=None).start()
    assert "XDG_RUNTIME_DIR" in caught.value.hint
    assert _names(folder) == set()


async def test_a_missing_folder_is_refused(sandbox: FakeSandbox, folder: Path) -> None:
    """A folder that is not there gives our error, not a traceback."""
    with pytest.raises(SandboxError, match="cannot be made"):
        await Relay(sandbox, folder / "none", byte_limit=None).start()


async def _feed(chunks: list[bytes]) -> set[str]:
    with tempfile.TemporaryDirectory(prefix="gl-") as name:
        sandbox = FakeSandbox()
        relay = Relay(sandbox, Path(name), byte_limit=None)
        await relay.start()
        clients = [await _dial(relay, n) for n in (1, 2)]
        await sandbox.until_frames(2)
        for chunk in chunks:
            sandbox.say(chunk)
            await asyncio.sleep(0)
        sandbox.end(Exit(0))
        for reader, writer in clients:
            await asyncio.wait_for(reader.read(), 5)
            await _hang_up(writer)
        await relay.close()
        return _names(Path(name))


VALID = st.builds(data_frame, st.integers(1, 2), st.binary(max_size=200))
WILD = st.builds(
    HEADER.pack,
    st.integers(0, 2**32 - 1),
    st.integers(0, 255),
    st.integers(0, 2**32 - 1),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(st.one_of(VALID, WILD, st.binary(max_size=60)), max_size=12))
def test_no_stream_breaks_the_relay(chunks: list[bytes]) -> None:
    """Whatever a sandbox sends, clients see an end and the relay closes without a trace."""
    assert asyncio.run(_feed(chunks)) == set()
