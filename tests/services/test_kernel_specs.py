"""Kernelspecs of sandboxes, read before anything is started."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.errors import ImageMissingError, PolicyError
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import LimitOverrides
from gptoss_lab.services.kernel_specs import kernel_rules, kernel_stanza


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Install kernelspecs where only this test finds them."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    def one(name: str, metadata: dict[str, Any]) -> None:
        folder = tmp_path / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": ["x"], "display_name": name, "language": "python", "metadata": metadata}
        (folder / "kernel.json").write_text(json.dumps(spec))

    return one


def test_the_stanza_is_read(install: Any) -> None:
    """What the kernelspec tells the provisioner narrows the server's limits."""
    config = {"language": "python", "limits": {"pids": 50}}
    install("mine", {"kernel_provisioner": {"provisioner_name": "gptoss-sandbox", "config": config}})
    assert kernel_stanza("mine") == config
    assert kernel_rules("mine", SandboxConfig(), LimitOverrides(cpus=0.5)).limits.pids == 50
    with pytest.raises(PolicyError, match="pids=60 is wider than the 50"):
        kernel_rules("mine", SandboxConfig(), LimitOverrides(pids=60))


@pytest.mark.parametrize(
    "metadata",
    [{}, {"kernel_provisioner": "x"}, {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}],
)
def test_a_kernel_without_a_sandbox_is_refused(install: Any, metadata: dict[str, Any]) -> None:
    """A kernelspec with another provisioner, or none, never runs generated code."""
    install("local", metadata)
    with pytest.raises(PolicyError, match="does not run in a sandbox"):
        kernel_stanza("local")


@pytest.mark.parametrize("name", ["nothing", "../x", "a b"])
def test_a_kernel_that_is_not_there(name: str) -> None:
    """A name that no kernelspec has is said to be missing."""
    with pytest.raises(ImageMissingError, match="is not installed"):
        kernel_stanza(name)
