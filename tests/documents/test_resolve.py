"""From a name to what it stands for, and to a job or a fresh index."""

from __future__ import annotations

from pathlib import Path

import pytest

from gptoss_lab.documents.jobs import ParseJob
from gptoss_lab.documents.packages import Origin
from gptoss_lab.documents.prepared import Prepared
from gptoss_lab.documents.resolve import kind_of, local_path, prepare
from gptoss_lab.documents.store import IndexStore
from gptoss_lab.errors import DocumentError, SourceNotFoundError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import DocSource, IndexProgress
from tests.fakes.documents import install_package

Roots = list[tuple[Path, Origin]]


@pytest.fixture
def roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Roots:
    """Return an installation that holds the small package, and stand in an empty folder."""
    install_package(tmp_path / "server")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return [(tmp_path / "server", "server")]


async def prepared(source: DocSource, roots: Roots, steps: list[IndexProgress] | None = None) -> Prepared:
    """Return what must be done for a source; its index folder lies beside the installation."""
    store = IndexStore(roots[0][0].parent / "corpora")
    store.prepare()
    kept = steps if steps is not None else []
    async with prepare(source, roots, DocumentConfig(), store, kept.append, refresh=False) as found:
        return found


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("minitab", "package"),
        ("mini-tables", "package"),
        (" minitab ", "package"),
        ("no-such-package", "package"),
        ("https://x.org/a", "url"),
        ("HTTP://x.org", "url"),
        ("guide", "folder"),
        ("./guide", "folder"),
        ("page.md", "file"),
    ],
)
def test_kinds_are_told_from_text_and_disk(roots: Roots, uri: str, kind: str) -> None:
    """Addresses, installed names, folders and files; an unknown name is a package that is not there."""
    Path("guide").mkdir()
    Path("page.md").write_text("words")
    assert kind_of(DocSource(uri=uri), roots) == kind


@pytest.mark.parametrize(
    ("uri", "kind"),
    [("minitab", "package"), ("./minitab", "folder"), ("minitab/", "folder"), ("mini-tables", "package")],
)
def test_a_bare_installed_name_is_the_package(roots: Roots, uri: str, kind: str) -> None:
    """A folder that is called like an installed package is written with a separator."""
    for name in ("minitab", "mini-tables"):
        Path(name).mkdir()
    assert kind_of(DocSource(uri=uri), roots) == kind
    assert kind_of(DocSource(uri=str(Path("minitab").absolute())), roots) == "folder"
    assert kind_of(DocSource(uri="minitab"), []) == "folder"


def test_a_stated_kind_is_believed(roots: Roots) -> None:
    """Nothing is guessed where the person said what it is."""
    assert kind_of(DocSource(kind="folder", uri="minitab"), roots) == "folder"


@pytest.mark.parametrize("uri", ["~\u00fa/x", "/" + "x" * 4000], ids=["nobody", "long"])
def test_a_path_that_no_file_can_have_is_told(roots: Roots, uri: str) -> None:
    """The home of nobody, a name that is too long: a sentence, not a fault."""
    with pytest.raises(SourceNotFoundError, match="nothing at"):
        kind_of(DocSource(uri=uri), roots)


def test_a_file_is_a_file_whatever_is_installed(roots: Roots) -> None:
    """A name that ends as documentation does is looked for on the disk."""
    with pytest.raises(SourceNotFoundError, match="no file or folder"):
        kind_of(DocSource(uri="minitab.md"), roots)


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("./no/such/folder", SourceNotFoundError),
        ("~/none-of-this", SourceNotFoundError),
        ("missing.pdf", SourceNotFoundError),
        ("ftp://example.org/x", SourceRefusedError),
        ("x" * 4000, SourceNotFoundError),
    ],
)
def test_what_cannot_be_a_source_is_refused_with_a_hint(
    roots: Roots, uri: str, kind: type[DocumentError]
) -> None:
    """Paths to nothing, other schemes and impossible names each say what to do."""
    with pytest.raises(kind) as caught:
        kind_of(DocSource(uri=uri), roots)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("uri", "kind", "error"),
    [
        ("no-such-package", "auto", SourceNotFoundError),
        ("a\0b", "auto", SourceNotFoundError),
        ("http://[::1", "auto", SourceRefusedError),
        ("/dev/null", "auto", SourceRefusedError),
        ("nowhere", "folder", SourceNotFoundError),
    ],
)
async def test_what_is_not_there_is_said(
    roots: Roots, uri: str, kind: str, error: type[DocumentError]
) -> None:
    """A missing package or folder, a broken address and a device are errors with a hint."""
    with pytest.raises(error) as caught:
        await prepared(DocSource.model_validate({"kind": kind, "uri": uri}), roots)
    assert caught.value.hint


def test_addresses_of_files_and_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file: address is decoded, and a tilde means what it means in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert local_path("file:///a/b%20c.md") == Path("/a/b c.md")
    assert local_path("~/a.md") == tmp_path / "a.md"


async def test_a_package_beside_a_folder_is_told(roots: Roots, tmp_path: Path) -> None:
    """Progress names the folder that was not read, so that nobody is surprised."""
    (tmp_path / "here/minitab").mkdir()
    steps: list[IndexProgress] = []
    found = await prepared(DocSource(uri="minitab"), roots, steps)
    assert (found.kind, found.job.title, found.job.version) == ("package", "mini-tables", "1.2")
    assert [step.detail for step in steps] == [
        "the installed package mini-tables; the folder here is ./minitab"
    ]


async def test_the_sandbox_copy_comes_first(roots: Roots, tmp_path: Path) -> None:
    """With the server's alone there is a warning; with both the sandbox's version is taken."""
    both: Roots = [*roots, (tmp_path / "sandbox", "sandbox")]
    (tmp_path / "sandbox").mkdir()
    found = await prepared(DocSource(uri="minitab"), both)
    assert "The sandbox does not hold mini-tables" in found.warnings[0]
    install_package(tmp_path / "sandbox", version="2.0")
    found = await prepared(DocSource(uri="minitab"), both)
    assert (found.job.version, found.warnings) == ("2.0", ())


async def test_a_folder_becomes_a_job_with_its_inventory(roots: Roots, tmp_path: Path) -> None:
    """Its files, its objects.inv unless that is a link, and one id per place."""
    docs = tmp_path / "here/docs"
    docs.mkdir()
    (docs / "a.md").write_text("words")
    (docs / "objects.inv").write_bytes(b"x")
    found = await prepared(DocSource(uri="docs"), roots)
    job: ParseJob = found.job
    assert [file.path for file in job.files] == ["a.md"]
    assert job.inventory == str(docs / "objects.inv")
    assert found.cached is None
    again = await prepared(DocSource(uri=str(docs)), roots)
    assert (again.id, again.sha256) == (found.id, found.sha256)
    (docs / "objects.inv").unlink()
    (docs / "objects.inv").symlink_to("/etc/hostname")
    assert (await prepared(DocSource(uri="docs"), roots)).job.inventory == ""


async def test_fetched_pages_go_with_the_context(roots: Roots, tmp_path: Path) -> None:
    """Nothing stays in the folder of indexes when a source was only looked at."""
    await prepared(DocSource(uri="minitab"), roots)
    assert list((tmp_path / "corpora").iterdir()) == []
