"""A sandboxed kernel in the hands of a test, started as any Jupyter client starts it."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config

from gptoss_lab.sandbox import host_r
from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.sandbox.provisioner import SandboxProvisioner
from gptoss_lab.sandbox.runtime import Exit
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import Limits

RUNTIMES = [
    pytest.param("docker", marks=pytest.mark.docker),
    pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
]
LIMITS = Limits(memory_bytes=512 << 20, pids=96, disk_bytes=64 << 20)
REQUIRED = os.environ.get("GPTOSS_REQUIRE", "")


class Kernel:
    """A kernel manager with a client; what the kernel says is gathered as text."""

    def __init__(
        self, runtime: str, limits: Limits = LIMITS, language: Language = "python", **sandbox: Any
    ) -> None:
        section = {"runtime": runtime, "limits": limits.model_dump(), **sandbox}
        config = Config({"GptossLabApp": {"sandbox": section}})
        self.manager = AsyncKernelManager(kernel_name=f"gptoss-{language}", config=config)
        self.client: Any = None

    @property
    def provisioner(self) -> SandboxProvisioner:
        """The provisioner of the running kernel."""
        found = self.manager.provisioner
        assert isinstance(found, SandboxProvisioner)
        return found

    async def start(self, **options: Any) -> None:
        """Start and wait until it answers."""
        await self.manager.start_kernel(**options)
        self.client = self.manager.client()
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=30)

    async def run(self, code: str, timeout_s: float = 30) -> tuple[str, str]:
        """Run code; return the reply's status and everything printed, shown or raised."""
        said: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "error":
                said.append(f"{content['ename']}: {content['evalue']}")
            said.append(content.get("text") or content.get("data", {}).get("text/plain", ""))

        reply = await self.client.execute_interactive(code, output_hook=hear, timeout=timeout_s)
        return reply["content"]["status"], "".join(said)

    async def out(self, code: str, timeout_s: float = 30) -> str:
        """Run code that must succeed; return what it printed."""
        status, said = await self.run(code, timeout_s)
        assert status == "ok", said
        return said.strip()

    def send(self, code: str) -> None:
        """Run code without waiting for it."""
        self.client.execute(code)

    async def ended(self, timeout_s: float = 15) -> Exit:
        """Wait until the provisioner has seen the end."""
        provisioner = self.provisioner
        await until(lambda: provisioner.exit is not None, timeout_s)
        assert provisioner.exit is not None
        return provisioner.exit

    async def stop(self) -> None:
        """End it as a client does. Idempotent."""
        if self.client is not None:
            self.client.stop_channels()
            self.client = None
        if self.manager.has_kernel:
            await self.manager.shutdown_kernel(now=True)


async def until(holds: Callable[[], bool], timeout_s: float) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + timeout_s
    while not await asyncio.to_thread(holds):
        assert time.monotonic() < deadline, f"it does not hold after {timeout_s} s"
        await asyncio.sleep(0.05)


async def require_image(runtime: str, language: Language = "python") -> None:
    """Build the image where the test run has a place to keep it; R on bubblewrap is the machine's own."""
    (made,) = make_runtimes(SandboxConfig.model_validate({"runtime": runtime}))

    async def report(_text: str, _done: int, _total: int) -> None:
        return

    try:
        if await made.find_image(language) is not None:
            return
        if (runtime, language) == ("bubblewrap", "r"):
            pytest.skip(f"{host_r.problem()}; {host_r.install_hint()}")
        if not os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") and runtime not in REQUIRED:
            pytest.skip(
                f"the {runtime} image for {language} is not built; set GPTOSS_LAB_TEST_DATA_DIR to keep it"
            )
        await made.build(language, report)
    finally:
        await made.close()


def marker() -> str:
    """Return a number of seconds that no other `sleep` on this machine has."""
    return f"{500 + secrets.randbelow(400)}.{secrets.randbelow(10**9):09d}"


def sleepers(mark: str) -> list[int]:
    """Return the processes of this machine, sandboxed ones too, that sleep for `mark` seconds."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0") if folder.name.isdigit() else []
        except OSError:
            continue
        if words[:2] == [b"sleep", mark.encode()]:
            found.append(int(folder.name))
    return found


def start_sleeper(mark: str) -> str:
    """Return code that leaves a process behind, out of the kernel's own group."""
    return f"import subprocess; subprocess.Popen(['sleep', '{mark}'], start_new_session=True).poll()"
