"""Images in one file: what is refused before a daemon sees it, and the way through a real one."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from gptoss_lab.errors import RequestError
from gptoss_lab.sandbox.archives import NotOursError
from gptoss_lab.sandbox.docker_archive import load_image, read_archive, save_image
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.sandbox.docker_images import DockerImages
from gptoss_lab.sandbox.docker_labels import LABEL
from gptoss_lab.sandbox.runtime import Wish
from tests.fakes.wheels import ignore
from tests.sandbox.conformance import require_image

TAG = "gptoss-sandbox-python:0123456789abcdef"
LABELS = {f"{LABEL}.language": "python", f"{LABEL}.lock-sha256": "10c4"}


def write_archive(file: Path, manifest: Any, config: Any) -> Path:
    """Write what Docker would, without layers."""
    with tarfile.open(file, "w") as archive:
        for name, value in (("manifest.json", manifest), ("config.json", config)):
            content = json.dumps(value).encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file


def row(*tags: str, config: str = "config.json") -> dict[str, Any]:
    """Return an image's row in the list of an archive."""
    return {"Config": config, "RepoTags": list(tags), "Layers": []}


def config(labels: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """Return an image's configuration."""
    return {"config": {"Labels": LABELS if labels is None else labels, **more}}


@pytest.mark.parametrize("tag", [TAG, f"localhost/{TAG}"])
def test_an_image_of_ours_is_known(tmp_path: Path, tag: str) -> None:
    """By its one name and its labels; Podman puts its own word before the name."""
    assert read_archive(write_archive(tmp_path / "a", [row(tag)], config())) == (TAG, LABELS)


@pytest.mark.parametrize(
    ("manifest", "made"),
    [
        ([row("python:3.12")], config()),
        ([row(TAG, "python:3.12")], config()),
        ([row()], config()),
        ([row(f"evil.example/{TAG}")], config()),
        ([row(TAG), row("python:3.12")], config()),
        ([], config()),
        ({}, config()),
        (["x"], config()),
        ([row(TAG, config="missing.json")], config()),
        ([row(TAG)], config({})),
        ([row(TAG)], config({**LABELS, f"{LABEL}.language": "r"})),
        ([row(TAG)], config({f"{LABEL}.language": "python"})),
        ([row(TAG)], config(Volumes={"/data": {}})),
        ([row(TAG)], config(OnBuild=["RUN x"])),
        ([row(TAG)], []),
    ],
)
def test_what_is_not_ours_alone_is_refused(tmp_path: Path, manifest: Any, made: Any) -> None:
    """Other names, other images beside it, no labels, or more than a sandbox may have."""
    with pytest.raises(NotOursError):
        read_archive(write_archive(tmp_path / "a", manifest, made))


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """Neither an archive nor readable inside."""
    (tmp_path / "text").write_text("x" * 2000)
    with pytest.raises(NotOursError):
        read_archive(tmp_path / "text")
    with tarfile.open(tmp_path / "bad", "w") as archive:
        entry = tarfile.TarInfo("manifest.json")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"[{}"))
    with pytest.raises(NotOursError):
        read_archive(tmp_path / "bad")


@pytest.mark.docker
@pytest.mark.timeout(900)
async def test_an_image_goes_through_a_file(tmp_path: Path) -> None:
    """Saved, removed and loaded, it is the same image with the same labels."""
    await require_image("docker")
    client = DockerClient("")
    images = DockerImages(client)
    file = tmp_path / "image.tar"
    try:
        stock = await images.find("python")
        assert stock is not None
        made = await images.extend(stock, Wish(("toolz",)), ignore)
        await save_image(client, made.tag, file, force=False)
        with pytest.raises(RequestError, match="exists"):
            await save_image(client, made.tag, file, force=False)
        await images.remove(made.id)
        assert await images.get(made.tag) is None
        assert await load_image(client, file) == made.tag
        loaded = await images.get(made.tag)
        assert loaded == made
        await images.remove(made.id)
    finally:
        await client.close()
