"""What the machine tells of itself, and what is believed of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from gptoss_lab.engines import hardware, hardware_amd, hardware_nvidia
from gptoss_lab.engines.hardware import read_hardware
from gptoss_lab.engines.hardware_amd import read_amd, read_rocm
from gptoss_lab.engines.hardware_nvidia import find_nvidia, read_rows
from gptoss_lab.engines.probe import Reply, ask, find_program, look, one_line

DATA = Path(__file__).parent / "data"
MIB = 1 << 20


def program(folder: Path, name: str, script: str) -> None:
    """Put a program of this name first on a PATH that the test sets."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


@pytest.fixture
def only_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that comes first when programs are looked for; no GPU of this machine is seen."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    program(tmp_path, "rocm-smi", "exit 1")
    program(tmp_path, "amd-smi", "exit 1")
    return tmp_path


def test_an_h100_is_read_as_it_answered() -> None:
    """The words of a real machine."""
    [row], missing = read_rows((DATA / "h100.csv").read_text(encoding="utf-8"))
    assert not missing
    assert not row.is_divided
    assert row.gpu.name == "NVIDIA H100 80GB HBM3"
    assert (row.gpu.total_bytes, row.gpu.free_bytes) == (81559 * MIB, 81079 * MIB)
    assert (row.gpu.capability, row.gpu.driver) == ("9.0", "580.159.04")


async def test_a_divided_gpu_is_its_parts(only_here: Path) -> None:
    """MIG: each part has its own name, address and memory; a GPU without memory of its own shares ours."""
    program(
        only_here,
        "nvidia-smi",
        f'case "$1" in -L) cat {DATA}/mig_list.txt;; -q) cat {DATA}/mig.xml;; *) cat {DATA}/mig.csv;; esac',
    )
    found = await read_hardware(only_here)
    names = [(gpu.name, gpu.total_bytes // MIB, gpu.free_bytes // MIB) for gpu in found.gpus]
    assert names[:1] == [("NVIDIA A100-SXM4-40GB", 40960, 40320)]
    assert names[2:] == [
        ("NVIDIA A100-SXM4-40GB MIG 3g.20gb", 20096, 20071),
        ("NVIDIA A100-SXM4-40GB MIG 2g.10gb", 9984, 5984),
    ]
    assert found.gpus[2].uuid == "MIG-c7384736-a75d-5afc-978f-d2f1294409fd"
    assert found.gpus[1].name == "NVIDIA GB10"
    assert found.gpus[1].total_bytes == found.memory_bytes > 0
    assert any("does not tell its memory" in words for words in found.missing)


async def test_hidden_gpus_are_not_planned_with(only_here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine inherits CUDA_VISIBLE_DEVICES."""
    program(only_here, "nvidia-smi", f"cat {DATA}/h100.csv")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-66feed1b")
    assert len((await read_hardware(only_here)).gpus) == 1
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    hidden = await read_hardware(only_here)
    assert not hidden.gpus
    assert "CUDA_VISIBLE_DEVICES hides 1 of 1 GPUs" in hidden.missing


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "echo 'NVIDIA-SMI has failed because it could not communicate with the driver'; exit 9",
            "communicate",
        ),
        ("echo '1, only, three'", "could not be read"),
        ("yes 0, flood", "said more than"),
        ("exec sleep 60", "did not answer"),
    ],
)
async def test_a_program_that_misbehaves_is_told(
    only_here: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    """It neither hangs nor fills us, and no GPU is made up."""
    program(only_here, "nvidia-smi", script)
    monkeypatch.setattr(hardware_nvidia, "ask", lambda command: ask(command, timeout_s=2.0))
    found = await find_nvidia()
    assert not found.gpus
    assert words in found.missing[0]


async def test_without_programs_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without GPUs still has a processor, memory and a disk."""
    for module in (hardware_nvidia, hardware_amd):
        monkeypatch.setattr(module, "find_program", lambda _name: None)
    found = await read_hardware(tmp_path / "not" / "there")
    assert not found.gpus
    assert [words.split(" were")[0] for words in found.missing] == ["NVIDIA GPUs", "AMD GPUs"]
    assert found.cores >= 1
    assert found.disk_free_bytes > 0
    assert 0 < found.available_bytes <= found.memory_bytes


async def test_a_place_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A disk that went away costs a bounded time."""

    async def impatient(question: object) -> object:
        return await look(question, timeout_s=0.05)  # type: ignore[arg-type]

    monkeypatch.setattr(hardware, "look", impatient)
    monkeypatch.setattr(hardware, "free_disk", lambda _place: time.sleep(1))
    found = await read_hardware(tmp_path)
    assert found.disk_free_bytes == 0
    assert any("free disk" in words for words in found.missing)


def test_amd_is_read_from_both_programs() -> None:
    """The documented forms; a card that tells no number is left out."""
    [rocm] = read_rocm((DATA / "rocm.json").read_text(encoding="utf-8"))
    assert (rocm.name, rocm.kind, rocm.capability) == ("AMD Instinct MI300X OAM", "rocm", "gfx942")
    assert rocm.free_bytes == 206141652992 - 297127936
    still, moving = (
        (DATA / name).read_text(encoding="utf-8") for name in ("amd_static.json", "amd_metric.json")
    )
    [amd] = read_amd(still, moving)
    assert (amd.name, amd.total_bytes // MIB, amd.free_bytes // MIB) == (
        "AMD Radeon RX 7900 XT",
        20464,
        20000,
    )


@pytest.mark.parametrize("said", ["", "null", "[1]", '{"card0": 3}', '{"gpu_data": {}}', "{" * 9000])
def test_nonsense_is_no_gpu(said: str) -> None:
    """Whatever the program says."""
    assert read_rocm(said) == read_amd(said, said) == ()


def test_programs_are_not_taken_from_relative_folders(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder that a person happens to be in is not asked."""
    program(tmp_path, "gptoss-made-up-smi", "true")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert find_program("gptoss-made-up-smi") is None


async def test_a_question_to_a_program_that_is_none() -> None:
    """It is told, with the reason of the system."""
    assert await ask(["/nowhere/smi"]) == Reply(problem="smi cannot be run: No such file or directory")


def test_a_line_is_short_and_plain() -> None:
    """No control characters reach a terminal or a page."""
    assert one_line("\n \x1b[31mred\x07\n second") == "[31mred"
