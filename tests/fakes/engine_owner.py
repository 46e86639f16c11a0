"""A process that hosts a real engine, as a Jupyter server does, and then does nothing more.

    python -m tests.fakes.engine_owner PYTHON WEIGHTS FOLDER

prints the engine's socket when the model is ready.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gptoss_lab.engines.launch import Endpoint, EngineSetting, LaunchCommand
from gptoss_lab.engines.supervisor import EngineSupervisor
from gptoss_lab.engines.vllm import VllmLauncher

ALONE = (
    *("unshare", "--user", "--map-root-user", "--net", "--"),
    *(sys.executable, str(Path(__file__).with_name("alone.py"))),
)
READY_S = 400.0


class LonelyLauncher(VllmLauncher):
    """Starts vLLM with no network but a loopback of its own."""

    def command(self, setting: EngineSetting, endpoint: Endpoint) -> LaunchCommand:
        """Return how to start it; see `EngineLauncher.command`."""
        plain = super().command(setting, endpoint)
        return LaunchCommand((*ALONE, *plain.argv), plain.env, plain.cwd)


async def host(python: Path, weights: Path, folder: Path) -> None:
    """Host it for ever."""
    setting = EngineSetting(
        python,
        weights,
        "gpt-oss-20b",
        max_model_len=2048,
        max_num_seqs=4,
        eager=True,
        kv_cache_bytes=256 << 20,
    )
    supervisor = EngineSupervisor(LonelyLauncher(), setting, folder=folder, on_change=lambda _: None)
    supervisor.start()
    endpoint = await supervisor.ready(READY_S)
    sys.stdout.write(f"{endpoint.socket}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(host(*(Path(word) for word in sys.argv[1:4])))
