"""`jupyter gptoss index`."""

from __future__ import annotations

import json

import pytest

from gptoss_lab.cli.library import find
from gptoss_lab.documents import OTHER_VERSION
from gptoss_lab.errors import NotFoundError, RequestError
from gptoss_lab.schemas.documents import CorpusInfo, DocSource
from tests.cli.conftest import Invoke
from tests.fakes.services import FakeServices


def test_sources_are_indexed(services: FakeServices, invoke: Invoke) -> None:
    """The result says how much was found in each."""
    result = invoke("index", "add", "pandas", "numpy")
    assert result.exit_code == 0
    assert result.stdout.startswith("pandas ")
    assert result.stdout.count("0 passages, 0 symbols, 0 examples (unchanged)") == 2
    assert [info.title for info in services.corpora.known.values()] == ["pandas", "numpy"]


def test_one_source_that_cannot_be_read_among_others(services: FakeServices, invoke: Invoke) -> None:
    """It is told, and the others are still read; the exit code says that something failed."""
    result = invoke("index", "add", "missing", "pandas")
    assert (result.exit_code, "missing: There is no such package" in result.stderr) == (1, True)
    assert [info.title for info in services.corpora.known.values()] == ["pandas"]
    assert invoke("index", "add", "missing").exit_code == 1


def test_an_index_as_json(invoke: Invoke) -> None:
    """The last line is the corpus."""
    lines = invoke("index", "add", "pandas", "--json", "--refresh").stdout.splitlines()
    assert json.loads(lines[-1])["cached"] is False


def test_what_is_indexed_is_listed(invoke: Invoke) -> None:
    """A row for each, or JSON; of nothing, how to begin."""
    assert "index add" in invoke("index", "list").stderr
    invoke("index", "add", "pandas")
    assert invoke("index", "list").stdout.startswith("c1  package  pandas  0 passages")
    assert json.loads(invoke("index", "list", "--json").stdout)["id"] == "c1"


def test_an_index_of_another_version_is_told(services: FakeServices, invoke: Invoke) -> None:
    """Below its row, and not for the others."""
    invoke("index", "add", "pandas", "numpy")
    known = services.corpora.known
    known["c1"] = known["c1"].model_copy(update={"warnings": (OTHER_VERSION,)})
    assert invoke("index", "list").stderr == f"Warning: c1: {OTHER_VERSION}\n"


def test_a_refresh_reads_again(services: FakeServices, invoke: Invoke) -> None:
    """By name or all; of none it is a mistake."""
    invoke("index", "add", "pandas")
    assert not invoke("index", "refresh", "pandas").stdout.endswith("(unchanged)\n")
    assert invoke("index", "refresh", "--all").exit_code == 0
    assert invoke("index", "refresh").exit_code == 2
    assert invoke("index", "refresh", "numpy").exit_code == 2
    assert len(services.corpora.known) == 4


def test_an_index_is_removed(services: FakeServices, invoke: Invoke) -> None:
    """Nothing is removed when one of the names is unknown."""
    invoke("index", "add", "pandas", "numpy")
    assert invoke("index", "rm", "c1", "scipy").exit_code == 2
    assert len(services.corpora.known) == 2
    assert invoke("index", "rm", "c1").stdout == "Removed the index of pandas\n"
    assert [*services.corpora.known] == ["c2"]


def test_a_search_shows_places(invoke: Invoke) -> None:
    """Title, kind, source, words and where it stands; a code of its own where nothing fits."""
    invoke("index", "add", "pandas", "numpy")
    found = invoke("index", "search", "mean", "of", "groups")
    assert found.exit_code == 0
    assert (
        "About mean of groups  [narrative, pandas]\n  Words on mean of groups\n  guide.md#part"
        in found.stdout
    )
    only = invoke("index", "search", "mean", "--in", "numpy", "--json").stdout.splitlines()
    assert [json.loads(line)["source"] for line in only] == ["numpy"]
    assert invoke("index", "search", "nothing").exit_code == 3
    assert invoke("index", "search", "mean", "--limit", "0").exit_code == 2


def info(name: str, title: str) -> CorpusInfo:
    """Return the description of an index."""
    return CorpusInfo(id=name, title=title, kind="folder", source=DocSource(uri=f"/data/{title}"))


def test_an_index_is_named_in_several_ways() -> None:
    """By id, title, source or the beginning of the id; what is not clear is asked."""
    known = [info("docs-a1", "docs"), info("docs-b2", "docs"), info("guide-c3", "guide")]
    for name in ("guide-c3", "guide", "/data/guide", "gui"):
        assert find(known, name).id == "guide-c3"
    assert find(known, "docs-a").id == "docs-a1"
    with pytest.raises(RequestError, match="docs-a1, docs-b2"):
        find(known, "docs")
    with pytest.raises(NotFoundError, match="no index x"):
        find(known, "x")
