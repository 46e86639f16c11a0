"""Attacks on the end of a sandbox: by what is killed, and by code that does not want to end."""

from __future__ import annotations

import asyncio

import pytest

from gptoss_lab.sandbox.docker_sandbox import SANDBOX_LABEL
from tests.sandbox.attacks.conftest import Place
from tests.sandbox.attacks.daemon import Daemon
from tests.sandbox.attacks.owner import owner
from tests.sandbox.attacks.target import GONE_WITHIN_S
from tests.sandbox.conformance import until

pytestmark = pytest.mark.timeout(300)

# What code does that wants to outlive the server that started it.
STUBBORN = {
    "sleeps": "import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True).poll()",
    "ignores_signals": (
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    for signum in range(1, 65):\n"
        "        try: signal.signal(signum, signal.SIG_IGN)\n"
        "        except (OSError, ValueError): pass\n"
        "    while True: time.sleep(1)"
    ),
    "stops_its_guards": (
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    time.sleep(0.5)\n"
        "    for name in filter(str.isdigit, os.listdir('/proc')):\n"
        "        if int(name) != os.getpid():\n"
        "            try: os.kill(int(name), signal.SIGSTOP)\n"
        "            except OSError: pass\n"
        "    while True: time.sleep(1)"
    ),
    "holds_the_switch": (
        "import os\n"
        "held = []\n"
        "for name in filter(str.isdigit, os.listdir('/proc')):\n"
        "    for fd in range(256):\n"
        "        for mode in (os.O_WRONLY, os.O_RDWR):\n"
        "            try: held.append(os.open(f'/proc/{name}/fd/{fd}', mode | os.O_NONBLOCK))\n"
        "            except OSError: pass"
    ),
}
STUBBORN_R = "system('setsid sleep 600 >/dev/null 2>&1 </dev/null &')"


async def killed_server(runtime: str, language: str, code: str) -> None:
    """Kill a server; check that nothing of its sandbox is left in time."""
    async with owner(runtime, language, code) as made:
        await asyncio.sleep(1.5)  # some attacks begin after their cell has ended
        assert not made.outside.gone
        await made.kill()
        await until(lambda: made.outside.gone, GONE_WITHIN_S)
        if runtime == "docker":
            label = f"{SANDBOX_LABEL}={made.sandbox_id}"
            await until(lambda: not Daemon().ours(label), GONE_WITHIN_S)


@pytest.mark.parametrize("how", STUBBORN)
async def test_25_kill_of_the_server(python_place: Place, how: str) -> None:
    """After `kill -9` of the server nothing of its sandbox is left, whatever the code in it does."""
    await killed_server(*python_place, STUBBORN[how])
