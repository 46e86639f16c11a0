"""Attacks on who fetches files out of the working folder, and on who starts programs in it."""

# ruff: noqa: E501 - programs for the inside stand here as they are

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from gptoss_lab.errors import GptossError
from tests.sandbox.attacks.target import Target

pytestmark = pytest.mark.timeout(300)

SECRET = "root:"
PLANT = r"""
import os, socket
open("plain.csv", "w").write("a,b\n")
os.symlink("/etc/passwd", "secret"); os.symlink("/", "root"); os.symlink("../../../etc", "up")
os.symlink("/proc/1/environ", "environ"); os.symlink("/dev/zero", "endless")
os.mkfifo("pipe"); socket.socket(socket.AF_UNIX).bind("sock")
open("one", "w").write("x"); os.link("one", "two")
os.makedirs("deep/" * 40)
for name in ["a\nb", "..%2f..%2fetc", "-rf", "a\x1b[2J", "gpj.\u202eexe", "C:\\x", "con", "x" * 250]:
    open(name, "w").write("x")
open(b"\xff\xfe", "w").close()
"""
SWAP = """
import os
open('swapped', 'w').write('mine'); os.mkdir('d'); open('d/passwd', 'w').write('mine')
while True:
    os.rename('swapped', 'aside'); os.symlink('/etc/passwd', 'swapped')
    os.rename('d', 'kept'); os.symlink('/etc', 'd')
    os.remove('d'); os.rename('kept', 'd')
    os.remove('swapped'); os.rename('aside', 'swapped')
"""
NAMES = (
    "ipykernel",
    "sitecustomize",
    "usercustomize",
    "json",
    "selectors",
    "socket",
    "zmq",
    "os",
    "encodings",
)
SHADOW = """
import os
evil = 'open("/sandbox/HIJACKED", "a").write(__name__)\\nraise SystemExit(3)'
for name in {names!r}:
    open(f'/sandbox/{{name}}.py', 'w').write(evil)
    os.makedirs(f'/sandbox/{{name}}_x', exist_ok=True)
for place in ('/tmp/home/.local/lib/python3.11/site-packages', '/tmp/home/.ipython/profile_default/startup'):
    os.makedirs(place, exist_ok=True)
    open(place + '/sitecustomize.py', 'w').write(evil); open(place + '/x.pth', 'w').write('import os; os._exit(3)')
print('planted')
"""


async def test_11_what_is_planted_for_a_download(python_victim: Target) -> None:
    """Links, pipes, sockets, second names and odd names stay inside; a path never leaves the folder."""
    await python_victim.out(PLANT)
    files = python_victim.provisioner.files
    listed = {file.path for file in (await files.list_files()).files}
    assert "plain.csv" in listed
    assert not listed & {"secret", "root", "up", "environ", "endless", "pipe", "sock", "one", "two"}
    assert all(name.isprintable() and "\\" not in name for name in listed)
    assert await files.read_file("plain.csv", 100) == b"a,b\n"
    paths = ["secret", "root/etc/passwd", "up/passwd", "environ", "endless", "pipe", "sock", "two", "."]
    for path in [*paths, "../etc/passwd", "/etc/passwd", "deep", "a\0b", "plain.csv/..", "..\\x"]:
        with pytest.raises(GptossError):
            await asyncio.wait_for(files.read_file(path, 1 << 20), 20)
    for path in ("root/x", "up/x", "../x", "/tmp/x", "secret/x"):  # noqa: S108 - of the sandbox
        with pytest.raises(GptossError):
            await asyncio.wait_for(files.write_file(path, b"x"), 20)
    assert not Path("/x").exists()  # noqa: ASYNC240 - a moment
    await python_victim.lives()


async def test_40_links_that_come_and_go(python_victim: Target) -> None:
    """While names are swapped for links without end, what is read is the sandbox's own or refused."""
    python_victim.send(SWAP)
    files, got = python_victim.provisioner.files, set()
    for number in range(120):
        with contextlib.suppress(GptossError):
            got.add(await files.read_file(("swapped", "d/passwd")[number % 2], 1 << 20))
    assert got <= {b"mine"}
    assert SECRET.encode() not in b"".join(got)


async def test_41_modules_of_the_same_name(python_victim: Target) -> None:
    """What is planted beside the kernel under the names of its parts runs nowhere."""
    assert await python_victim.out(SHADOW.format(names=NAMES)) == "planted"
    files = python_victim.provisioner.files
    assert await files.read_file("json.py", 1 << 10)
    assert "HIJACKED" not in {file.path for file in (await files.list_files()).files}
    await python_victim.lives()
    await python_victim.manager.restart_kernel(now=True)
    await python_victim.client.wait_for_ready(timeout=60)
    await python_victim.find()
    assert (await python_victim.provisioner.files.list_files()).files == ()
    await python_victim.lives()
