"""Runs the fetching program: its progress, its failures, its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.model import EnginePhase, EngineProgress, FailureCode

FetchReport = Callable[[EnginePhase, EngineProgress], None]
STALLED_S = 180.0
RESERVE_BYTES = 512 << 20
_LINE_BYTES = 1 << 16
_TAIL_BYTES = 4_000
_ENVIRONMENT = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What lies where now."""

    commit: str
    folder: Path


class _Pace:
    """Speaks of a download: how far, how fast, and whether it still moves."""

    def __init__(self, repo: str, report: FetchReport) -> None:
        self._repo, self._report = repo, report
        self._began = self.moved_at = time.monotonic()
        self._done: int | None = None
        self._first = 0

    def resolving(self) -> None:
        """Say that the Hub is asked."""
        self._report("resolving", EngineProgress(message=f"Asking the Hub for {self._repo}"))

    def tell(self, facts: dict[str, Any]) -> None:
        """Pass a line of the program on."""
        done, total, checking = int(facts["done"]), int(facts["total"]), str(facts.get("checking", ""))
        now = time.monotonic()
        if self._done is None:
            self._first = done
        if done != self._done or checking:
            self._done, self.moved_at = done, now
        elapsed = now - self._began
        rate = (done - self._first) / elapsed if elapsed > 0 else 0.0
        progress = EngineProgress(
            done_bytes=done,
            total_bytes=total,
            elapsed_s=elapsed,
            remaining_s=(total - done) / rate if rate > 0 else None,
            message=f"Checking {checking}" if checking else f"Downloading {self._repo}",
        )
        self._report("downloading", progress)


async def download(
    repo: str, revision: str, folder: Path, report: FetchReport, *, stalled_s: float = STALLED_S
) -> Fetched:
    """Fetch a repository into a folder named by its commit; what is there already is kept.

    Cancelling ends the program; what it has is there for the next time.

    Raises:
        EngineLoadError: It cannot be had; `reason` says why.
    """
    pace = _Pace(repo, report)
    pace.resolving()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gptoss_lab.engines.fetch_child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        limit=_LINE_BYTES,
        start_new_session=True,
        env={**os.environ, **_ENVIRONMENT},
    )
    job = {"repo": repo, "revision": revision, "folder": str(folder), "reserve_bytes": RESERVE_BYTES}
    talk = asyncio.ensure_future(_talk(process, job, pace))
    try:
        while not talk.done():
            await asyncio.wait({talk}, timeout=max(0.05, pace.moved_at + stalled_s - time.monotonic()))
            if not talk.done() and time.monotonic() - pace.moved_at >= stalled_s:
                raise EngineLoadError(
                    f"The download of {repo} stood still for {stalled_s:.0f} s",
                    reason="timeout",
                    hint="Check the network and the proxy, then start again: it goes on where it ended.",
                )
        return talk.result()
    finally:
        talk.cancel()
        await _end(process)


async def _talk(process: asyncio.subprocess.Process, job: dict[str, Any], pace: _Pace) -> Fetched:
    assert process.stdin is not None  # noqa: S101 - all three are pipes
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    errors = asyncio.ensure_future(_tail(process.stderr))
    try:
        with contextlib.suppress(ConnectionError):  # one that ended says why on its standard error
            process.stdin.write(json.dumps(job).encode() + b"\n")
            await process.stdin.drain()
        async for raw in process.stdout:
            fetched = _read(json.loads(raw), pace)
            if fetched is not None:
                return fetched
        last = (await errors).strip().splitlines()[-1:] or [f"status {await process.wait()}"]
    except ValueError as error:
        raise EngineLoadError(
            "The program that downloads said what it should not", reason="crashed"
        ) from error
    finally:
        errors.cancel()
    raise EngineLoadError(f"The download ended by itself: {last[0][:300]}", reason="crashed")


def _read(facts: dict[str, Any], pace: _Pace) -> Fetched | None:
    """Return the result, or None while it goes on.

    Raises:
        EngineLoadError: It failed.
    """
    if "failed" in facts:
        code = facts["failed"] if facts["failed"] in get_args(FailureCode) else "crashed"
        raise EngineLoadError(str(facts["message"]), reason=code, hint=str(facts["hint"]))
    if "result" in facts:
        return Fetched(str(facts["result"]["commit"]), Path(facts["result"]["folder"]))
    pace.tell(facts)
    return None


async def _tail(stream: asyncio.StreamReader) -> str:
    kept = b""
    while block := await stream.read(4096):
        kept = (kept + block)[-_TAIL_BYTES:]
    return kept.decode("utf-8", "replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    # What it left unread would hold the pipes open, and the wait with them.
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio has no other way
    await asyncio.shield(process.wait())
