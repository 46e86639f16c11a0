"""A server in a process of its own, which a test kills: starts a sandbox, lets code run in it, and waits.

`python -m tests.sandbox.attacks.owner RUNTIME LANGUAGE CODE` prints the sandbox's init and its id.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from tests.sandbox.attacks.outside import Outside
from tests.sandbox.attacks.target import Target

ROOT = Path(__file__).parents[3]


class Owner:
    """A started one. `outside` is what this machine sees of its sandbox."""

    def __init__(self, process: asyncio.subprocess.Process, outside: Outside, sandbox_id: str) -> None:
        self.process = process
        self.outside = outside
        self.sandbox_id = sandbox_id

    async def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@contextlib.asynccontextmanager
async def owner(runtime: str, language: str, code: str) -> AsyncIterator[Owner]:
    """Start one and wait until its code has run; kill it after the block.

    Its leases are in a folder of its own, where no other server of ours looks for what the dead left.
    """
    runtime_dir = await asyncio.to_thread(tempfile.mkdtemp, prefix="gl-")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, runtime, language, code),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_RUNTIME_DIR": runtime_dir},
    )
    try:
        assert process.stdout is not None
        words = (await asyncio.wait_for(process.stdout.readline(), 90)).split()
        assert len(words) == 2, "the owner did not start"
        yield Owner(process, Outside(int(words[0])), words[1].decode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await asyncio.to_thread(shutil.rmtree, runtime_dir, ignore_errors=True)


async def main(runtime: str, language: str, code: str) -> None:
    """Start the sandbox, run the code, say where it is, and wait for the end."""
    made = Target(runtime, "r" if language == "r" else "python")
    await made.start()
    await made.out(code)
    print(made.outside.init, made.provisioner.kernel_id, flush=True)  # noqa: T201 - the test reads it
    await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
