"""Attacks on memory: the sandbox's own, and this machine's through it."""

from __future__ import annotations

import asyncio
import os
import time

import psutil
import pytest

from tests.sandbox.attacks.cells import Cells, text_of
from tests.sandbox.attacks.conftest import Place
from tests.sandbox.attacks.daemon import Daemon
from tests.sandbox.attacks.gauge import gauge
from tests.sandbox.attacks.target import Target, target
from tests.sandbox.conformance import LIMITS, until

pytestmark = pytest.mark.timeout(300)

SLACK_BYTES = 64 << 20  # what is used between two looks, where no control group holds it back
SERVER_BYTES = 300 << 20
BOMB = {
    "python": "held = []\nwhile True: held.append(bytearray(b'x') * (16 << 20))",
    "r": "held <- list(); repeat held[[length(held) + 1]] <- rnorm(2e6)",
}
# In a tmpfs, in shared memory and in files without a name, none of which is any process's own.
ELSEWHERE = """
import mmap, os
held = []
def fill(fd):
    try:
        while os.lseek(fd, 0, os.SEEK_CUR) < (48 << 20): os.write(fd, b'x' * (1 << 20))
    except OSError: pass
for number in range(40):
    for place in ('/tmp', '/sandbox', '/dev/shm'):
        try: fd = os.open(f'{place}/fill-{number}', os.O_CREAT | os.O_RDWR); fill(fd); os.close(fd)
        except OSError: pass
    held.append(os.memfd_create('fill')); fill(held[-1])
    page = mmap.mmap(-1, 16 << 20); page[::4096] = b'x' * len(page[::4096]); held.append(page)
    held.append(bytearray(b'x') * (16 << 20))
print('survived')
"""
# The connection on which the kernel publishes is found among its descriptors, and spoken on by hand.
ONE_MESSAGE = """
import os, socket, struct, time
def publishing():
    for name in os.listdir('/proc/self/fd'):
        try:
            sock = socket.socket(fileno=os.dup(int(name)))
            if sock.getsockname()[1] == 9002 and sock.getpeername(): return sock
        except (OSError, IndexError): pass
out = publishing()
out.setblocking(True)
out.sendall(struct.pack('>BQ', 2, 1 << 30))
block = b'x' * (1 << 20)
for _ in range(1 << 10): out.sendall(block)
"""
SHOW = "from IPython.display import publish_display_data as show\nshow({'text/plain': 'x' * (400 << 20)})"
# The kernel catches what is written to its descriptors 1 and 2; those that it was started with it has kept.
FLOOD_THE_LOG = """
import os, sys
outs = [stream._original_stdstream_copy for stream in (sys.stdout, sys.stderr)]
block = b'y' * 65536
written = 0
for _ in range(3000):
    for out in outs: written += os.write(out, block)
print(written)
"""


async def test_02_memory_bomb(jail: Cells) -> None:
    """The cell ends with `oom`, what follows is skipped, the peak stays at the limit, the next run works."""
    limit = 256 << 20
    with gauge(lambda: None if jail.outside is None else jail.outside.peak_memory_bytes()) as held:
        bombed, after = await jail.run(BOMB[jail.language], "2", memory_bytes=limit)
    assert (bombed.status, after.status) == ("oom", "skipped")
    assert held.peak <= limit + SLACK_BYTES
    (again,) = await jail.run({"python": "print(40 + 2)", "r": "cat(40 + 2)"}[jail.language])
    assert text_of(again).strip() == "42"


async def test_02_the_daemon_saw_it_too(python_place: Place) -> None:
    """What is reported as out of memory is what the daemon's own events, or the control group, say."""
    began = time.time()
    async with target(*python_place, memory_bytes=256 << 20) as made:
        container = ""
        if made.runtime == "docker":
            container = (await asyncio.to_thread(Daemon().container, str(made.provisioner.kernel_id)))["Id"]
        made.send(BOMB["python"])
        ended = await made.ended(60)
        assert ended.oom
        assert "memory" in ended.reason
        if container:
            assert await asyncio.to_thread(Daemon().events, began, container=container, event="oom")


async def test_44_memory_that_is_nobodys(python_place: Place) -> None:
    """What is put into tmpfs, shared memory and nameless files counts as the sandbox's, to its end."""
    limit = 256 << 20
    async with target(*python_place, memory_bytes=limit) as made:
        if made.outside.group("memory") is None:
            pytest.skip("this machine gives bubblewrap no control group, so that only processes are counted")
        with gauge(made.outside.peak_memory_bytes) as held:
            made.send(ELSEWHERE)
            assert (await made.ended(120)).code != 0
        assert 0 < held.peak <= limit


async def test_13_one_gigabyte_in_one_message(python_place: Place) -> None:
    """A message of 1 GB, sent past the kernel's own code, ends the sandbox at its announcement."""
    me = psutil.Process()
    async with target(*python_place) as made:
        before = me.memory_info().rss
        with gauge(lambda: me.memory_info().rss) as used:
            made.send(ONE_MESSAGE)
            ended = await made.ended(60)
        assert "message of more than" in ended.reason
        assert used.peak - before < SERVER_BYTES
        await made.leaves_nothing()


async def test_13_a_huge_display(python_jail: Cells) -> None:
    """What the kernel sends in one message is cut off for generated code, and this server is not filled."""
    me = psutil.Process()
    before = me.memory_info().rss
    with gauge(lambda: me.memory_info().rss) as used:
        (cell,) = await python_jail.run(SHOW, memory_bytes=2 << 30)
    assert cell.truncated or cell.status == "oom"  # the reply may overtake the message: then the cell is ok
    assert len(str(cell.outputs)) < 8 << 20
    assert used.peak - before < SERVER_BYTES


async def test_50_a_flood_past_the_kernel(python_victim: Target) -> None:
    """What is written to the container's own output is kept nowhere: not here, not in the daemon's log."""
    me = psutil.Process()
    before = me.memory_info().rss
    with gauge(lambda: me.memory_info().rss) as used:
        assert int(await python_victim.out(FLOOD_THE_LOG, 120)) > 300 << 20
    assert used.peak - before < SERVER_BYTES
    if python_victim.runtime == "docker":
        facts = await asyncio.to_thread(Daemon().container, str(python_victim.provisioner.kernel_id))
        assert not facts["LogPath"] or not os.path.exists(facts["LogPath"])  # noqa: PTH110, ASYNC240
    await python_victim.lives()


async def test_51_a_kernel_that_does_not_read(python_victim: Target) -> None:
    """Megabytes sent to a kernel that is stopped wait in bounded buffers, and it can still be ended."""
    me = psutil.Process()
    before = me.memory_info().rss
    python_victim.send("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)")
    await until(lambda: "T (stopped)" in python_victim.outside.fields("State").values(), 10)
    with gauge(lambda: me.memory_info().rss) as used:
        for _ in range(8):
            python_victim.send("x = '" + "y" * (8 << 20) + "'")
            await asyncio.sleep(0.2)
        await python_victim.leaves_nothing()
    assert used.peak - before < 2 * SERVER_BYTES
    assert python_victim.outside.tasks() <= LIMITS.pids
