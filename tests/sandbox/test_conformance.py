"""What every runtime must do, one property each, against real sandboxes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gptoss_lab.folders import run_dir
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.sandbox.reaper import own_lease, socket_folder_prefix
from gptoss_lab.schemas.config import SandboxConfig
from tests.sandbox.conformance import (
    LIMITS,
    RUNTIMES,
    Kernel,
    marker,
    require_image,
    sleepers,
    start_sleeper,
    until,
)

pytestmark = pytest.mark.timeout(900)

OWNER = """
import asyncio, sys
from tests.sandbox.conformance import Kernel, start_sleeper

async def main():
    kernel = Kernel(sys.argv[1])
    await kernel.start()
    await kernel.out(start_sleeper(sys.argv[2]))
    print("ready", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""

SYSTEM_CALLS = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) >= 0:
        return "allowed"
    return errno.errorcode[ctypes.get_errno()]
names = dict(unshare=(272, 0x10000000), mount=(165, b"none", b"/mnt", b"tmpfs", 0, 0), keyctl=(250, 0, 0),
    bpf=(321, 0, 0, 0), io_uring_setup=(425, 1, 0), userfaultfd=(323, 0),
    perf_event_open=(298, 0, 0, -1, -1, 0),
    ptrace=(101, 16, 1, 0, 0), process_vm_readv=(310, 1, 0, 0, 0, 0, 0),
    init_module=(175, 0, 0, b""),
    af_alg=(41, 38, 5, 0), raw_socket=(41, 2, 3, 1), reboot=(169, 0, 0, 0))
print(*(f"{name}={call(*arguments)}" for name, arguments in names.items()))
"""


@pytest.fixture(params=RUNTIMES)
async def runtime(request: pytest.FixtureRequest) -> str:
    """The name of a runtime whose image is built."""
    name: str = request.param
    await require_image(name)
    return name


@pytest.fixture
async def kernel(runtime: str) -> AsyncIterator[Kernel]:
    """A kernel that has started."""
    kernel = Kernel(runtime)
    try:
        await kernel.start()
        yield kernel
    finally:
        await kernel.stop()


async def test_it_computes(kernel: Kernel, runtime: str) -> None:
    """The kernel answers, and says where it runs."""
    assert await kernel.out("1 + 1") == "2"
    assert kernel.provisioner.runtime_name == runtime
    assert kernel.provisioner.image
    assert await kernel.manager.is_alive()


async def test_the_packages_are_there(kernel: Kernel) -> None:
    """A plot of a fitted model works without a screen."""
    code = (
        "import pandas, sklearn.linear_model as m, seaborn, statsmodels.api, matplotlib.pyplot as plt\n"
        "model = m.LinearRegression().fit([[0], [1]], [0, 2])\n"
        "plt.plot(model.predict([[2]])); plt.show(); print(model.coef_)"
    )
    said = await kernel.out(code, 60)
    assert "[2.]" in said
    assert "Figure" in said


async def test_an_interrupt_keeps_the_state(kernel: Kernel) -> None:
    """A busy kernel is interrupted and remembers what it had."""
    await kernel.out("x = 41")
    busy = asyncio.ensure_future(kernel.run("import time\nwhile True: time.sleep(0.01)"))
    await asyncio.sleep(0.5)
    await kernel.manager.interrupt_kernel()
    status, said = await asyncio.wait_for(busy, 10)
    assert (status, "KeyboardInterrupt" in said) == ("error", True)
    assert await kernel.out("x + 1") == "42"


async def test_a_restart_forgets(kernel: Kernel) -> None:
    """A restarted kernel answers the same client and has lost its state."""
    await kernel.out("x = 1")
    await kernel.manager.restart_kernel()
    await kernel.client.wait_for_ready(timeout=30)
    assert (await kernel.run("x"))[1].startswith("NameError")


async def test_shutdown_leaves_nothing(kernel: Kernel) -> None:
    """After a polite shutdown no process, socket or folder of it is left."""
    mark = marker()
    await kernel.out(start_sleeper(mark))
    await until(lambda: len(sleepers(mark)) == 1, 5)
    kernel.client.stop_channels()
    kernel.client = None
    await kernel.manager.shutdown_kernel()
    await until(lambda: not sleepers(mark), 5)
    prefix = socket_folder_prefix(own_lease().owner)
    assert not list(run_dir().glob(f"{prefix.name}*"))
    assert not await kernel.manager.is_alive()


async def test_there_is_no_network(kernel: Kernel) -> None:
    """Neither the internet, nor the metadata address, nor a service of this machine can be reached."""
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - the sandbox must not reach it anywhere
        port = server.getsockname()[1]
        address = socket.gethostbyname(socket.gethostname())
        code = (
            "import socket\n"
            "targets = [('1.1.1.1', 53), ('169.254.169.254', 80), "
            f"('127.0.0.1', {port}), ('{address}', {port})]\n"
            "for target in targets:\n"
            "    try: socket.create_connection(target, 2); print('reached', target)\n"
            "    except OSError as error: print('no')\n"
            "try: socket.getaddrinfo('example.com', 80); print('resolved')\n"
            "except OSError: print('no')\n"
            "print([name for _, name in socket.if_nameindex()])"
        )
        assert (await kernel.out(code)).split("\n") == ["no"] * 5 + ["['lo']"]


async def test_the_system_is_read_only(kernel: Kernel) -> None:
    """Only the working folder and /tmp can be written."""
    code = (
        "import os\n"
        "for path in ['/etc/x', '/usr/x', '/opt/x', '/x', '/proc/sys/kernel/hostname', os.__file__]:\n"
        "    try: open(path, 'a'); print('wrote', path)\n"
        "    except OSError: pass\n"
        "for path in ['note.txt', '/tmp/note.txt']:\n"
        "    open(path, 'w').write('x')\n"
        "print('done')"
    )
    assert await kernel.out(code) == "done"


async def test_the_disk_is_bounded(kernel: Kernel) -> None:
    """Writing more than the limit fails in the sandbox, not on this machine."""
    code = (
        "written = 0\n"
        "try:\n"
        "    for n in range(20):\n"
        "        with open(f'fill-{n}', 'wb', buffering=0) as file:\n"
        "            written += file.write(bytes(10_000_000))\n"
        "except OSError as error: pass\n"
        "print(written)"
    )
    assert int(await kernel.out(code)) <= LIMITS.disk_bytes


async def test_the_environment_is_ours(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the server's environment is seen inside, by the kernel or in its ancestors."""
    monkeypatch.setenv("SECRET_CANARY", "hush-hush")
    kernel = Kernel(runtime)
    try:
        await kernel.start(env={"SECRET_CANARY": "hush-hush"})
        code = (
            "import glob, os\n"
            "text = str(dict(os.environ))\n"
            "for path in glob.glob('/proc/[0-9]*/environ'):\n"
            "    try: text += open(path).read()\n"
            "    except OSError: pass\n"
            "print('hush' in text, 'CANARY' in text, 'DOCKER_HOST' in text)"
        )
        assert await kernel.out(code) == "False False False"
    finally:
        await kernel.stop()


async def test_host_files_are_out_of_sight(kernel: Kernel, tmp_path: Path) -> None:
    """A file of this machine, its home folders and the Docker socket are not there."""
    canary = tmp_path / "canary.txt"
    canary.write_text("hush")
    code = (
        "import os\n"
        f"paths = [{str(canary)!r}, {str(Path.home() / '.bashrc')!r}, {str(Path.cwd())!r},"
        " '/var/run/docker.sock', '/run/docker.sock']\n"
        "print([path for path in paths if os.path.exists(path)])"
    )
    assert await kernel.out(code) == "[]"


async def test_it_has_no_privilege(kernel: Kernel) -> None:
    """No capability, no way to gain one, a system-call filter, and not root."""
    code = (
        "import os, re\n"
        "text = open('/proc/self/status').read()\n"
        "names = 'Cap...|NoNewPrivs|Seccomp'\n"
        "print(os.getuid() != 0, *re.findall(f'(?:{names}):\\\\s*(\\\\w+)', text))"
    )
    zero = "0" * 16
    assert await kernel.out(code) == f"True {zero} {zero} {zero} {zero} {zero} 1 2"


async def test_its_namespaces_are_its_own(kernel: Kernel) -> None:
    """Processes, mounts, network, System V memory, names and control groups are apart from this machine's."""
    names = ("pid", "mnt", "net", "ipc", "uts", "cgroup")
    inside = await kernel.out(f"import os; print(*(os.readlink(f'/proc/self/ns/{{n}}') for n in {names!r}))")
    outside = [await asyncio.to_thread(os.readlink, f"/proc/self/ns/{name}") for name in names]
    assert not set(inside.split()) & set(outside)


async def test_it_goes_first_when_memory_is_short(kernel: Kernel) -> None:
    """Of what runs on this machine, the sandbox is what the Linux kernel would end first."""
    assert int(await kernel.out("print(open('/proc/self/oom_score_adj').read())")) >= 500


async def test_dangerous_system_calls_fail(kernel: Kernel) -> None:
    """Namespaces, mounts, keyrings, bpf, io_uring, tracing and odd sockets are all refused."""
    assert "allowed" not in await kernel.out(SYSTEM_CALLS)


async def test_too_much_memory_ends_it(kernel: Kernel) -> None:
    """A memory bomb ends the sandbox, is known as such, and leaves the server alive."""
    kernel.send("x = bytearray(1 << 30)\nfor i in range(0, len(x), 4096): x[i] = 1")
    ended = await kernel.ended(30)
    assert ended.oom
    assert ended.code != 0
    assert not await kernel.manager.is_alive()


async def test_processes_are_counted(kernel: Kernel) -> None:
    """A fork bomb stops below the limit and the kernel lives."""
    code = (
        "import os, signal, time\n"
        "pids = []\n"
        "try:\n"
        "    while len(pids) < 500:\n"
        "        pid = os.fork()\n"
        "        if pid == 0:\n"
        "            time.sleep(30); os._exit(0)\n"
        "        pids.append(pid)\n"
        "except OSError: pass\n"
        "for pid in pids: os.kill(pid, signal.SIGKILL); os.waitpid(pid, 0)\n"
        "print(len(pids))"
    )
    assert 0 < int(await kernel.out(code)) < LIMITS.pids
    assert await kernel.out("2 + 2") == "4"


async def test_big_output_arrives(kernel: Kernel) -> None:
    """Twenty megabytes of print arrive whole."""
    assert len(await kernel.out("print('x' * 20_000_000)", 60)) == 20_000_000


async def test_an_exit_is_seen(kernel: Kernel) -> None:
    """A kernel that leaves is known to be dead, with its status."""
    kernel.send("import os; os._exit(7)")
    ended = await kernel.ended()
    assert (ended.code, ended.oom) == (7, False)
    assert await kernel.provisioner.poll() == 7


async def test_a_kernel_that_blocks_interrupts_can_be_killed(kernel: Kernel) -> None:
    """Code that ignores SIGINT is ended by a kill, at once."""
    kernel.send(
        "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\nwhile 1: time.sleep(1)"
    )
    await asyncio.sleep(0.5)
    await kernel.manager.interrupt_kernel()
    await kernel.provisioner.kill()
    assert (await kernel.ended(5)).code != 0


async def test_usage_is_measured(kernel: Kernel) -> None:
    """Memory and its peak follow what the kernel does."""
    await kernel.out("x = bytes(1)")
    before = await kernel.provisioner.usage()
    await kernel.out("x = bytearray(150_000_000); x[::4096] = b'1' * len(x[::4096]); del x")
    after = await kernel.provisioner.usage()
    assert before.memory_bytes
    assert before.peak_memory_bytes
    assert after.peak_memory_bytes
    assert 100_000_000 < after.peak_memory_bytes - before.memory_bytes <= LIMITS.memory_bytes


async def test_limits_narrow_for_one_start(runtime: str) -> None:
    """A start may ask for less memory than the server allows."""
    kernel = Kernel(runtime)
    try:
        await kernel.start(gptoss_limits={"memory_bytes": 256 << 20})
        assert kernel.provisioner.resolved_limits.memory_bytes == 256 << 20
        kernel.send("x = bytearray(400 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1")
        assert (await kernel.ended(30)).oom
    finally:
        await kernel.stop()


async def test_the_owner_may_die(runtime: str, data_dir: Path) -> None:
    """After `kill -9` of the server nothing of the sandbox is left within five seconds."""
    mark = marker()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", OWNER, runtime, mark),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "GPTOSS_LAB_DATA_DIR": str(data_dir)},
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"ready\n"
    assert len(await asyncio.to_thread(sleepers, mark)) == 1
    process.send_signal(signal.SIGKILL)
    await process.wait()
    await until(lambda: not sleepers(mark), 5)
    (made,) = make_runtimes(SandboxConfig.model_validate({"runtime": runtime}))
    await made.reap()
    await made.close()


async def test_many_starts_leak_nothing(runtime: str) -> None:
    """Repeated starts leave no descriptor and no task behind."""

    async def once() -> None:
        kernel = Kernel(runtime)
        await kernel.start()
        await kernel.stop()

    await once()
    descriptors, tasks = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())  # noqa: PTH208 - of this process
    for _ in range(3):
        await once()
    assert len(os.listdir("/proc/self/fd")) <= descriptors  # noqa: PTH208 - as above
    assert len(asyncio.all_tasks()) <= tasks


async def test_the_sources_can_be_read(runtime: str) -> None:
    """The packages' sources are on this machine, to read their documentation without running them."""
    (made,) = make_runtimes(SandboxConfig.model_validate({"runtime": runtime}))
    image = await made.find_image("python")
    assert image is not None
    root = await made.library_root(image)
    await made.close()
    assert root is not None
    assert (root / "pandas" / "__init__.py").is_file()
    assert [path.name for path in root.glob("pandas-*.dist-info")]
