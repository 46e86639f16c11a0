"""From a job to an index, in this process."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gptoss_lab.documents import PARSER_VERSION, build_pages
from gptoss_lab.documents import built as shared
from gptoss_lab.documents.blocks import Page
from gptoss_lab.documents.build import build
from gptoss_lab.documents.index_reader import open_index
from gptoss_lab.documents.jobs import FileToRead, ParseJob, ParseResult
from gptoss_lab.documents.packages import find_package
from gptoss_lab.errors import DocumentError
from gptoss_lab.schemas.documents import IndexProgress
from tests.fakes.documents import install_package, inventory


def file(path: Path, text: str | bytes = "") -> FileToRead:
    """Write a file and return what a job says of it."""
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(data)
    media = {".md": "markdown", ".pdf": "pdf", ".html": "html"}[path.suffix]
    return FileToRead.model_validate({
        "path": path.name, "location": str(path), "sha256": hashlib.sha256(data).hexdigest(), "media": media
    })  # fmt: skip


def guide(name: str) -> str:
    """Return a page with one example."""
    return f"# Guide {name}\n\nAbout {name}.\n\n```python\nprint('{name}')\n```\n"


def built(output: Path, *files: FileToRead, **more: str) -> tuple[ParseResult, list[IndexProgress]]:
    """Build the index of some files; return the result and the steps."""
    steps: list[IndexProgress] = []
    job = ParseJob.model_validate({
        "source": "x",
        "title": "x",
        "output": str(output),
        "files": files,
        **more,
    })
    return build(job, steps.append), steps


def test_a_package_is_built_with_its_version(tmp_path: Path) -> None:
    """Its symbols, chunks and examples are counted and can be searched."""
    install_package(tmp_path / "server")
    package = find_package("minitab", [(tmp_path / "server", "server")])
    steps: list[IndexProgress] = []
    job = ParseJob(source="minitab", title="x", version="1.2", output=str(tmp_path / "out"), package=package)
    result = build(job, steps.append)
    assert result.symbols > 10
    assert result.examples >= 4
    assert [step.step for step in steps][-1] == "index"
    with open_index(tmp_path / "out", "x") as reader:
        meta = reader.meta()
        counts = [int(meta.pop(name)) for name in ("tokens", "chunks", "symbols", "examples")]
        assert min(counts) > 0
        assert meta == {"parser": str(PARSER_VERSION), "version": "1.2", "validators": "{}"}
        assert reader.symbols(["KMeans"])[0].qualname == "minitab.models.KMeans"


def test_only_changed_files_are_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stayed comes from the older index, what went is gone, and what changed is read."""
    files = [file(tmp_path / f"{name}.md", guide(name)) for name in ("a", "b", "c")]
    assert built(tmp_path / "one", *files)[0].examples == 3
    changed = file(tmp_path / "b.md", "# Guide b\n\nAbout rivers.\n")
    read: list[str] = []
    real = build_pages._Build._parse

    def counted(build: build_pages._Build, item: FileToRead) -> Page | None:
        read.append(item.path)
        return real(build, item)

    monkeypatch.setattr(build_pages._Build, "_parse", counted)
    result, _ = built(tmp_path / "two", files[0], changed, previous=str(tmp_path / "one"))
    assert (result.examples, read) == (1, ["b.md"])
    with open_index(tmp_path / "two", "x") as reader:
        (found, *_) = reader.search("rivers", "narrative", 3)
        assert (found.title, found.citation.source) == ("Guide b", "b.md")
        assert set(reader.files()) == {"a.md", "b.md"}


def test_an_index_of_other_parsers_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of the parsers every file is read again."""
    files = [file(tmp_path / "a.md", guide("a"))]
    monkeypatch.setattr(shared, "PARSER_VERSION", PARSER_VERSION - 1)
    built(tmp_path / "one", *files)
    monkeypatch.undo()
    (tmp_path / "a.md").write_text(guide("a") + "\n```python\nprint('more')\n```\n\nwords\n")
    result, _ = built(tmp_path / "two", *files, previous=str(tmp_path / "one"))
    with open_index(tmp_path / "two", "x") as reader:
        assert "more" in reader.search("more guide", "narrative", 1)[0].text
    assert result.warnings == ()


def test_a_broken_file_among_others_is_a_warning(tmp_path: Path) -> None:
    """One bad file does not lose the folder; alone it is the error, and no index is begun."""
    good, bad = file(tmp_path / "a.md", guide("a")), file(tmp_path / "b.pdf", b"%PDF-1.4 broken")
    result, steps = built(tmp_path / "out", good, bad)
    assert [warning[:18] for warning in result.warnings] == ["b.pdf was left out"]
    assert [(step.detail, step.done, step.total) for step in steps if step.step == "parse"] == [
        ("a.md", 0, 2),
        ("b.pdf", 1, 2),
    ]
    with pytest.raises(DocumentError, match="not a PDF that can be read"):
        built(tmp_path / "none", bad)
    assert not (tmp_path / "none").exists()


def test_a_file_that_went_away_is_a_warning(tmp_path: Path) -> None:
    """Folders change while they are read."""
    kept, gone = file(tmp_path / "a.md", guide("a")), file(tmp_path / "b.md", guide("b"))
    (tmp_path / "b.md").unlink()
    assert "b.md does not exist any more" in built(tmp_path / "out", kept, gone)[0].warnings[0]


def test_nothing_to_read_is_an_error_that_says_why(tmp_path: Path) -> None:
    """Empty pages make no index."""
    with pytest.raises(DocumentError, match="Nothing to read was found in x") as caught:
        built(tmp_path / "out", file(tmp_path / "a.md"), file(tmp_path / "b.md", "\n\n"))
    assert "notebooks" in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_an_inventory_adds_names_that_no_page_describes(tmp_path: Path) -> None:
    """Pages know more of an object than the inventory, which knows of more objects."""
    page = b"""<main><h1>x</h1><dl class="py function"><dt id="lib.f">lib.f(x)</dt>
    <dd><p>Do it.</p></dd></dl></main>"""
    (tmp_path / "objects.inv").write_bytes(
        inventory("lib.f py:function 1 a.html#$ -", "lib.g py:function 1 b.html#$ -")
    )
    built(tmp_path / "out", file(tmp_path / "a.html", page), inventory=str(tmp_path / "objects.inv"))
    with open_index(tmp_path / "out", "x") as reader:
        found = reader.symbols(["lib.f", "lib.g"])
    assert [(item.qualname, item.summary) for item in found] == [("lib.f", "Do it."), ("lib.g", "")]


def test_many_warnings_are_cut(tmp_path: Path) -> None:
    """A folder full of broken files says so in a few lines."""
    bad = [file(tmp_path / f"{number}.pdf", b"%PDF-") for number in range(30)]
    assert len(built(tmp_path / "out", file(tmp_path / "a.md", guide("a")), *bad)[0].warnings) == 20
