"""The handlers of `/api/v1/corpora`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]
CORPORA = ("api", "v1", "corpora")


async def test_a_source_is_indexed_listed_and_removed(services: FakeServices, jp_fetch: Fetch) -> None:
    """The life of an index over HTTP."""
    made = await jp_fetch(*CORPORA, method="POST", body='{"uri": "pandas"}')
    assert json.loads(made.body)["title"] == "pandas"
    listed = json.loads((await jp_fetch(*CORPORA)).body)
    assert [corpus["id"] for corpus in listed["corpora"]] == ["c1"]
    gone = await jp_fetch(*CORPORA, "c1", method="DELETE")
    assert gone.code == 204
    assert not services.corpora.known


@pytest.mark.parametrize(("asked", "cached"), [("true", False), ("1", False), ("false", True)])
async def test_refresh_is_passed_on(asked: str, cached: bool, jp_fetch: Fetch) -> None:
    """`?refresh=true` reads the source again."""
    made = await jp_fetch(*CORPORA, method="POST", body='{"uri": "pandas"}', params={"refresh": asked})
    assert json.loads(made.body)["cached"] is cached


async def test_a_folder_starts_at_the_servers_root(jp_fetch: Fetch, jp_root_dir: Path) -> None:
    """A source of the request is resolved as in a generation."""
    made = await jp_fetch(*CORPORA, method="POST", body='{"kind": "folder", "uri": "docs"}')
    assert json.loads(made.body)["title"] == str(jp_root_dir / "docs")


async def test_an_installed_name_goes_before_a_folder_of_that_name(
    services: FakeServices, jp_fetch: Fetch, jp_root_dir: Path
) -> None:
    """`pandas` is the package where it is installed; a folder of that name is written `./pandas`."""
    (jp_root_dir / "pandas").mkdir()
    services.corpora.installed.add("pandas")
    made = await jp_fetch(*CORPORA, method="POST", body='{"uri": "pandas"}')
    assert json.loads(made.body)["source"] == {"kind": "package", "uri": "pandas"}
    made = await jp_fetch(*CORPORA, method="POST", body='{"uri": "./pandas"}')
    assert json.loads(made.body)["title"] == str(jp_root_dir / "pandas")


async def test_an_unknown_corpus_is_not_found(jp_fetch: Fetch) -> None:
    """Removing what is not there is a 404 problem."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*CORPORA, "c9", method="DELETE")
    assert caught.value.code == 404


async def test_a_source_is_read_again(services: FakeServices, jp_fetch: Fetch) -> None:
    """By the id of its index."""
    await jp_fetch(*CORPORA, method="POST", body='{"uri": "pandas"}')
    again = json.loads((await jp_fetch(*CORPORA, "c1", "refresh", method="POST", body="")).body)
    assert (again["title"], again["cached"]) == ("pandas", False)
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*CORPORA, "c9", "refresh", method="POST", body="")
    assert caught.value.code == 404
    assert len(services.corpora.known) == 2


async def found(jp_fetch: Fetch, *path: str, **query: str) -> list[dict[str, str]]:
    """Search and return the hits."""
    answer = json.loads((await jp_fetch(*CORPORA, *path, params=query)).body)
    assert answer["query"] == query["q"]
    return list(answer["hits"])


async def test_one_corpus_or_all_are_searched(services: FakeServices, jp_fetch: Fetch) -> None:
    """Best first, as many as were asked for."""
    for name in ("pandas", "numpy"):
        await jp_fetch(*CORPORA, method="POST", body=json.dumps({"uri": name}))
    assert [hit["corpus"] for hit in await found(jp_fetch, "search", q="mean")] == ["c1", "c2"]
    assert [hit["corpus"] for hit in await found(jp_fetch, "search", q="mean", corpus="c2")] == ["c2"]
    assert [hit["source"] for hit in await found(jp_fetch, "c2", "search", q="mean")] == ["numpy"]
    assert [hit["kind"] for hit in await found(jp_fetch, "search", q="pandas")] == [
        "example",
        "narrative",
        "narrative",
    ]
    assert len(await found(jp_fetch, "search", q="pandas", limit="1")) == 1
    assert await found(jp_fetch, "search", q="nothing") == []
    assert services.corpora.known


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("search", {"q": ""}, 400),
        ("search", {"q": "x" * 501}, 400),
        ("search", {"q": "x", "limit": "51"}, 400),
        ("search", {"q": "x", "limit": "ten"}, 400),
        ("search", {"q": "x", "corpus": "c9"}, 404),
        ("c9/search", {"q": "x"}, 404),
    ],
)
async def test_searches_that_cannot_be_served(
    jp_fetch: Fetch, path: str, query: dict[str, str], status: int
) -> None:
    """No words, too many, limits out of bounds and unknown corpora are problems, not empty lists."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*CORPORA, *path.split("/"), params=query)
    assert caught.value.code == status


@pytest.mark.parametrize("path", [("search",), ("c1", "search")])
async def test_a_search_needs_a_login(jp_fetch: Fetch, path: tuple[str, ...]) -> None:
    """What a person reads is theirs."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*CORPORA, *path, params={"q": "x"}, headers={"Authorization": "token wrong"})
    assert caught.value.code in {401, 403}
