"""The HTTP API, as far as the magic needs it, with urllib."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from IPython.core.error import UsageError

from gptoss_lab.magics.server import Server

LOOPBACK = ("localhost", "127.0.0.1", "::1")
TIMEOUT_S = 60.0
"""Longer than the pulse of the event stream, which comes every 15 seconds."""

RETRY_AFTER_S = (0.2, 1.0, 2.0, 4.0, 8.0)
ENDS = ("done", "error")
MAX_PROBLEM_BYTES = 64 << 10
FORBIDDEN = 403

Json = dict[str, Any]


class NoRedirect(HTTPRedirectHandler):
    """Follow nothing: the token must not travel to another address."""

    def redirect_request(self, *_args: Any) -> None:
        """Refuse, so that the answer itself is told."""


class Client:
    """One server's API.

    Args:
        server: Where it is.
        retry_after_s: The pauses before each further attempt to read a stream that broke.
    """

    def __init__(self, server: Server, retry_after_s: tuple[float, ...] = RETRY_AFTER_S) -> None:
        self._server = server
        self._retry_after_s = retry_after_s
        self._opener = _opener(server)

    def get(self, path: str) -> Json:
        """Return what stands at an address of the API.

        Raises:
            UsageError: The server does not answer, or refuses.
        """
        return self._json(self._request(path))

    def generate(self, request: Json) -> str:
        """Start a generation and return its job.

        Raises:
            UsageError: The server does not answer, or refuses.
        """
        asked = self._request("code/generate", json.dumps(request).encode(), "POST")
        return str(self._json(asked).get("job", ""))

    def cancel(self, job: str) -> None:
        """Stop a job; what was finished is kept.

        Raises:
            UsageError: The server does not answer, or refuses.
        """
        with self._open(self._request(f"code/jobs/{quote(job)}", method="DELETE")):
            pass

    def events(self, job: str) -> Iterator[Json]:
        """Read a job's events to its last one, taking up a stream that broke where it ended.

        Raises:
            UsageError: The server refuses, or does not come back.
        """
        seen, failures = 0, 0
        while True:
            try:
                for event in self._stream(job, seen):
                    seen, failures = max(seen, int(event.get("seq", 0))), 0
                    yield event
                    if event.get("type") in ENDS:
                        return
            except (OSError, http.client.HTTPException) as error:
                if failures >= len(self._retry_after_s):
                    raise self._silent(error) from error
            if failures >= len(self._retry_after_s):
                raise self._silent("the stream of events ended too early")
            time.sleep(self._retry_after_s[failures])
            failures += 1

    def _stream(self, job: str, after: int) -> Iterator[Json]:
        request = self._request(f"code/jobs/{quote(job)}/events")
        request.add_header("Accept", "text/event-stream")
        request.add_header("Last-Event-ID", str(after))
        with self._answered(request) as answer:
            for line in answer:
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    if isinstance(event, dict):
                        yield event

    def _request(self, path: str, body: bytes | None = None, method: str = "GET") -> Request:
        request = Request(f"{self._server.url}api/v1/{path}", data=body, method=method)  # noqa: S310 - http(s) only
        request.add_header("Accept", "application/json")
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if self._server.token:
            request.add_unredirected_header("Authorization", f"token {self._server.token}")
        return request

    def _json(self, request: Request) -> Json:
        with self._open(request) as answer:
            try:
                found = json.load(answer)
            except ValueError:
                found = None
        if not isinstance(found, dict):
            raise UsageError(
                f"What answers at {self._server.url} is not gptoss_lab. Check the address in GPTOSS_LAB_URL."
            )
        return found

    def _open(self, request: Request) -> http.client.HTTPResponse:
        try:
            return self._answered(request)
        except (OSError, http.client.HTTPException) as error:
            raise self._silent(error) from error

    def _answered(self, request: Request) -> http.client.HTTPResponse:
        try:
            answer: http.client.HTTPResponse = self._opener.open(request, timeout=TIMEOUT_S)
        except HTTPError as error:
            with error:
                raise self._refused(error) from None
        return answer

    def _refused(self, error: HTTPError) -> UsageError:
        try:
            problem = json.loads(error.read(MAX_PROBLEM_BYTES))
        except (OSError, ValueError):
            problem = None
        code = problem.get("code") if isinstance(problem, dict) else None
        if error.code in {302, 401} or (error.code == FORBIDDEN and code in {None, "forbidden"}):
            return UsageError(f"{self._server.url} wants another token. Set GPTOSS_LAB_TOKEN.")
        if isinstance(problem, dict) and code:
            said = str(problem.get("detail") or problem.get("title"))
            return UsageError(f"{said.rstrip('.')}.\n  {problem.get('hint', '')}".rstrip())
        return UsageError(
            f"{self._server.url} answered {error.code}. Is gptoss-lab installed on that server?"
        )

    def _silent(self, error: object) -> UsageError:
        reason = getattr(error, "reason", None) or error
        return UsageError(f"{self._server.url} does not answer ({reason}).\n  Check that the server runs.")


def _opener(server: Server) -> OpenerDirector:
    host = urlsplit(server.url).hostname or ""
    direct = [ProxyHandler({})] if host in LOOPBACK else []
    return build_opener(NoRedirect(), *direct)
