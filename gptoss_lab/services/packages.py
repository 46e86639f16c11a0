"""Add packages to a sandbox's environment: on a person's word only, and only such as may be added."""

from __future__ import annotations

import asyncio
import difflib
import re
import sys
from collections.abc import Callable, Iterable, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from gptoss_lab.checks.packages import DISTRIBUTIONS
from gptoss_lab.errors import ImageMissingError, PackageRefusedError, PolicyError
from gptoss_lab.sandbox.runtime import Report
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import SandboxImage
from gptoss_lab.schemas.sandboxes import PackagesRequest, SandboxState
from gptoss_lab.services.images import ImageService
from gptoss_lab.services.sandboxes import NotebookKernels, SandboxService

NEAR = 3
R_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.+-]{0,99}")


class PackageService:
    """Adds packages to images.

    Args:
        config: Says whether that is allowed, and what never is.
        images: Where they are added.
        sandboxes: Those that start anew with them.
        changed: Told when there is another image, for what is remembered of the one before.
    """

    def __init__(
        self,
        *,
        config: SandboxConfig,
        images: ImageService,
        sandboxes: SandboxService,
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        self._config = config
        self._images = images
        self._sandboxes = sandboxes
        self._changed = changed
        self._ensuring = asyncio.Lock()

    async def add_to(
        self, sandbox: str, request: PackagesRequest, owner: str, kernels: NotebookKernels
    ) -> SandboxState:
        """Add packages to the image that a sandbox runs in, and start the sandbox anew in what comes of it.

        Where anything goes wrong before that, the sandbox runs on as it was.

        Raises:
            NotFoundError: There is no such sandbox, or it is someone else's.
            ConflictError: It has ended, or runs for one execution only.
            PolicyError: It is not allowed.
            PackageRefusedError: A package is unknown, denied, or cannot be added.
            SandboxError: The build failed, or the sandbox does not start.
            StorageError: The disk is full or not writable.
        """
        record = await self._sandboxes.restartable(sandbox, owner, kernels)
        below = await self._images.newest(await self._images.find(record.image))
        made = await self.add(record.language, request.packages, _quiet, image=below.id)
        return await self._sandboxes.restart(sandbox, owner, kernels, image=made.id)

    async def ensure(self, language: Language, packages: Sequence[str], report: Report) -> SandboxImage:
        """Return the image that sandboxes start in, with these packages: those that are there are not added.

        Whoever asks for the same at the same time waits, and finds them there.

        Raises:
            GptossError: As `add` does.
        """
        if self._ensuring.locked():
            await report("waiting for another addition to end", 0, 0)
        async with self._ensuring:
            image = await self._below(language, "", "")
            held = {canonicalize_name(name) for name in image.packages}
            missing = [name for name in packages if canonicalize_name(name) not in held]
            if not missing:
                return image
            return await self.add(language, missing, report, image=image.id)

    async def add(
        self,
        language: Language,
        packages: Sequence[str],
        report: Report,
        *,
        image: str = "",
        runtime: str = "",
    ) -> SandboxImage:
        """Build an image with more packages; the one without them stays.

        Later starts run what comes of it, if they would have run the image that was added to.

        Args:
            language: The language of the environment.
            packages: Distribution names for Python, with a version or without; R's own names for R.
            report: Hears the steps.
            image: The id or tag of the image to add to; the one that would be started when empty.
            runtime: The runtime to add for, when no image is named.

        Raises:
            PolicyError: The administrator does not allow it.
            PackageRefusedError: A package is unknown, denied, or cannot be added.
            ImageMissingError: There is no image to add to.
            SandboxError: The build failed.
            StorageError: The disk is full or not writable.
        """
        if not self._config.allow_packages:
            raise PolicyError(
                "Packages cannot be added to sandboxes on this server",
                hint="Ask the administrator to allow it, or to build an image with them.",
            )
        below = await self._below(language, image, runtime)
        wanted = vetted(packages, language, denied=self._config.packages_denied, known=below.packages)
        try:
            made = await self._images.extend(below, wanted, report)
        except PackageRefusedError as error:
            if not error.package or error.hint != error.default_hint:
                raise
            hint = nearby(error.package, below.packages)
            raise PackageRefusedError(error.message, package=error.package, hint=hint) from error
        self._changed()
        return made

    async def _below(self, language: Language, named: str, runtime: str) -> SandboxImage:
        """Return the image to add to.

        Raises:
            ImageMissingError: There is none.
        """
        if named:
            found: SandboxImage | None = await self._images.find(named)
        else:
            builder = await self._images.builder(language, runtime)
            found = await builder.find_image(language)
        if found is None or found.language != language:
            raise ImageMissingError(
                f"There is no {language} image to add packages to",
                hint=f"Build it once with `jupyter gptoss sandbox build {language}`.",
            )
        return found


async def _quiet(_text: str, _done: int, _total: int) -> None:
    return


def vetted(
    packages: Sequence[str], language: Language, *, denied: Iterable[str], known: Iterable[str]
) -> list[str]:
    """Return the packages as a tool may be given them.

    Raises:
        PackageRefusedError: One is not a package's name, is denied, or is what the package is imported as.
    """
    refused = {canonicalize_name(name) for name in denied}
    checked = []
    for package in packages:
        text = package.strip()
        name = _r_name(text) if language == "r" else _python_name(text, known)
        if canonicalize_name(name) in refused:
            raise PackageRefusedError(
                f"The administrator does not allow the package {name}",
                package=name,
                hint="Ask the administrator, or do without it.",
            )
        checked.append(text)
    return checked


def nearby(package: str, known: Iterable[str]) -> str:
    """Return a hint with the names that a package's may have been meant to be; empty where none is near."""
    by_lower = {name.lower(): name for name in (*known, *DISTRIBUTIONS.values())}
    near = difflib.get_close_matches(package.lower(), sorted(by_lower), n=NEAR, cutoff=0.7)
    return f"Did you mean {' or '.join(by_lower[name] for name in near)}?" if near else ""


def _r_name(text: str) -> str:
    if not R_NAME.fullmatch(text):
        raise PackageRefusedError(f"{text[:80]!r} is not the name of an R package", package=text)
    return text


def _python_name(text: str, known: Iterable[str]) -> str:
    """Return the distribution's name of a requirement.

    Raises:
        PackageRefusedError: It is not a plain requirement, or not a distribution's name.
    """
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise PackageRefusedError(
            f"{text[:80]!r} is not a package's name", package=text, hint="Write a name, or name==version."
        ) from error
    name = requirement.name
    if requirement.url or requirement.marker:
        raise PackageRefusedError(
            f"{name}: only packages of the index are added",
            package=name,
            hint="Write a name, or name==version.",
        )
    distribution = DISTRIBUTIONS.get(name, name)
    if canonicalize_name(distribution) != canonicalize_name(name):
        raise PackageRefusedError(
            f"{name} is what the package {distribution} is imported as",
            package=name,
            hint=f"Add {distribution}, unless it is there already.",
        )
    if name in sys.stdlib_module_names and canonicalize_name(name) not in set(map(canonicalize_name, known)):
        raise PackageRefusedError(
            f"{name} is a part of Python", package=name, hint="Import it; nothing needs to be added."
        )
    return name
