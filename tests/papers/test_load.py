"""Loading what a person has: files, folders and archives, hostile ones too."""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from gptoss_lab.errors import DocumentError, SourceLimitError, SourceRefusedError
from gptoss_lab.papers.jobs import Form, ReadJob
from gptoss_lab.papers.load import load
from gptoss_lab.schemas.papers import Paper
from tests.papers.pdf_pages import pdf, shown

SOURCE = Path(__file__).parent / "source"
TEX = "\\documentclass{article}\\title{Small}\\begin{document}\nWords of the paper.\n\\end{document}\n"
PDF = pdf([shown("Words of a paper that is printed here.", 72, 700)])


def read(tmp_path: Path, location: Path, *, form: Form = "auto", **limits: int) -> Paper:
    """Load a paper."""
    folder = tmp_path / "work"
    folder.mkdir(exist_ok=True)
    job = ReadJob(
        id="p1",
        uri="u",
        location=str(location),
        name=location.name,
        shown=f"in/{location.name}",
        form=form,
        folder=str(folder),
    )
    return load(job.model_copy(update=limits), lambda *_: None)


def zipped(tmp_path: Path, files: Mapping[str, bytes | str]) -> Path:
    """Return a zip with these files."""
    path = tmp_path / "paper.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(tmp_path: Path, files: Mapping[str, bytes], *, links: Mapping[str, str] | None = None) -> Path:
    """Return a compressed tar with these files and links."""
    path = tmp_path / "paper.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return path


@pytest.mark.parametrize(
    ("name", "form"), [("ridge/main.tex", "latex"), ("ridge.html", "html"), ("ridge", "latex")]
)
def test_files_and_folders_are_read(tmp_path: Path, name: str, form: str) -> None:
    """Each in its form."""
    paper = read(tmp_path, SOURCE / name)
    assert (paper.form, paper.title, paper.id) == (form, "Ridge Paths by Warm Starts", "p1")
    assert paper.lost


def test_an_archive_of_latex_is_read_from_the_file_that_is_whole(tmp_path: Path) -> None:
    """Not from a part, a reply to referees or a supplement."""
    files = {
        "aaa.tex": b"part",
        "supplement.tex": TEX.replace("Small", "Extra").encode() * 2,
        "src/main.tex": TEX.encode(),
        "figures/plot.pdf": PDF,
    }
    paper = read(tmp_path, tarred(tmp_path, files))
    assert (paper.title, paper.form) == ("Small", "latex")


def test_a_supplement_gives_its_paper_and_names_its_code(tmp_path: Path) -> None:
    """The archive is what a person opens."""
    path = zipped(
        tmp_path, {"x/paper.pdf": PDF, "x/code/fit.R": "lm(y ~ x)", "x/data.csv": "a,b", "x/note.txt": "n"}
    )
    paper = read(tmp_path, path)
    assert paper.form == "pdf"
    assert paper.files == ("in/paper.zip", "in/paper.zip/x/code/fit.R", "in/paper.zip/x/data.csv")


def test_a_form_is_chosen(tmp_path: Path) -> None:
    """Where there are several; one that is not there is named."""
    path = zipped(tmp_path, {"main.tex": TEX, "main.pdf": PDF})
    assert read(tmp_path, path, form="pdf").form == "pdf"
    shutil.rmtree(tmp_path / "work")
    with pytest.raises(DocumentError, match="holds no paper in HTML"):
        read(tmp_path, path, form="html")


def test_one_compressed_file_is_read(tmp_path: Path) -> None:
    """As arXiv sends papers of one file."""
    path = tmp_path / "2401.00001.gz"
    path.write_bytes(gzip.compress(TEX.encode()))
    assert read(tmp_path, path).title == "Small"
    shutil.rmtree(tmp_path / "work")
    path.write_bytes(gzip.compress(PDF))
    assert read(tmp_path, path).form == "pdf"


OUTSIDE = ["../out.tex", "/srv/out.tex", "a/../../out.tex", "C:\\out.tex", "..\\out.tex"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_is_unpacked_outside(tmp_path: Path, name: str) -> None:
    """Such files are left out, and it is said."""
    paper = read(tmp_path, tarred(tmp_path, {"main.tex": TEX.encode(), name: b"bad"}))
    assert not (tmp_path / "out.tex").exists()
    assert not Path("/srv/out.tex").exists()
    assert "leads outside" in paper.warnings[0]


def test_links_in_archives_are_left_out(tmp_path: Path) -> None:
    """Of both kinds of archive."""
    secret = tmp_path / "secret.tex"
    secret.write_text("secret words")
    tex = TEX.replace("Words", "\\input{link}Words").encode()
    paper = read(tmp_path, tarred(tmp_path, {"main.tex": tex}, links={"link.tex": str(secret)}))
    assert "secret words" not in paper.blocks[0].text
    shutil.rmtree(tmp_path / "work")
    path = zipped(tmp_path, {"main.tex": tex})
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("link.tex")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(secret))
    assert "secret words" not in read(tmp_path, path).blocks[0].text


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    """By what it holds, not by what it says."""
    path = zipped(tmp_path, {"main.tex": TEX, "big.tex": b"0" * 3_000_000})
    with pytest.raises(SourceLimitError, match="unpacks to more than is allowed"):
        read(tmp_path, path, max_unpacked_bytes=1_000_000)
    shutil.rmtree(tmp_path / "work")
    with pytest.raises(SourceLimitError, match="unpacks to more than is allowed"):
        read(tmp_path, path, max_file_bytes=2_000_000)
    shutil.rmtree(tmp_path / "work")
    gz = tmp_path / "bomb.gz"
    gz.write_bytes(gzip.compress(b"0" * 3_000_000))
    with pytest.raises(SourceLimitError, match="unpacks to more than is allowed"):
        read(tmp_path, gz, max_file_bytes=1_000_000)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    """However small."""
    path = zipped(tmp_path, {f"{at}.txt": "" for at in range(30)})
    with pytest.raises(SourceLimitError, match="more than 20 files"):
        read(tmp_path, path, max_unpacked_files=20)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.zip", b"PK\x03\x04broken", "not an archive that can be unpacked"),
        ("a.tar.gz", b"\x1f\x8bbroken", "not an archive that can be unpacked"),
        ("a.pdf", b"no PDF at all", "not a PDF that can be read"),
        ("a.html", b"<html></html>", "holds no text"),
    ],
)
def test_broken_files_say_what_is_wrong(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    """In a sentence."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DocumentError, match=message):
        read(tmp_path, path)


def test_a_locked_zip_says_so(tmp_path: Path) -> None:
    """With what to do."""
    path = zipped(tmp_path, {"main.tex": TEX})
    data = bytearray(path.read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        data[at] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(DocumentError, match="protected by a password"):
        read(tmp_path, path)


@pytest.mark.parametrize(("name", "data"), [("a.txt", b"words"), ("a.exe", b"MZ\0\0"), ("a.csv", b"a,b")])
def test_what_is_no_paper_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    """With what is."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SourceRefusedError, match="not a paper that can be read"):
        read(tmp_path, path)


def test_an_archive_without_a_paper_says_so(tmp_path: Path) -> None:
    """Code alone is documentation."""
    with pytest.raises(DocumentError, match="holds no paper"):
        read(tmp_path, zipped(tmp_path, {"fit.R": "lm()"}))


def test_a_companion_repository_is_pointed_out(tmp_path: Path) -> None:
    """It can be added as documentation."""
    path = tmp_path / "main.tex"
    path.write_text(TEX.replace("Words", "Code is at \\url{https://github.com/some-one/fit}. Words"))
    (warning,) = read(tmp_path, path).warnings
    assert warning.startswith("The paper names https://github.com/some-one/fit")
    assert "documentation source" in warning


def test_a_folder_in_which_links_lead_out_is_read_without_them(tmp_path: Path) -> None:
    """Nor are hidden files taken."""
    folder = tmp_path / "paper"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "main.tex").write_text(TEX.replace("Small", "Hidden"))
    (tmp_path / "out.tex").write_text(TEX.replace("Small", "Outside"))
    (folder / "main.tex").symlink_to(tmp_path / "out.tex")
    (folder / "paper.tex").write_text(TEX)
    assert read(tmp_path, folder).title == "Small"
