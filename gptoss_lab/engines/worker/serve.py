"""The life of the worker: listen, load, answer, stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from threading import Event
from typing import Any

from gptoss_lab.engines.worker.faults import UnloadableError, load_fault
from gptoss_lab.engines.worker.http import MAX_HEAD_BYTES
from gptoss_lab.engines.worker.memory import resident_bytes
from gptoss_lab.engines.worker.options import Options, read_options
from gptoss_lab.engines.worker.report import say, say_fault
from gptoss_lab.engines.worker.routes import Routes
from gptoss_lab.engines.worker.station import Station

_STOP_S = 0.7
_FAILED = 3


def run(argv: Sequence[str]) -> int:
    """Serve until a signal comes; return the exit status.

    Args:
        argv: The words after the program's name.
    """
    options = read_options(argv)
    os.umask(0o077)
    status = asyncio.run(_serve(options))
    sys.stdout.flush()
    os._exit(status)  # a thread that still loads cannot be stopped, and nothing is left to be written


async def _serve(options: Options) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_say_unhandled)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    station = Station(options)
    routes = Routes(station)
    say("starting", "listening")
    try:
        options.socket.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(routes.accept, str(options.socket), limit=2 * MAX_HEAD_BYTES)
    except OSError as error:
        say(
            "failed",
            f"The socket cannot be made: {error.strerror or type(error).__name__}",
            code="port_or_socket",
        )
        return _FAILED
    options.socket.chmod(0o600)
    try:
        return await _load_and_wait(station, stop)
    finally:
        station.stopping = True
        station.line.abort_all()
        server.close()
        options.socket.unlink(missing_ok=True)
        await routes.drain(_STOP_S)
        say("stopped")


async def _load_and_wait(station: Station, stop: asyncio.Event) -> int:
    loop = asyncio.get_running_loop()
    loading = loop.run_in_executor(None, _load, station.options)
    stopping = asyncio.ensure_future(stop.wait())
    futures: set[asyncio.Future[Any]] = {loading, stopping}
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
    if not loading.done():
        return 0
    try:
        network, version = loading.result()
    except UnloadableError as fault:
        say("failed", fault.message, code=fault.code)
        return _FAILED
    station.serve(network, version)
    kv_bytes = station.kv_tokens * network.kv_bytes_per_token
    say("memory", kv_bytes=kv_bytes, kv_tokens=station.kv_tokens, resident_bytes=resident_bytes())
    say("ready", f"{station.max_model_len} tokens")
    await stopping
    return 0


def _load(options: Options) -> tuple[Any, str]:
    try:
        from gptoss_lab.engines.worker import loading  # noqa: PLC0415 - torch takes seconds, and may be missing
    except ImportError as error:
        raise load_fault(error, options.device) from error
    try:
        loading.say_versions()
        network = loading.load(options)
        say("memory", weights_bytes=loading.weights_bytes(network), gpu_bytes=loading.gpu_bytes())
        say("warming")
        network.feed(network.new_cache(), (200006,), Event(), scored=True)
    except Exception as error:
        say_fault("loading", error)
        raise load_fault(error, options.device) from error
    return network, loading.VERSION


def _say_unhandled(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if isinstance(error, BaseException):
        say_fault("loop", error)
