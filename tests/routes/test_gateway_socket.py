"""A page, and a kernel on a gateway that filters nothing."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection import base
from tornado.websocket import WebSocketHandler
from traitlets.config import LoggingConfigurable

from gptoss_lab.routes.gateway_socket import SandboxGatewayConnection, _text_of
from gptoss_lab.sandbox.agent.guard import REFUSAL

OURS = {"kernel_provisioner": {"provisioner_name": "gptoss-sandbox"}}
Message = dict[str, Any]


class Specs:
    """What a gateway says of its kernels."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    async def get_kernel_spec(self, name: str) -> Any:
        """Return the kernelspec of a kernel, or fail."""
        assert name == "some"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Page(WebSocketHandler):
    """The page's end of the websocket: it hears."""

    def __init__(self, specs: Specs) -> None:  # no request: nothing is served
        self.heard: list[Message] = []
        self.kernel_spec_manager = specs

    def write_message(self, message: Any, binary: bool = False) -> Any:
        """Hear a message."""
        assert not binary
        self.heard.append(json.loads(message))


class Kernel(LoggingConfigurable):
    """A kernel on the gateway."""

    kernel_id = "k1"
    kernel = {"id": "k1", "name": "some"}  # noqa: RUF012 - as Jupyter's manager has it
    parent = None
    kernel_info_timeout = 1.0


class Socket:
    """The gateway's end of the websocket: it is told."""

    def __init__(self) -> None:
        self.told: list[Message] = []

    def write_message(self, message: str) -> None:
        """Be told a message."""
        self.told.append(json.loads(message))


def spec(metadata: Any) -> Message:
    """Return a kernelspec as a gateway answers it."""
    return {"name": "some", "spec": {"argv": [], "metadata": metadata}, "resources": {}}


async def connected(answer: Any) -> tuple[SandboxGatewayConnection, Page, Socket]:
    """Return a connection of a page to a kernel of which the gateway says this."""
    page, socket = Page(Specs(answer)), Socket()
    connection = SandboxGatewayConnection(parent=Kernel(), websocket_handler=page)
    await connection.prepare()
    connection._write_message = socket.write_message  # type: ignore[method-assign]
    return connection, page, socket


async def drained(connection: SandboxGatewayConnection) -> None:
    """Wait until nothing waits to be filtered."""
    if connection._draining is not None:
        await asyncio.wait({connection._draining}, timeout=30)


def message(kind: str, content: Message, channel: str = "iopub", **more: Any) -> str:
    """Return a message as a gateway sends it."""
    made = Session().msg(kind, content, parent={"msg_id": "r1", "msg_type": "execute_request"})
    return json.dumps({**made, "channel": channel, "buffers": [], **more}, default=str)


def request(metadata: Message | None = None, **content: Any) -> str:
    """Return a request to run a cell, as a page sends it."""
    made = Session().msg("execute_request", {"code": "1", **content}, metadata=metadata)
    return json.dumps({**made, "channel": "shell", "buffers": []}, default=str)


async def test_what_a_sandbox_sends_is_filtered_here() -> None:
    """Scripts, widgets and forged parts are left out, whatever the gateway does; text and order stay."""
    connection, page, _ = await connected(spec(OURS))
    script = {
        "text/html": "<script>alert(1)</script>",
        "application/javascript": "alert(1)",
        "text/plain": "x",
    }
    for text in (
        message("stream", {"name": "stdout", "text": "one\n"}),
        message("display_data", {"data": script, "metadata": {"a": "alert"}, "transient": {}}),
        message("comm_open", {"comm_id": "c", "target_name": "jupyter.widget", "data": {}}),
        message(
            "execute_reply", {"status": "ok", "execution_count": 1, "payload": [{"source": "x"}]}, "shell"
        ),
        message("status", {"execution_state": "idle"}, metadata={"alert": 1}),
    ):
        connection.handle_outgoing_message(text)
    kinds = [heard["msg_type"] for heard in page.heard]
    assert kinds == ["stream", "display_data", "execute_reply", "status"]
    assert page.heard[1]["content"]["data"] == {"text/plain": "x"}
    assert page.heard[2]["content"]["payload"] == []
    assert {heard["parent_header"]["msg_id"] for heard in page.heard} == {"r1"}
    assert [heard["channel"] for heard in page.heard] == ["iopub", "iopub", "shell", "iopub"]
    assert "alert" not in json.dumps(page.heard)


async def test_large_messages_wait_in_order() -> None:
    """They are filtered in a thread, and a small one that comes after does not overtake."""
    connection, page, _ = await connected(spec(OURS))
    connection.handle_outgoing_message(message("stream", {"name": "stdout", "text": "a" * 100_000}))
    connection.handle_outgoing_message(message("stream", {"name": "stdout", "text": "b"}))
    await drained(connection)
    assert [heard["content"]["text"][0] for heard in page.heard] == ["a", "b"]


async def test_what_the_gateway_says_of_the_kernel_is_heard() -> None:
    """A restart or an end comes from the gateway itself, and is told anew."""
    connection, page, _ = await connected(spec(OURS))
    for state in ("restarting", "dead", "on fire"):
        connection.handle_outgoing_message(message("status", {"execution_state": state, "more": "x"}))
    assert [heard["content"] for heard in page.heard] == [
        {"execution_state": "restarting"},
        {"execution_state": "dead"},
    ]


@pytest.mark.parametrize("text", ["{", "[]", '{"header": 1}', "[" * 100_000, '"' + "x" * (25 << 20) + '"'])
async def test_what_cannot_be_read_is_dropped_and_told_once(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And nothing fails."""
    connection, page, _ = await connected(spec(OURS))
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            connection.handle_outgoing_message(text)
        await drained(connection)
    assert not page.heard
    assert len([record for record in caplog.records if "cannot be read" in record.getMessage()]) == 1


@pytest.mark.parametrize("metadata", [{}, {"kernel_provisioner": {"provisioner_name": "local"}}])
async def test_other_kernels_are_left_alone(metadata: Message) -> None:
    """Their widgets and scripts are a person's own."""
    connection, page, _ = await connected(spec(metadata))
    text = message("display_data", {"data": {"application/javascript": "1"}, "metadata": {}})
    connection.handle_outgoing_message(text)
    assert page.heard == [json.loads(text)]


@pytest.mark.parametrize("answer", [OSError("gone"), KeyError("some"), {}, {"spec": {"metadata": 3}}, None])
async def test_a_kernel_of_which_nothing_is_known(answer: Any) -> None:
    """It is taken for a sandbox's, unless the gateway has said what it is."""
    connection, page, _ = await connected(answer)
    connection.handle_outgoing_message(message("comm_msg", {"comm_id": "c", "data": {}}))
    assert bool(page.heard) == (answer == {"spec": {"metadata": 3}})


@pytest.mark.parametrize("metadata", [OURS, {}])
async def test_a_cell_that_waits_for_a_review_stays_here(metadata: Message) -> None:
    """On whatever kernel: the gateway does not know what a page has accepted."""
    connection, page, socket = await connected(spec(metadata))
    connection.handle_incoming_message(request({"gptoss_lab": {"review": "pending"}}))
    assert not socket.told
    assert [heard["header"]["msg_type"] for heard in page.heard] == [
        "status",
        "error",
        "execute_reply",
        "status",
    ]
    assert page.heard[1]["content"]["evalue"] == REFUSAL
    connection.handle_incoming_message(request({"gptoss_lab": {"review": "accepted"}}))
    assert [told["header"]["msg_type"] for told in socket.told] == ["execute_request"]


async def test_only_a_cell_that_may_ask_is_let_ask() -> None:
    """A sandbox cannot make up a question that nobody awaits."""
    connection, page, _ = await connected(spec(OURS))
    question = {"prompt": "Password: ", "password": True}
    connection.handle_outgoing_message(message("input_request", question, "stdin"))
    assert not page.heard
    text = request(allow_stdin=True)
    connection.handle_incoming_message(text)
    asked = json.loads(message("input_request", question, "stdin"))
    asked["parent_header"] = json.loads(text)["header"]
    connection.handle_outgoing_message(json.dumps(asked))
    assert [heard["msg_type"] for heard in page.heard] == ["input_request"]


async def test_frames_with_buffers_do_not_end_the_reading() -> None:
    """The rest of such a message is text; what is no message is dropped; the end is the end."""
    made = {**Session().msg("display_data", {"data": {}}), "channel": "iopub", "buffers": [b"\xff\xfe"]}
    packed = base.serialize_binary_message(made)  # type: ignore[no-untyped-call]
    frames: list[Any] = [packed, b"\xff", "text", None]

    async def read() -> Any:
        return frames.pop(0)

    text = _text_of(read)
    first = await text()
    assert first is not None
    assert (json.loads(first)["buffers"], json.loads(first)["channel"]) == ([], "iopub")
    assert [await text(), await text()] == ["text", None]
