"""Cells in real sandboxes, the same for every runtime: what works, and what must not."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import ExecutionRequest, LimitOverrides, RuntimeName
from gptoss_lab.schemas.runs import ExecutionResponse
from gptoss_lab.services.execution import ExecutionService
from tests.sandbox.conformance import require_image

pytestmark = pytest.mark.timeout(900)  # the first test of a runtime may have to build its image

RUNTIMES = [
    pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
    pytest.param("docker", marks=pytest.mark.docker),
]
PIECE = "import time\nwhile True: time.sleep(0.01)"


async def ignore(_text: str, _done: int, _total: int) -> None:
    """Report to nobody."""


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder with the built environments: the shared one, or one for this session."""
    shared = os.environ.get("GPTOSS_LAB_TEST_DATA_DIR", "")
    return Path(shared) if shared else tmp_path_factory.mktemp("environments")


@pytest.fixture(params=RUNTIMES)
async def service(
    request: pytest.FixtureRequest, environments: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ExecutionService]:
    """Make the service with one runtime, its image built; nothing may run after a test."""
    monkeypatch.setenv("GPTOSS_LAB_DATA_DIR", str(environments))
    name: RuntimeName = request.param
    config = SandboxConfig(runtime=name)
    made = ExecutionService(config=config, runtimes=make_runtimes(config))
    if not (await made.status()).image_ready:
        await require_image(name)
    before = set(psutil.Process().children(recursive=True))
    yield made
    await made.close()
    left = set(psutil.Process().children(recursive=True)) - before
    assert not list(filter(lives, left))


async def run(service: ExecutionService, *cells: str, **limits: float) -> ExecutionResponse:
    """Run cells with narrowed limits."""
    asked = LimitOverrides.model_validate({"cell_timeout_s": 20, "memory_bytes": 512 << 20, **limits})
    return await service.execute(ExecutionRequest(cells=cells, limits=asked))


def text_of(response: ExecutionResponse, cell: int = 0) -> str:
    """Join what a cell printed."""
    return "".join(output.get("text", "") for output in response.cells[cell].outputs)


async def test_runs_cells_in_order_with_shared_state(service: ExecutionService) -> None:
    """A later cell sees what an earlier one made; figures are filled in."""
    response = await run(service, "x = 20", "print(x + 1)", "x * 2")
    assert response.status == "ok"
    assert [cell.execution_count for cell in response.cells] == [1, 2, 3]
    assert text_of(response, 1) == "21\n"
    assert response.cells[2].outputs[0]["data"] == {"text/plain": "40"}
    status = await service.status()
    assert (response.runtime, response.image != "") == (status.runtime, True)
    ran_in = service.environment(response.image)
    assert ran_in is not None
    assert {"ipykernel", "numpy", "pandas"} <= set(ran_in.packages)
    assert 10 << 20 < (response.peak_memory_bytes or 0) < 512 << 20


async def test_verifies_with_the_data_that_was_named(service: ExecutionService) -> None:
    """A cell reads what the request shows, the evidence names it, and the next request shows nothing."""
    with tempfile.TemporaryDirectory(prefix="gl-data-") as name:
        folder = await asyncio.to_thread(Path(name).resolve)
        await asyncio.to_thread(folder.chmod, 0o755)
        (folder / "t.csv").write_text("a,b\n1,2\n3,4\n")
        code = "import pandas; print(pandas.read_csv('/data/t.csv').sum().to_dict())"
        shown = await service.execute(ExecutionRequest(code=code, data=(str(folder),)))
        assert text_of(shown) == "{'a': 4, 'b': 6}\n"
        assert shown.cells[0].data == (str(folder),)
        assert shown.cells[0].isolation == (await service.status()).isolation
        hidden = await service.execute(ExecutionRequest(code=code))
        assert (hidden.status, hidden.cells[0].data) == ("error", ())


async def test_skips_what_follows_an_error(service: ExecutionService) -> None:
    """The error is told without colours; with stop_on_error off the rest runs."""
    cells = ("1/0", "print('next')")
    response = await run(service, *cells)
    assert [cell.status for cell in response.cells] == ["error", "skipped"]
    assert response.cells[0].error == "ZeroDivisionError: division by zero"
    assert response.cells[0].outputs[0]["output_type"] == "error"
    going = await service.execute(ExecutionRequest(cells=cells, stop_on_error=False))
    assert [cell.status for cell in going.cells] == ["error", "ok"]


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import time; time.sleep(60)",
        "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)",
    ],
)
async def test_stops_what_takes_too_long(service: ExecutionService, code: str) -> None:
    """A busy loop, a sleep and a cell that ignores the interrupt all end soon after the limit."""
    response = await run(service, code, "1", cell_timeout_s=1.5)
    assert [cell.status for cell in response.cells] == ["timeout", "skipped"]
    assert "1.5 s" in response.cells[0].error
    assert response.duration_s < 12


async def test_stops_at_the_wall_clock(service: ExecutionService) -> None:
    """Cells that are each quick are stopped when together they take too long."""
    response = await run(service, *["import time; time.sleep(0.4)"] * 20, wall_clock_s=2)
    statuses = [cell.status for cell in response.cells]
    assert statuses[0] == "ok"
    assert statuses[-1] == "skipped"
    assert response.duration_s < 10


async def test_survives_a_memory_bomb(service: ExecutionService) -> None:
    """The sandbox ends with the reason; the peak is told."""
    bomb = "blocks = []\nwhile True: blocks.append(bytearray(b'x') * (8 << 20))"
    response = await run(service, bomb, "1", memory_bytes=256 << 20)
    assert [cell.status for cell in response.cells] == ["oom", "skipped"]


async def test_tells_that_the_kernel_died(service: ExecutionService) -> None:
    """An exit from within is not a timeout."""
    response = await run(service, "import os; os._exit(3)", "1")
    assert [cell.status for cell in response.cells] == ["died", "skipped"]
    assert response.duration_s < 15


async def test_bounds_a_fork_bomb(service: ExecutionService) -> None:
    """Processes stop at the limit, and all of them end with the sandbox."""
    bomb = (
        "import os, time\nmade = 0\ntry:\n    while made < 2000:\n        if os.fork() == 0:\n"
        "            time.sleep(60); os._exit(0)\n        made += 1\nexcept OSError: pass\nprint(made)"
    )
    response = await run(service, bomb, pids=64)
    assert response.cells[0].status in {"ok", "died"}
    if response.cells[0].status == "ok":
        assert 0 < int(text_of(response)) < 64


async def test_has_no_network(service: ExecutionService) -> None:
    """Neither the internet, nor this machine, nor names can be reached."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code = (
            "import socket\n"
            f"for place in (('1.1.1.1', 53), ('127.0.0.1', {port}), ('169.254.169.254', 80)):\n"
            "    try: socket.create_connection(place, 3); print('REACHED', place)\n"
            "    except OSError: print('refused')\n"
            "try: socket.getaddrinfo('example.com', 80); print('RESOLVED')\n"
            "except OSError: print('refused')"
        )
        response = await run(service, code)
    assert text_of(response).splitlines() == ["refused"] * 4


async def test_sees_nothing_of_this_machine(
    service: ExecutionService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable, file, process or socket of the server's is there, and nothing can be written but tmpfs."""
    monkeypatch.setenv("SECRET_CANARY", "leaked-variable")
    canary = tmp_path / "canary"
    canary.write_text("leaked-file")
    canary.chmod(0o644)
    places = [
        str(canary),
        "/var/run/docker.sock",
        "/etc/shadow",
        str(Path.home() / ".bashrc"),
        str(Path(__file__)),
    ]
    code = (
        "import os\n"
        f"print([place for place in {places!r} if os.path.exists(place) and os.access(place, os.R_OK)])\n"
        "try: first = open('/proc/1/environ').read()\n"
        "except OSError: first = ''\n"
        "print('SECRET_CANARY' in os.environ, 'leaked' in first)\n"
        f"print(os.getuid(), len([name for name in os.listdir('/proc') if name.isdigit()]) < 12)\n"
        "for folder in ('/', '/usr', '/etc', '/opt', '/dev', '/proc/sys/kernel'):\n"
        "    try: open(folder + '/x', 'w'); print('WROTE', folder)\n"
        "    except OSError: pass\n"
        "open('/sandbox/x', 'w').write('x'); open('/tmp/x', 'w').write('x')"
    )
    response = await run(service, code)
    assert response.status == "ok", response.cells[0]
    assert text_of(response).splitlines() == ["[]", "False False", "65532 True"]


async def test_has_no_rights(service: ExecutionService) -> None:
    """No capability, no new privileges, a system-call filter, no namespace, no tracing, no io_uring."""
    code = (
        "import ctypes\n"
        "fields = dict(line.split(':\\t', 1) for line in open('/proc/self/status').read().splitlines())\n"
        "print(*(int(fields[name], 16) for name in ('CapEff', 'CapPrm', 'NoNewPrivs', 'Seccomp')))\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "print(libc.unshare(0x10000000), libc.mount(b'none', b'/tmp', b'tmpfs', 0, None))\n"
        "print(libc.ptrace(16, 1, 0, 0), libc.syscall(425, 1, 0))"
    )
    response = await run(service, code)
    assert text_of(response).splitlines() == ["0 0 1 2", "-1 -1", "-1 -1"]


@pytest.mark.parametrize(
    "code",
    [
        "print('x' * 200_000_000)",
        "from IPython.display import publish_display_data as show\nshow({'text/plain': 'x' * 200_000_000})",
        "while True: print('y' * 1000)",
        "import os\nwhile True: os.write(1, b'z' * 65536)",
    ],
)
async def test_caps_output(service: ExecutionService, code: str) -> None:
    """Two hundred megabytes and endless output end the cell; what is kept is bounded."""
    before = psutil.Process().memory_info().rss
    response = await run(service, code, output_bytes=1 << 20, memory_bytes=2 << 30)
    assert response.cells[0].status in {"output_limit", "ok"}
    assert response.cells[0].truncated
    assert len(str(response.cells[0].outputs)) < 2 << 20
    assert psutil.Process().memory_info().rss - before < 400 << 20


async def test_shows_tables_and_pictures_and_no_script(service: ExecutionService) -> None:
    """A data frame comes as a table whose style is its own, a plot as PNG; script and HTML come as text."""
    response = await run(
        service,
        "import pandas; pandas.DataFrame({'a': [1]})",
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
        "from IPython.display import HTML, Javascript, display\n"
        "display(Javascript('alert(1)')); display(HTML('<img src=x onerror=alert(1)>'))",
        "get_ipython().set_next_input('evil')",
    )
    assert response.status == "ok", [cell.error for cell in response.cells]
    table = response.cells[0].outputs[0]["data"]["text/html"]
    assert '<table border="1" class="dataframe">' in table
    scope = re.match(r'<div class="(sandboxed-[0-9a-f]+)"><style>', table)
    assert scope is not None
    rules = table[scope.end() : table.index("</style>")].splitlines()
    assert all(rule.startswith(f".{scope[1]} ") for rule in rules)
    pictures = [output for output in response.cells[1].outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 1
    assert {key for output in response.cells[2].outputs for key in output["data"]} == {"text/plain"}
    assert "evil" not in str(response.cells[3])


async def test_runs_our_own_checker(service: ExecutionService) -> None:
    """The checker sees the sandbox's packages and its payload; its failure is told."""
    script = "import json, sys, numpy; print(json.dumps([json.load(sys.stdin), numpy.__version__]))"
    answer = await service.inspect("python", script, '{"a": "é\'\\""}')
    assert '"\\u00e9\'\\""' in answer
    assert (await service.packages("python"))["numpy"] in answer
    with pytest.raises(SandboxError, match="went wrong"):
        await service.inspect("python", "raise SystemExit('it went wrong')", "")


async def test_cancel_leaves_nothing(service: ExecutionService) -> None:
    """Cancelling, and closing the generator early, end the sandbox; the fixture looks for processes."""
    task = asyncio.create_task(service.execute(ExecutionRequest(cells=(PIECE,))))
    await asyncio.sleep(1.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    runs = service.run(ExecutionRequest(cells=("1", PIECE)))
    await runs.__anext__()
    await runs.aclose()
    assert not service._sessions


async def test_runs_side_by_side(service: ExecutionService) -> None:
    """Two runs at once do not mix."""
    both = await asyncio.gather(*(run(service, f"x = {number}", "print(x)") for number in (1, 2)))
    assert [text_of(response, 1) for response in both] == ["1\n", "2\n"]


def lives(process: psutil.Process) -> bool:
    """Say whether a process still runs; one that nobody waited for does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


OWNER = """\
import asyncio
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.services.execution import ExecutionService

async def main():
    config = SandboxConfig(runtime="bubblewrap")
    service = ExecutionService(config=config, runtimes=make_runtimes(config))
    async for _ in service.run(ExecutionRequest(cells=("1", "import time; time.sleep(60)"))):
        print("running", flush=True)

asyncio.run(main())
"""


@pytest.mark.bubblewrap
def test_dies_with_its_owner(environments: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After kill -9 of the owner no process of the sandbox is left within five seconds."""
    monkeypatch.setenv("GPTOSS_LAB_DATA_DIR", str(environments))
    command = [sys.executable, "-c", OWNER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stderr is not None
        if owner.stdout.readline() != "running\n":
            owner.kill()
            pytest.fail(f"the owner did not run its cell: {owner.stderr.read()}")
        inside = psutil.Process(owner.pid).children(recursive=True)
        owner.kill()
    assert len(inside) >= 3  # bwrap, the init of its namespace, the kernel
    deadline = time.monotonic() + 5
    while any(map(lives, inside)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(lives, inside))
