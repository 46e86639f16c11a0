"""Whatever is wrong, the real command line says what and what to do, and leaves nothing half done."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pypdf import PdfWriter

from tests.fakes.chat_server import ChatServer
from tests.integration.command import Ended, command
from tests.integration.conftest import MakeStation, ensure_built, nothing_left
from tests.integration.corpora import assert_whole
from tests.integration.station import Station

pytestmark = pytest.mark.timeout(200)
TASK = "mean of one column grouped by another"
OUT = ("--out", "a.ipynb")
GUIDE = """# Grouping

The mean of a column, grouped by another column:

```python
rows = [("a", 1), ("a", 3), ("b", 5)]
groups = {}
for key, value in rows:
    groups.setdefault(key, []).append(value)
mean = {key: sum(values) / len(values) for key, values in groups.items()}
mean
```
"""


@dataclass(frozen=True)
class Case:
    """What is given, and what must come of it. `said` are words that must all be told."""

    docs: str
    code: int
    said: tuple[str, ...]
    documents: tuple[tuple[str, Any], ...] = ()


def guide(folder: Path) -> None:
    """Write a page with an example."""
    (folder / "guide").mkdir()
    (folder / "guide" / "group.md").write_text(GUIDE)


def library(folder: Path) -> None:
    """Write what can be wrong with files."""
    guide(folder)
    (folder / "empty").mkdir()
    (folder / "blob.bin").write_bytes(os.urandom(1 << 20))
    (folder / "blob.md").write_bytes(os.urandom(1 << 20))
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + os.urandom(2000))
    with (folder / "huge.pdf").open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(300 << 20)
    writer, locked = PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(locked)
    (folder / "locked.pdf").write_bytes(locked.getvalue())


SOURCES = {
    "unknown package": Case("no-such-package-of-ours", 1, ("no-such-package-of-ours", "spelling")),
    "missing file": Case("./gone/page.md", 1, ("gone/page.md",)),
    "dead address": Case("https://no-such-host.invalid/docs/", 1, ("no-such-host.invalid", "spelling")),
    "loopback": Case("http://127.0.0.1:9/docs/", 1, ("127.0.0.1", "not a public address", "administrator")),
    "loopback by name": Case("http://localhost:9/", 1, ("localhost", "not a public address")),
    "loopback, IPv6": Case("http://[::1]:9/", 1, ("::1", "not a public address")),
    "private": Case("http://10.0.0.1/", 1, ("10.0.0.1", "not a public address")),
    "metadata service": Case(
        "http://169.254.169.254/latest/", 1, ("169.254.169.254", "not a public address")
    ),
    "other scheme": Case("ftp://example.org/a", 1, ("ftp://example.org/a",)),
    "huge PDF": Case("huge.pdf", 1, ("huge.pdf", "300 MB", "50 MB")),
    "encrypted PDF": Case("locked.pdf", 1, ("locked.pdf", "password")),
    "broken PDF": Case("broken.pdf", 1, ("broken.pdf",)),
    "empty folder": Case("empty", 1, ("empty", "no ")),
    "binary file": Case("blob.bin", 1, ("blob.bin",)),
    "binary text": Case("blob.md", 1, ("blob.md",)),
}


@pytest.fixture
async def make(stations: MakeStation, tmp_path: Path) -> AsyncIterator[Callable[..., Station]]:
    """Make a station with a data folder of its own; nothing may be left of it."""
    made: list[Station] = []

    def one(**config: Any) -> Station:
        station = stations(**{"sandbox": {"runtime": "none"}, **config})
        station.data = tmp_path / f"data-{len(made)}"
        made.append(station)
        return station

    yield one
    for station in made:
        await nothing_left(station, docker=False)
        assert not list(station.folder.glob(".a.ipynb*"))
        assert_whole(station.data / "corpora")


async def generate(station: Station, *words: str, **options: Any) -> Ended:
    """Run the main job; no fault is told as a traceback."""
    task = () if "--task" in words else ("--task", TASK)
    done = await command(station, "generate", *words, *task, **options)
    assert "Traceback" not in done.said
    return done


def written(station: Station) -> list[Any]:
    """Return the cells of the notebook, which must be valid."""
    notebook = nbformat.read(station.folder / "a.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    return list(notebook.cells)


def assert_told(done: Ended, code: int, said: tuple[str, ...]) -> None:
    """The code is the documented one and the words were said."""
    assert done.code == code, done.said
    for words in said:
        assert words in done.said


@pytest.mark.parametrize("name", SOURCES)
async def test_sources(name: str, make: Callable[..., Station]) -> None:
    """A source that cannot be read is named with the reason; no notebook is written."""
    case = SOURCES[name]
    station = make()
    library(station.folder)
    done = await generate(station, "--docs", case.docs, *OUT)
    assert_told(done, case.code, case.said)
    assert not (station.folder / "a.ipynb").exists()
    assert len(done.said.splitlines()) <= 10


async def test_a_source_that_fails_beside_one_that_does_not(make: Callable[..., Station]) -> None:
    """The others are used, and what is missing is said."""
    station = make()
    library(station.folder)
    docs = ("--docs", "locked.pdf", "--docs", "guide", "--docs", "no-such-package-of-ours")
    done = await generate(station, *docs, "--no-verify", *OUT)
    assert_told(done, 0, ("Warning: locked.pdf", "Warning: no-such-package-of-ours", "2 code cells"))
    assert any("groups.setdefault" in cell.source for cell in written(station))


async def test_a_redirect_to_a_forbidden_address(make: Callable[..., Station]) -> None:
    """A page that may be read cannot send us to one that may not."""
    asked: list[bytes] = []
    async with site(asked, b"http://169.254.169.254/latest/") as url:
        station = make(documents={"allow_private_addresses": True})
        done = await generate(station, "--docs", f"{url}/docs/", *OUT)
    assert asked
    assert_told(done, 1, ("169.254.169.254", "not a public address"))


@contextlib.asynccontextmanager
async def site(asked: list[bytes], target: bytes) -> AsyncIterator[str]:
    """Serve redirects to one place."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: ")
        writer.write(target + b"\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


MODELS = {
    "refuse401": ("refused the key (401)", "environment variable"),
    "error500": ("answered 500", "log"),
    "silent": ("was silent for 1 s", "loading or overloaded"),
    "silent_midway": ("was silent for 1 s", "loading or overloaded"),
    "notjson": ("OpenAI-compatible", "/v1"),
    "html": ("OpenAI-compatible", "/v1"),
    "redirect": ("redirects", "/v1"),
    "no_models": ("offers no model",),
    "error_event": ("The model service",),
}
BEGUN = {"silent_midway", "notjson", "error_event"}


@pytest.mark.parametrize("script", MODELS)
async def test_models(script: str, make: Callable[..., Station]) -> None:
    """Each fault of a model service has its own message and cure; what was finished is kept."""
    station = make(model={"first_byte_timeout_s": 1, "idle_timeout_s": 1})
    guide(station.folder)
    async with ChatServer(script) as model:
        done = await generate(station, "--docs", "guide", "--model-url", model.url, "--no-verify", *OUT)
    assert_told(done, 1, MODELS[script])
    if script not in BEGUN:
        assert not (station.folder / "a.ipynb").exists()
    elif (station.folder / "a.ipynb").exists():
        assert "the cells that were finished are kept" in done.said
        assert written(station)
    assert done.duration_s < 60


@pytest.mark.parametrize("script", ["cut", "cut_clean"])
async def test_a_model_that_breaks_off(script: str, make: Callable[..., Station]) -> None:
    """The cells that were finished before are written, valid, and pending."""
    station = make()
    guide(station.folder)
    async with ChatServer(script) as model:
        done = await generate(station, "--docs", "guide", "--model-url", model.url, "--no-verify", *OUT)
    assert done.code in {0, 1}, done.said
    assert "finished" in done.said
    cells = written(station)
    assert cells
    assert {cell.metadata.gptoss_lab.review for cell in cells} == {"pending"}


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
async def test_no_model_answers(url: str, make: Callable[..., Station]) -> None:
    """The address is named."""
    station = make()
    guide(station.folder)
    done = await generate(station, "--docs", "guide", "--model-url", f"{url}/v1", *OUT)
    assert_told(done, 1, ("Nothing answers at the model's address", f"{url}. Start the model server"))
    assert not (station.folder / "a.ipynb").exists()


async def test_wrong_words(make: Callable[..., Station]) -> None:
    """What was called wrongly ends with 2, at once, and touches nothing."""
    station = make()
    guide(station.folder)
    mine = station.folder / "a.ipynb"
    mine.write_text("mine")
    tries: list[tuple[tuple[str, ...], bytes, str]] = [
        (("--docs", "guide", *OUT), b"", "--force"),
        (("--docs", "guide", "--out", "no/such/folder/a.ipynb"), b"", "does not exist"),
        (("--docs", "guide", "--out", "guide"), b"", "is a folder"),
        (("--docs", "guide", "--task", "-"), b"many words " * 10_000, "--task"),
        (("--docs", "guide", "--task", "x" * 100_000), b"", "--task"),
        (("--docs", "guide", "--model-url", "nonsense"), b"", "`url` is wrong"),
        (("--docs", ""), b"", "--docs"),
    ]
    for words, stdin, said in tries:
        done = await generate(station, *words, stdin=stdin)
        assert_told(done, 2, (said,))
    assert mine.read_text() == "mine"


async def test_what_cannot_be_answered(make: Callable[..., Station]) -> None:
    """A model that is not there, examples of nothing, and a task without words: each is told apart."""
    station = make()
    guide(station.folder)
    tries: list[tuple[tuple[str, ...], int, str]] = [
        (
            ("--docs", "guide", "--generator", "model"),
            1,
            "The model is not started. Start it in the panel",
        ),
        ((), 1, "no documentation to take examples from. Add a package"),
        (("--docs", "guide", "--task", "?"), 3, "the task has no word"),
    ]
    for words, code, said in tries:
        assert_told(await generate(station, *words, *OUT), code, (said, "No cells were made"))
    assert not (station.folder / "a.ipynb").exists()


async def test_no_sandbox(make: Callable[..., Station]) -> None:
    """The cells are written, not verified, and the way to a sandbox is named."""
    station = make()
    guide(station.folder)
    done = await generate(station, "--docs", "guide", *OUT)
    assert_told(done, 4, ("No sandbox, so the cells are not run", "not run."))
    assert {cell.metadata.gptoss_lab.verification.status for cell in written(station)} == {"off"}


@pytest.mark.bubblewrap
async def test_no_image(make: Callable[..., Station]) -> None:
    """The one command that builds it is named."""
    station = make(sandbox={"runtime": "bubblewrap"})
    guide(station.folder)
    done = await generate(station, "--docs", "guide", *OUT)
    assert_told(done, 4, ("so the cells are not run", "jupyter gptoss sandbox build python"))
    assert {cell.metadata.gptoss_lab.verification.status for cell in written(station)} == {"off"}


async def test_the_disk_is_full_while_indexing(make: Callable[..., Station]) -> None:
    """No half index stays; with space again the same command works."""
    station = make()
    guide(station.folder)
    for number in range(200):
        (station.folder / "guide" / f"{number}.md").write_text(f"# Page {number}\n\n" + "words of it " * 200)
    # A limit on the size of files fails a write as a full disk does.
    done = await generate(station, "--docs", "guide", "--no-verify", *OUT, before="ulimit -f 64")
    assert_told(done, 1, ("full", "GPTOSS_LAB_DATA_DIR"))
    assert not (station.folder / "a.ipynb").exists()
    assert (await generate(station, "--docs", "guide", "--no-verify", *OUT)).code == 0


async def test_the_disk_is_full_at_the_end(make: Callable[..., Station]) -> None:
    """No half notebook is written, and the cells are not lost: they are printed."""
    station = make()
    guide(station.folder)
    assert (await command(station, "index", "add", "guide")).code == 0
    done = await generate(station, "--docs", "guide", "--no-verify", *OUT, before="ulimit -f 1")
    assert_told(done, 1, ("a.ipynb could not be written",))
    assert not (station.folder / "a.ipynb").exists()
    assert "groups.setdefault" in done.out


@pytest.mark.bubblewrap
async def test_cells_that_do_not_run(make: Callable[..., Station], data_dir: Path) -> None:
    """They are written as pending with their error, and the code says so."""
    ensure_built("bubblewrap", data_dir)
    station = make(sandbox={"runtime": "bubblewrap"})
    station.data.mkdir()
    (station.data / "environments").symlink_to(data_dir / "environments")
    guide(station.folder)
    (station.folder / "guide" / "group.md").write_text(GUIDE.replace("setdefault", "no_such_method"))
    done = await generate(station, "--docs", "./guide", *OUT)
    assert_told(done, 4, ("did not run", "no_such_method", "1 of 2 ran well"))
    cell = [cell for cell in written(station) if cell.cell_type == "code"][-1]
    assert cell.metadata.gptoss_lab.verification.status == "error"
    assert cell.metadata.gptoss_lab.review == "pending"
    assert cell.outputs[0].output_type == "error"
