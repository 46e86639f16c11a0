"""What an answer means: a reply, or the error that the server tells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import responses
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from gptoss_lab import errors
from gptoss_lab.client.call import Call, Reply
from gptoss_lab.client.errors import (
    FaultError,
    ProtocolError,
    RedirectedError,
    RefusedError,
    ServerUnreachableError,
    UnauthenticatedError,
)
from gptoss_lab.errors import GptossError, TooBusyError

PROBLEM = "application/problem+json"
REQUEST_ID = "X-Request-ID"
MAX_REPLY_BYTES = 256 << 20
MAX_WORDS = 2000
MAX_DIGITS = 9
_UNAUTHENTICATED, _FAULT, _NOT_FOUND = 401, 500, 404
_GATEWAY = frozenset({424, 502, 503, 504})
"""What a proxy or a hub says of a server that is not there."""


@dataclass(slots=True)
class Answer:
    """What came: its head, and its body as far as it has come."""

    status: int
    headers: httpx.Headers
    url: str
    body: bytearray = field(default_factory=bytearray)

    @classmethod
    def of(cls, response: httpx.Response) -> Answer:
        """Return an answer of which only the head has come."""
        return cls(response.status_code, response.headers, _origin(str(response.url)))

    def take(self, chunk: bytes) -> None:
        """Take a piece of the body.

        Raises:
            ProtocolError: It is more than an answer can be.
        """
        if len(self.body) + len(chunk) > MAX_REPLY_BYTES:
            raise ProtocolError(f"The answer has more than {MAX_REPLY_BYTES >> 20} MB")
        self.body += chunk

    @property
    def is_reply(self) -> bool:
        """Say whether it is what was asked for."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of successes

    @property
    def media_type(self) -> str:
        """What its body is."""
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    def error(self) -> GptossError:
        """Return the error that it tells."""
        found = self._error()
        found.request_id = self.headers.get(REQUEST_ID, "")[:200]
        after = self.headers.get("Retry-After", "")
        if isinstance(found, TooBusyError) and after.isascii() and after.isdecimal():
            found.retry_after_s = float(after[:MAX_DIGITS])
        return found

    def _error(self) -> GptossError:
        if 300 <= self.status < 400:  # noqa: PLR2004 - the class of redirections
            return RedirectedError(f"{self.url} sends us to {self._target()}")
        problem = self._problem()
        if problem is not None:
            return _told(self.status, problem)
        words = f"{self.url} answers {self.status} {responses.get(self.status, '')}".rstrip()
        if self.status in _GATEWAY:
            return ServerUnreachableError(f"{words}: no gptoss_lab answers behind it")
        if self.status == _UNAUTHENTICATED:
            return UnauthenticatedError(words, status=self.status)
        if self.status == _NOT_FOUND:
            return ProtocolError(f"{words}: no gptoss_lab is there", hint="Check the address and its prefix.")
        kind = FaultError if self.status >= _FAULT else RefusedError
        return kind(words, status=self.status)

    def _problem(self) -> Mapping[str, Any] | None:
        if self.media_type != PROBLEM:
            return None
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) and isinstance(found.get("code"), str) else None

    def _target(self) -> str:
        try:
            target = httpx.URL(self.url).join(self.headers.get("Location", ""))
        except httpx.InvalidURL:
            return "an address that is none"
        return _origin(str(target))


def reply_of(call: Call[Reply], answer: Answer) -> Reply:
    """Return the reply to a call.

    Raises:
        GptossError: The answer is none; the error that it tells.
    """
    if not answer.is_reply:
        raise answer.error()
    return call.form.read(bytes(answer.body))


def _told(status: int, problem: Mapping[str, Any]) -> GptossError:
    """Return a problem as the error that the server raised, where it is one of ours."""
    code, hint = str(problem["code"])[:MAX_WORDS], str(problem.get("hint") or "")[:MAX_WORDS]
    words = str(problem.get("detail") or problem.get("title") or responses.get(status, "Error"))[:MAX_WORDS]
    if status == _UNAUTHENTICATED:
        return UnauthenticatedError(f"The server does not know us ({words})", status=status, code=code)
    kind = _BY_CODE.get(code)
    if kind is not None and kind.status == status:
        return kind(words, hint=hint)
    return (FaultError if status >= _FAULT else RefusedError)(words, status=status, code=code, hint=hint)


def _tree(root: type[GptossError]) -> Iterator[type[GptossError]]:
    yield root
    for below in root.__subclasses__():
        yield from _tree(below)


def _origin(url: str) -> str:
    """Return an address without what may be secret in it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


_BY_CODE = {
    kind.code: kind
    for kind in _tree(GptossError)
    if kind.__module__ == errors.__name__ and kind is not GptossError
}
