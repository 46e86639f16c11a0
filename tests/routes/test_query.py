"""What may stand behind the question mark."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.routes.query import Query, choice, number
from tests.fakes.services import FakeServices

Fetch = Callable[..., Awaitable[HTTPResponse]]


def test_a_parameter_is_described() -> None:
    """With its schema, which is text where nothing else was said."""
    assert Query("q", "Words.").described()["schema"] == {"type": "string"}
    assert number(1, 5) == {"type": "integer", "minimum": 1, "maximum": 5}
    assert choice("a", "b")["enum"] == ["a", "b"]


@pytest.mark.parametrize("name", ["limit", "before"])
async def test_a_value_stands_there_once(name: str, services: FakeServices, jp_fetch: Fetch) -> None:
    """Which of two was meant is not guessed; an empty one is passed on, and is no default."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("api", "v1", "code", "jobs", params=[(name, "1"), (name, "2")])
    assert caught.value.response is not None
    assert f"?{name}= is there 2 times" in json.loads(caught.value.response.body)["detail"]
    await jp_fetch("api", "v1", "code", "jobs", params={"limit": "", "before": ""})
    assert services.archive.pages == [("", "")]


@pytest.mark.parametrize("value", ["", "yes", "2"])
async def test_a_flag_is_true_or_false(value: str, services: FakeServices, jp_fetch: Fetch) -> None:
    """Anything else is refused before something is read."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(
            "api", "v1", "corpora", method="POST", body='{"uri": "pandas"}', params={"refresh": value}
        )
    assert caught.value.response is not None
    assert "refresh" in json.loads(caught.value.response.body)["detail"]
    assert not services.corpora.known
