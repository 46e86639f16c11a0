"""Layers on an image: what the builder is told, and one made with a real daemon."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence

import pytest

from gptoss_lab.errors import PackageRefusedError
from gptoss_lab.sandbox.docker_builder import Builder
from gptoss_lab.sandbox.docker_client import DockerClient
from gptoss_lab.sandbox.docker_images import DockerImages
from gptoss_lab.sandbox.docker_labels import LABEL
from gptoss_lab.sandbox.docker_layers import (
    DEBIAN_FILES,
    Layer,
    debian_name,
    fetch_layer,
    layer_tag,
    write_layer,
)
from gptoss_lab.sandbox.docker_pip import PipSettings
from gptoss_lab.sandbox.lock import Lock
from gptoss_lab.sandbox.recipes import RECIPES
from gptoss_lab.sandbox.runtime import Wish
from gptoss_lab.sandbox.wheel_fetch import RESULT
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.execution import SandboxImage
from tests.fakes.wheels import ignore
from tests.sandbox.conformance import require_image

WHEEL = {"name": "polars", "version": "1.0", "sha256": "00"}
FETCHED = RESULT + json.dumps({"wheels": [WHEEL], "missing": []})
NOTHING = RESULT + json.dumps({"wheels": [], "missing": []})


def image(language: Language = "python") -> SandboxImage:
    """Return the image below."""
    return SandboxImage(
        id="sha256:1",
        runtime="docker",
        language=language,
        tag=f"gptoss-sandbox-{language}:stock",
        packages={"numpy": "2.0"},
        base="debian:x",
        base_digest="sha256:ba5e",
        added=("emoji",),
    )


class Answering(Builder):
    """Writes down commands, and answers them by a word that is in them."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__(DockerClient(""), "", PipSettings())
        self.commands: list[list[str]] = []
        self.committed: tuple[str, str, dict[str, str]] | None = None
        self._answers = answers

    async def run(
        self, command: Sequence[str], say: Callable[[str], Awaitable[None]] | None = None
    ) -> list[str]:
        self.commands.append(list(command))
        if say is not None:
            await say("busy")
        text = " ".join(command)
        return [next((answer for word, answer in self._answers.items() if word in text), "")]

    async def write(self, path: str, content: bytes) -> None:
        self.commands.append(["write", path, content.decode()])

    async def commit(self, tag: str, path: str, labels: dict[str, str]) -> None:
        self.committed = (tag, path, labels)


async def test_wheels_are_fetched_with_what_is_there_pinned() -> None:
    """The image's packages keep their versions; the lock is of what is new."""
    builder = Answering({"polars": FETCHED})
    lock, names = await fetch_layer(builder, image(), Wish(("polars",)), ignore)
    assert (lock.text, names) == ("polars==1.0 --hash=sha256:00\n", ["polars"])
    assert json.loads(builder.commands[0][-1])["constraints"] == ["numpy==2.0"]


async def test_only_the_fetched_files_are_installed() -> None:
    """The index is asked once; the labels tell the parent and everything that was added to it."""
    record = json.dumps({"version": "3.12", "packages": {"polars": "1.0"}, "library": "/x"})
    builder = Answering({"metadata": record, "dpkg-query": "tini=1 "})
    lock = Lock("polars==1.0 --hash=sha256:00\n")
    await write_layer(builder, Layer(image(), lock, ("polars",), ("polars",)), ignore)
    pip = next(command for command in builder.commands if "--require-hashes" in command)
    assert {"--no-index", "--find-links", "--only-binary"} <= set(pip)
    assert builder.committed is not None
    tag, path, labels = builder.committed
    assert (tag, path) == (layer_tag(image(), lock), RECIPES["python"].path)
    assert labels[f"{LABEL}.parent"] == "gptoss-sandbox-python:stock"
    assert json.loads(labels[f"{LABEL}.added"]) == ["emoji", "polars"]
    assert labels[f"{LABEL}.lock-sha256"] == lock.sha256
    assert labels[f"{LABEL}.base-digest"] == "sha256:ba5e"


async def test_debians_files_are_the_lock_of_an_r_layer() -> None:
    """The package manager names the files with their hashes before it fetches them."""
    files = "r-cran-b_2_all.deb SHA256:bb r-cran-a_1_all.deb SHA256:aa 2048"
    builder = Answering({"pkgnames": "r-cran-a r-cran-b r-base-core ", DEBIAN_FILES: files})
    lock, names = await fetch_layer(builder, image("r"), Wish(("A", "r-cran-b")), ignore)
    assert lock.text == "r-cran-a_1_all.deb SHA256:aa\nr-cran-b_2_all.deb SHA256:bb\n"
    assert names == ["r-cran-a", "r-cran-b"]


@pytest.mark.parametrize(
    ("language", "answers", "wish", "words"),
    [
        ("python", {"fetch": NOTHING}, Wish(("numpy",)), "in the image already"),
        (
            "python",
            {"fetch": FETCHED},
            Wish(("x",), frozenset({"polars"})),
            "not allow the package polars",
        ),
        ("r", {"pkgnames": "r-cran-dplyr"}, Wish(("dplyrr",)), "no package r-cran-dplyrr"),
        ("r", {"pkgnames": "r-cran-a", DEBIAN_FILES: "0"}, Wish(("a",)), "in the image already"),
        (
            "r",
            {"pkgnames": "r-cran-a", DEBIAN_FILES: "r-cran-b_1_all.deb SHA256:b 9"},
            Wish(("a",), frozenset({"b"})),
            "does not allow the package r-cran-b",
        ),
        (
            "r",
            {"pkgnames": "r-cran-a", DEBIAN_FILES: f"r-cran-a_1_all.deb SHA256:b {2 << 30}"},
            Wish(("a",)),
            "over 1024 MB",
        ),
    ],
)
async def test_what_cannot_be_added_is_refused(
    language: Language, answers: dict[str, str], wish: Wish, words: str
) -> None:
    """Before anything is installed."""
    builder = Answering(answers)
    with pytest.raises(PackageRefusedError, match=words) as caught:
        await fetch_layer(builder, image(language), wish, ignore)
    assert builder.committed is None
    if "dplyrr" in wish.packages:
        assert caught.value.hint == "Did you mean r-cran-dplyr?"


@pytest.mark.parametrize(
    ("package", "expected"),
    [("dplyr", "r-cran-dplyr"), ("MASS", "r-cran-mass"), ("r-bioc-limma", "r-bioc-limma")],
)
def test_rs_names_are_debians(package: str, expected: str) -> None:
    """In lower case, behind what Debian calls the archive they come from."""
    assert debian_name(package) == expected


@pytest.mark.docker
@pytest.mark.timeout(900)
async def test_a_layer_is_built_once() -> None:
    """A small package goes on the image; the second wish finds it; both images are there."""
    await require_image("docker")
    client = DockerClient("")
    images = DockerImages(client)
    try:
        stock = await images.find("python")
        assert stock is not None
        made = await images.extend(stock, Wish(("emoji",)), ignore)
        assert (made.parent, made.added) == (stock.tag, ("emoji",))
        assert set(made.packages) == {*stock.packages, "emoji"}
        assert await images.extend(stock, Wish(("emoji",)), ignore) == made
        assert {stock.id, made.id} <= {one.id for one in await images.list()}
        await images.remove(made.id)
        assert await images.get(made.id) is None
    finally:
        await client.close()
