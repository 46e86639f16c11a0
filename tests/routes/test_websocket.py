"""Real kernels behind a real Jupyter Server, seen from a page."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_core.utils import ensure_async
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from gptoss_lab.routes import guarded, websocket
from gptoss_lab.routes.guarded import BINARY_PROTOCOL
from gptoss_lab.routes.websocket import (
    SETTING,
    SandboxWebsocketConnection,
    is_sandboxed,
)
from gptoss_lab.sandbox.agent.guard import REFUSAL
from tests.routes.page import Message, Page, contents
from tests.sandbox.conformance import require_image

KERNELS = Path(__file__).resolve().parents[2] / "jupyter-config" / "kernels"
PENDING = {"gptoss_lab": {"review": "pending"}}
Open = Callable[..., Awaitable[Page]]


@pytest.fixture
def jp_server_config(jp_server_config: Message) -> Message:
    """Have sandboxes, where a test starts one, that need no daemon."""
    return {**jp_server_config, "GptossLabApp": {"sandbox": {"runtime": "bubblewrap"}}}


@pytest.fixture(params=["binary", "legacy"])
def binary(request: pytest.FixtureRequest) -> bool:
    """Which of the two websocket protocols the page speaks."""
    return bool(request.param == "binary")


@pytest.fixture
async def open_page(
    jp_serverapp: ServerApp, jp_fetch: Any, jp_ws_fetch: Any, binary: bool
) -> AsyncIterator[Open]:
    """Start kernels and connect pages to them; end both after the test."""
    pages: list[Page] = []

    async def one(name: str = "python3") -> Page:
        answer = await jp_fetch("api", "kernels", method="POST", body=json.dumps({"name": name}))
        kernel = json.loads(answer.body)["id"]
        protocols = [BINARY_PROTOCOL] if binary else None
        socket = await jp_ws_fetch("api", "kernels", kernel, "channels", subprotocols=protocols)
        pages.append(Page(socket, binary=binary))
        return pages[-1]

    yield one
    for page in pages:
        await page.close()
    await ensure_async(jp_serverapp.kernel_manager.shutdown_all(now=True))


@pytest.fixture
def sandboxed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat every kernel as one that runs in a sandbox: its messages are as real as any."""
    monkeypatch.setattr(websocket, "is_sandboxed", lambda _manager: True)


HOSTILE = """
from IPython.display import HTML, SVG, Javascript, display, update_display
from IPython import get_ipython
from comm import create_comm
import sys
print("plain \\x1b[3", end="", flush=True); print("1mred\\x1b[0m \\u202ebidi", flush=True)
display(Javascript("alert(1)"), HTML("<img src=x onerror=alert(1)>"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"))
display({"application/vnd.jupyter.widget-view+json": {"model_id": "m"}, "text/plain": "W()"}, raw=True)
handle = display("first", display_id="d")
update_display(HTML("<script>alert(1)</script>"), display_id="d")
comm = create_comm(target_name="jupyter.widget", data={}, buffers=[b"x"])
comm.send({"a": 1}); comm.close()
get_ipython().set_next_input("!rm -rf ~")
sent = get_ipython().kernel.session.send(
    get_ipython().kernel.iopub_socket, "display_data", {"data": {"text/plain": "buffered"}, "metadata": {}},
    parent=get_ipython().kernel.get_parent(), buffers=[b"abc"])
"""
KIND = """
import base64, pandas as pd
from IPython.display import Image, display
header = b"\\x89PNG\\r\\n\\x1a\\n\\0\\0\\0\\rIHDR\\0\\0\\0\\1\\0\\0\\0\\1\\x08\\6\\0\\0\\0"
display({"image/png": base64.b64encode(header).decode(), "text/plain": "<Image>"}, raw=True)
pd.DataFrame({"a": [1]})
"""


async def check_filter(page: Page) -> None:
    """Run hostile and kind cells, and look at what the page is told."""
    told = await page.run(HOSTILE)
    kinds = {message["header"]["msg_type"] for message in told}
    assert kinds == {
        "status",
        "execute_input",
        "stream",
        "display_data",
        "update_display_data",
        "execute_reply",
    }
    streams = "".join(stream["text"] for stream in contents(told, "stream"))
    assert streams == "plain \x1b[31mred\x1b[0m \N{REPLACEMENT CHARACTER}bidi\n"
    bundles = contents(told, "display_data") + contents(told, "update_display_data")
    assert {mime for bundle in bundles for mime in bundle["data"]} == {"text/plain"}
    assert "alert" not in json.dumps([bundle["data"] for bundle in bundles])
    assert bundles[0]["data"] == {"text/plain": "<IPython.core.display.Javascript object>"}
    assert bundles[-1]["transient"] == {"display_id": "d"}
    assert not any(message["buffers"] for message in told)
    (reply,) = contents(told, "execute_reply")
    assert (reply["status"], reply["payload"], reply["execution_count"]) == ("ok", [], 1)
    told = await page.run(KIND)
    (picture,) = contents(told, "display_data")
    assert picture["data"]["image/png"].startswith("iVBORw0KGgo")
    (result,) = contents(told, "execute_result")
    assert '<table border="1" class="dataframe">' in result["data"]["text/html"]
    assert "<style>.sandboxed-" in result["data"]["text/html"]


@pytest.mark.usefixtures("sandboxed")
async def test_a_sandbox_shows_text_tables_and_pictures_only(open_page: Open) -> None:
    """Nothing that could run in the page comes through, on either protocol."""
    await check_filter(await open_page())


@pytest.mark.bubblewrap
@pytest.mark.timeout(900)  # the environment may have to be built
@pytest.mark.parametrize("binary", [True])
async def test_the_sandboxed_kernelspec_is_filtered(jp_data_dir: Path, open_page: Open) -> None:
    """The real kernelspec in a real sandbox is recognised without anyone's word."""
    await require_image("bubblewrap")
    shutil.copytree(KERNELS, jp_data_dir / "kernels", dirs_exist_ok=True)
    await check_filter(await open_page("gptoss-python"))


@pytest.mark.bubblewrap
@pytest.mark.timeout(900)  # the environment may have to be built
async def test_a_page_is_told_how_its_sandbox_ended(jp_data_dir: Path, open_page: Open) -> None:
    """Under the cell that ran, before the page hears that the kernel starts again."""
    await require_image("bubblewrap")
    shutil.copytree(KERNELS, jp_data_dir / "kernels", dirs_exist_ok=True)
    page = await open_page("gptoss-python")
    assert contents(await page.run("1"), "execute_reply")[0]["status"] == "ok"
    code = {"code": "import os; os._exit(3)", "silent": False, "store_history": True, "allow_stdin": False}
    request = await page.send("execute_request", code)
    said: list[Message] = []
    while not any(status["execution_state"] == "restarting" for status in contents(said, "status")):
        said.append(await page.receive())
    told = [message for message in said if message["parent_header"].get("msg_id") == request]
    (stream,) = contents(told, "stream")
    assert stream["name"] == "stderr"
    assert stream["text"].startswith("The sandbox has ended: the kernel ended with status 3.")
    (reply,) = contents(await page.run("1"), "execute_reply")
    assert (reply["status"], reply["execution_count"]) == ("ok", 1)


@pytest.mark.bubblewrap
@pytest.mark.timeout(900)
@pytest.mark.parametrize("binary", [True])
async def test_r_works_in_a_page(jp_data_dir: Path, open_page: Open, jp_fetch: Any) -> None:
    """Values, tables and plots are shown, the stop button interrupts, and a restart forgets."""
    await require_image("bubblewrap", "r")
    shutil.copytree(KERNELS, jp_data_dir / "kernels", dirs_exist_ok=True)
    page = await open_page("gptoss-r")
    (kernel,) = json.loads((await jp_fetch("api", "kernels")).body)
    told = await page.run("x <- 41; head(mtcars, 1); plot(1:2)")
    shown = [bundle["data"] for bundle in contents(told, "display_data")]
    assert "<table" in shown[0]["text/html"]
    assert shown[1]["image/png"].startswith("iVBORw0KGgo")
    busy = await page.send("execute_request", {"code": "repeat {}", "silent": False, "allow_stdin": False})
    while (await page.receive())["content"].get("code") != "repeat {}":
        pass
    await jp_fetch("api", "kernels", kernel["id"], "interrupt", method="POST", allow_nonstandard_methods=True)
    told = await page.answers(busy)
    assert contents(told, "execute_reply")[0]["status"] == "aborted"
    assert contents(await page.run("cat(x + 1)"), "stream")[0]["text"] == "42"
    await jp_fetch("api", "kernels", kernel["id"], "restart", method="POST", allow_nonstandard_methods=True)
    assert contents(await page.run("exists('x')"), "display_data")[0]["data"]["text/plain"] == "[1] FALSE"


@pytest.mark.usefixtures("sandboxed")
async def test_order_is_kept_and_the_loop_runs(open_page: Open) -> None:
    """Large messages are filtered in a thread, and small ones wait for their turn."""
    page = await open_page()
    slow: list[float] = []

    async def watch() -> None:
        while True:
            begin = time.perf_counter()
            await asyncio.sleep(0.001)
            slow.append(time.perf_counter() - begin)

    watcher = asyncio.ensure_future(watch())
    code = (
        "import sys\nfrom IPython.display import display\n"
        "for i in range(6):\n"
        "    display({'text/plain': str(i) + 'y' * (200_000 if i % 2 else 1)}, raw=True)"
    )
    told = await page.run(code)
    watcher.cancel()
    bundles = contents(told, "display_data")
    assert [bundle["data"]["text/plain"][0] for bundle in bundles] == list("012345")
    assert told[-1]["content"].get("execution_state") == "idle" or told[-1]["channel"] == "shell"
    assert max(slow) < 0.5  # a stall of the filter would take seconds; 50 ms is for a quiet machine


MANY = """
from IPython.display import display
for _ in range(20): display({"text/plain": "y" * 200_000}, raw=True)
"""


@pytest.mark.usefixtures("sandboxed")
async def test_a_flood_is_bounded_and_the_cell_ends(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What finds no place is dropped and told once; the small messages that end the cell are not."""
    monkeypatch.setattr(guarded, "MAX_WAITING_BYTES", 250_000)
    clean = SandboxWebsocketConnection._clean

    def slowly(self: SandboxWebsocketConnection, stream: Any, parts: list[bytes]) -> list[bytes] | str | None:
        if sum(map(len, parts)) > 100_000:
            time.sleep(0.05)  # a kernel on a fast machine overtakes the filter only now and then
        return clean(self, stream, parts)

    monkeypatch.setattr(SandboxWebsocketConnection, "_clean", slowly)
    page = await open_page()
    with caplog.at_level(logging.WARNING):
        told = await page.run(MANY)
    assert len(contents(told, "display_data")) < 20
    assert contents(told, "execute_reply")[0]["status"] == "ok"
    assert len([record for record in caplog.records if "faster than" in record.getMessage()]) == 1


@pytest.mark.usefixtures("sandboxed")
async def test_leaving_while_messages_wait(open_page: Open, caplog: pytest.LogCaptureFixture) -> None:
    """They are dropped with the page, and nothing fails."""
    page = await open_page()
    await page.send("execute_request", {"code": MANY, "silent": False, "allow_stdin": False})
    while (await page.receive())["header"]["msg_type"] != "display_data":
        pass
    with caplog.at_level(logging.WARNING):
        await page.close()
        await asyncio.sleep(0.3)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.usefixtures("sandboxed")
async def test_what_cannot_be_read_is_dropped_and_told_once(
    open_page: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """A forged message costs the sandbox its message, and the log a line."""
    page = await open_page()
    junk = (
        "kernel = get_ipython().kernel\n"
        "for _ in range(5):\n"
        "    parts = [b'display_data', b'<IDS|MSG>', b'sig', b'{nonsense', b'{}', b'{}', b'{}']\n"
        "    kernel.iopub_socket.send_multipart(parts)\n"
        "print('still here')"
    )
    with caplog.at_level(logging.WARNING):
        told = await page.run(junk)
    assert contents(told, "stream")[0]["text"] == "still here\n"
    lines = [record for record in caplog.records if "cannot be read" in record.getMessage()]
    assert len(lines) == 1


@pytest.mark.usefixtures("sandboxed")
async def test_a_question_is_asked_when_the_request_allows_it(open_page: Open) -> None:
    """As in any notebook; and a request that allows none gets none."""
    page = await open_page()
    content = {"code": "input('Name? ')", "silent": False, "allow_stdin": True}
    request = await page.send("execute_request", content)
    while (message := await page.receive())["header"]["msg_type"] != "input_request":
        assert message["header"]["msg_type"] != "execute_reply"
    assert message["parent_header"]["msg_id"] == request
    assert message["content"] == {"prompt": "Name? ", "password": False}


async def test_other_kernels_are_untouched(
    open_page: Open, jp_serverapp: ServerApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scripts, comms and payloads of a person's own kernel reach their page, byte for byte."""
    seen: list[bool] = []
    original = ZMQChannelsWebsocketConnection.handle_outgoing_message

    def spy(self: Any, stream: Any, message: list[bytes]) -> None:
        seen.append(isinstance(self, SandboxWebsocketConnection) and b"<IDS|MSG>" in message)
        original(self, stream, message)

    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "handle_outgoing_message", spy)
    monkeypatch.setattr(SandboxWebsocketConnection, "_clean", lambda *_args: pytest.fail("was filtered"))
    page = await open_page()
    told = await page.run(HOSTILE)
    assert jp_serverapp.web_app.settings[SETTING] is SandboxWebsocketConnection
    assert all(seen)
    assert len(seen) >= len(told)
    assert {"comm_open", "comm_msg", "comm_close"} <= {message["header"]["msg_type"] for message in told}
    assert contents(told, "display_data")[0]["data"]["application/javascript"] == "alert(1)"
    assert any(bytes(buffer) == b"abc" for message in told for buffer in message["buffers"])
    assert contents(told, "execute_reply")[0]["payload"][0]["source"] == "set_next_input"


async def test_a_pending_cell_is_refused_on_any_kernel(open_page: Open) -> None:
    """It ends with an error that says what to do, and nothing has run."""
    page = await open_page()
    refused = await page.run("ran = True", PENDING)
    assert [message["header"]["msg_type"] for message in refused] == [
        "status",
        "error",
        "execute_reply",
        "status",
    ]
    assert [state["execution_state"] for state in contents(refused, "status")] == ["busy", "idle"]
    assert contents(refused, "error")[0]["evalue"] == REFUSAL
    (reply,) = contents(refused, "execute_reply")
    assert (reply["status"], reply["ename"], reply["execution_count"]) == ("error", "PendingReview", None)
    assert {message["channel"] for message in refused} == {"iopub", "shell"}
    accepted = {"gptoss_lab": {"review": "accepted", "original": "pending"}}
    told = await page.run("print('ran' in dir())", accepted)
    assert contents(told, "stream")[0]["text"] == "False\n"
    told = await page.run("'gptoss_lab pending'")
    assert contents(told, "execute_reply")[0]["status"] == "ok"


@pytest.mark.usefixtures("sandboxed")
async def test_a_pending_cell_is_refused_in_a_sandbox_too(open_page: Open) -> None:
    """The refusal is the server's own and passes its own filter."""
    refused = await (await open_page()).run("1", PENDING)
    assert contents(refused, "error")[0]["ename"] == "PendingReview"


async def test_what_cannot_be_read_is_refused(open_page: Open) -> None:
    """Somebody's hand, or another program, has damaged the cell's record."""
    page = await open_page()
    records: tuple[object, ...] = ("", [], {}, {"review": "Accepted"})
    for damaged in records:
        refused = await page.run("1", {"gptoss_lab": damaged})
        assert contents(refused, "error")[0]["ename"] == "PendingReview"


class Manager:
    """A kernel manager, as far as it is asked."""

    def __init__(self, metadata: Message, provisioner: object = None) -> None:
        self.kernel_spec = KernelSpec(metadata=metadata)
        self.provisioner = provisioner


def test_a_sandbox_is_known_by_its_kernelspec_or_its_provisioner() -> None:
    """A renamed provisioner entry point does not hide a sandbox."""
    from gptoss_lab.sandbox.provisioner import SandboxProvisioner  # noqa: PLC0415 - only this test needs it

    ours = {"kernel_provisioner": {"provisioner_name": "gptoss-sandbox"}}
    assert is_sandboxed(Manager(ours))
    assert is_sandboxed(Manager({}, SandboxProvisioner()))
    assert not is_sandboxed(Manager({"kernel_provisioner": {"provisioner_name": "local-provisioner"}}))
    assert not is_sandboxed(Manager({}))
