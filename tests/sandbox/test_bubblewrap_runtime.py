"""Whether bubblewrap can be used, told for every reason that it cannot; and real starts."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gptoss_lab.errors import ImageMissingError, NotFoundError, SandboxError, SandboxUnavailableError
from gptoss_lab.sandbox import bubblewrap_runtime, host_r
from gptoss_lab.sandbox.bubblewrap_command import kernel_command, prelude
from gptoss_lab.sandbox.bubblewrap_interpreter import Interpreter
from gptoss_lab.sandbox.bubblewrap_probe import install_command, namespace_hint, probe
from gptoss_lab.sandbox.bubblewrap_runtime import BubblewrapRuntime
from gptoss_lab.sandbox.runtime import LaunchSpec
from gptoss_lab.schemas.execution import Limits, SandboxImage

IMAGE = "0123456789abcdef"


@pytest.fixture(autouse=True)
def fresh_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what was found before."""
    monkeypatch.setattr(bubblewrap_runtime, "_PROBES", {})


@pytest.fixture
def fake_bwrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program named bwrap first on the path; the test writes what it does."""
    program = tmp_path / "bin" / "bwrap"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return program


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[BubblewrapRuntime]:
    """Make a runtime with an environment that holds no package."""
    folder = tmp_path / "environments" / IMAGE
    (folder / "site-packages").mkdir(parents=True)
    image = SandboxImage(id=IMAGE, runtime="bubblewrap", language="python", tag="t")
    (folder / "manifest.json").write_text(image.model_dump_json())
    made = BubblewrapRuntime(tmp_path / "environments")
    yield made
    await made.close()


def write_program(program: Path, version: str, rest: str) -> None:
    """Write a bwrap that tells its version and otherwise does `rest`."""
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "bubblewrap {version}" && exit 0\n{rest}\n')
    program.chmod(0o755)


def spec(
    code: str, limits: Limits | None = None, image: str = IMAGE, env: dict[str, str] | None = None
) -> LaunchSpec:
    """Start Python code in the place of a kernel."""
    return LaunchSpec("test", "python", image, ["python3", "-c", code], {}, limits or Limits(), env or {})


async def test_says_that_it_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint is the one command of this system."""
    monkeypatch.setenv("PATH", str(tmp_path))
    status = await BubblewrapRuntime(tmp_path).status("python")
    assert (status.available, status.reason) == (False, "bubblewrap is not installed")
    assert "sudo apt install bubblewrap" in status.hint
    (tmp_path / "dnf").touch(0o755)
    assert install_command() == "sudo dnf install bubblewrap"


async def test_says_that_it_is_too_old(tmp_path: Path, fake_bwrap: Path) -> None:
    """A version that cannot bound a folder's size is not used."""
    write_program(fake_bwrap, "0.6.1", "exit 0")
    status = await BubblewrapRuntime(tmp_path).status("python")
    assert (status.available, status.version, status.reason) == (
        False,
        "0.6.1",
        "bubblewrap 0.6.1 is too old",
    )


async def test_says_that_namespaces_are_forbidden(tmp_path: Path, fake_bwrap: Path) -> None:
    """The program's own complaint is the reason, and nothing can be launched."""
    write_program(fake_bwrap, "0.9.0", "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1")
    runtime = BubblewrapRuntime(tmp_path)
    status = await runtime.status("python")
    assert not status.available
    assert "setting up uid map: Permission denied" in status.reason
    assert status.hint


async def test_refuses_to_launch_where_it_cannot(runtime: BubblewrapRuntime, fake_bwrap: Path) -> None:
    """No namespaces, no kernel."""
    write_program(fake_bwrap, "0.9.0", "exit 1")
    with pytest.raises(SandboxUnavailableError):
        await runtime.launch(spec("1"))


def test_names_the_setting_that_forbids(tmp_path: Path) -> None:
    """AppArmor's and the kernel's own switches are told with the command that changes them."""
    assert "container" in namespace_hint(tmp_path)
    for name, value in (
        ("user/max_user_namespaces", "0"),
        ("kernel/apparmor_restrict_unprivileged_userns", "1"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{value}\n")
        assert f"sysctl -w {name.replace('/', '.')}=" in namespace_hint(tmp_path)


async def test_probes_once_and_again_after_a_failure(
    tmp_path: Path, fake_bwrap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What works is not asked again; what failed is, after a while."""
    log = tmp_path / "log"
    write_program(fake_bwrap, "0.9.0", f"echo x >> {log}; exit 1")
    for _ in range(3):
        await BubblewrapRuntime(tmp_path).status("python")
    failures = len(log.read_text().splitlines())
    monkeypatch.setattr(bubblewrap_runtime, "PROBE_FRESH_S", 0.0)
    write_program(fake_bwrap, "0.9.0", f"echo x >> {log}; exit 0")
    for _ in range(3):
        assert (await BubblewrapRuntime(tmp_path).status("python")).available
    assert len(log.read_text().splitlines()) == failures + 1


async def test_says_what_the_machine_lacks_for_r(
    runtime: BubblewrapRuntime, fake_bwrap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R is the machine's own: where there is none, the status and a build say how to get it."""
    write_program(fake_bwrap, "0.9.0", "exit 0")
    monkeypatch.setattr(host_r, "find_r", lambda: None)
    monkeypatch.setattr(host_r, "_ASKED", {})
    status = await runtime.status("r")
    assert not status.available
    assert "no R" in status.reason
    assert "Docker" in status.hint

    async def ignore(_text: str, _done: int, _total: int) -> None:
        """Report to nobody."""

    with pytest.raises(SandboxError, match="no R"):
        await runtime.build("r", ignore)
    with pytest.raises(ImageMissingError, match="no longer"):
        await runtime.launch(LaunchSpec("test", "r", IMAGE, ["R"], {}, Limits(), {}))


async def test_lists_and_removes_environments(runtime: BubblewrapRuntime) -> None:
    """What is built is listed with its folder; what is unknown is said."""
    (image,) = await runtime.images()
    root = await runtime.library_root(image)
    assert root is not None
    assert root.is_dir()
    await runtime.remove_image(IMAGE)
    with pytest.raises(NotFoundError):
        await runtime.remove_image(IMAGE)
    with pytest.raises(ImageMissingError):
        await runtime.launch(spec("1"))


def test_the_command_shares_nothing_but_what_python_needs(tmp_path: Path) -> None:
    """Every namespace is unshared, every bind is read-only, and nothing of the home folder is bound."""
    interpreter = Interpreter(Path("/home/somebody/python"), Path("/opt/python"))
    spec = LaunchSpec("test", "python", IMAGE, [], {}, Limits(), {"A": "b"})
    with kernel_command(interpreter, "user", tmp_path, spec, cgroup=frozenset()) as command:
        argv = command.argv
        for fd in command.fds:
            assert os.fstat(fd).st_size > 0
    for name in ("pid", "net", "ipc", "uts", "user"):
        assert f"--unshare-{name}" in argv
    for option in ("--die-with-parent", "--new-session", "--clearenv", "--seccomp"):
        assert option in argv
    assert argv[argv.index("--cap-drop") + 1] == "ALL"
    assert not {"--bind", "--dev-bind", "--share-net"} & set(argv)
    bound = {argv[index + 1] for index, word in enumerate(argv) if word in {"--ro-bind", "--ro-bind-try"}}
    assert bound <= {
        "/usr",
        "/bin",
        "/lib",
        "/lib32",
        "/lib64",
        "/etc/ld.so.cache",
        "/etc/fonts",
        str(tmp_path),
    }
    for fd in command.fds:
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(fd)


def test_bounds_what_no_group_bounds() -> None:
    """Where a control group limits processes and processor, nothing else does it again."""
    limits = Limits(pids=33, cpus=1.0)
    assert "'RLIMIT_NPROC': 33" in prelude("user", limits, frozenset())
    assert "sched_setaffinity" in prelude("user", limits, frozenset())
    grouped = prelude("user", limits, frozenset({"pids", "cpu", "memory"}))
    assert "NPROC" not in grouped
    assert "sched_setaffinity" not in grouped
    assert "NPROC" not in prelude("root", limits, frozenset())


@pytest.mark.bubblewrap
async def test_starts_signals_and_ends(runtime: BubblewrapRuntime) -> None:
    """The handshake is done, a signal reaches the program, the status comes back, closing twice is fine."""
    code = "import signal, sys, time\nsignal.signal(2, lambda *_: sys.exit(7))\nwhile True: time.sleep(0.1)"
    sandbox = await runtime.launch(spec(code))
    await asyncio.sleep(0.7)
    assert (await sandbox.usage()).memory_bytes or 0 > 1 << 20
    await sandbox.signal(signal.SIGINT)
    ended = await asyncio.wait_for(sandbox.wait(), 10)
    assert (ended.code, ended.oom) == (7, False)
    assert (await sandbox.usage()).peak_memory_bytes
    await sandbox.signal(signal.SIGINT)
    await sandbox.close()
    await sandbox.close()


@pytest.mark.bubblewrap
async def test_kill_ends_every_process_inside(runtime: BubblewrapRuntime) -> None:
    """Children that left their session die as well."""
    code = "import os, time\nif os.fork() == 0: os.setsid()\ntime.sleep(60)"
    sandbox = await runtime.launch(spec(code))
    await asyncio.sleep(0.5)
    before = (await sandbox.usage()).pids or 0
    await asyncio.wait_for(sandbox.kill(), 5)
    assert before >= 4
    assert await sandbox.wait() == await sandbox.wait()
    assert (await sandbox.wait()).code == 137
    await sandbox.close()


@pytest.mark.bubblewrap
async def test_tells_of_memory(runtime: BubblewrapRuntime) -> None:
    """A program over its limit is ended and says so, with or without a control group."""
    code = "import time\ntime.sleep(0.5)\nx = []\nwhile True: x.append(b'x' * (1 << 20))"
    sandbox = await runtime.launch(spec(code, Limits(memory_bytes=128 << 20)))
    ended = await asyncio.wait_for(sandbox.wait(), 20)
    assert ended.oom
    await sandbox.close()


@pytest.mark.bubblewrap
async def test_bounds_the_number_of_files(
    runtime: BubblewrapRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty files without end use no disk, but end the sandbox."""
    monkeypatch.setattr("gptoss_lab.sandbox.bubblewrap_watchdog.MAX_FILES", 1000)
    code = "import time\nfor n in range(2000): open(f'/tmp/{n}', 'w').close()\ntime.sleep(30)"
    sandbox = await runtime.launch(spec(code))
    ended = await asyncio.wait_for(sandbox.wait(), 20)
    assert "files" in ended.reason
    await sandbox.close()


@pytest.mark.bubblewrap
async def test_a_cancelled_start_leaves_nothing(
    runtime: BubblewrapRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that never gets its handshake is ended at the limit, and says what went wrong."""
    monkeypatch.setattr(bubblewrap_runtime, "START_TIMEOUT_S", 0.5)
    monkeypatch.setattr(
        "gptoss_lab.sandbox.bubblewrap_command.boot_source", lambda: "import time; time.sleep(60)"
    )
    with pytest.raises(SandboxError, match="did not start"):
        await runtime.launch(spec("1"))
    monkeypatch.setattr(
        "gptoss_lab.sandbox.bubblewrap_command.boot_source", lambda: "raise SystemExit('no luck')"
    )
    with pytest.raises(SandboxError, match="no luck"):
        await runtime.launch(spec("1"))
    monkeypatch.setattr("gptoss_lab.sandbox.bubblewrap_command.boot_source", lambda: "raise SystemExit(9)")
    with pytest.raises(SandboxError, match="status 9"):
        await runtime.launch(spec("1"))
    with pytest.raises(SandboxError, match="null byte"):
        await runtime.launch(spec("1", env={"A": "b\0c"}))


@pytest.mark.bubblewrap
async def test_works_as_root_and_as_an_ordinary_user(
    runtime: BubblewrapRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a user namespace the program inside is nobody too, with no right to gain."""
    mode = (await asyncio.to_thread(probe, Interpreter.of_server())).mode
    assert mode == ("root" if os.geteuid() == 0 else "user")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr("gptoss_lab.sandbox.bubblewrap_cgroup.find_mounts", list)
    code = (
        "import os\nassert os.getuid() == 65532 and os.getgid() == 65532\n"
        "assert 'CapEff:\\t0000000000000000' in open('/proc/self/status').read()\n"
        "assert os.access('/dev/shm', os.W_OK)\n"
        "assert not os.path.exists('/root') and not os.path.exists('/home')"
    )
    sandbox = await runtime.launch(spec(code))
    ended = await asyncio.wait_for(sandbox.wait(), 10)
    assert ended.code == 0
    await sandbox.close()
