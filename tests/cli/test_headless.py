"""The server without a screen, before it listens."""

from __future__ import annotations

import errno
import json
import os
import socket
from pathlib import Path

import pytest
from jupyter_client.kernelspec import NoSuchKernel

from gptoss_lab.cli.headless import HeadlessServer, SandboxKernelSpecManager
from gptoss_lab.errors import GptossError

OURS = {"kernel_provisioner": {"provisioner_name": "gptoss-sandbox", "config": {"language": "python"}}}
SPECS = {
    "boxed": json.dumps({"argv": ["python3"], "language": "python", "metadata": OURS}),
    "plain": json.dumps({"argv": ["python3"], "language": "python"}),
    "elsewhere": json.dumps({
        "argv": ["x"],
        "language": "x",
        "metadata": {"kernel_provisioner": {"provisioner_name": "yarn"}},
    }),
    "strange": json.dumps({
        "argv": ["x"],
        "language": "x",
        "metadata": {"kernel_provisioner": "gptoss-sandbox"},
    }),
    "broken": "{",
}


@pytest.fixture
def specs(tmp_path: Path) -> SandboxKernelSpecManager:
    """What is found in a folder with kernels of all kinds."""
    for name, text in SPECS.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "kernel.json").write_text(text)
    return SandboxKernelSpecManager(kernel_dirs=[str(tmp_path)])


def test_only_kernels_in_a_sandbox_are_offered(specs: SandboxKernelSpecManager) -> None:
    """What a person's own kernelspec says decides, not its name; one that cannot be read is left out."""
    assert set(specs.find_kernel_specs()) == {"boxed"}
    assert set(specs.get_all_specs()) == {"boxed"}
    assert specs.get_kernel_spec("boxed").language == "python"


@pytest.mark.parametrize("name", ["plain", "elsewhere", "strange", "python3", "nobody"])
def test_another_kernel_does_not_exist(specs: SandboxKernelSpecManager, name: str) -> None:
    """Not even the one that every Jupyter has."""
    with pytest.raises(NoSuchKernel):
        specs.get_kernel_spec(name)


def test_a_taken_port_is_told_with_what_to_do() -> None:
    """Nothing is retried in silence: a client would look for it where it was asked for."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(GptossError, match=f"Port {port} of 127.0.0.1 is taken") as caught:
            HeadlessServer(ip="127.0.0.1", port=port)._find_http_port()
    assert "--port" in caught.value.hint


def test_a_free_port_is_found_by_number_zero() -> None:
    """It is known before it is told."""
    server = HeadlessServer(ip="127.0.0.1", port=0)
    server._find_http_port()
    assert server.port > 1023


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.EACCES, "no"), "may not listen on port 80"),
        (OSError(errno.EADDRNOTAVAIL, "no"), "has no address 192.0.2.1"),
        (socket.gaierror(-2, "Name or service not known"), "has no address 192.0.2.1"),
        (OSError(errno.EMFILE, "no"), os.strerror(errno.EMFILE)),
    ],
)
def test_why_an_address_cannot_be_had_is_told(
    monkeypatch: pytest.MonkeyPatch, error: OSError, told: str
) -> None:
    """In words, with what to do, and without a traceback."""

    def refuse(*_address: object, **_kind: object) -> None:
        raise error

    monkeypatch.setattr("gptoss_lab.cli.headless.socket.create_server", refuse)
    with pytest.raises(GptossError, match=told) as caught:
        HeadlessServer(ip="192.0.2.1", port=80)._find_http_port()
    assert caught.value.hint
