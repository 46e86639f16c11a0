"""The blocking client."""

from __future__ import annotations

import contextlib
import ssl
import time
import uuid
from collections.abc import Generator, Iterator

import httpx
from typing_extensions import Self

from gptoss_lab.client.answers import Answer, reply_of
from gptoss_lab.client.api import Api
from gptoss_lab.client.call import Call, Reply
from gptoss_lab.client.discretion import keep_addresses_short
from gptoss_lab.client.errors import ServerUnreachableError
from gptoss_lab.client.feed import Feed
from gptoss_lab.client.method import Blocking
from gptoss_lab.client.retry import Patience
from gptoss_lab.client.server import Server, find_server
from gptoss_lab.client.wire import LOG, Line
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.generation import CodeGenerationRequest, JobAccepted, JobSummary
from gptoss_lab.schemas.runs import JobEvent, JobResponse


class Client(Api, Blocking):
    """Asks one server, and waits for each answer. May be used by several threads.

    Args:
        server: Its address; else as `find_server` finds it.
        token: Its token; else as `find_server` finds it.
        patience: How long, and how often.
        verify: How the certificate of an https server is checked.
        transport: What carries the requests instead of the network.

    Raises:
        NoServerError: No server is named, and none or several run.
        RequestError: The address is none.
    """

    def __init__(
        self,
        server: str | Server = "",
        *,
        token: str = "",
        patience: Patience | None = None,
        verify: bool | ssl.SSLContext = True,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.server = server if isinstance(server, Server) else find_server(server, token)
        self._line = Line(self.server, patience or Patience())
        if transport is None and self.server.socket:
            transport = httpx.HTTPTransport(uds=self.server.socket)
        keep_addresses_short()
        self._http = httpx.Client(
            verify=self._line.verified(verify),
            transport=transport,
            trust_env=not self.server.is_near,
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call[Reply]) -> Reply:
        """Send a call and return its answer; again where it failed and that does no harm.

        Raises:
            GptossError: The server refuses, fails, or does not answer.
        """
        failures = 0
        while True:
            answer = self._tried(call)
            failures += 1
            if not self._line.may_repeat(call, answer, failures):
                break
            time.sleep(self._line.patience.pause_s(failures))
        if isinstance(answer, ServerUnreachableError):
            raise answer
        return reply_of(call, answer)

    def events(self, job: str, *, after: int = 0, timeout_s: float | None = None) -> Iterator[JobEvent]:
        """Read the events of a job to its last, taking up a stream that broke where it ended.

        Where the server no longer keeps some of them, unnumbered ones lead to where the job stands.

        Args:
            job: The job.
            after: The number of the last event that is known.
            timeout_s: The time to read at most, give or take a heartbeat; None to the end.

        Yields:
            Each event.

        Raises:
            GptossError: The server refuses, sends something else, or does not come back.
        """
        feed = Feed(job, after, self._line.patience, timeout_s)
        while True:
            try:
                with contextlib.closing(self._chunks(feed)) as chunks:
                    for chunk in chunks:
                        yield from feed.take(chunk)
                        if feed.ended:
                            return
                pause_s = feed.broken()
            except ServerUnreachableError as error:
                pause_s = feed.broken(error)
            LOG.info("The events of job %s broke off after %d; again in %.1f s", job[:64], feed.seq, pause_s)
            time.sleep(pause_s)

    def wait(self, job: str, *, timeout_s: float | None = None) -> JobResponse:
        """Wait for the end of a job and return it, whatever its end was.

        Raises:
            StillRunningError: It goes on after the time.
            GptossError: As `events` does.
        """
        for _ in self.events(job, timeout_s=timeout_s):
            pass
        return self.get_job(job)

    def generate(self, request: CodeGenerationRequest, *, key: str = "") -> JobAccepted:
        """Start a generation. It is started once, also where the answer is lost and it is sent again.

        Args:
            request: What to generate.
            key: The Idempotency-Key; a new one when empty.

        Raises:
            GptossError: The server refuses, fails, or does not answer.
        """
        return self.submit_generation(request, key=key or uuid.uuid4().hex)

    def execute(self, request: ExecutionRequest, *, key: str = "") -> JobAccepted:
        """Start an execution, once as `generate` does.

        Raises:
            GptossError: The server refuses, fails, or does not answer.
        """
        return self.submit_execution(request, key=key or uuid.uuid4().hex)

    def all_jobs(self, *, page: int | None = None) -> Iterator[JobSummary]:
        """Go through all jobs, newest first, fetching them a page at a time.

        Yields:
            Each job in short.
        """
        before = ""
        while True:
            found = self.list_jobs(limit=page, before=before)
            yield from found.jobs
            if not found.next or found.next == before:
                return
            before = found.next

    def _tried(self, call: Call[Reply]) -> Answer | ServerUnreachableError:
        request = self._line.request(call)
        try:
            with self._line.named(request), self._opened(request) as response:
                answer = Answer.of(response)
                for chunk in response.iter_bytes():
                    answer.take(chunk)
        except ServerUnreachableError as error:
            return error
        return answer

    def _opened(self, request: httpx.Request) -> contextlib.closing[httpx.Response]:
        return contextlib.closing(self._http.send(request, stream=True))

    def _chunks(self, feed: Feed) -> Generator[bytes, None, None]:
        request = self._line.stream_request(feed.call, feed.seq, feed.silence_s)
        with self._line.named(request), self._opened(request) as response:
            answer = Answer.of(response)
            if not answer.is_reply:
                for chunk in response.iter_bytes():
                    answer.take(chunk)
            feed.begin(answer)
            yield from response.iter_bytes()
