"""The working folder of every runtime, with real sandboxes that plant what they can."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from gptoss_lab.errors import NotFoundError, RequestError, SandboxLostError, TooLargeError
from tests.sandbox.conformance import LIMITS, RUNTIMES, Kernel, require_image

pytestmark = pytest.mark.timeout(900)

PLANT = r"""
import os, socket
os.makedirs("out/deep")
open("out/deep/fit.csv", "w").write("a,b\n1,2\n")
os.symlink("/etc/passwd", "secret")
os.symlink("/", "root")
os.symlink("out", "again")
open("one", "w").write("x"); os.link("one", "two")
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("sock")
for name in ["a\nb", "a\x1b[31m", "fdp\u202egnp.exe", "b\\c"]:
    open(name, "w").close()
open(b"\xff\xfe", "w").close()
"""


SWAP = """
import os
while True:
    os.rename('d', 'kept'); os.symlink('/etc', 'd')
    os.rename('one', 'aside'); os.symlink('/etc/passwd', 'one')
    os.remove('d'); os.rename('kept', 'd')
    os.remove('one'); os.rename('aside', 'one')
"""


@pytest.fixture(params=RUNTIMES)
async def kernel(request: pytest.FixtureRequest) -> AsyncIterator[Kernel]:
    """A kernel that has started."""
    await require_image(request.param)
    kernel = Kernel(request.param)
    try:
        await kernel.start()
        yield kernel
    finally:
        await kernel.stop()


async def test_files_go_in_and_out(kernel: Kernel) -> None:
    """What is written from outside is read inside, and the other way round."""
    files = kernel.provisioner.files
    assert (await files.list_files()).files == ()
    content = bytes(range(256)) * 8000
    await files.write_file("in/data.bin", content)
    await kernel.out("data = open('in/data.bin', 'rb').read(); open('back.bin', 'wb').write(data[::-1])")
    assert await files.read_file("back.bin", 1 << 22) == content[::-1]
    listed = {file.path: file.size_bytes for file in (await files.list_files()).files}
    assert listed == {"back.bin": len(content), "in/data.bin": len(content)}
    assert await kernel.out("open('in/data.bin', 'a').write('!')") == "1"


async def test_only_plain_files_come_out(kernel: Kernel) -> None:
    """Links, second names, pipes, sockets and names that trick are counted, and never read."""
    files = kernel.provisioner.files
    await kernel.out(PLANT)
    listed = await files.list_files()
    assert [file.path for file in listed.files] == ["out/deep/fit.csv"]
    assert listed.refused == 12
    for path in (
        "secret",
        "root/etc/passwd",
        "again/deep/fit.csv",
        "one",
        "pipe",
        "sock",
        "out",
        "../etc/passwd",
    ):
        with pytest.raises(RequestError):
            await asyncio.wait_for(files.read_file(path, 1 << 20), 20)
    with pytest.raises(NotFoundError):
        await files.read_file("nothing", 1 << 20)
    with pytest.raises(RequestError):
        await files.write_file("root/tmp/x", b"x")


async def test_a_swap_while_it_is_looked_at_leads_nowhere(kernel: Kernel) -> None:
    """A folder that turns into a link to the system and back is never entered as one."""
    await kernel.out("open('one', 'w').write('mine'); import os; os.mkdir('d'); open('d/mine', 'w').close()")
    busy = asyncio.ensure_future(kernel.run(SWAP, 90))
    files = kernel.provisioner.files
    try:
        for _ in range(60):
            told = {file.path for file in (await files.list_files()).files}
            assert told <= {"one", "aside", "d/mine", "kept/mine"}
            with contextlib.suppress(RequestError, NotFoundError):
                assert await files.read_file("d/hostname", 1 << 16) == b"never"
            with contextlib.suppress(RequestError, NotFoundError):
                assert await files.read_file("one", 1 << 16) in {b"mine", b""}
    finally:
        await kernel.manager.interrupt_kernel()
        await busy


async def test_a_busy_kernel_does_not_hold_files_up(kernel: Kernel) -> None:
    """While a cell runs its files are listed and read; an interrupt is the kernel's alone."""
    await kernel.out("open('early', 'w').write('here')")
    busy = asyncio.ensure_future(kernel.run("while True: pass"))
    async with kernel.provisioner.files.open_file("early") as file:
        await kernel.manager.interrupt_kernel()
        assert b"".join([chunk async for chunk in file.chunks]) == b"here"
    assert "KeyboardInterrupt" in (await asyncio.wait_for(busy, 20))[1]


async def test_a_full_disk_is_told(kernel: Kernel) -> None:
    """What the sandbox's disk has no room for is refused, and the sandbox lives on."""
    files = kernel.provisioner.files
    half = bytes(LIMITS.disk_bytes // 2 + (1 << 20))
    await files.write_file("one", half)
    with pytest.raises(TooLargeError):
        await files.write_file("two", half)
    assert [file.path for file in (await files.list_files()).files] == ["one"]
    assert await kernel.out("1 + 1") == "2"


async def test_a_flood_of_files_is_cut(kernel: Kernel) -> None:
    """Thousands of files end the list early, and it still comes."""
    await kernel.out("for n in range(5000): open(f'{n:05d}', 'w').close()", 60)
    listed = await kernel.provisioner.files.list_files()
    assert (len(listed.files), listed.truncated) == (1000, True)


async def test_an_impostor_can_only_lie(kernel: Kernel) -> None:
    """Code inside cannot take the service's port; without the service the server is told of silence."""
    code = (
        "import socket\n"
        "for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):\n"
        "    with socket.socket() as sock:\n"
        "        sock.setsockopt(socket.SOL_SOCKET, option, 1)\n"
        "        try: sock.bind(('127.0.0.1', 9006)); sock.listen(); print('taken')\n"
        "        except OSError: print('refused')"
    )
    assert await kernel.out(code) == "refused\nrefused"


async def test_an_ended_sandbox_has_no_files(kernel: Kernel) -> None:
    """After the end the folder is gone with the sandbox."""
    kernel.send("import os; os._exit(3)")
    await kernel.ended()
    with pytest.raises(SandboxLostError):
        _ = kernel.provisioner.files
