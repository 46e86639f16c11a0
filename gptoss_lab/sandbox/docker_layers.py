"""Images that hold more than another one: a layer of wheels or of Debian's packages."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from gptoss_lab.errors import PackageRefusedError
from gptoss_lab.sandbox.docker_base import Base
from gptoss_lab.sandbox.docker_builder import Builder
from gptoss_lab.sandbox.docker_labels import Origin, labels_of
from gptoss_lab.sandbox.docker_steps import (
    ENVIRONMENT,
    LAST_STEP,
    PYTHON,
    PYTHON_PIP,
    install_debian,
    install_locked,
    record,
)
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.packages import packages_hash
from gptoss_lab.sandbox.recipes import RECIPES
from gptoss_lab.sandbox.runtime import Report, Wish
from gptoss_lab.sandbox.wheel_fetch import RESULT
from gptoss_lab.sandbox.wheels import MAX_BYTES, WheelOrder, Wheels, read_wheels, refuse_denied
from gptoss_lab.schemas.execution import SandboxImage

FETCHED = "/tmp/fetched"  # noqa: S108 - in the builder; emptied before the image is written
CRAN = "r-cran-"
NEAR = 3
# One line: the names of Debian's packages of R. The index of the builder is thrown away with its lists.
DEBIAN_NAMES = "set -e; apt-get -q update >&2; apt-cache pkgnames r- | tr '\\n' ' '"
# One line: each file with its hash, then the bytes of all.
DEBIAN_FILES = """\
set -e
apt-get -qq --print-uris --no-install-recommends install "$@" \
  | awk '{ bytes += $3; printf "%s %s ", $2, $4 } END { print bytes + 0 }'
"""


async def fetch_layer(
    builder: Builder, image: SandboxImage, wish: Wish, report: Report
) -> tuple[Lock, Sequence[str]]:
    """Find out what adding the packages would bring; return a lock of it and the packages' own names.

    Raises:
        PackageRefusedError: A package is unknown, does not fit, is too large or is there already.
        SandboxError: The index did not answer, or the tool failed.
    """
    packages = wish.packages
    await report(f"looking for {', '.join(packages)}", 2, LAST_STEP)
    if image.language == "r":
        lock, names = await _debian_lock(builder, packages, wish.denied)
    else:
        lock = (await fetch_wheels(builder, WheelOrder(packages, image.packages), report)).lock
        refuse_denied(lock, wish.denied)
        names = list(packages)
    if not lock.text:
        raise PackageRefusedError(f"{', '.join(packages)}: it is in the image already")
    return lock, names


def layer_tag(image: SandboxImage, lock: Lock) -> str:
    """Return the name of an image with a layer on it: a hash of both."""
    return f"gptoss-sandbox-{image.language}:{packages_hash([lock.sha256], 'layer 1', image.tag)}"


@dataclass(frozen=True, slots=True)
class Layer:
    """What is put on an image: the lock, the tool's names of the packages, and the person's."""

    image: SandboxImage
    lock: Lock
    names: tuple[str, ...]
    packages: tuple[str, ...]


async def write_layer(builder: Builder, layer: Layer, report: Report) -> None:
    """Install what was found and write the image.

    Raises:
        SandboxError: The tool failed.
    """
    image, lock = layer.image, layer.lock
    if image.language == "r":
        await install_debian(builder, layer.names, report, 3)
    else:
        options = ("--no-index", "--no-deps", "--no-cache-dir", "--find-links", f"{FETCHED}/wheels")
        await install_locked(builder, lock, report, options)
    found = await record(builder, image.language, report)
    await report("writing the image", 5, LAST_STEP)
    origin = Origin(
        language=image.language,
        base=Base(id=image.base_digest, tag=image.base),
        lock_sha256=lock.sha256,
        parent=image.tag,
        added=tuple(dict.fromkeys([*image.added, *layer.packages])),
    )
    await builder.commit(layer_tag(image, lock), RECIPES[image.language].path, labels_of(origin, found))


async def fetch_wheels(builder: Builder, order: WheelOrder, report: Report, folder: str = FETCHED) -> Wheels:
    """Download wheels in the builder.

    Raises:
        PackageRefusedError: One is unknown, does not fit or is too large.
        SandboxError: The index did not answer.
    """
    pip = [*PYTHON_PIP, "--python", f"{ENVIRONMENT}/bin/python3"]
    command = [*PYTHON, *order.command("", pip, folder)[1:]]

    async def tell(text: str) -> None:
        if not text.startswith(RESULT):
            await report(text, 2, LAST_STEP)

    lines = await builder.run(command, tell)
    return read_wheels(lines[-1], order.packages)


async def _debian_lock(
    builder: Builder, packages: Sequence[str], denied: frozenset[str]
) -> tuple[Lock, list[str]]:
    """Return the files that Debian's packages would bring, and the packages' names.

    Raises:
        PackageRefusedError: One is unknown, or all are too large.
    """
    known = (await builder.run(["/bin/sh", "-c", DEBIAN_NAMES]))[-1].split()
    names = [debian_name(package) for package in packages]
    for package, name in zip(packages, names, strict=True):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=NEAR)
            raise PackageRefusedError(
                f"Debian has no package {name} for this release",
                package=package,
                hint=f"Did you mean {' or '.join(near)}?" if near else "",
            )
    *words, size = (await builder.run(["/bin/sh", "-c", DEBIAN_FILES, "sh", *names]))[-1].split()
    if int(size) > MAX_BYTES:
        raise PackageRefusedError(
            f"{', '.join(packages)} and what they need are over {MAX_BYTES >> 20} MB",
            hint="Add fewer packages, or a smaller one.",
        )
    refused = [file for file in words[::2] if denied & {file.partition("_")[0], debian_short(file)}]
    if refused:
        name = refused[0].partition("_")[0]
        raise PackageRefusedError(
            f"The administrator does not allow the package {name}, which would be added",
            hint="Ask the administrator, or do without it.",
        )
    files = sorted(zip(words[::2], words[1::2], strict=True))
    return Lock("".join(f"{file} {digest}\n" for file, digest in files)), names


def debian_short(file: str) -> str:
    """Return the R name in the name of one of Debian's files: `dplyr` for `r-cran-dplyr_1.1.4-4_all.deb`."""
    return file.partition("_")[0].removeprefix(CRAN)


def debian_name(package: str) -> str:
    """Return Debian's name of an R package: `dplyr` is `r-cran-dplyr`."""
    name = package.lower()
    return name if name.startswith("r-") else f"{CRAN}{name}"
