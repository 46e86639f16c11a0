"""How a site is treated: not too often, when it asks to come back, and only where it lets programs read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from gptoss_lab.errors import DocumentError, SourceNotFoundError, SourceRefusedError

PRODUCT = "gptoss-lab"

_MAX_LINES = 5_000
_MAX_DELAY_S = 10.0


class Pace:
    """Lets requests to one host begin no closer than a delay."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._slower: dict[str, float] = {}
        self._next: dict[str, float] = {}

    async def turn(self, host: str) -> None:
        """Wait until the next request to a host may begin."""
        now = time.monotonic()
        begins = max(now, self._next.get(host, 0.0))
        self._next[host] = begins + self._slower.get(host, self._delay_s)
        if begins > now:
            await asyncio.sleep(begins - now)

    def pause(self, host: str, seconds: float) -> None:
        """Send a host nothing for a while."""
        self._next[host] = max(self._next.get(host, 0.0), time.monotonic() + seconds)

    def slow_down(self, host: str, delay_s: float) -> None:
        """Keep the delay that a host asks for, up to 10 s, where it is the longer one."""
        self._slower[host] = max(self._delay_s, min(delay_s, _MAX_DELAY_S))


def retry_after_s(value: str) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date; None where it says neither.

    Source: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
    """
    value = value.strip()
    if value.isdigit() and value.isascii():
        return float(value[:9])
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return max(0.0, (when - datetime.now(timezone.utc)).total_seconds())


@dataclass(frozen=True, slots=True)
class Rules:
    """What a robots.txt says to us. `rules` are (pattern, may be read)."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay_s: float = 0.0

    def allow(self, url: str) -> bool:
        """Say whether an address may be read: the longest pattern that fits decides."""
        parts = urlsplit(url)
        path = unquote(parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fitting = [(len(pattern), allowed) for pattern, allowed in self.rules if _fits(pattern, path)]
        return max(fitting)[1] if fitting else True


def parse_rules(text: str) -> Rules:
    """Read a robots.txt: the group that names us, else the one for everybody.

    Source: https://www.rfc-editor.org/rfc/rfc9309
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    names: list[str] = []
    fresh = True
    for line in text.splitlines()[:_MAX_LINES]:
        key, _, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if key == "user-agent":
            names = [value.lower()] if fresh else [*names, value.lower()]
            fresh = False
            groups.setdefault(value.lower(), [])
        elif key in {"allow", "disallow", "crawl-delay"}:
            fresh = True
            for name in names:
                groups[name].append((key, value))
    entries = groups.get(PRODUCT, groups.get("*", []))
    rules = tuple(
        (unquote(value), key == "allow") for key, value in entries if key != "crawl-delay" and value
    )
    delays = [_number(value) for key, value in entries if key == "crawl-delay"]
    return Rules(rules, max(delays, default=0.0))


class Robots:
    """The rules of each host, read once. `raw` fetches bytes."""

    def __init__(self, raw: Callable[[str], Awaitable[bytes]], pace: Pace) -> None:
        self._raw = raw
        self._pace = pace
        self._rules: dict[str, asyncio.Future[Rules]] = {}

    async def allow(self, url: str) -> bool:
        """Say whether the host of an address lets programs read it."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._read(origin))
        return (await self._rules[origin]).allow(url)

    async def _read(self, origin: str) -> Rules:
        try:
            data = await self._raw(f"{origin}/robots.txt")
        except (SourceNotFoundError, SourceRefusedError):
            return Rules()
        except DocumentError:  # RFC 9309: a host that fails to say has not agreed
            return Rules((("/", False),))
        rules = parse_rules(data[: 512 << 10].decode("utf-8", errors="replace"))
        if rules.delay_s:
            self._pace.slow_down(urlsplit(origin).netloc, rules.delay_s)
        return rules


def _fits(pattern: str, path: str) -> bool:
    """Match a pattern with `*` and a final `$`, in time linear in the path."""
    ends = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for position, part in enumerate(rest):
        if ends and position == len(rest) - 1:
            return path.endswith(part) and len(path) - len(part) >= at
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not ends or at == len(path)


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if 0.0 <= found < float("inf") else 0.0
