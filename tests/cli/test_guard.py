"""`jupyter gptoss guard`, and real kernels that read what it wrote."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from typer.testing import CliRunner

from gptoss_lab.cli import app
from gptoss_lab.cli.guard_files import BEGIN, NAME
from gptoss_lab.sandbox import host_r

PENDING = {"gptoss_lab": {"review": "pending"}}
ARGV = {
    "python": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "r": ["R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"],
}
OWN_R = "options(digits = 7)"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The start-up files of a person who has an R profile."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("R_PROFILE_USER", str(tmp_path / "profile.R"))
    (tmp_path / "profile.R").write_text(OWN_R)
    return {
        "python": tmp_path / "ipython" / "profile_default" / "startup" / NAME,
        "r": tmp_path / "profile.R",
    }


def call(*arguments: str) -> tuple[int, str]:
    """Call the verb; return its exit code and what it said."""
    result = CliRunner().invoke(app, ["guard", *arguments])
    return result.exit_code, result.output


def test_enable_status_and_disable(files: dict[str, Path]) -> None:
    """Each says what is; a second time changes nothing; what was there is there after."""
    assert [line.split(" is ")[1].split(" ")[0] for line in call("status")[1].splitlines()] == ["off", "off"]
    assert call("enable")[0] == 0
    once = {name: path.read_text() for name, path in files.items()}
    assert once["r"].startswith(f"{OWN_R}\n\n{BEGIN}")
    assert "was on already" in call("enable")[1]
    assert {name: path.read_text() for name, path in files.items()} == once
    files["python"].write_text(once["python"].replace("ename", "other"))
    assert "is on, but of another version" in call("status", "--kernel", "python")[1]
    assert call("enable")[0] == 0
    assert files["python"].read_text() == once["python"]
    assert call("disable")[0] == 0
    assert not files["python"].exists()
    assert files["r"].read_text().rstrip() == OWN_R
    assert "was off already" in call("disable")[1]


def test_one_kind_of_kernel_in_one_environment(
    files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person's own files stay as they are; an environment without R has nothing to guard there."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    assert call("enable", "--kernel", "python", "--sys-prefix")[0] == 0
    assert (tmp_path / "env" / "etc" / "ipython" / "startup" / NAME).exists()
    code, said = call("enable", "--kernel", "r", "--sys-prefix")
    assert (code, "There is no R in" in said) == (2, True)
    (tmp_path / "env" / "lib" / "R" / "etc").mkdir(parents=True)
    assert call("enable", "--kernel", "r", "--sys-prefix")[0] == 0
    assert BEGIN in (tmp_path / "env" / "lib" / "R" / "etc" / "Rprofile.site").read_text()
    assert not files["python"].exists()
    assert files["r"].read_text() == OWN_R


def test_a_damaged_block_changes_nothing(files: dict[str, Path]) -> None:
    """Not even the other kernel's file."""
    files["r"].write_text(f"{BEGIN}\n")
    code, said = call("enable")
    assert (code, "is damaged" in said) == (2, True)
    assert not files["python"].exists()


@pytest.fixture(params=["python", "r"])
def language(request: pytest.FixtureRequest) -> str:
    """A language with a kernel here, whose guard is on."""
    name: str = request.param
    if name == "r" and (shutil.which("R") is None or host_r.problem()):
        pytest.skip(host_r.problem() or "there is no R")
    assert call("enable")[0] == 0
    return name


@pytest.fixture
async def client(language: str) -> AsyncIterator[Any]:
    """A client of a local kernel."""
    manager: Any = AsyncKernelManager()
    manager._kernel_spec = KernelSpec(argv=ARGV[language], language=language)
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def ask(client: Any, code: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """Send a cell with its metadata and return the reply."""
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    content.update(user_expressions={}, stop_on_error=True)
    request = client.session.msg("execute_request", content, metadata=metadata)
    client.shell_channel.send(request)
    while True:
        reply = await client.get_shell_msg(timeout=30)
        if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            found: dict[str, Any] = reply["content"]
            return found


async def test_a_local_kernel_refuses_then(client: Any) -> None:
    """And runs everything else, with the numbers in their order."""
    first = await ask(client, "1", {})
    refused = await ask(client, "stop", PENDING)
    assert (refused["status"], refused["ename"]) == ("error", "PendingReview")
    last = await ask(client, "2", {"gptoss_lab": {"review": "accepted"}})
    assert (last["status"], last["execution_count"]) == ("ok", first["execution_count"] + 1)
