"""Documentation as a service, with the real child process on small sources."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Literal

import psutil
import pytest

from gptoss_lab.errors import (
    DocumentError,
    NotFoundError,
    SourceRefusedError,
    StorageError,
)
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import DocQuery, DocSource, IndexProgress
from gptoss_lab.services.corpora import CorpusService
from tests.fakes.documents import THEMES, Site, api_page, install_package, inventory, serve

Roots = Sequence[tuple[Path, Literal["sandbox", "server"]]]
CONFIG = DocumentConfig(allow_private_addresses=True, fetch_delay_s=0, fetch_timeout_s=5)
FITS = 0.35
LONG = "x" * 100_000


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[CorpusService]:
    """Return a service with the small package installed beside the server."""
    install_package(tmp_path / "server")
    made = searching(tmp_path)
    yield made
    await made.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Index the small package once for the tests that only search."""
    folder = tmp_path_factory.mktemp("built")
    install_package(folder / "server")
    service = searching(folder)
    info = asyncio.run(service.ensure(DocSource(uri="minitab")))
    return folder, info.id


@pytest.fixture
async def indexed(built: tuple[Path, str], tmp_path: Path) -> AsyncIterator[CorpusService]:
    """Return a service of its own that has the small package indexed already."""
    shutil.copytree(built[0] / "corpora", tmp_path / "corpora")
    made = searching(built[0], tmp_path / "corpora")
    yield made
    await made.close()


def searching(folder: Path, corpora: Path | None = None) -> CorpusService:
    """Return a service over an installation in the folder."""

    async def roots() -> Roots:
        return [(folder / "server", "server")]

    return CorpusService(folder=corpora or folder / "corpora", config=CONFIG, library_roots=roots)


def children() -> set[psutil.Process]:
    """Return the child processes that run, a shared engine's too."""
    below = psutil.Process().children(recursive=True)
    return {item for item in below if item.status() != psutil.STATUS_ZOMBIE}


def leftovers(tmp_path: Path) -> list[str]:
    """Return what lies beside the complete indexes and the names of whose they are."""
    found = [path.name for path in (tmp_path / "corpora").iterdir() if not path.name.endswith(".index")]
    return [name for name in found if name != "holders"]


async def test_a_package_is_indexed_once(service: CorpusService, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first call builds, the second is served from the index and starts no process."""
    steps: list[IndexProgress] = []
    first = await service.ensure(DocSource(uri="mini-tables"), steps.append)
    assert (first.title, first.kind, first.version, first.cached) == ("mini-tables", "package", "1.2", False)
    assert first.symbols > 10
    assert first.examples >= 4
    assert first.size_bytes > 0
    assert {step.step for step in steps} >= {"resolve", "parse", "index", "done"}

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    second = await service.ensure(DocSource(uri="minitab"))
    assert (second.id, second.cached) == (first.id, True)


@pytest.mark.parametrize(
    ("task", "wanted"),
    [
        ("mean of one column grouped by another", "groupby("),
        ("average size per kind", ".mean("),
        ("fit a linear regression and predict", "LinearRegression()"),
        ("cluster points with k-means", "KMeans("),
    ],
)
async def test_tasks_find_their_example(built: tuple[Path, str], task: str, wanted: str) -> None:
    """The best example of a task uses the API that the task is about, and runs by itself."""
    service, corpus = searching(built[0]), built[1]
    best = (await service.examples([corpus], task))[0]
    assert wanted in best.code
    assert best.score >= FITS
    assert best.citation.version == "1.2"
    assert best.citation.symbol
    assert "import" in best.code


@pytest.mark.parametrize("task", ["bake a chocolate cake with strawberries", "asdf qwer", "", "the", LONG])
async def test_nonsense_fits_nothing(built: tuple[Path, str], task: str) -> None:
    """A task that the documentation knows nothing of stays below the threshold."""
    service, corpus = searching(built[0]), built[1]
    assert [item for item in await service.examples([corpus], task) if item.score >= FITS] == []


async def test_symbols_and_passages(built: tuple[Path, str]) -> None:
    """Names are found as code writes them, and named symbols come before what search finds."""
    service, corpus = searching(built[0]), built[1]
    names = [
        "minitab.Table",
        "minitab.core.frames.Table",
        "Table.groupby",
        "LinearRegression",
        "nothing.at.all",
    ]
    found = [symbol.qualname for symbol in await service.symbols([corpus], names)]
    assert found == ["minitab.Table", "minitab.Table.groupby", "minitab.models.LinearRegression"]
    query = DocQuery(
        text="mean per group", symbols=("KMeans",), max_symbol_passages=3, max_narrative_passages=0
    )
    passages = await service.search([corpus], query)
    assert (passages[0].title, passages[0].score) == ("minitab.models.KMeans", 1.0)
    assert len(passages) == 3
    assert any("groupby" in passage.title or "mean" in passage.title for passage in passages[1:])


async def test_a_folder_is_read_again_when_it_changed(service: CorpusService, tmp_path: Path) -> None:
    """Nothing changed means cached; after a change the same corpus has the new text."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("a", "b"):
        (docs / f"{name}.md").write_text(
            f"# Guide {name}\n\nAbout pandas {name}.\n\n```python\nprint('{name}')\n```\n"
        )
    first = await service.ensure(DocSource(uri=str(docs)))
    assert (first.kind, first.examples, first.cached) == ("folder", 2, False)
    assert (await service.ensure(DocSource(uri=str(docs)))).cached
    (docs / "b.md").write_text("# Guide b\n\nAbout rivers.\n")
    second = await service.ensure(DocSource(uri=str(docs)))
    assert (second.id, second.examples, second.cached) == (first.id, 1, False)
    (passage, *_) = await service.search([second.id], DocQuery(text="rivers"))
    assert (passage.title, passage.citation.source) == ("Guide b", "b.md")
    assert leftovers(tmp_path) == []


async def test_a_sphinx_site(service: CorpusService) -> None:
    """The page, the inventory's symbols and the pages that hold most objects; citations can be opened."""
    page = api_page(*THEMES["furo"]).encode()
    site = Site(
        pages={
            "/docs/index.html": b"<html><main><h1>Home</h1><p>Made with Sphinx</p></main>",
            "/docs/stats.html": page,
        }
    )
    site.pages["/docs/objects.inv"] = inventory(
        "mylib.stats.shrink py:function 1 stats.html#$ -", "mylib.gone py:function 1 gone.html#$ -"
    )
    async with serve(site) as base:
        source = DocSource(uri=f"{base}/docs/index.html")
        info = await service.ensure(source)
        assert (info.kind, info.title, info.version) == ("site", "mylib", "3.0")
        assert any("gone.html was left out" in warning for warning in info.warnings)
        names = [symbol.qualname for symbol in await service.symbols([info.id], ["shrink", "mylib.gone"])]
        assert names == ["mylib.stats.shrink", "mylib.gone"]
        (example, *_) = await service.examples([info.id], "shrink values by a rate")
        assert example.citation.link == f"{base}/docs/stats.html"
        asked = len(site.asked)
        assert (await service.ensure(source)).cached
        assert len(site.asked) == asked


async def test_private_addresses_are_refused_by_default(tmp_path: Path) -> None:
    """The service refuses this machine unless it was told otherwise."""
    service = CorpusService(folder=tmp_path / "corpora", config=DocumentConfig())
    with pytest.raises(SourceRefusedError, match="not a public address"):
        await service.ensure(DocSource(uri="http://localhost:9/x"))


async def test_concurrent_calls_share_one_run(
    service: CorpusService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two calls for one source start one process, and one of them may be cancelled."""
    started: list[object] = []
    real = asyncio.create_subprocess_exec

    async def counted(*args: str, **options: object) -> asyncio.subprocess.Process:
        started.append(args)
        return await real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", counted)
    calls = [asyncio.create_task(service.ensure(DocSource(uri="minitab"))) for _ in range(3)]
    await asyncio.sleep(0.05)
    calls[0].cancel()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1] == results[2]
    assert len(started) == 1


async def test_cancel_kills_the_child(service: CorpusService, tmp_path: Path) -> None:
    """A cancelled call leaves no process and no file."""
    running, others = asyncio.Event(), children()
    call = asyncio.create_task(
        service.ensure(DocSource(uri="minitab"), lambda step: running.set() if step.step == "parse" else None)
    )
    await asyncio.wait_for(running.wait(), 20)
    assert children() - others
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert children() - others == set()
    assert leftovers(tmp_path) == []
    assert await service.list() == []


async def test_a_full_disk_leaves_nothing(
    service: CorpusService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that fails for want of space is a StorageError, and no half index stays."""
    real = asyncio.create_subprocess_exec

    async def limited(*args: str, **options: object) -> asyncio.subprocess.Process:
        # A limit on the size of files fails a write as a full disk does.
        return await real("sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", limited)
    with pytest.raises(StorageError):
        await service.ensure(DocSource(uri="minitab"))
    assert leftovers(tmp_path) == []
    assert await service.list() == []


async def test_a_damaged_index_is_built_again(indexed: CorpusService, tmp_path: Path) -> None:
    """A file that is no index counts as absent; asked directly it is an error with a hint."""
    info = await indexed.ensure(DocSource(uri="minitab"))
    path = tmp_path / "corpora" / f"{info.id}.index"
    path.write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(DocumentError, match="cannot be read"):
        await indexed.examples([info.id], "mean")
    assert not (await indexed.ensure(DocSource(uri="minitab"))).cached
    assert await indexed.examples([info.id], "mean")


async def test_two_processes_do_not_harm_each_other(tmp_path: Path) -> None:
    """Two services on one folder build the same index at the same time, and it is whole."""
    install_package(tmp_path / "server")
    both = [searching(tmp_path) for _ in range(2)]
    one, two = await asyncio.gather(*(item.ensure(DocSource(uri="minitab")) for item in both))
    assert one.id == two.id
    with sqlite3.connect(tmp_path / "corpora" / f"{one.id}.index") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    assert leftovers(tmp_path) == []


async def test_list_and_remove(indexed: CorpusService) -> None:
    """What was indexed is listed, and gone after its removal; ids are no paths."""
    info = await indexed.ensure(DocSource(uri="minitab"))
    assert [item.id for item in await indexed.list()] == [info.id]
    await indexed.remove(info.id)
    assert await indexed.list() == []
    for corpus in (info.id, "../x", ""):
        with pytest.raises(NotFoundError):
            await indexed.remove(corpus)
        with pytest.raises(NotFoundError):
            await indexed.search([corpus], DocQuery(text="x"))


async def test_refresh_builds_again(indexed: CorpusService) -> None:
    """A refresh does not trust the index."""
    assert (await indexed.ensure(DocSource(uri="minitab"))).cached
    assert not (await indexed.ensure(DocSource(uri="minitab"), refresh=True)).cached
