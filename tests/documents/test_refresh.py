"""A refreshed index answers as one that is built anew."""

from __future__ import annotations

import hashlib
import itertools
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.documents import build_pages, refresh
from gptoss_lab.documents.build import build
from gptoss_lab.documents.index_reader import open_index
from gptoss_lab.documents.jobs import FileToRead, ParseJob, ParseResult
from gptoss_lab.documents.retrieval import find_passages
from gptoss_lab.errors import DocumentError, StorageError
from gptoss_lab.schemas.documents import DocQuery
from tests.documents.test_index_writer import small_files
from tests.fakes.documents import inventory

NAMES = ("shrink", "rotate", "Paint", "melt", "stack_rows", "Wall")
WORDS = ("river", "column", "row", "mean", "colour", "group", "window", "étage", "ﬁeld")
OBJECT = """
<dl class="py {kind}"><dt class="sig sig-object py" id="{name}">{name}({arguments})
<a class="headerlink" href="#{name}">¶</a></dt><dd><p>{text}</p>
<p class="rubric">Examples</p><div class="highlight-default"><pre>&gt;&gt;&gt; {short}({value})
</pre></div></dd></dl>
"""
GUIDE = """
<section id="s{number}"><h2>{title}</h2><p>{text}</p>
<div class="highlight-python"><pre>{code}</pre></div></section>
"""
PAGE = "<html><body><div role='main'><h1>{title}</h1>{body}</div></body></html>"


def page(lots: random.Random, title: str) -> str:
    """Return a page with objects that other pages tell of too, and with examples that call them."""

    def text() -> str:
        return " ".join(lots.choices(WORDS, k=lots.randint(1, 30)))

    parts: list[str] = []
    for short in lots.sample(NAMES, k=lots.randint(0, 3)):
        name = f"lib.{lots.choice(('', 'core.', 'x.'))}{short}"
        kind = "class" if short[0].isupper() else lots.choice(("function", "method"))
        value, arguments = lots.randint(0, 9), ", ".join(lots.sample(WORDS[:7], k=2))
        parts.append(
            OBJECT.format(kind=kind, name=name, arguments=arguments, text=text(), short=short, value=value)
        )
    for number in range(lots.randint(0, 3)):
        code = f"{lots.choice(NAMES)}({lots.randint(0, 9)})"
        parts.append(GUIDE.format(number=number, title=lots.choice(WORDS), text=text(), code=code))
    lots.shuffle(parts)
    return PAGE.format(title=title, body="".join(parts))


class Source:
    """A folder of pages that changes by lot, and its indexes."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.lots = random.Random(seed)  # noqa: S311 - the same changes each time
        self.pages: dict[str, str] = {}
        self.version = "1"
        self.outside = ["lib.shrink py:function 1 api.html#$ -", "lib.melt py:function 1 api.html#$ -"]
        self._count = itertools.count()
        for number in range(0, 24, 2):
            self.pages[f"p{number:02}.html"] = page(self.lots, f"Page {number}")

    def change(self) -> None:
        """Change, add or remove a page or two."""
        for _ in range(self.lots.randint(1, 2)):
            name = f"p{self.lots.randint(0, 26):02}.html"
            if name in self.pages and self.lots.random() < 0.3:
                del self.pages[name]
            else:
                self.pages[name] = page(self.lots, name)
        if self.lots.random() < 0.2:
            self.outside = [line for line in self.outside if self.lots.random() < 0.7]
            self.outside.append(f"lib.{self.lots.choice(NAMES)} py:class 1 api.html#$ -")

    def built(self, previous: Path | None = None) -> tuple[Path, ParseResult]:
        """Build the index, as a refresh of another where one is given."""
        output = self.folder / f"{next(self._count)}.index"
        stated = self.folder / "objects.inv"
        stated.write_bytes(inventory(*self.outside))
        job = ParseJob(
            source="x",
            title="x",
            version=self.version,
            output=str(output),
            files=tuple(self.file(name) for name in sorted(self.pages)),
            inventory=str(stated),
            previous=str(previous) if previous else "",
        )
        return output, build(job, lambda _: None)

    def file(self, name: str) -> FileToRead:
        """Write a page and return what a job says of it."""
        data = self.pages[name].encode()
        (self.folder / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        return FileToRead(path=name, location=str(self.folder / name), sha256=digest, media="html")


def answers(index: Path) -> Iterator[object]:
    """Yield what an index answers to many questions, without ids, and the tables that answers come from."""
    with open_index(index, "x") as reader:
        for text in (*WORDS, *NAMES, "mean of a column in each group of rows", "lib.shrink lib.core.Paint"):
            for kind in ("symbol", "narrative"):
                yield [bare(entry) for entry in reader.search(text, kind, 50, ("lib",))]
            yield [bare(entry) for entry in reader.examples(text, 50)]
            query = DocQuery(text=text, symbols=(text, f"lib.{text}", f"{text}s"), packages=("lib",))
            yield [bare(entry) for entry in find_passages([("x", index)], query)]
        yield [bare(entry) for entry in reader.whole()]
        yield reader.symbols([f"lib.{name}" for name in NAMES] + list(NAMES))
        yield reader.owners(99), reader.packages(), reader.main_package(), reader.tokens()
        yield {path: state.sha256 for path, state in reader.files().items()}
    with closing(sqlite3.connect(index)) as db:
        yield db.execute("PRAGMA integrity_check").fetchone()
        for table in ("chunk_counts", "owners", "packages", "api_terms", "example_counts", "outside"):
            yield sorted(db.execute(f"SELECT * FROM {table}"))  # noqa: S608 - our own table names
        yield sorted(db.execute("SELECT qualname, kind, signature, summary FROM symbols"))
        yield sorted(db.execute("SELECT * FROM names"))
        yield list(db.execute("SELECT path, kinds, asked, warnings, payload FROM files ORDER BY symbol_at"))


def bare(entry: Any) -> dict[str, object]:
    """Return an entry without its id, which is no part of the answer."""
    return {**entry.model_dump(), "id": ""}


@pytest.fixture
def refreshed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note whether each build refreshed the older index, or wrote a new one."""
    done: list[bool] = []
    real: Callable[..., bool] = refresh.Refresh.plan

    def plan(found: refresh.Refresh) -> bool:
        done.append(real(found))
        return done[-1]

    monkeypatch.setattr(refresh.Refresh, "plan", plan)
    return done


@pytest.mark.parametrize("seed", range(6))
def test_after_any_changes_it_answers_as_a_new_one(tmp_path: Path, seed: int, refreshed: list[bool]) -> None:
    """Pages change, come and go, with objects that other pages call: nothing tells the two indexes apart."""
    source = Source(tmp_path, seed)
    index, _ = source.built()
    for _ in range(8):
        source.change()
        index, result = source.built(index)
        fresh, expected = source.built()
        assert result == expected
        for one, two in zip(answers(index), answers(fresh), strict=True):
            assert one == two
    assert sum(refreshed) >= 4


def test_only_what_changed_is_written(
    tmp_path: Path, refreshed: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of twelve pages one is read, and the records of that one alone are made."""
    source = Source(tmp_path, 1)
    index, _ = source.built()
    made: list[str] = []
    real = build_pages._Build._records

    def records(build: build_pages._Build, file: FileToRead, *rest: Any) -> object:
        made.append(file.path)
        return real(build, file, *rest)

    monkeypatch.setattr(build_pages._Build, "_records", records)
    source.pages["p04.html"] = source.pages["p04.html"].replace("</h1>", " changed</h1>")
    source.built(index)
    assert (made, refreshed) == (["p04.html"], [True])


def test_examples_follow_a_name_that_moves_on_another_page(tmp_path: Path, refreshed: list[bool]) -> None:
    """A page that did not change gets another import where the object that it calls is elsewhere now."""
    source = Source(tmp_path, 1)
    guide = GUIDE.format(number=1, title="Guide", text="Shrink it.", code="Fold(2)")
    source.outside = []
    source.pages |= {
        "a.html": PAGE.format(title="a", body=OBJECT.format(
            kind="class", name="lib.Fold", arguments="x", text="Fold.", short="Fold", value=1)),
        "b.html": PAGE.format(title="b", body=guide),
    }  # fmt: skip
    index, _ = source.built()
    source.pages["a.html"] = source.pages["a.html"].replace("lib.Fold", "lib.new.Fold")
    index, _ = source.built(index)
    with open_index(index, "x") as reader:
        (found,) = (entry for entry in reader.examples("Fold", 9) if entry.citation.source == "b.html")
    assert found.code.startswith("from lib.new import Fold")
    assert refreshed == [True]


@pytest.mark.parametrize("change", ["version", "order", "most", "damage"])
def test_what_cannot_be_refreshed_is_written_anew(tmp_path: Path, change: str) -> None:
    """Another version, another order, most pages changed, a damaged index: it answers as it should."""
    source = Source(tmp_path, 3)
    index, _ = source.built()
    if change == "version":
        source.version = "2"
    elif change == "order":
        source.pages = {f"q{name}" if name < "p09" else name: text for name, text in source.pages.items()}
    elif change == "most":
        source.pages = {name: text.replace("<h1>", "<h1>New ") for name, text in source.pages.items()}
    else:
        with closing(sqlite3.connect(index)) as db, db:
            db.execute("UPDATE files SET kinds = x'00ff', payload = x'00ff'")
        source.pages["p00.html"] = page(source.lots, "other")
    again, result = source.built(index)
    fresh, expected = source.built()
    assert result == expected
    assert list(answers(again)) == list(answers(fresh))


def test_a_page_that_gives_nothing_any_more_is_said(tmp_path: Path) -> None:
    """Where it was all that there was, there is no index to be had, as with a new one."""
    source = Source(tmp_path, 1)
    source.outside, source.pages = [], {"a.html": PAGE.format(title="a", body="<p>river</p>")}
    index, _ = source.built()
    source.pages["a.html"] = "<html><body></body></html>"
    with pytest.raises(DocumentError, match="Nothing to read"):
        source.built(index)


def test_a_full_disk_leaves_the_older_index_whole(tmp_path: Path) -> None:
    """The copy cannot be made: that is said, and the index is as it was."""
    source = Source(tmp_path, 1)
    index, _ = source.built()
    before = index.read_bytes()
    source.pages["p00.html"] = page(source.lots, "other")
    with small_files(len(before) // 2), pytest.raises(StorageError):
        source.built(index)
    assert index.read_bytes() == before
