"""The rules for a Containerfile, as far as they can be read without building it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Containerfile with their words, continued lines joined."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    pairs = (line.strip().partition(" ") for line in joined.splitlines() if line.strip())
    return [(name.upper(), words.strip()) for name, _, words in pairs]


def problems(text: str, context: Path) -> Iterator[str]:
    """Yield where a Containerfile is careless: bases without a tag, root, files that nothing makes."""
    read = instructions(text)
    defaults = dict(words.split("=", 1) for name, words in read if name == "ARG" and "=" in words)
    for name, words in read:
        if name == "FROM":
            yield from _base_problems(words, defaults)
        elif name == "ADD":
            yield "ADD fetches and unpacks by itself; use COPY"
        elif name == "COPY":
            yield from _copy_problems(words.split()[0], context)
        elif name == "RUN":
            yield from _run_problems(words)
    users = [words for name, words in read if name == "USER"]
    if not users or users[-1] in {"root", "0"}:
        yield "the last USER is root"
    if not any(name == "HEALTHCHECK" for name, _ in read):
        yield "there is no HEALTHCHECK"


def _base_problems(words: str, defaults: Mapping[str, str]) -> Iterator[str]:
    base = re.sub(r"\$\{?(\w+)\}?", lambda found: defaults.get(found[1], ""), words)
    if ":" not in base.rpartition("/")[2] or base.endswith(":latest"):
        yield f"FROM {base or words}: name a tag that is not `latest`"


def _copy_problems(source: str, context: Path) -> Iterator[str]:
    if not source.startswith("dist/") and not list(context.glob(source)):
        yield f"COPY {source}: there is no such file"


def _run_problems(words: str) -> Iterator[str]:
    if "apt-get install" in words:
        if "--no-install-recommends" not in words:
            yield "apt-get install takes recommended packages along; add --no-install-recommends"
        if "rm -rf /var/lib/apt/lists/*" not in words:
            yield "apt's lists stay in the layer; remove them in the same RUN"
    if "pip install" in words and "--no-cache-dir" not in words:
        yield "pip's cache stays in the layer; add --no-cache-dir"
    if re.search(r"(curl|wget)\b.*\|\s*(ba)?sh", words):
        yield "a script of the network is run unseen"
