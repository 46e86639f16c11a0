"""A real vLLM that serves the tiny model: on the CPU, on a unix socket, with no network at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import psutil

from gptoss_lab.engines.launch import Endpoint, EngineSetting
from gptoss_lab.engines.vllm import VllmLauncher

MODEL = "gpt-oss-20b"
WINDOW_TOKENS = 8192
START_WITHIN_S = 400.0
STOP_WITHIN_S = 30.0
_ALONE = ("unshare", "--user", "--map-root-user", "--net", "--kill-child", "--fork")
# A new namespace has its loopback down, which vLLM's processes talk over (SIOCSIFFLAGS: UP, RUNNING).
_LOOPBACK = (
    "import fcntl, os, socket, struct, sys; "
    "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH14x', b'lo', 0x41)); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


class RealEngine:
    """A running engine.

    Args:
        path: The socket where it answers.
        process: The process that holds it; the engine is below.
        log: What it wrote.
    """

    def __init__(self, path: Path, process: subprocess.Popen[bytes], log: Path) -> None:
        self.socket = path
        self.process = process
        self.log = log
        self.url = f"unix://{path}"
        self._transport = httpx.HTTPTransport(uds=str(path))
        self.http = httpx.Client(transport=self._transport, base_url="http://engine", timeout=300)

    def is_ready(self) -> bool:
        """Say whether it answers."""
        with socket.socket(socket.AF_UNIX) as probe:  # httpx would leave a refused one to the collector
            if probe.connect_ex(str(self.socket)):
                return False
        return self.http.get("/health", timeout=20).is_success

    def measured(self, name: str) -> float:
        """Return the sum of one of its measurements, such as `vllm:num_requests_running`."""
        text = self.http.get("/metrics", timeout=10).raise_for_status().text
        rows = re.findall(rf"^{re.escape(name)}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
        assert rows, f"the engine does not measure {name}"
        return sum(map(float, rows))

    def is_idle(self) -> bool:
        """Say whether no request runs or waits on it."""
        return self.measured("vllm:num_requests_running") + self.measured("vllm:num_requests_waiting") == 0

    def processes(self) -> list[psutil.Process]:
        """Return all its processes."""
        return psutil.Process(self.process.pid).children(recursive=True)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Have it compute nothing meanwhile: it takes requests and answers none.

        The tiny model is quick; without this a request may have ended before a test looks.
        """
        cores = [one for one in self.processes() if "EngineCore" in " ".join(one.cmdline())]
        assert cores, "no process of the engine computes"
        for core in cores:
            core.suspend()
        try:
            yield
        finally:
            for core in cores:
                core.resume()

    def networks(self) -> set[str]:
        """Return the network interfaces that any of its processes sees."""
        seen: set[str] = set()
        for process in self.processes():
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{process.pid}/net/dev").read_text(encoding="ascii").splitlines()
                seen |= {line.partition(":")[0].strip() for line in lines[2:]}
        return seen


def setting_of(python: Path, weights: Path) -> EngineSetting:
    """Return what the tiny model is started with: a start as quick as can be."""
    return EngineSetting(
        python=python,
        weights=weights,
        served_name=MODEL,
        max_model_len=WINDOW_TOKENS,
        kv_cache_bytes=256 << 20,
        eager=True,
        prefix_retention=128,
        shutdown_timeout_s=2,
    )


@contextlib.contextmanager
def real_engine(setting: EngineSetting, *, within_s: float = START_WITHIN_S) -> Iterator[RealEngine]:
    """Run vLLM until the end of the block.

    Raises:
        AssertionError: It did not become ready; the message holds the end of its log.
    """
    folder = Path(tempfile.mkdtemp(prefix="gl-engine-"))
    command = VllmLauncher().command(setting, Endpoint(folder / "e.sock", setting.served_name))
    env = {name: value for name, value in command.env.items() if name != "VLLM_API_KEY"}
    log = folder / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*_ALONE, str(setting.python), "-c", _LOOPBACK, *command.argv],
            env=env,
            cwd=folder,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    engine = RealEngine(folder / "e.sock", process, log)
    try:
        _await_ready(engine, within_s)
        yield engine
    finally:
        engine.http.close()
        _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def without_retention(setting: EngineSetting) -> EngineSetting:
    """Return the setting with the engine's own way to keep prefixes."""
    return replace(setting, prefix_retention=0)


def _await_ready(engine: RealEngine, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not engine.is_ready():
        if engine.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(engine.log.read_text(errors="replace")[-4000:])
        time.sleep(0.25)


def _stop(process: subprocess.Popen[bytes]) -> None:
    below: Sequence[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        below = psutil.Process(process.pid).children(recursive=True)
    for one in below[:1]:  # unshare's child is the API server, which stops the others
        with contextlib.suppress(psutil.NoSuchProcess):
            one.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_WITHIN_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for one in below:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
