"""`jupyter gptoss serve`, as a process of its own where it listens."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gptoss_lab.cli.serve import _read_token
from gptoss_lab.errors import RequestError
from tests.cli.conftest import Invoke

WITHIN_S = 60.0
PROGRAM = (sys.executable, "-c", "from gptoss_lab.cli import main; main()", "serve")
Serve = Callable[..., AbstractAsyncContextManager[asyncio.subprocess.Process]]


@pytest.fixture
def environment(tmp_path: Path, data_dir: Path) -> dict[str, str]:
    """The environment of a process that has no configuration and no sandbox."""
    folders = {name: tmp_path / name.lower() for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    for folder in folders.values():
        folder.mkdir()
    config = {"GptossLabApp": {"sandbox": {"runtime": "none"}}}
    (folders["JUPYTER_CONFIG_DIR"] / "jupyter_server_config.json").write_text(json.dumps(config))
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    named = {name: str(folder) for name, folder in folders.items()}
    return {**kept, **named, "HOME": str(tmp_path), "GPTOSS_LAB_DATA_DIR": str(data_dir)}


@pytest.fixture
def serve(environment: dict[str, str]) -> Serve:
    """Start the verb; end it when the test is through."""

    @asynccontextmanager
    async def one(*words: str, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            *(*PROGRAM, *words, "--allow-root"),
            env={**environment, **more},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # as a service manager starts it: without a terminal
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    return one


async def first_line(process: asyncio.subprocess.Process) -> str:
    """Return what it says when it listens."""
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), WITHIN_S)).decode()


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    """Return how it ended, and what it wrote since."""
    out, said = await asyncio.wait_for(process.communicate(), WITHIN_S)
    assert process.returncode is not None
    return process.returncode, out.decode(), said.decode()


def private_text(path: Path) -> str:
    """Return what a file says that only this user can read."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path.read_text().strip()


def is_there(path: Path) -> bool:
    """Say whether there is such a file."""
    return path.exists()


def client(told: dict[str, Any], token: str) -> httpx.AsyncClient:
    """Return a client that holds the token."""
    headers = {"Authorization": f"token {token}"}
    return httpx.AsyncClient(base_url=told["url"], headers=headers, timeout=30, trust_env=False)


async def test_it_serves_our_interface_and_kernels_alone(serve: Serve) -> None:
    """With a token that it made, in a file of this user's that goes with it; SIGTERM is a good end."""
    async with serve("--json", "--port=0") as process:
        told = json.loads(await first_line(process))
        assert set(told) == {"url", "pid", "token_file", "version"}
        assert told["pid"] == process.pid
        path = Path(told["token_file"])
        async with client(told, private_text(path)) as http:
            assert (await http.get("api/v1/health")).json()["version"] == told["version"]
            assert (await http.get("api/kernels")).json() == []
            assert "python3" not in (await http.get("api/kernelspecs")).json()["kernelspecs"]
            for other in ("api/contents", "api/terminals", "lab", "api/nbconvert", "files/x"):
                assert (await http.get(other)).status_code == 404, other
            refused = {"cells": [], "task": "t", "sources": [{"uri": str(path), "kind": "file"}]}
            assert (await http.post("api/v1/code/prompt", json=refused)).status_code in {403, 422}
        async with client(told, "wrong") as http:
            assert (await http.get("api/v1/health")).status_code == 401
            assert (await http.get("api/kernelspecs")).status_code == 403
        process.terminate()
        code, out, said = await ended(process)
    assert (code, out) == (0, ""), said
    assert not is_there(path)
    assert "Traceback" not in said


async def test_a_persons_words_show_how_to_reach_it(serve: Serve, tmp_path: Path) -> None:
    """The secret itself is in none of them; Ctrl-C ends it with the code of a Ctrl-C."""
    secret = tmp_path / "token"
    secret.write_text("opensesame\n")
    secret.chmod(0o600)
    words = ("--ip=0.0.0.0", "--port=0", "--token-file", str(secret), "--ServerApp.base_url=/deep/")
    async with serve(*words) as process:
        line = await first_line(process)
        found = re.search(r"http://[^/:]+:(\d+)/deep/", line)
        assert found, line
        async with client({"url": f"http://127.0.0.1:{found[1]}/deep/"}, "opensesame") as http:
            assert (await http.get("api/v1/health")).status_code == 200
        process.send_signal(signal.SIGINT)
        code, out, said = await ended(process)
    assert code == 130, said
    assert f"$(cat {secret})" in out
    assert "--gateway-url=" in out
    assert "opensesame" not in line + out + said
    assert is_there(secret)


async def test_others_are_not_let_in_without_a_secret(serve: Serve) -> None:
    """An address that others can reach needs a token or password that somebody chose."""
    async with serve("--ip=0.0.0.0", "--port=0") as process:
        code, out, said = await ended(process)
    assert (code, out) == (2, "")
    assert "no token or password" in said
    assert "--token-file" in said


@pytest.mark.parametrize(
    "words", ["--token=x", "--ServerApp.token=x", "--IdentityProvider.token=x", "--ServerApp.password=x"]
)
def test_a_secret_in_the_command_line_is_refused(invoke: Invoke, words: str) -> None:
    """Everyone on the machine could read it."""
    result = invoke("serve", words)
    assert result.exit_code == 2
    assert "can read what is in a command line" in result.stderr


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [("secret", 0o644, "Others can read"), (" \n", 0o600, "is empty"), (None, 0, "cannot be read")],
)
def test_a_token_file_must_be_ones_own(
    invoke: Invoke, tmp_path: Path, text: str | None, mode: int, told: str
) -> None:
    """It is refused before anything listens, with what to do."""
    path = tmp_path / "token"
    if text is not None:
        path.write_text(text)
        path.chmod(mode)
    result = invoke("serve", "--token-file", str(path))
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_credential_of_a_service_is_the_services_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Systemd shows its access list as permissions of a group; another file beside it is judged as ever."""
    folder, other = tmp_path / "credentials", tmp_path / "other"
    folder.mkdir()
    for path in (folder / "token", other):
        path.write_text("secret\n")
        path.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    assert _read_token(folder / "token") == "secret"
    with pytest.raises(RequestError, match="Others can read"):
        _read_token(folder / ".." / "other")
