"""Attacks through a real Jupyter Server: what requests ask for, and what sandboxes tell pages."""

# ruff: noqa: E501 - programs for the inside stand here as they are

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.sandbox.outputs import clean_text
from tests.integration.server import API, Server, server
from tests.integration.station import Station
from tests.sandbox.attacks.conftest import Place
from tests.sandbox.attacks.page import Message, page
from tests.sandbox.attacks.test_outputs import NASTY, strings
from tests.sandbox.conformance import until

pytestmark = pytest.mark.timeout(300)

NDJSON = {"Accept": "application/x-ndjson"}
DEAF = "import signal, time\nsignal.signal(signal.SIGINT, lambda *_: None)\nwhile True: time.sleep(1)"
TURN = (
    "import time\nprint('begin', time.monotonic())\ntime.sleep(0.7)\nprint('end', time.monotonic(), {mark!r})"
)
SHOW_SCRIPTS = """
from IPython.display import HTML, SVG, Javascript, Markdown, display
display(Javascript('fetch("/api/contents")'))
display(HTML('<img src=x onerror="fetch(1)"><script>fetch(2)</script><iframe src="javascript:fetch(3)"></iframe>'
    '<a href="javascript:fetch(4)">go</a><style>@import url(http://evil/)</style><form action=/api/kernels><button>x</button></form>'))
display({'image/svg+xml': '<svg xmlns="http://www.w3.org/2000/svg" onload="fetch(5)"><script>fetch(6)</script></svg>'}, raw=True)
display({'application/vnd.jupyter.widget-view+json': {'model_id': 'x', 'version_major': 2}, 'application/vnd.plotly.v1+json': {},
    'text/markdown': '[go](javascript:fetch(7)) ![x](http://evil/)', 'text/latex': '\\\\href{javascript:fetch(8)}{x}', 'text/vnd.x+module': 'x'}, raw=True)
display(Markdown('<img src=x onerror=fetch(9)>'))
get_ipython().set_next_input('import os; os.system("evil")')
from comm import create_comm
create_comm(target_name='jupyter.widget', data={'state': {'_esm': 'export default fetch(10)'}})
"""
ASK = """
from ipykernel.kernelapp import IPKernelApp
kernel = IPKernelApp.instance().kernel
parent = kernel.get_parent()
for socket in (kernel.stdin_socket, kernel.iopub_socket):
    kernel.session.send(socket, 'input_request', {'prompt': 'Password: ', 'password': True}, parent=parent, ident=b'x')
try: input('Your password: ')
except Exception as error: print(type(error).__name__)
"""
TOO_MUCH: list[dict[str, Any]] = [
    {"limits": {"memory_bytes": 1 << 40}},
    {"limits": {"pids": 1 << 20, "cpus": 64}},
    {"limits": {"privileged": True}},
    {"limits": {"memory_bytes": -1}},
    {"privileged": True},
    {"binds": ["/:/host"]},
    {"network": "host"},
    {"image": "/etc"},
    {"kernel": "python3"},
    {"kernel": "../../etc"},
    {"files": [{"path": "../../etc/x", "content_base64": "eA=="}]},
    {"sandbox": "../../../../var/run/docker.sock"},
]
ACTIVE = ("script", "iframe", "object", "embed", "form", "link", "meta", "base", "svg", "math", "button")


class Elements(HTMLParser):
    """Looks through a page for what acts by itself or leads out of it."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an active element, a handler, or an address that is a program or someone else's."""
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or address.startswith(("javascript:", "http:", "//")):
                self.bad.append(f"{tag} {name}={value}")
        if tag in ACTIVE:
            self.bad.append(tag)


@pytest.fixture
async def running(
    python_place: Place, tmp_path: Path, data_dir: Path
) -> AsyncIterator[tuple[Server, Station]]:
    """A server whose sandboxes are of one runtime; nothing of it may be left."""
    folder = tmp_path / "station"
    folder.mkdir()
    station = Station(folder, data_dir, {"sandbox": {"runtime": python_place[0]}})
    try:
        async with server(station) as made:
            yield made, station
        await until(lambda: not station.left(), 10)
        if python_place[0] == "docker":
            await until(lambda: not station.containers(), 10)
    finally:
        station.close()


async def none_runs(made: Server) -> None:
    """Wait until the server lists no sandbox that runs."""
    listed: list[Any] = []
    for _ in range(100):
        listed = (await made.http.get(f"{API}/sandboxes")).json()["sandboxes"]
        if all(one["phase"] == "ended" or one["purpose"] == "warm" for one in listed):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"they run on: {listed}")


async def events(made: Server, **body: Any) -> list[Message]:
    """Execute, and return the events to the end, of which there is exactly one."""
    answer = await made.http.post(f"{API}/code/execute", json=body, headers=NDJSON, timeout=120)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith(NDJSON["Accept"]), answer.text[:500]
    told: list[Message] = [json.loads(line) for line in answer.text.splitlines() if line]
    assert [event["type"] for event in told].count("end") == 1
    assert told[-1]["type"] == "end"
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
    return told


def of(told: list[Message], kind: str) -> list[Message]:
    """Return the events of a kind."""
    return [event for event in told if event["type"] == kind]


async def test_12_the_cut_is_told(running: tuple[Server, Station]) -> None:
    """Endless output ends in one `truncated` event, and the next cell of the same run works."""
    cells = ["while True: print('y' * 1000)", "print(6 * 7)"]
    told = await events(running[0], cells=cells, limits={"output_bytes": 65536}, stop_on_error=False)
    assert [event["cell"] for event in of(told, "truncated")] == [0]
    statuses = [event["verification"]["status"] for event in of(told, "cell_end")]
    assert statuses == ["output_limit", "ok"]
    assert "".join(event["text"] for event in of(told, "stdout") if event["cell"] == 1) == "42\n"
    assert sum(len(event["text"]) for event in of(told, "stdout")) < 70_000


async def test_16_lost_state_is_told(running: tuple[Server, Station]) -> None:
    """A kept sandbox that had to be killed says that its state is lost, and is not there any more."""
    told = await events(running[0], code=DEAF, keep=True, timeout_s=1.5)
    assert (told[-1]["status"], told[-1]["state_lost"]) == ("timeout", True)
    await none_runs(running[0])


async def test_24_events_are_clean(running: tuple[Server, Station]) -> None:
    """No event carries what steers a terminal or turns text around."""
    told = await events(running[0], code=NASTY["python"], check=False)
    assert told[-1]["status"] == "error"
    for text in strings(told):
        assert clean_text(text) == text


async def test_27_a_client_that_leaves(running: tuple[Server, Station]) -> None:
    """The kept sandbox is interrupted, not ended; the next call finds it free and its state there."""
    http = running[0].http
    answer = await http.post(f"{API}/sandboxes", json={"language": "python"})
    assert answer.is_success, answer.text
    sandbox = answer.json()["id"]
    await events(running[0], code="kept = 40", sandbox=sandbox, keep=True)
    code = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.1)"
    body = {"code": code, "sandbox": sandbox, "keep": True}
    async with http.stream("POST", f"{API}/code/execute", json=body, headers=NDJSON) as stream:
        async for line in stream.aiter_lines():
            if line and json.loads(line).get("text") == "begun\n":
                break
    told = await asyncio.wait_for(events(running[0], code="print(kept + 2)", sandbox=sandbox, keep=True), 30)
    assert "".join(event["text"] for event in of(told, "stdout")) == "42\n"
    assert (await http.delete(f"{API}/sandboxes/{sandbox}")).is_success


async def test_28_two_at_once_on_one_sandbox(running: tuple[Server, Station]) -> None:
    """They take turns, and neither sees what the other said."""
    http = running[0].http
    sandbox = (await http.post(f"{API}/sandboxes", json={"language": "python"})).json()["id"]
    both = await asyncio.gather(
        *(events(running[0], code=TURN.format(mark=mark), sandbox=sandbox, keep=True) for mark in ("A", "B"))
    )
    spans = []
    for mark, told in zip("AB", both, strict=True):
        words = "".join(event["text"] for event in of(told, "stdout")).split()
        assert words[0::2][0] == "begin"
        assert words[-1] == mark
        assert len(words) == 5
        spans.append((float(words[1]), float(words[3])))
    first, second = sorted(spans)
    assert first[1] <= second[0]
    assert (await http.delete(f"{API}/sandboxes/{sandbox}")).is_success


async def test_30_over_limit_requests(running: tuple[Server, Station]) -> None:
    """A request for more than is allowed is refused, and nothing is started for it."""
    made, station = running
    for more in TOO_MUCH:
        answer = await made.http.post(f"{API}/code/execute", json={"code": "1", **more})
        if answer.status_code == 202:  # what only the start can find out is the job's end
            story = await made.story(answer.json()["job"])
            assert story[-1]["problem"], (more, story[-1])
        else:
            assert answer.status_code in {400, 403, 404, 422, 503}, (more, answer.text)
    assert [described for described in map(str, station.left()) if "bwrap" in described] == []


async def test_22_23_what_a_page_gets(running: tuple[Server, Station]) -> None:
    """No script, widget, comm, form or next cell reaches a page; nor a question that nobody allowed."""
    async with page(running[0]) as open_page:
        shown = await open_page.run(SHOW_SCRIPTS)
        asked = await open_page.run(ASK)
        assert "StdinNotImplementedError" in json.dumps(asked)
        kinds = {message["msg_type"] for message in open_page.seen}
        assert not kinds & {"comm_open", "comm_msg", "comm_close", "input_request"}
        told = [message["content"] for message in shown if message["msg_type"] != "execute_input"]
        text = json.dumps(told).encode()
        for data in [content["data"] for content in told if "data" in content]:
            assert set(data) <= {"text/plain", "text/html", "image/png", "image/jpeg"}
            looked = Elements()
            looked.feed(data.get("text/html", ""))
            assert looked.bad == []
        replies = [content for content in told if "payload" in content]
        assert all(reply["payload"] == [] for reply in replies)
        assert b"os.system" not in text


async def test_24_what_a_page_reads(running: tuple[Server, Station]) -> None:
    """Control, bidi and broken characters are replaced before a page has them."""
    async with page(running[0]) as open_page:
        told = await open_page.run(NASTY["python"])
        shown = [message["content"] for message in told if message["msg_type"] in ("stream", "error")]
        assert len(shown) >= 2
        for text in strings(shown):
            assert clean_text(text) == text
