"""Attacks that use up what one counts in thousands: files, descriptors, arguments, frames of a stack."""

# ruff: noqa: E501 - programs for the inside stand here as they are

from __future__ import annotations

import pytest

from tests.sandbox.attacks.gauge import gauge
from tests.sandbox.attacks.target import Target

pytestmark = pytest.mark.timeout(300)

MAX_FILES = (
    200_000  # where the mount cannot bound them, the watchdog does: up to what is made between two looks
)
FILES = """
made = 0
try:
    while made < 2_000_000:
        open(f'/sandbox/n-{made}', 'w').close(); made += 1
except OSError: pass
print(made)
"""
OPEN_FILES = """
import os
held = []
try:
    while len(held) < 100_000: held.append(os.open('/dev/null', os.O_RDONLY))
except OSError: pass
count = len(held)
for fd in held: os.close(fd)
print(count)
"""
HUGE_WORDS = """
import os, subprocess
won = []
for size in (1 << 17, 1 << 20, 1 << 23, 1 << 26):
    for words, env in ((['true', 'x' * size], {}), (['true', *['x' * 1000] * (size // 1000)], {}), (['true'], {'A': 'x' * size})):
        try: won.append(subprocess.run(words, env={'PATH': os.environ['PATH'], **env}).returncode)
        except OSError as error: won.append(error.errno)
print(set(won) <= {0, 7, 12})
"""
RECURSE = {
    "python": (
        "import sys\nsys.setrecursionlimit(10**9)\n"
        "class Deep:\n    def __repr__(self): return repr(self)\n"
        "def down(n): return down(n + 1)\n"
        "try: down(0)\nexcept (RecursionError, MemoryError): pass\n"
        "repr(Deep())"
    ),
    "r": "options(expressions = 500000); f <- function(n) f(n + 1); f(0)",
}


async def test_03_a_million_files(python_victim: Target) -> None:
    """Files end at their limit, or the sandbox does; what this machine holds of them goes with it."""
    outside = python_victim.outside
    with gauge(lambda: outside.used_files("/sandbox")) as counted:
        if python_victim.runtime == "docker":
            assert int(await python_victim.out(FILES, 120)) > 1000
        else:
            python_victim.send(FILES)
            assert "files" in (await python_victim.ended(120)).reason
    assert 1000 < counted.peak < MAX_FILES * 1.5
    await python_victim.leaves_nothing()


async def test_46_a_hundred_thousand_open_files(python_victim: Target) -> None:
    """Descriptors end at the limit, and the kernel works on."""
    outside = python_victim.outside
    with gauge(lambda: max(map(len, outside.open_files().values()), default=0)) as counted:
        made = int(await python_victim.out(OPEN_FILES))
    assert made < 4096
    assert counted.peak <= 4096
    await python_victim.lives()


async def test_38_huge_arguments(python_victim: Target) -> None:
    """Words and variables of many megabytes are refused or passed, and nothing breaks."""
    assert await python_victim.out(HUGE_WORDS, 60) == "True"
    await python_victim.lives()


async def test_47_deep_recursion(victim: Target) -> None:
    """A stack without end is an error or the kernel's own end, told as such; a new kernel works."""
    victim.send(RECURSE[victim.language])
    status = None
    while status is None and victim.provisioner.exit is None:
        status = await reply_or_none(victim)
    if status is None:
        assert (await victim.ended(60)).code != 0
    await victim.manager.restart_kernel(now=True)
    await victim.client.wait_for_ready(timeout=60)
    await victim.find()
    await victim.lives()


async def reply_or_none(victim: Target) -> str | None:
    """Return how a cell ended, if it does within a second."""
    try:
        reply = await victim.client.get_shell_msg(timeout=1)
    except Exception as error:
        if type(error).__name__ != "Empty":
            raise
        return None
    return str(reply["content"].get("status", "")) if reply["msg_type"] == "execute_reply" else None
