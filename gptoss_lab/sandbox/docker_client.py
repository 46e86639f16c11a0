"""Reach a Docker or Podman daemon without ever holding up the event loop."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from gptoss_lab.errors import ImageMissingError, SandboxError, SandboxUnavailableError
from gptoss_lab.sandbox.docker_lines import json_lines
from gptoss_lab.sandbox.docker_streams import Address, Answer, DockerStream, knock, open_stream, post
from gptoss_lab.sandbox.within import within

T = TypeVar("T")

CONNECT_TIMEOUT_S = 2.0
MINIMUM_API = "1.24"
CALL_TIMEOUT_S = 120.0
DEFAULT_SOCKET = "/var/run/docker.sock"


@dataclass(frozen=True, slots=True)
class DaemonFacts:
    """What a daemon says of itself. A local one sees the files of this machine by the same paths."""

    version: str
    api_version: str
    is_podman: bool
    default_runtime: str
    runtimes: frozenset[str] = frozenset()
    is_local: bool = False


def find_host(configured: str) -> str:
    """Return the daemon's address: what is configured, `DOCKER_HOST`, or a socket that is there."""
    named = configured or os.environ.get("DOCKER_HOST", "")
    if named:
        return named
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    rootless = [f"{runtime}/docker.sock", f"{runtime}/podman/podman.sock"] if runtime else []
    for path in [DEFAULT_SOCKET, *rootless]:
        if Path(path).exists():
            return f"unix://{path}"
    return f"unix://{DEFAULT_SOCKET}"


class DockerClient:
    """One daemon. The `docker` package runs in threads; streams run on the loop."""

    def __init__(self, host: str) -> None:
        self.host = find_host(host)
        self._api: Any | None = None
        self._facts: DaemonFacts | None = None
        self._lock = asyncio.Lock()

    async def connect(self) -> DaemonFacts:
        """Ask the daemon who it is; quick when nobody answers.

        Raises:
            SandboxUnavailableError: Nothing answers, or the address is of a kind we do not speak.
        """
        async with self._lock:
            if self._facts is not None and await self._answers():
                return self._facts
            await self.close()
            await knock(Address.parse(self.host), CONNECT_TIMEOUT_S)
            self._api, facts = await _in_daemon_thread(lambda: _connect(self.host))
            self._facts = facts
            return facts

    async def call(self, use: Callable[[Any], T]) -> T:
        """Run `use` with the `docker` package's client in a thread.

        Raises:
            SandboxUnavailableError: The daemon does not answer.
            ImageMissingError: An image that was named is not there.
            SandboxError: The daemon refused.
        """
        if self._api is None:
            await self.connect()
        api = self._api
        return await _in_daemon_thread(lambda: _translated(lambda: use(api)))

    async def stream(self, path: str, query: dict[str, str], body: dict[str, Any]) -> DockerStream:
        """Open an attach or exec stream.

        Raises:
            SandboxError: The daemon refused or went away.
        """
        facts = self._facts or await self.connect()
        return await open_stream(Address.parse(self.host), f"/v{facts.api_version}{path}", query, body)

    async def lines(self, path: str, query: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
        """Yield the objects of an endless answer.

        Raises:
            SandboxError: The daemon refused, or went away.
        """
        facts = self._facts or await self.connect()
        address = Address.parse(self.host)
        async with aclosing(json_lines(address, f"/v{facts.api_version}{path}", query)) as objects:
            async for one in objects:
                yield one

    async def post(self, path: str, query: dict[str, str]) -> Answer:
        """Post a request whose answer may come late.

        Raises:
            SandboxUnavailableError: The daemon does not answer.
        """
        facts = self._facts or await self.connect()
        return await post(Address.parse(self.host), f"/v{facts.api_version}{path}", query)

    async def close(self) -> None:
        """Release the connections."""
        api, self._api, self._facts = self._api, None, None
        if api is not None:
            api.close()

    async def _answers(self) -> bool:
        api = self._api
        if api is None:
            return False
        try:
            await within(_in_daemon_thread(lambda: _translated(api.ping)), CONNECT_TIMEOUT_S)
        except (SandboxError, asyncio.TimeoutError):
            return False
        return True


def _connect(host: str) -> tuple[Any, DaemonFacts]:
    from docker import APIClient  # noqa: PLC0415 - a quarter second that a server without Docker need not pay
    from docker.errors import DockerException  # noqa: PLC0415

    probe = APIClient(base_url=host, version=MINIMUM_API, timeout=CONNECT_TIMEOUT_S)  # type: ignore[arg-type]
    try:
        version = probe.version(api_version=False)
        spoken = str(version["ApiVersion"])
        api = APIClient(base_url=host, version=spoken, timeout=CALL_TIMEOUT_S)  # type: ignore[arg-type]
        info = api.info()
    except (DockerException, OSError, KeyError) as error:
        raise SandboxUnavailableError(f"No Docker or Podman daemon answers at {host}") from error
    finally:
        probe.close()
    names = [part.get("Name", "") for part in version.get("Components") or []]
    facts = DaemonFacts(
        version=str(version.get("Version", "")),
        api_version=spoken,
        is_podman=any("podman" in name.lower() for name in names),
        default_runtime=str(info.get("DefaultRuntime", "") or "runc"),
        runtimes=frozenset(map(str, info.get("Runtimes") or ())),
        is_local=_is_local(host, info),
    )
    return api, facts


def _is_local(host: str, info: dict[str, Any]) -> bool:
    """Say whether the daemon is on this machine, and not only its socket, which may be forwarded."""
    named = (str(info.get("Name", "")), str(info.get("KernelVersion", "")))
    return host.startswith("unix://") and named == (socket.gethostname(), os.uname().release)


def _translated(call: Callable[[], T]) -> T:
    """Run a call of the `docker` package and raise our errors for its own.

    Raises:
        SandboxUnavailableError: The daemon went away.
        ImageMissingError: An image that was named is not there.
        DaemonRefusal: The daemon answered with an error.
        SandboxError: Anything else.
    """
    from docker import errors  # noqa: PLC0415 - loaded by now
    from requests.exceptions import ConnectionError as RequestsConnectionError  # noqa: PLC0415
    from requests.exceptions import RequestException  # noqa: PLC0415

    try:
        return call()
    except errors.ImageNotFound as error:
        raise ImageMissingError(f"The daemon has no such image: {error.explanation}") from error
    except errors.APIError as error:
        raise DaemonRefusal(str(error.explanation or error), error.status_code or 0) from error
    except RequestsConnectionError as error:
        raise SandboxUnavailableError("The Docker daemon went away") from error
    except (errors.DockerException, RequestException) as error:
        raise SandboxError(f"The Docker daemon did not answer as expected: {error}") from error


class DaemonRefusal(SandboxError):  # noqa: N818 - a refusal is what it is
    """The daemon answered with an error. `http_status` is its status code."""

    def __init__(self, message: str, http_status: int) -> None:
        super().__init__(f"The Docker daemon refused: {message}")
        self.http_status = http_status


async def finished(work: Awaitable[T]) -> T:
    """Wait for `work` to its end even when cancelled: a thread cannot be stopped half-way.

    What it leaves behind is then known, and can be removed.

    Raises:
        CancelledError: The caller was cancelled; the work has ended all the same.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


async def _in_daemon_thread(call: Callable[[], T]) -> T:
    """Run a blocking call in a thread that never keeps the process alive.

    The executor of `asyncio.to_thread` has few threads and is joined at exit; a daemon that hangs
    would hold both up.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result, failure = None, None
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 - carried to the caller's side
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, name="gptoss-docker", daemon=True).start()
    return await future
