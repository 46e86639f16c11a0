"""A person's files in every runtime: read-only at /data, and nothing else of this machine."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gptoss_lab.errors import PolicyError, TooLargeError
from gptoss_lab.sandbox import docker_client
from gptoss_lab.sandbox.registry import REGISTRY
from tests.sandbox.conformance import RUNTIMES, Kernel, require_image

pytestmark = pytest.mark.timeout(900)

FLAGS = """
line = next(line for line in open('/proc/self/mountinfo') if line.split()[4] == '/data')
print(*sorted(set(line.split()[5].split(',')) & {'ro', 'nosuid', 'nodev', 'noexec'}))
"""
TRY_TO_WRITE = """
import asyncio
import os
for use in [lambda: open('/data/new', 'w'), lambda: open('/data/b.csv', 'a'),
            lambda: os.remove('/data/b.csv'), lambda: os.rename('/data/b.csv', '/data/c.csv'),
            lambda: os.chmod('/data/b.csv', 0o777),
            lambda: os.link('/data/b.csv', '/sandbox/b.csv'), lambda: os.utime('/data/b.csv')]:
    try: use(); print('done')
    except OSError as error: print(error.errno in (1, 13, 18, 30))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that anybody may read, with a link out of it."""
    with tempfile.TemporaryDirectory(prefix="gl-data-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        (folder / "raw").mkdir()
        (folder / "raw" / "a.csv").write_text("1\n")
        (folder / "b.csv").write_text("2\n")
        (folder / "b.csv").chmod(0o666)
        (folder / "away").symlink_to("/etc/shadow")
        (folder / "up").symlink_to("..")
        yield folder


@pytest.fixture(params=RUNTIMES)
async def kernel(request: pytest.FixtureRequest) -> AsyncIterator[Kernel]:
    """A kernel that was not started yet."""
    await require_image(request.param)
    kernel = Kernel(request.param)
    yield kernel
    await kernel.stop()


async def test_a_folder_is_seen_and_not_changed(kernel: Kernel, folder: Path) -> None:
    """Its files are read at /data; nothing in it can be written, removed, renamed or linked."""
    await kernel.start(gptoss_data=[str(folder)])
    assert await kernel.out("print(open('/data/raw/a.csv').read(), open('/data/b.csv').read())") == "1\n 2"
    assert "done" not in await kernel.out(TRY_TO_WRITE)
    assert (folder / "b.csv").read_text() == "2\n"
    assert sorted(await asyncio.to_thread(os.listdir, folder)) == ["away", "b.csv", "raw", "up"]
    assert str(folder) not in await kernel.out("import os; print(os.listdir('/data/up'))")
    record = REGISTRY.get(str(kernel.provisioner.kernel_id))
    assert record is not None
    assert record.state().data == (str(folder),)


async def test_the_mount_has_its_flags(kernel: Kernel, folder: Path) -> None:
    """Seen from inside it is read-only, without devices and setuid; Docker's is without programs too."""
    await kernel.start(gptoss_data=[str(folder)])
    flags = (await kernel.out(FLAGS)).split()
    expected = ["nodev", "noexec", "nosuid", "ro"]
    if kernel.provisioner.runtime_name == "bubblewrap":
        expected.remove("noexec")  # bwrap has no option for it
        flags = [flag for flag in flags if flag != "noexec"]  # unless this machine's own mount has it
    assert flags == expected


async def test_single_files_have_their_names(kernel: Kernel, folder: Path) -> None:
    """Only what was chosen is there."""
    await kernel.start(gptoss_data=[str(folder / "b.csv"), str(folder / "raw")])
    assert await kernel.out("import os; print(sorted(os.listdir('/data')))") == "['b.csv', 'raw']"
    assert await kernel.out("print(open('/data/b.csv').read(), open('/data/raw/a.csv').read())") == "2\n 1"
    assert "done" not in await kernel.out(TRY_TO_WRITE.replace("lambda: open('/data/new', 'w'), ", ""))


async def test_without_consent_there_is_none(kernel: Kernel) -> None:
    """A kernel that was given no data has no /data with anything in it."""
    await kernel.start()
    assert await kernel.out("import os; print(os.path.isdir('/data') and os.listdir('/data'))") in {
        "False",
        "[]",
    }


async def test_a_restart_keeps_the_data(kernel: Kernel, folder: Path) -> None:
    """What was agreed to for a kernel holds until it is ended."""
    await kernel.start(gptoss_data=[str(folder)])
    await kernel.manager.restart_kernel()
    await kernel.client.wait_for_ready(timeout=30)
    assert await kernel.out("print(open('/data/b.csv').read())") == "2"


async def test_what_may_not_be_shown_starts_nothing(kernel: Kernel, folder: Path) -> None:
    """A place of the system is refused before there is a sandbox."""
    with pytest.raises(PolicyError, match="no sandbox sees"):
        await kernel.start(gptoss_data=["/etc"])
    assert not kernel.manager.has_kernel or not await kernel.manager.is_alive()
    del folder


@pytest.fixture
async def remote(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kernel]:
    """A kernel of a daemon that is taken for one on another machine."""
    await require_image("docker")
    monkeypatch.setattr(docker_client, "_is_local", lambda _host, _info: False)
    kernel = Kernel("docker")
    yield kernel
    await kernel.stop()


@pytest.mark.docker
async def test_a_remote_daemon_gets_a_copy(remote: Kernel, folder: Path) -> None:
    """The files are there before the first cell; what is done to them stays inside."""
    (folder / "big.bin").write_bytes(bytes(3 << 20))
    await remote.start(gptoss_data=[str(folder)])
    code = "import os; print(sorted(os.listdir('/data')), os.path.getsize('/data/big.bin'))"
    assert await remote.out(code) == f"['b.csv', 'big.bin', 'raw'] {3 << 20}"
    assert (await remote.out(FLAGS)).split() == ["nodev", "noexec", "nosuid"]
    await remote.out("open('/data/b.csv', 'w').write('changed')")
    assert (folder / "b.csv").read_text() == "2\n"


@pytest.mark.docker
async def test_a_copy_that_is_too_large_starts_nothing(remote: Kernel, folder: Path) -> None:
    """More than the sandbox could hold is refused, and no sandbox is left."""
    (folder / "big.bin").write_bytes(bytes(100 << 20))
    with pytest.raises(TooLargeError, match="are copied to a remote sandbox"):
        await remote.start(gptoss_data=[str(folder)])
    assert REGISTRY.get(str(remote.manager.kernel_id)) is None
