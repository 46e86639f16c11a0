"""How sites are treated."""

from __future__ import annotations

import time

import pytest

from gptoss_lab.documents.politeness import Pace, Robots, parse_rules, retry_after_s
from gptoss_lab.errors import DocumentError, SourceNotFoundError

ROBOTS = """
User-agent: badbot
Disallow: /

User-agent: *
User-agent: other
Disallow: /private/   # not for programs
Allow: /private/docs/
Disallow: /*.php$
Disallow: /old*/api
Crawl-delay: 0.05
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/private/a.html", False),
        ("/private/docs/a.html", True),
        ("/%70rivate/a.html", False),
        ("/index.php", False),
        ("/index.php.html", True),
        ("/old-2/x/api/y", False),
        ("/old-2/x", True),
    ],
)
def test_the_longest_rule_decides(path: str, allowed: bool) -> None:
    """With wildcards, ends, and the escapes of an address."""
    assert parse_rules(ROBOTS).allow(f"https://a.example{path}") is allowed


def test_a_group_for_us_goes_before_the_one_for_everybody() -> None:
    """Even when it says less."""
    text = "User-agent: *\nDisallow: /\n\nUser-Agent: GPToss-Lab\nDisallow: /x"
    rules = parse_rules(text)
    assert (rules.allow("https://a/y"), rules.allow("https://a/x")) == (True, False)


@pytest.mark.parametrize("text", ["", "<html>not found</html>", "Disallow: /", "User-agent: *\nDisallow:"])
def test_what_is_no_rule_forbids_nothing(text: str) -> None:
    """An empty or broken file lets everything be read."""
    assert parse_rules(text).allow("https://a/b")


def test_a_pattern_made_to_be_slow_is_not() -> None:
    """Many wildcards cost no more than few."""
    rules = parse_rules("User-agent: *\nDisallow: /" + "*a" * 400 + "b$")
    started = time.perf_counter()
    assert rules.allow("https://a/" + "a" * 5_000)
    assert time.perf_counter() - started < 0.5


async def test_rules_are_read_once_per_host_and_slow_us_down() -> None:
    """The delay that a host asks for is kept."""
    asked: list[str] = []

    async def raw(url: str) -> bytes:
        asked.append(url)
        return ROBOTS.encode()

    pace = Pace(0.0)
    robots = Robots(raw, pace)
    assert await robots.allow("https://a.example/b")
    assert not await robots.allow("https://a.example/private/")
    assert asked == ["https://a.example/robots.txt"]
    started = time.monotonic()
    for _ in range(3):
        await pace.turn("a.example")
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize(("error", "allowed"), [(SourceNotFoundError, True), (DocumentError, False)])
async def test_a_host_without_rules_and_one_that_fails(error: type[DocumentError], allowed: bool) -> None:
    """No file is a yes; a server that fails has not said yes."""

    async def raw(_url: str) -> bytes:
        raise error("no")

    assert await Robots(raw, Pace(0.0)).allow("https://a.example/b") is allowed


async def test_a_pause_holds_one_host() -> None:
    """Others are not kept waiting."""
    pace = Pace(0.0)
    pace.pause("a", 0.05)
    started = time.monotonic()
    await pace.turn("b")
    assert time.monotonic() - started < 0.04
    await pace.turn("a")
    assert time.monotonic() - started >= 0.05


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("", None), ("soon", None), ("-1", None), ("Fri, 01 Jan 2021 00:00:00 GMT", 0.0)],
)
def test_when_to_come_back(value: str, seconds: float | None) -> None:
    """Seconds or a date; what is neither is nothing."""
    assert retry_after_s(value) == seconds
