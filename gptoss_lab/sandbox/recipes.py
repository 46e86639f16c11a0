"""What goes into the image of each language: the system below, and the packages on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gptoss_lab.sandbox.lock import Lock, python_lock
from gptoss_lab.sandbox.packages import R_PACKAGES, packages_hash
from gptoss_lab.schemas.base import Language


@dataclass(frozen=True, slots=True)
class System:
    """A Debian release: an image of a registry, or one that is made here from its packages.

    Args:
        registry_tag: The image to pull.
        local_tag: The name of the one that is made where no registry answers.
        suite: Its release, for debootstrap.
        packages: What the one made here holds beside the minimum.
    """

    registry_tag: str
    local_tag: str
    suite: str
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one language's image is made. Its tag is a hash of everything that decides the content.

    Args:
        language: What its kernel speaks.
        layout: Raised when the steps change.
        system: What lies below.
        path: The search path of programs inside.
        packages: Debian packages that are installed for the person.
        lock: What pip installs for the person, with hashes.
    """

    language: Language
    layout: str
    system: System
    path: str
    packages: tuple[str, ...] = ()
    lock: Lock | None = None

    @property
    def digest(self) -> str:
        """Return the hash of what goes in."""
        locked = [self.lock.sha256] if self.lock else []
        return packages_hash([*self.packages, *locked], self.language, self.layout, self.system.suite)

    @property
    def tag(self) -> str:
        """Return the name of the image that suits this version of ours."""
        return f"gptoss-sandbox-{self.language}:{self.digest}"


SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"

BOOKWORM = System(
    registry_tag="python:3.12-slim-bookworm",
    local_tag="gptoss-sandbox-base:bookworm-1",
    suite="bookworm",
    packages=("ca-certificates", "libgomp1", "python3", "python3-pip", "tini"),
)
TRIXIE = System(
    registry_tag="debian:trixie-slim",
    local_tag="gptoss-sandbox-base:trixie-1",
    suite="trixie",
    packages=("ca-certificates", "python3", "tini"),
)

RECIPES: Mapping[Language, Recipe] = {
    "python": Recipe(
        language="python",
        layout="2",
        system=BOOKWORM,
        path=f"/opt/kernel/bin:{SYSTEM_PATH}",
        lock=python_lock(),
    ),
    "r": Recipe(language="r", layout="1", system=TRIXIE, path=SYSTEM_PATH, packages=R_PACKAGES),
}
