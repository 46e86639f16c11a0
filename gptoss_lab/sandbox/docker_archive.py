"""Carry an image of ours between daemons in one file, in Docker's own form."""

from __future__ import annotations

import asyncio
import json
import re
import tarfile
import threading
from pathlib import Path
from typing import Any

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.archives import NotOursError, stoppable, written_whole
from gptoss_lab.sandbox.docker_client import DockerClient, finished
from gptoss_lab.sandbox.docker_labels import LABEL

TAG = re.compile(r"(?:localhost/)?(gptoss-sandbox-(python|r):[0-9a-f]{16})")
MAX_JSON_BYTES = 8 << 20
CHUNK_BYTES = 1 << 20


async def save_image(client: DockerClient, tag: str, target: Path, *, force: bool) -> None:
    """Write the image of that tag to a file.

    Raises:
        RequestError: There is such a file, and it is not to be replaced.
        StorageError: The disk is full or not writable.
        SandboxError: The daemon refused.
    """

    def write(api: Any, stopped: threading.Event) -> None:
        with written_whole(target, force=force) as file:
            for chunk in api.get_image(tag, chunk_size=CHUNK_BYTES):
                if stopped.is_set():
                    raise SandboxError("Saving was stopped")
                file.write(chunk)

    await stoppable(lambda stopped: client.call(lambda api: write(api, stopped)))


async def load_image(client: DockerClient, source: Path) -> str:
    """Give an image that was saved to the daemon; return its tag.

    Raises:
        RequestError: The file is not an image of ours.
        SandboxError: The daemon refused, or loaded something else.
    """
    tag, labels = await asyncio.to_thread(read_archive, source)

    def work(api: Any) -> dict[str, str]:
        with source.open("rb") as file:
            api.load_image(file)
        facts = api.inspect_image(tag)
        return dict((facts.get("Config") or {}).get("Labels") or {})

    if await finished(client.call(work)) != labels:
        await client.call(lambda api: api.remove_image(tag, force=True))
        raise SandboxError(f"The daemon loaded something else than {source} says; it was removed again")
    return tag


def read_archive(file: Path) -> tuple[str, dict[str, str]]:
    """Return the tag and the labels of the one image in a file, if it is ours.

    What is not named here is not loaded: a file that brings another image along, or another name for
    this one, would replace what other people's containers start from.

    Raises:
        NotOursError: It is not, or not alone.
    """
    try:
        with tarfile.open(file, "r:") as archive:
            manifest = _json(archive, "manifest.json", file)
            if not isinstance(manifest, list) or len(manifest) != 1 or not isinstance(manifest[0], dict):
                raise NotOursError(file, "it holds no image, or several")
            config = _json(archive, str(manifest[0].get("Config")), file)
    except (OSError, tarfile.TarError, ValueError) as error:
        raise NotOursError(file, str(error)) from error
    tags = manifest[0].get("RepoTags")
    found = TAG.fullmatch(str(tags[0])) if isinstance(tags, list) and len(tags) == 1 else None
    inner = (config.get("config") if isinstance(config, dict) else None) or {}
    labels = inner.get("Labels") or {}
    if found is None or labels.get(f"{LABEL}.language") != found[2] or not labels.get(f"{LABEL}.lock-sha256"):
        raise NotOursError(file, "its name or its labels are not ours")
    if inner.get("Volumes") or inner.get("OnBuild"):
        raise NotOursError(file, "it asks for volumes or more than it may")
    return found[1], {str(name): str(value) for name, value in labels.items()}


def _json(archive: tarfile.TarFile, name: str, file: Path) -> Any:
    """Read one small member.

    Raises:
        NotOursError: It is not there, or not small.
    """
    try:
        member = archive.getmember(name)
        source = archive.extractfile(member) if member.isreg() and member.size <= MAX_JSON_BYTES else None
    except KeyError:
        source = None
    if source is None:
        raise NotOursError(file, f"it lacks {name[:80]}")
    return json.loads(source.read())
