"""R packages as a source, with a fake R and the real child process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from gptoss_lab.documents.r_help import PAGES_AT_ONCE, RPage
from gptoss_lab.documents.r_source import is_r_name, named_r_package
from gptoss_lab.documents.resolve import kind_of
from gptoss_lab.errors import DocumentError, SourceLimitError, SourceNotFoundError
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import DocQuery, DocSource, IndexProgress
from gptoss_lab.services.corpora import CorpusService
from tests.documents.test_r_records import SHRINK
from tests.fakes.r_library import IMAGE, FakeRLibrary

SOURCE = DocSource(uri="r:mini")


def serving(
    folder: Path, library: FakeRLibrary | None, config: DocumentConfig | None = None
) -> CorpusService:
    """Return a service whose sandbox has this R."""
    return CorpusService(folder=folder / "corpora", config=config or DocumentConfig(), r_library=library)


def left(folder: Path) -> list[str]:
    """Return what an index that did not come to be left behind."""
    return [path.name for path in folder.glob("corpora/*")]


def pages(count: int) -> Sequence[RPage]:
    """Return pages that differ by name."""
    return [SHRINK.model_copy(update={"name": f"shrink{number}"}) for number in range(count)]


@pytest.mark.parametrize("uri", ["r:stats", " r:data.table ", "r: base", "r:no-such"])
def test_a_source_with_the_prefix_is_an_r_package(uri: str) -> None:
    """Whether there is one is asked later."""
    assert named_r_package(uri)
    assert kind_of(DocSource(uri=uri)) == "r-package"


@pytest.mark.parametrize("uri", ["r", "R:", "r:", "r:/stats", "rr:stats"])
def test_other_texts_are_none(uri: str) -> None:
    """Nor does every text that begins so name one."""
    assert not named_r_package(uri)


def test_names_that_r_allows() -> None:
    """Letters, digits and dots."""
    assert is_r_name("data.table")
    assert not is_r_name("scikit-learn")


async def test_it_is_indexed_once_per_version(tmp_path: Path) -> None:
    """What is found is R, cited with the version; nothing is asked again until the package changes."""
    library = FakeRLibrary({"mini": [SHRINK]})
    service = serving(tmp_path, library)
    info = await service.ensure(SOURCE)
    assert (info.title, info.kind, info.version, info.cached) == ("mini", "r-package", "1.2", False)
    (example, *_) = await service.examples([info.id], "shrink values", language="r")
    assert (example.language, example.citation.symbol, example.citation.version) == (
        "r",
        "mini::shrink",
        "1.2",
    )
    assert await service.examples([info.id], "shrink values") == []
    symbols = await service.symbols([info.id], ["shrink", "mini::shrink2", "print.shrunk"])
    assert [one.qualname for one in symbols] == ["mini::shrink", "mini::shrink2"]
    query = DocQuery(text="x", symbols=("mini::shrink2",), language="r")
    assert (await service.search([info.id], query))[0].title == "mini::shrink"
    again = await service.ensure(DocSource(kind="r-package", uri="mini"))
    assert (again.id, again.cached, len(library.asked)) == (info.id, True, 1)
    library.held = IMAGE.model_copy(update={"packages": {"mini": "1.3"}})
    newer = await service.ensure(SOURCE)
    assert (newer.id, newer.cached, newer.version) == (info.id, False, "1.3")
    await service.close()


async def test_many_pages_are_asked_some_at_a_time(tmp_path: Path) -> None:
    """Progress is told meanwhile, and the limit on pages holds with a warning."""
    library = FakeRLibrary({"mini": pages(2 * PAGES_AT_ONCE)})
    service = serving(tmp_path, library, DocumentConfig(max_pages=PAGES_AT_ONCE + 10))
    told: list[IndexProgress] = []
    info = await service.ensure(SOURCE, told.append)
    assert [(ask["from"], ask["count"]) for ask in library.asked] == [
        (1, PAGES_AT_ONCE),
        (PAGES_AT_ONCE + 1, 10),
    ]
    assert any(step.step == "read" and step.done and step.total for step in told)
    assert info.warnings == (
        f"{PAGES_AT_ONCE + 10} of the {2 * PAGES_AT_ONCE} help pages of mini were read.",
    )
    await service.close()


@pytest.mark.parametrize(
    ("uri", "hint"),
    [("r:ggplt2", "r:ggplot2"), ("r:zzzz", "sandbox"), ("r:no-such", "spelling"), ("r:a; b", "spelling")],
)
async def test_an_unknown_package_is_told_with_what_is_near(tmp_path: Path, uri: str, hint: str) -> None:
    """Nothing is started for it."""
    library = FakeRLibrary({})
    with pytest.raises(SourceNotFoundError, match="holds no package") as caught:
        await serving(tmp_path, library).ensure(DocSource(uri=uri))
    assert hint in caught.value.hint
    assert library.asked == []


@pytest.mark.parametrize("library", [None, FakeRLibrary({}, held=None)])
async def test_without_an_r_it_says_how_to_get_one(tmp_path: Path, library: FakeRLibrary | None) -> None:
    """The command is in the hint."""
    with pytest.raises(SourceNotFoundError, match="no R environment") as caught:
        await serving(tmp_path, library).ensure(SOURCE)
    assert "sandbox build r" in caught.value.hint


async def test_a_sandbox_that_fails_is_told(tmp_path: Path) -> None:
    """With its own words."""
    with pytest.raises(DocumentError, match="mini could not be read: it fell over"):
        await serving(tmp_path, FakeRLibrary({}, problem="it fell over")).ensure(SOURCE)
    assert left(tmp_path) == []


async def test_help_without_end_is_cut_off(tmp_path: Path) -> None:
    """The limit on what is read of a source holds here, too."""
    service = serving(tmp_path, FakeRLibrary({"mini": pages(9)}), DocumentConfig(max_total_bytes=1000))
    with pytest.raises(SourceLimitError, match="over"):
        await service.ensure(SOURCE)


async def test_it_can_be_cancelled_while_r_reads(tmp_path: Path) -> None:
    """Nothing is left of it."""
    library = FakeRLibrary({}, slow=True)
    work = asyncio.ensure_future(serving(tmp_path, library).ensure(SOURCE))
    await asyncio.wait_for(library.heard.wait(), 30)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert left(tmp_path) == []


async def test_a_package_with_nothing_is_an_error(tmp_path: Path) -> None:
    """Neither help nor names: there is nothing to index."""
    with pytest.raises(DocumentError, match="Nothing to read"):
        await serving(tmp_path, FakeRLibrary({})).ensure(DocSource(uri="r:empty"))
