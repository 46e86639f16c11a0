"""Which image a person means, and which images are this version's."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.errors import ImageMissingError
from gptoss_lab.schemas.execution import SandboxImage

DIGEST = "sha256:"
SHORTEST = 6


def pick(images: Sequence[SandboxImage], named: str) -> SandboxImage:
    """Return the image of that id, that beginning of an id, or that tag.

    Raises:
        ImageMissingError: There is none, or the beginning is that of several.
    """
    exact = [image for image in images if named in {image.id, image.tag}]
    if exact:
        return exact[0]
    digits = named.removeprefix(DIGEST)
    begun = [image for image in images if image.id.removeprefix(DIGEST).startswith(digits)]
    if len(digits) >= SHORTEST and len(begun) == 1:
        return begun[0]
    several = len(digits) >= SHORTEST and len(begun) > 1
    problem = "names several sandbox images" if several else "is no sandbox image here"
    raise ImageMissingError(
        f"{named[:80]!r} {problem}",
        hint="`jupyter gptoss sandbox list` shows what there is; an image is never fetched by itself.",
    )


def outdated(images: Sequence[SandboxImage], current: Sequence[SandboxImage]) -> list[SandboxImage]:
    """Return the images that are not this version's.

    This version's are the current ones, what they were made from, what was made from those, and the
    mirrors of kernels, which follow no version of ours.
    """
    by_tag = {(image.runtime, image.tag): image for image in images}
    kept = {image.id for image in current} | {image.id for image in images if image.kernel}
    for image in current:
        parent = by_tag.get((image.runtime, image.parent))
        while parent is not None and parent.id not in kept:
            kept.add(parent.id)
            parent = by_tag.get((image.runtime, parent.parent))
    grown = True
    while grown:
        tags = {(image.runtime, image.tag) for image in images if image.id in kept}
        more = {image.id for image in images if (image.runtime, image.parent) in tags} - kept
        kept |= more
        grown = bool(more)
    return [image for image in images if image.id not in kept]
