"""Papers that are kept."""

from __future__ import annotations

import os
from pathlib import Path

from gptoss_lab.papers.store import PaperStore, paper_id
from gptoss_lab.schemas.papers import Paper

PAPER = Paper(id="p1", uri="x", form="pdf", title="T", warnings=("W",))


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    """Readable by its owner alone."""
    store = PaperStore(tmp_path / "papers")
    store.prepare()
    store.put(PAPER)
    assert store.get("p1") == PAPER
    assert (tmp_path / "papers" / "p1.json").stat().st_mode & 0o777 == 0o600


def test_what_is_damaged_is_not_kept(tmp_path: Path) -> None:
    """It is read anew."""
    store = PaperStore(tmp_path)
    (tmp_path / "p1.json").write_text("{")
    assert store.get("p1") is None
    assert store.get("p2") is None


def test_a_name_stands_for_a_paper_for_a_while(tmp_path: Path) -> None:
    """With what was said when it was fetched."""
    store = PaperStore(tmp_path)
    store.put(PAPER)
    store.remember("arxiv 1", "p1", ["Read from the PDF"])
    found = store.fetched("arxiv 1", 3600)
    assert found is not None
    assert found.warnings == ("Read from the PDF", "W")
    assert store.fetched("arxiv 2", 3600) is None
    for path in tmp_path.glob("*.uri"):
        os.utime(path, (0, 0))
    assert store.fetched("arxiv 1", 3600) is None


def test_old_workplaces_are_cleared(tmp_path: Path) -> None:
    """Those of today are left."""
    store = PaperStore(tmp_path)
    old, new = store.workplace(), store.workplace()
    os.utime(old, (0, 0))
    store.prepare()
    assert not old.exists()
    assert new.is_dir()


def test_an_id_follows_the_content_and_the_form(tmp_path: Path) -> None:
    """Of files and of folders."""
    path = tmp_path / "a.tex"
    path.write_text("one")
    first = paper_id(path, "a.tex", "auto")
    assert paper_id(path, "a.tex", "auto") == first
    assert paper_id(path, "a.tex", "pdf") != first
    folder = paper_id(tmp_path, "a", "auto")
    path.write_text("two")
    assert paper_id(path, "a.tex", "auto") != first
    assert paper_id(tmp_path, "a", "auto") != folder
