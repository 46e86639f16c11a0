"""Naming an image, and telling which are of another version."""

from __future__ import annotations

import pytest

from gptoss_lab.errors import ImageMissingError
from gptoss_lab.sandbox.image_names import outdated, pick
from gptoss_lab.schemas.execution import RuntimeName, SandboxImage


def image(name: str, parent: str = "", *, runtime: RuntimeName = "docker", kernel: str = "") -> SandboxImage:
    """Return an image whose id and tag follow from a name."""
    return SandboxImage(
        id=f"sha256:{name * 8}",
        runtime=runtime,
        language="python",
        tag=f"python:{name}",
        parent=f"python:{parent}" if parent else "",
        kernel=kernel,
    )


IMAGES = [image("ab"), image("cd"), image("ce", "cd")]


@pytest.mark.parametrize("named", ["sha256:" + "ab" * 8, "python:ab", "sha256:ababab", "ababab", "ab" * 8])
def test_an_id_its_beginning_or_a_tag_is_enough(named: str) -> None:
    """With the digest's kind before it or without."""
    assert pick(IMAGES, named) is IMAGES[0]


@pytest.mark.parametrize("named", ["", "a", "ababa", "ffffff", "python", "python:a", "../ab", "sha256:"])
def test_anything_else_is_no_image(named: str) -> None:
    """A name that is too short to be meant is none either, and nothing is fetched."""
    with pytest.raises(ImageMissingError, match="is no sandbox image here"):
        pick(IMAGES, named)


def test_a_beginning_of_several_is_refused() -> None:
    """It is said that it is that of several."""
    with pytest.raises(ImageMissingError, match="names several"):
        pick([image("abcdef0"), image("abcdef1")], "abcdef")


def test_what_is_made_of_the_present_is_present() -> None:
    """Parents, children and mirrors stay; the rest, and what was made of it, goes."""
    stock, added = image("1"), image("2", "1")
    other, twice = image("3", "1"), image("4", "3")
    old, old_added = image("5"), image("6", "5")
    mirror = image("7", kernel="conda")
    elsewhere = image("8", "1", runtime="bubblewrap")
    everything = [stock, added, other, twice, old, old_added, mirror, elsewhere]
    assert outdated(everything, [added]) == [old, old_added, elsewhere]
    assert outdated(everything, [stock]) == [old, old_added, elsewhere]
    assert outdated([], [stock]) == []
