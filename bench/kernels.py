"""The kernels that the sandbox benchmarks start: ours in each runtime and language, and their peers."""

from __future__ import annotations

import asyncio
import atexit
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config
from typing_extensions import Self

from gptoss_lab.sandbox.catalog import make_runtimes
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig

LOCAL: dict[Language, str] = {"python": "local ipykernel", "r": "local IRkernel"}
READY_WITHIN_S = 60.0
ASK_AGAIN_S = 0.05
KERNELS: dict[Language, str] = {"python": "gptoss-python", "r": "gptoss-r"}
FIRST: dict[Language, str] = {"python": "print(6 * 7)", "r": "cat(6 * 7)"}
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclass(frozen=True, slots=True)
class Subject:
    """A sandboxed kernel to measure: a runtime, a language, and the image that it runs."""

    runtime: str
    language: Language
    image: str

    @property
    def name(self) -> str:
        """How figures call it."""
        return f"{self.runtime}, {self.language}"

    def manager(self) -> AsyncKernelManager:
        """Return a manager of this kernel."""
        config = Config({"GptossLabApp": {"sandbox": {"runtime": self.runtime}}})
        return AsyncKernelManager(kernel_name=KERNELS[self.language], config=config)


def local_manager(language: Language = "python") -> AsyncKernelManager | None:
    """Return a manager of the language's kernel on this machine itself; None where there is none."""
    if language == "python":
        return AsyncKernelManager(kernel_name="python3")
    if shutil.which("R") is None or not _has_irkernel():
        return None
    specs = KernelSpecManager()
    specs.kernel_dirs = [str(_local_specs())]
    return AsyncKernelManager(kernel_name="ir", kernel_spec_manager=specs)


@cache
def _has_irkernel() -> bool:
    command = ["Rscript", "-e", "quit(status = !requireNamespace('IRkernel', quietly = TRUE))"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@cache
def _local_specs() -> Path:
    """Return a folder with a kernelspec of this machine's R, for as long as the benchmark runs."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    place = Path(folder.name) / "ir"
    place.mkdir()
    argv = ["R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"]
    (place / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "R", "language": "R"}))
    return Path(folder.name)


async def subjects() -> list[Subject]:
    """Return what can be started now; what cannot is told on standard error."""
    found: list[Subject] = []
    for runtime in make_runtimes(SandboxConfig()):
        for language in KERNELS:
            status = await runtime.status(language)
            image = await runtime.find_image(language) if status.available else None
            if image is not None:
                found.append(Subject(runtime.name, language, image.id))
            else:
                why = f"{status.reason} {status.hint}"
                print(f"{runtime.name}, {language} is not measured: {why}", file=sys.stderr)
        await runtime.close()
    return found


class Started:
    """A running kernel with a client, as a context.

    Args:
        manager: The kernel to start.
        language: What it speaks.
    """

    def __init__(self, manager: AsyncKernelManager, language: Language = "python") -> None:
        self._manager = manager
        self._language = language
        self.client: Any = None
        self.first_result_s = 0.0

    async def __aenter__(self) -> Self:
        """Start it and run a first cell; `first_result_s` is how long that took."""
        began = time.perf_counter()
        await self._manager.start_kernel(**(QUIET if self._manager.kernel_name in {"python3", "ir"} else {}))
        self.client = self._manager.client()
        self.client.start_channels()
        await asyncio.wait_for(self._nudge(), READY_WITHIN_S)
        text = await self.text(FIRST[self._language])
        self.first_result_s = time.perf_counter() - began
        assert text.strip() == "42", text
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        if self.client is not None:
            self.client.stop_channels()
        await self._manager.shutdown_kernel(now=True)

    async def _nudge(self) -> None:
        """Ask until both channels have answered, as Jupyter Server does before it opens a websocket.

        jupyter_client's own wait ends with 0.2 s of silence, which would be on every figure.
        """
        iopub = asyncio.ensure_future(self.client.get_iopub_msg(timeout=READY_WITHIN_S))
        while True:
            self.client.kernel_info()
            try:
                await self.client.get_shell_msg(timeout=READY_WITHIN_S)
                await asyncio.wait_for(asyncio.shield(iopub), ASK_AGAIN_S)
            except asyncio.TimeoutError:
                continue
            return

    async def text(self, code: str, timeout_s: float = 120) -> str:
        """Run a cell; return the text that it wrote.

        Raises:
            RuntimeError: It failed.
        """
        heard: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            heard.append(message["content"].get("text", ""))

        reply = await self.client.execute_interactive(code, output_hook=hear, timeout=timeout_s)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(str(reply["content"])[:500])
        return "".join(heard)


async def docker_run_s(image: str) -> float:
    """Return the seconds of a bare `docker run` of a Python that prints and ends."""
    docker = shutil.which("docker")
    if docker is None:
        return float("nan")
    command = [docker, "run", "--rm", "--network", "none", image, "python3", "-c", "print(6 * 7)"]
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert output.strip().endswith(b"42"), output
    return time.perf_counter() - began
