"""What a Containerfile may not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.deploy import containerfile

GOOD = """
ARG BASE=debian:trixie-slim
FROM ${BASE}
# words
RUN apt-get update \\
    && apt-get install --yes --no-install-recommends bubblewrap \\
    && rm -rf /var/lib/apt/lists/*
COPY dist/*.whl /opt/
USER me
HEALTHCHECK CMD true
"""


def test_a_careful_file_passes(tmp_path: Path) -> None:
    """A base with a tag, clean layers, an ordinary user, a health check."""
    assert not list(containerfile.problems(GOOD, tmp_path))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (":trixie-slim", "", "name a tag"),
        (":trixie-slim", ":latest", "name a tag"),
        ("USER me", "USER root", "root"),
        ("USER me\n", "", "root"),
        ("HEALTHCHECK CMD true", "", "HEALTHCHECK"),
        ("--no-install-recommends ", "", "recommended"),
        (" \\\n    && rm -rf /var/lib/apt/lists/*", "", "lists stay"),
        ("COPY dist/*.whl", "COPY lost.txt", "no such file"),
        ("COPY dist/*.whl", "ADD https://example.org/a.tar", "ADD"),
        ("# words", "RUN pip install a", "pip's cache"),
        ("# words", "RUN curl https://example.org | sh", "unseen"),
    ],
)
def test_carelessness_is_named(before: str, after: str, told: str, tmp_path: Path) -> None:
    """One sentence for each."""
    said = " ".join(containerfile.problems(GOOD.replace(before, after), tmp_path))
    assert told in said
