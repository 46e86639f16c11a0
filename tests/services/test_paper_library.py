"""Papers as a service: from files, arXiv, DOIs and addresses, kept once read."""

from __future__ import annotations

import asyncio
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gptoss_lab.errors import DocumentError, SourceLimitError, SourceNotFoundError, SourceRefusedError
from gptoss_lab.schemas.config import DocumentConfig, PaperConfig
from gptoss_lab.schemas.papers import Paper, PaperAsk
from gptoss_lab.services.paper_library import PaperLibrary
from tests.fakes.documents import Site, serve
from tests.papers.pdf_pages import pdf, shown

TEX = b"\\documentclass{article}\\title{Small}\\begin{document}\nWords of the paper.\n\\end{document}\n"
HTML = b"<html><body><h1>Page</h1><p>Words of the page.</p></body></html>"
PDF = pdf([shown("Words of a paper that is printed here.", 72, 700)])
ID = "2401.01234"


def tar() -> bytes:
    """Return the source of a paper."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        member = tarfile.TarInfo("main.tex")
        member.size = len(TEX)
        archive.addfile(member, io.BytesIO(TEX))
    return data.getvalue()


Make = Callable[..., PaperLibrary]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder of the server."""
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def make(tmp_path: Path, root: Path) -> Make:
    """Return a way to make a library; all addresses lie on this machine."""

    def library(base: str = "http://127.0.0.1:1", **changes: object) -> PaperLibrary:
        documents = DocumentConfig(allow_private_addresses=True, fetch_delay_s=0, fetch_timeout_s=30)
        papers = PaperConfig(arxiv_url=base, ar5iv_url=f"{base}/ar5iv", doi_url=f"{base}/doi")
        return PaperLibrary(
            folder=tmp_path / "data" / "papers",
            root=root,
            documents=documents,
            papers=papers.model_copy(update=changes),
        )

    return library


def silent(_detail: str, _done: int, _total: int) -> None:
    """Take a step and do nothing."""


async def read(library: PaperLibrary, uri: str, **ask: object) -> Paper:
    """Read a paper."""
    return await library.read(PaperAsk.model_validate({"uri": uri, **ask}), silent)


async def test_a_file_is_read_once(make: Make, root: Path, tmp_path: Path) -> None:
    """The second time it comes from the store; a change is seen."""
    (root / "sub").mkdir()
    (root / "sub" / "a.tex").write_bytes(TEX)
    steps: list[str] = []
    library = make()
    first = await library.read(PaperAsk(uri="sub/a.tex"), lambda detail, *_: steps.append(detail))
    assert (first.title, first.files, first.uri) == ("Small", ("sub/a.tex",), "sub/a.tex")
    assert steps
    steps.clear()
    again = await make().read(PaperAsk(uri="sub/a.tex"), lambda detail, *_: steps.append(detail))
    assert again == first
    assert not steps
    (root / "sub" / "a.tex").write_bytes(TEX.replace(b"Small", b"Other"))
    assert (await read(library, "sub/a.tex")).title == "Other"
    assert not list((tmp_path / "data" / "papers").glob(".tmp-*"))


@pytest.mark.parametrize("uri", ["../out.tex", "link.tex", "sub/../../out.tex", ".hidden/a.tex", "{out}"])
async def test_nothing_outside_the_server_is_read(make: Make, root: Path, tmp_path: Path, uri: str) -> None:
    """Above, through a link, absolute, or hidden."""
    (tmp_path / "out.tex").write_bytes(TEX)
    (root / "link.tex").symlink_to(tmp_path / "out.tex")
    (root / ".hidden").mkdir()
    (root / ".hidden" / "a.tex").write_bytes(TEX)
    with pytest.raises(SourceRefusedError):
        await read(make(), uri.format(out=tmp_path / "out.tex"))


async def test_a_command_line_reads_every_file(tmp_path: Path) -> None:
    """That its person can read."""
    (tmp_path / "out.tex").write_bytes(TEX)
    library = PaperLibrary(
        folder=tmp_path / "papers", root=None, documents=DocumentConfig(), papers=PaperConfig()
    )
    assert (await read(library, str(tmp_path / "out.tex"))).title == "Small"


@pytest.mark.parametrize("uri", ["none.pdf", "a\0b", "x" * 4000])
async def test_a_file_that_is_not_there_is_not_found(make: Make, uri: str) -> None:
    """However it is spelled."""
    with pytest.raises(SourceNotFoundError):
        await read(make(), uri)


async def test_what_is_no_file_or_too_large_is_refused(make: Make, root: Path, tmp_path: Path) -> None:
    """A pipe would never end."""
    os.mkfifo(root / "a.tex")
    with pytest.raises(SourceRefusedError):
        await read(make(), "a.tex")
    (root / "b.tex").write_bytes(TEX)
    small = PaperLibrary(
        folder=tmp_path / "papers",
        root=root,
        documents=DocumentConfig(max_file_bytes=5),
        papers=PaperConfig(),
    )
    with pytest.raises(SourceLimitError):
        await read(small, "b.tex")


async def test_the_source_at_arxiv_is_taken_first(make: Make) -> None:
    """And it is said which was read."""
    async with serve(Site(pages={f"/e-print/{ID}": tar()})) as base:
        paper = await read(make(base), f"arXiv:{ID}")
    assert (paper.form, paper.title, paper.files) == ("latex", "Small", ())
    assert paper.warnings == ("Read from the LaTeX source at arXiv",)


@pytest.mark.parametrize(
    ("pages", "form", "source", "missed"),
    [
        ({f"/html/{ID}": HTML}, "html", "the HTML page at arXiv", 1),
        ({f"/ar5iv/html/{ID}": HTML}, "html", "the HTML page at ar5iv", 2),
        ({f"/pdf/{ID}": PDF}, "pdf", "the PDF at arXiv", 3),
        ({f"/e-print/{ID}": b"\x1f\x8bbroken", f"/pdf/{ID}": PDF}, "pdf", "the PDF at arXiv", 3),
    ],
)
async def test_then_pages_and_the_pdf(
    make: Make, pages: dict[str, bytes], form: str, source: str, missed: int
) -> None:
    """And why those before were not is said."""
    async with serve(Site(pages=pages)) as base:
        paper = await read(make(base), f"https://arxiv.org/abs/{ID}")
    assert paper.form == form
    assert paper.warnings[0] == f"Read from {source}"
    assert len([note for note in paper.warnings if "was not used: " in note]) == missed


async def test_a_source_that_is_a_pdf_is_read_as_one(make: Make) -> None:
    """Some authors send no LaTeX."""
    async with serve(Site(pages={f"/e-print/{ID}": PDF})) as base:
        assert (await read(make(base), ID)).form == "pdf"


async def test_a_form_can_be_chosen(make: Make) -> None:
    """Nothing else is asked for."""
    site = Site(pages={f"/e-print/{ID}": tar(), f"/pdf/{ID}": PDF})
    async with serve(site) as base:
        assert (await read(make(base), ID, form="pdf")).form == "pdf"
    assert [path for path in site.asked if "e-print" in str(path)] == []


async def test_what_was_fetched_is_not_fetched_again(make: Make) -> None:
    """For a while; with what was said before."""
    site = Site(pages={f"/e-print/{ID}": tar()})
    async with serve(site) as base:
        first = await read(make(base), ID)
        count = len(site.asked)
        again = await read(make(base), ID)
        assert len(site.asked) == count
        assert again == first
        await read(make(base, fresh_s=0), ID)
        assert len(site.asked) > count


async def test_a_paper_that_cannot_be_had_says_why(make: Make) -> None:
    """Each place with its reason."""
    async with serve(Site(pages={})) as base:
        with pytest.raises(
            SourceNotFoundError, match="cannot be had: The LaTeX source at arXiv was not used"
        ):
            await read(make(base), ID)


async def test_a_doi_leads_to_the_pdf_that_its_page_names(make: Make) -> None:
    """Where the publisher names one; else the page is read."""
    page = b'<html><meta name="citation_pdf_url" content="/x.pdf"><p>Abstract only.</p></html>'
    pages = {"/doi/10.1234/x": page}
    async with serve(Site(pages={**pages, "/x.pdf": PDF})) as base:
        assert (await read(make(base), "doi:10.1234/x")).form == "pdf"
    async with serve(Site(pages=pages)) as base:
        paper = await read(make(base, fresh_s=0), "doi:10.1234/x")
    assert paper.form == "html"
    assert "The PDF that the page names was not used" in paper.warnings[0]


async def test_an_address_is_fetched_and_private_ones_are_refused(make: Make, tmp_path: Path) -> None:
    """By the same rules as documentation."""
    site = Site(pages={"/paper.pdf": PDF, "/paper": HTML})
    async with serve(site) as base:
        assert (await read(make(base), f"{base}/paper.pdf")).form == "pdf"
        assert (await read(make(base), f"{base}/paper")).title == "Page"
        strict = PaperLibrary(
            folder=tmp_path / "strict", root=tmp_path, documents=DocumentConfig(), papers=PaperConfig()
        )
        with pytest.raises(SourceRefusedError, match="not a public address"):
            await read(strict, f"{base}/paper.pdf")


async def test_cancel_leaves_nothing(make: Make, root: Path, tmp_path: Path) -> None:
    """No process and no folder."""
    (root / "a.tex").write_bytes(TEX)
    started = asyncio.Event()
    call = asyncio.create_task(make().read(PaperAsk(uri="a.tex"), lambda *_: started.set()))
    await asyncio.wait_for(started.wait(), 60)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert not list((tmp_path / "data" / "papers").glob(".tmp-*"))


async def test_a_paper_that_cannot_be_read_is_not_kept(make: Make, root: Path) -> None:
    """It is tried again."""
    (root / "a.pdf").write_bytes(b"%PDF-1.4 broken")
    with pytest.raises(DocumentError):
        await read(make(), "a.pdf")
    (root / "a.pdf").write_bytes(PDF)
    assert (await read(make(), "a.pdf")).pages == 1
