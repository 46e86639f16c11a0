"""A look at the installation."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.errors import EngineAuthError, SandboxUnavailableError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.diagnosis import Check
from gptoss_lab.schemas.execution import SandboxImage, SandboxStatus
from gptoss_lab.services import disk, doctor, doctor_model

Examine = Callable[..., Any]


class Machine:
    """A machine on which everything is well, until a test breaks it."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config"
        self.data = folder / "data"
        self.status_now = SandboxStatus(available=True, runtime="bubblewrap", version="0.8", image_ready=True)
        self.status_of_r = self.status_now
        self.images_now = [SandboxImage(id="a", runtime="bubblewrap", language="python", tag="python-1")]
        self.failure: Exception | None = None
        self.write(self.config / "jupyter_server_config.d" / "x.json", extension(enabled=True))
        self.write(self.data / "labextensions" / "gptoss-lab" / "package.json", {"version": "9.9"})
        for name in ("gptoss-python", "gptoss-r"):
            self.kernel("gptoss-sandbox", name)

    def write(self, file: Path, value: Any) -> None:
        """Write a JSON file."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value))

    def kernel(self, provisioner: str, name: str = "gptoss-python") -> None:
        """Install a kernelspec."""
        metadata = {"kernel_provisioner": {"provisioner_name": provisioner}} if provisioner else {}
        spec = {"argv": ["x"], "display_name": "x", "language": "python", "metadata": metadata}
        self.write(self.data / "kernels" / name / "kernel.json", spec)

    async def status(self, language: str = "python") -> SandboxStatus:
        """Say whether cells can be run."""
        return self.status_now if language == "python" else self.status_of_r

    async def images(self) -> list[SandboxImage]:
        """List what was built."""
        if self.failure:
            raise self.failure
        return self.images_now


def extension(*, enabled: bool) -> dict[str, Any]:
    """Return the configuration that enables the server extension."""
    return {"ServerApp": {"jpserver_extensions": {"gptoss_lab": enabled}}}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with its own configuration and data folders."""
    made = Machine(tmp_path)
    monkeypatch.setattr(doctor, "jupyter_config_path", lambda: [str(tmp_path / "user"), str(made.config)])
    monkeypatch.setattr(doctor, "jupyter_path", lambda *parts: [str(made.data.joinpath(*parts))])
    monkeypatch.setenv("JUPYTER_PATH", str(made.data))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setattr(
        "jupyter_client.kernelspec.jupyter_path", lambda *parts: [str(made.data.joinpath(*parts))]
    )
    entry = EntryPoint("gptoss-sandbox", "json:JSONDecoder", "jupyter_client.kernel_provisioners")
    monkeypatch.setattr(doctor, "entry_points", lambda **_: EntryPoints([entry]))
    return made


async def look(machine: Machine, model: ModelConfig | None = None) -> dict[str, Check]:
    """Return the checks by name."""
    diagnosis = await doctor.examine(model=model or ModelConfig(), execution=machine)
    return {check.name: check for check in diagnosis.checks}


async def test_all_is_well(machine: Machine) -> None:
    """Eleven things are looked at, and none needs mending."""
    checks = await look(machine)
    assert {check.status for check in checks.values()} == {"ok"}, checks
    assert len(checks) == 11
    assert not any(check.fix for check in checks.values())


@pytest.mark.parametrize("name", ["gptoss-python", "gptoss-r"])
async def test_a_missing_kernel_is_found(name: str, machine: Machine) -> None:
    """Without its kernelspec nothing can be started in a language."""
    (machine.data / "kernels" / name / "kernel.json").unlink()
    check = (await look(machine))["kernel"]
    assert (check.status, bool(check.fix)) == ("fail", True)


async def test_r_is_looked_at_by_itself(machine: Machine) -> None:
    """What R lacks is told apart from what Python has, with the command that mends it."""
    machine.status_of_r = SandboxStatus(available=True, runtime="docker", image_ready=False)
    checks = await look(machine)
    assert (checks["sandbox"].status, checks["sandbox for R"].status) == ("ok", "warn")
    assert "sandbox build r" in checks["sandbox for R"].fix


async def test_a_kernel_without_our_provisioner_is_a_failure(machine: Machine) -> None:
    """Such a kernel would run generated code with no sandbox at all."""
    machine.kernel("")
    check = (await look(machine))["kernel"]
    assert check.status == "fail"
    assert "without a sandbox" in check.detail


@pytest.mark.parametrize("value", ["no_such_module_of_ours:X", ""])
async def test_a_provisioner_that_cannot_be_loaded_is_found(
    value: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Registered is not enough: it is loaded."""
    entries = [EntryPoint("gptoss-sandbox", value, "x")] if value else []
    monkeypatch.setattr(doctor, "entry_points", lambda **_: EntryPoints(entries))
    assert (await look(machine))["provisioner"].status == "fail"


async def test_the_users_own_choice_of_extension_counts_first(machine: Machine, tmp_path: Path) -> None:
    """What a person disabled is disabled, though the environment enables it."""
    machine.write(tmp_path / "user" / "jupyter_server_config.json", extension(enabled=False))
    check = (await look(machine))["server extension"]
    assert (check.status, "enable gptoss_lab" in check.fix) == ("fail", True)


async def test_an_extension_that_is_not_enabled_is_found(machine: Machine) -> None:
    """A broken file counts as none."""
    (machine.config / "jupyter_server_config.d" / "x.json").write_text("{")
    assert (await look(machine))["server extension"].status == "fail"


@pytest.mark.parametrize("disabled", [{"gptoss-lab": True}, ["gptoss-lab"]])
async def test_a_disabled_front_end_is_found(disabled: Any, machine: Machine) -> None:
    """JupyterLab keeps what it disables in either form."""
    machine.write(machine.config / "labconfig" / "page_config.json", {"disabledExtensions": disabled})
    check = (await look(machine))["JupyterLab extension"]
    assert (check.status, "enable gptoss-lab" in check.fix) == ("fail", True)


async def test_a_missing_front_end_is_found(machine: Machine) -> None:
    """Without it there is no panel."""
    (machine.data / "labextensions" / "gptoss-lab" / "package.json").unlink()
    assert (await look(machine))["JupyterLab extension"].status == "fail"


async def test_a_data_folder_that_cannot_be_made(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one thing that nothing works without."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GPTOSS_LAB_DATA_DIR", str(tmp_path / "file" / "x"))
    check = (await look(machine))["data folder"]
    assert (check.status, bool(check.fix)) == ("fail", True)


async def test_little_space_is_a_warning(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image needs gigabytes."""
    monkeypatch.setattr(disk, "FREE_BYTES_WANTED", 1 << 62)
    assert (await look(machine))["data folder"].status == "warn"


async def test_sandboxes_are_warnings(machine: Machine) -> None:
    """Without a sandbox the product works with verification off."""
    machine.status_now = SandboxStatus(available=False, reason="nothing", hint="Install bubblewrap.")
    machine.images_now = []
    checks = await look(machine)
    assert (checks["sandbox"].status, checks["sandbox"].fix) == ("warn", "Install bubblewrap.")
    assert "sandbox build python" in checks["sandbox images"].fix
    machine.status_now = SandboxStatus(available=True, runtime="docker", image_ready=False)
    machine.failure = SandboxUnavailableError("gone")
    checks = await look(machine)
    assert "sandbox build python" in checks["sandbox"].fix
    assert checks["sandbox images"].detail == "gone"


class Engine:
    """A model service that offers one model, or fails."""

    failure: Exception | None = None
    closed = 0

    def __init__(self, config: ModelConfig) -> None:
        assert config.url

    async def models(self) -> list[str]:
        """Return the names."""
        if self.failure:
            raise self.failure
        return ["gpt-oss-20b"]

    async def close(self) -> None:
        """Count it."""
        Engine.closed += 1


@pytest.mark.parametrize(
    ("name", "failure", "status"),
    [
        ("gpt-oss-20b", None, "ok"),
        ("", None, "ok"),
        ("other", None, "fail"),
        ("gpt-oss-20b", EngineAuthError("401"), "fail"),
    ],
)
async def test_a_configured_model_is_asked(
    name: str, failure: Exception | None, status: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reachable, with the right key, and with the right name."""
    monkeypatch.setattr(doctor_model, "HttpChatEngine", Engine)
    monkeypatch.setattr(Engine, "failure", failure)
    before = Engine.closed
    check = (await look(machine, ModelConfig(url="http://127.0.0.1:1/v1", name=name)))["model"]
    assert (check.status, bool(check.fix)) == (status, status == "fail")
    assert Engine.closed == before + 1
