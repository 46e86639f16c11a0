"""What an image's labels say of it: written when it is built, read when it is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from gptoss_lab._version import __version__
from gptoss_lab.sandbox.docker_base import Base
from gptoss_lab.sandbox.docker_builder import SITE_PACKAGES_LABEL
from gptoss_lab.sandbox.docker_steps import Record
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import SandboxImage

LABEL = "org.gptoss-lab"
OPEN_CONTAINERS = "org.opencontainers.image"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an image comes from: what is below, what it was locked to, and whose wishes it adds."""

    language: Language
    base: Base
    lock_sha256: str = ""
    parent: str = ""
    added: tuple[str, ...] = ()
    kernel: str = ""
    left_out: tuple[str, ...] = ()


def labels_of(origin: Origin, record: Record) -> dict[str, str]:
    """Return the labels of an image that is about to be written.

    Source: https://specs.opencontainers.org/image-spec/annotations/
    """
    debian = json.dumps(dict(sorted(record.system.items())))
    built_at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return {
        f"{OPEN_CONTAINERS}.title": f"gptoss_lab sandbox, {origin.language}",
        f"{OPEN_CONTAINERS}.version": __version__,
        f"{OPEN_CONTAINERS}.created": built_at,
        f"{OPEN_CONTAINERS}.base.name": origin.base.tag,
        f"{OPEN_CONTAINERS}.base.digest": origin.base.id,
        f"{LABEL}.language": origin.language,
        f"{LABEL}.language-version": record.version,
        f"{LABEL}.base": origin.base.tag,
        f"{LABEL}.base-digest": origin.base.id,
        # Debian has one version of a package per release: the versions that were found are the lock.
        f"{LABEL}.lock-sha256": origin.lock_sha256 or hashlib.sha256(debian.encode()).hexdigest(),
        f"{LABEL}.parent": origin.parent,
        f"{LABEL}.added": json.dumps(origin.added),
        f"{LABEL}.kernel": origin.kernel,
        f"{LABEL}.left-out": json.dumps(origin.left_out),
        f"{LABEL}.packages": json.dumps(dict(record.packages)),
        f"{LABEL}.debian": debian,
        f"{LABEL}.built-at": built_at,
        f"{LABEL}.tool-version": __version__,
        SITE_PACKAGES_LABEL: record.library,
    }


def read_image(facts: Mapping[str, Any]) -> SandboxImage:
    """Read what the daemon says of one of our images."""
    labels: dict[str, str] = (facts.get("Config") or {}).get("Labels") or {}
    tags = [tag for tag in facts.get("RepoTags") or [] if "gptoss-sandbox" in tag]

    def text(name: str) -> str:
        return labels.get(f"{LABEL}.{name}", "")

    return SandboxImage(
        id=facts["Id"],
        runtime="docker",
        language="r" if text("language") == "r" else "python",
        tag=tags[0].removeprefix("localhost/") if tags else facts["Id"],
        size_bytes=facts.get("Size") or 0,
        built_at=text("built-at"),
        packages=json.loads(text("packages") or "{}"),
        language_version=text("language-version"),
        base=text("base"),
        base_digest=text("base-digest"),
        lock_sha256=text("lock-sha256"),
        tool_version=text("tool-version"),
        parent=text("parent"),
        added=json.loads(text("added") or "[]"),
        kernel=text("kernel"),
        left_out=json.loads(text("left-out") or "[]"),
    )
