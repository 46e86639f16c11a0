"""What a bubblewrap sandbox is filled with: which interpreter, and which packages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gptoss_lab.errors import ImageMissingError
from gptoss_lab.sandbox import host_r
from gptoss_lab.sandbox.bubblewrap_interpreter import Interpreter
from gptoss_lab.sandbox.environment_mirror import read_mirror
from gptoss_lab.sandbox.environments import PACKAGES, Environments
from gptoss_lab.sandbox.runtime import LaunchSpec


class Content(NamedTuple):
    """The interpreter, and the folder of its packages, or what a kernel that is no Python reads."""

    interpreter: Interpreter
    packages: Path | Sequence[Path]


def content_of(environments: Environments, server: Interpreter, spec: LaunchSpec) -> Content:
    """Return what to mount for a kernel. This reads the disk: call it in a thread.

    Raises:
        ImageMissingError: The environment is not here, or no longer the one that is asked for.
    """
    if spec.language == "r":
        image = host_r.image()
        if image is None or image.id != spec.image_id:
            raise ImageMissingError(
                f"The R of this machine is not, or no longer, the environment {spec.image_id}",
                hint="Its packages have changed since; run with the present ones, or build an image.",
            )
        return Content(server, host_r.system_files())
    mirror = read_mirror(environments, spec.image_id)
    if mirror is not None:
        extras = environments.place(spec.image_id) / PACKAGES
        return Content(mirror.interpreter(extras), mirror.folders[0])
    packages = environments.packages_folder(spec.image_id)
    if packages is None:
        raise ImageMissingError(f"The sandbox environment {spec.image_id or 'for Python'} is not built")
    return Content(server, packages)
