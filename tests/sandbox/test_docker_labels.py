"""What is written on an image, and read from it again."""

from __future__ import annotations

import hashlib
import json

from gptoss_lab._version import __version__
from gptoss_lab.sandbox.docker_base import Base
from gptoss_lab.sandbox.docker_labels import LABEL, OPEN_CONTAINERS, Origin, labels_of, read_image
from gptoss_lab.sandbox.docker_steps import Record

BASE = Base(id="sha256:ba5e", tag="python:3.12-slim-bookworm")
STOCK = "gptoss-sandbox-python:stock"


def test_what_is_written_is_read() -> None:
    """Base, lock, wishes and packages survive the way through the daemon."""
    origin = Origin(
        "python", BASE, "10c4", "gptoss-sandbox-python:stock", ("polars",), "mine", ("local-one",)
    )
    record = Record("3.12.4", {"polars": "1.0"}, "/opt/kernel/lib", {"tini": "0.19"})
    labels = labels_of(origin, record)
    facts = {
        "Id": "sha256:1",
        "Size": 5,
        "RepoTags": ["other:1", "localhost/gptoss-sandbox-python:x"],
        "Config": {"Labels": labels},
    }
    image = read_image(facts)
    assert (image.id, image.tag, image.size_bytes) == ("sha256:1", "gptoss-sandbox-python:x", 5)
    assert (image.base, image.base_digest, image.lock_sha256) == (BASE.tag, BASE.id, "10c4")
    assert (image.parent, image.added) == (STOCK, ("polars",))
    assert (image.kernel, image.left_out) == ("mine", ("local-one",))
    assert (image.packages, image.language_version) == ({"polars": "1.0"}, "3.12.4")
    assert image.tool_version == labels[f"{OPEN_CONTAINERS}.version"] == __version__
    assert image.built_at == labels[f"{OPEN_CONTAINERS}.created"]
    assert labels[f"{OPEN_CONTAINERS}.base.digest"] == BASE.id


def test_debians_versions_are_recorded_and_are_the_lock() -> None:
    """An image without a lock of ours is known by the versions that it was given."""
    labels = labels_of(Origin("r", BASE), Record("4.5.0", {}, "", {"r-cran-b": "2-1", "r-cran-a": "1-1"}))
    assert json.loads(labels[f"{LABEL}.debian"]) == {"r-cran-a": "1-1", "r-cran-b": "2-1"}
    other = labels_of(Origin("r", BASE), Record("4.5.0", {}, "", {"r-cran-b": "2-2", "r-cran-a": "1-1"}))
    assert labels[f"{LABEL}.lock-sha256"] != other[f"{LABEL}.lock-sha256"]
    assert labels[f"{LABEL}.lock-sha256"] == hashlib.sha256(labels[f"{LABEL}.debian"].encode()).hexdigest()


def test_an_older_image_is_read_as_far_as_it_says() -> None:
    """Labels that are not there are empty."""
    image = read_image({"Id": "sha256:2", "Config": {"Labels": {f"{LABEL}.language": "r"}}})
    assert (image.language, image.tag, image.packages, image.added) == ("r", "sha256:2", {}, ())
