"""Attacks with processes: too many, too stubborn, ones that should not be touched, ones that stay."""

from __future__ import annotations

import asyncio

import pytest

from tests.sandbox.attacks.conftest import Place
from tests.sandbox.attacks.gauge import gauge
from tests.sandbox.attacks.outside import Outside, stat_fields
from tests.sandbox.attacks.target import GONE_WITHIN_S, Target, target
from tests.sandbox.conformance import LIMITS, marker, sleepers, until

pytestmark = pytest.mark.timeout(300)

FORK_BOMB = {
    "python": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "r": "repeat try(parallel:::mcfork(TRUE), silent = TRUE)",
}
DAEMON = {
    "python": (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        for fd in range(64):\n"
        "            try: os.close(fd)\n"
        "            except OSError: pass\n"
        "        os.execvp('sleep', ['sleep', 'MARK'])\n"
        "    os._exit(0)\n"
        "print('away')"
    ),
    "r": "system('setsid sleep MARK >/dev/null 2>&1 </dev/null &'); cat('away')",
}
KILL_INIT = {
    "python": (
        "import os\n"
        "for signum in (9, 19, 20, 6, 11):\n"
        "    try: os.kill(1, signum)\n"
        "    except PermissionError: pass\n"
        "print('sent')"
    ),
    "r": "tools::pskill(1, 9); tools::pskill(1, 19); cat('sent')",
}
# The relay inside: of another user in a container, of the agent that also starts the kernel elsewhere.
RELAY = """
import os
me = os.getuid()
found = []
for name in filter(str.isdigit, os.listdir('/proc')):
    words = open(f'/proc/{name}/cmdline', 'rb').read().split(b'\\0')
    if b'-c' in words and b'DIAL_TIMEOUT_S' in b''.join(words) and int(name) not in (1, os.getpid()):
        found.append(int(name))
print(*sorted(found))
"""
PRY = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
won = []
for pid in {pids}:
    for what in ('mem', 'fd', 'environ', 'maps', 'root', 'syscall', 'stack'):
        path = f'/proc/{{pid}}/{{what}}'
        try:
            if what in ('fd', 'root'): os.listdir(path)
            else: open(path, 'r+b' if what == 'mem' else 'rb').read(1)
            won.append((pid, what))
        except OSError: pass
    for request in (16, 0x4206):
        if libc.ptrace(request, pid, 0, 0) >= 0: won.append((pid, 'ptrace'))
    buffer = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    if libc.process_vm_writev(pid, vector, 1, vector, 1, 0) >= 0: won.append((pid, 'writev'))
    try:
        fd = os.pidfd_open(pid)
        if libc.syscall(438, fd, 0, 0) >= 0: won.append((pid, 'getfd'))
    except OSError: pass
print(won)
"""
ORPHANS = """
import os
for _ in range(400):
    try:
        if (pid := os.fork()) == 0:
            if os.fork() == 0: os._exit(0)
            os._exit(0)
        os.waitpid(pid, 0)
    except OSError: pass
print('done')
"""
ZOMBIES = """
import os
kept = []
try:
    while True:
        if (pid := os.fork()) == 0: os._exit(0)
        kept.append(pid)
except OSError: pass
print(len(kept))
"""


async def test_01_fork_bomb(victim: Target) -> None:
    """A bomb that doubles itself stays below the limit of processes, and ends with the sandbox."""
    outside = victim.outside
    with gauge(outside.tasks) as counted:
        victim.send(FORK_BOMB[victim.language])
        await until(lambda: counted.peak > LIMITS.pids * 3 // 4 or outside.gone, 60)
        await asyncio.sleep(1)
    assert counted.peak <= LIMITS.pids + 1  # the kernel's own count is of one moment, ours is not
    if outside.group("pids") is not None and not outside.gone:
        assert outside.figure("pids", "pids.max") == LIMITS.pids
        assert outside.count("pids", "pids.events", "max") > 0
    await victim.leaves_nothing()


async def test_17_a_daemon_outlives_its_cell_and_not_the_sandbox(victim: Target) -> None:
    """A detached process is counted while it lives and is gone after a polite shutdown."""
    mark = marker()
    before = (await victim.provisioner.usage()).pids or 0
    assert await victim.out(DAEMON[victim.language].replace("MARK", mark)) == "away"
    await until(lambda: len(sleepers(mark)) == 1, 10)
    (daemon,) = sleepers(mark)
    assert daemon in victim.outside.pids()
    assert ((await victim.provisioner.usage()).pids or 0) > before
    victim.client.stop_channels()
    victim.client = None
    await victim.manager.shutdown_kernel()
    await until(lambda: not sleepers(mark) and victim.outside.gone, GONE_WITHIN_S)


async def test_18_the_init_cannot_be_killed_from_inside(victim: Target) -> None:
    """SIGKILL and SIGSTOP to the init do nothing: it still guards the sandbox."""
    outside = victim.outside
    assert await victim.out(KILL_INIT[victim.language]) == "sent"
    await victim.lives()
    assert stat_fields(outside.init)[0] in "SR"


async def test_19_the_relay_cannot_be_looked_into(python_victim: Target) -> None:
    """No memory, descriptor, environment or trace of the relay and the init is to be had."""
    pids = sorted({1, *map(int, (await python_victim.out(RELAY)).split())})
    assert len(pids) > 1
    assert await python_victim.out(PRY.format(pids=pids)) == "[]"
    assert set(python_victim.outside.fields("TracerPid").values()) == {"0"}
    await python_victim.lives()


async def test_19_killing_the_relay_harms_its_own_sandbox_alone(python_place: Place) -> None:
    """A kernel that signals its relay ends itself at most; a second sandbox works on."""
    async with target(*python_place) as attacker, target(*python_place) as bystander:
        relay = [int(word) for word in (await attacker.out(RELAY)).split()]
        assert relay
        lines = [f"try: os.kill({pid}, 9)\nexcept PermissionError: pass" for pid in relay]
        attacker.send("import os\n" + "\n".join(lines))
        others = bystander.outside.pids()
        assert await bystander.out("print(1)") == "1"
        assert set(others) <= set(bystander.outside.pids())
        if await still_answers(attacker):
            await attacker.lives()
        else:
            assert (await attacker.ended()).code != 0


async def test_45_orphans_are_collected(python_victim: Target) -> None:
    """Thousands of orphans leave no zombie behind."""
    assert await python_victim.out(ORPHANS, 120) == "done"
    await until(lambda: "Z" not in states(python_victim.outside), 10)
    await python_victim.lives()


async def test_45_zombies_count(python_victim: Target) -> None:
    """Zombies that nobody collects stay below the limit of processes, and end with the sandbox."""
    with gauge(python_victim.outside.tasks) as counted:
        status, said = await python_victim.run(ZOMBIES, 60)
    assert counted.peak <= LIMITS.pids + 1
    if status == "ok":
        assert 0 < int(said) < LIMITS.pids
    await python_victim.leaves_nothing()


def states(outside: Outside) -> str:
    """Return the state of each process as one letter."""
    return "".join(fields[0] for pid in outside.pids() if (fields := stat_fields(pid)))


async def still_answers(target_: Target) -> bool:
    """Say whether a kernel answers or has ended, whichever is seen first."""
    answer = asyncio.ensure_future(target_.out("print(1)"))
    end = asyncio.ensure_future(target_.ended(30))
    done, waiting = await asyncio.wait({answer, end}, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return answer in done
