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


@pytest.mark.parametrize(("asked", "cached"), [("true", False), ("1", False), ("", True)])
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
