"""Messages that may be forged, malformed or endless."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jupyter_client.session import Session

from gptoss_lab.sandbox.outputs import CellOutputs
from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.services.kernel_messages import (
    MAX_MESSAGE_BYTES,
    CellRun,
    Channel,
    Execution,
    Message,
    exit_status,
    read_message,
)


def execution(max_bytes: int = 100, max_messages: int = 10) -> Execution:
    """Wait for the request "r"."""
    run = CellRun("sandbox_lost", CellOutputs(max_bytes=max_bytes, max_messages=max_messages), alive=False)
    return Execution("r", run, max_bytes=max_bytes, max_messages=max_messages)


def shown(waiting: Execution) -> tuple[dict[str, Any], ...]:
    """Return what is kept of the outputs."""
    assert isinstance(waiting.run.outputs, CellOutputs)
    return waiting.run.outputs.outputs()


def wire(session: Session, kind: str, content: dict[str, Any]) -> list[bytes]:
    """Sign a message as the kernel would."""
    message = session.msg(kind, content=content, parent={"msg_id": "r", "session": "s"})
    return list(session.serialize(message))


async def take(waiting: Execution, channel: Channel, kind: str, parent: str = "r", **content: Any) -> None:
    """Hand over one message."""
    await waiting.take(channel, Message(kind, parent, content, 10))


async def test_ends_with_reply_and_idle_only() -> None:
    """One of the two is not the end, in whichever order they come."""
    for order in ((0, 1), (1, 0)):
        waiting = execution()
        steps: tuple[tuple[Channel, str, dict[str, Any]], ...] = (
            ("shell", "execute_reply", {"status": "ok", "execution_count": 4}),
            ("iopub", "status", {"execution_state": "idle"}),
        )
        await take(waiting, steps[order[0]][0], steps[order[0]][1], **steps[order[0]][2])
        assert (waiting.done, waiting.half_done) == (False, True)
        await take(waiting, steps[order[1]][0], steps[order[1]][1], **steps[order[1]][2])
        assert bool(waiting.done)
        assert (waiting.run.status, waiting.run.execution_count, waiting.run.alive) == ("ok", 4, True)


async def test_ignores_answers_to_others() -> None:
    """Output, reply and idle of another request, or on the wrong channel, change nothing but the count."""
    waiting = execution()
    await take(waiting, "shell", "execute_reply", "other", status="ok")
    await take(waiting, "iopub", "execute_reply", status="ok")
    await take(waiting, "iopub", "status", "", execution_state="idle")
    await take(waiting, "shell", "status", execution_state="idle")
    await take(waiting, "iopub", "stream", "other", name="stdout", text="forged")
    assert not waiting.half_done
    assert shown(waiting) == ()


async def test_a_flood_counts_whoever_it_answers() -> None:
    """Messages to nobody fill the same measure as those to us."""
    waiting = execution(max_messages=2)
    for _ in range(17):
        await take(waiting, "iopub", "stream", "other", name="stdout", text="x")
    assert waiting.flooded


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("ok", "ok"),
        ("error", "error"),
        ("abort", "interrupted"),
        ("aborted", "interrupted"),
        (["ok"], "error"),
    ],
)
async def test_maps_the_reply(answer: Any, status: str) -> None:
    """What is not known is an error; the error's colours are removed."""
    waiting = execution()
    await take(waiting, "shell", "execute_reply", status=answer, ename="E\x1b[31m", evalue="v\x00")
    assert waiting.run.status == status
    assert waiting.run.error == ("E: v\ufffd" if answer == "error" else "")


async def test_our_own_interrupt_wins_over_the_reply() -> None:
    """A cell that we stopped is a timeout, whatever the kernel calls it."""
    waiting = execution()
    waiting.stopped = "timeout"
    await take(waiting, "shell", "execute_reply", status="ok")
    assert waiting.run.status == "timeout"


def test_reads_signed_messages_and_nothing_else() -> None:
    """Broken frames, a wrong signature and content that is no object give None."""
    ours, other = Session(key=b"a"), Session(key=b"b")
    parts = wire(ours, "status", {"execution_state": "idle"})
    assert read_message(Session(key=b"a"), parts, 100) == Message(
        "status", "r", {"execution_state": "idle"}, 100
    )
    assert read_message(other, parts, 100) is None
    for broken in ([], [b"x"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{", b"{}", b"{}", b"{}"]):
        assert read_message(Session(key=b"a"), broken, 10) is None


@pytest.mark.parametrize("text", ["x", "é", "\\", '"', "\u2028", "\U0001f600", "\n"])
def test_reads_the_start_of_a_stream_that_is_too_large(text: str) -> None:
    """The cut may fall into an escape or a character; the rest is read all the same."""
    session = Session(key=b"a")
    parts = wire(session, "stream", {"name": "stdout", "text": "a" + text * MAX_MESSAGE_BYTES})
    parts[-1] = json.dumps({"name": "stdout", "text": "a" + text * MAX_MESSAGE_BYTES}).encode()
    message = read_message(session, parts, MAX_MESSAGE_BYTES + 1)
    assert message is not None
    assert message.content["text"].startswith("a" + text * 1000)
    assert len(message.content["text"]) <= MAX_MESSAGE_BYTES


async def test_shows_nothing_of_other_messages_that_are_too_large() -> None:
    """A display of gigabytes is not parsed; the cell is marked as cut."""
    session = Session(key=b"a")
    parts = wire(session, "display_data", {"data": {"text/plain": "x" * MAX_MESSAGE_BYTES}, "metadata": {}})
    message = read_message(session, parts, MAX_MESSAGE_BYTES + 1)
    assert message == Message("display_data", "r", {}, MAX_MESSAGE_BYTES + 1)
    waiting = execution()
    await waiting.take("iopub", message)
    assert waiting.run.outputs.truncated
    assert shown(waiting) == ()


def test_names_the_end_of_a_sandbox() -> None:
    """Memory, the relay's limit and everything else are told apart."""
    assert exit_status(Exit(137, oom=True)) == "oom"
    assert exit_status(Exit(137, reason="more than 5 bytes came out of the sandbox")) == "output_limit"
    assert exit_status(Exit(3)) == "died"
