"""What the sandbox's R says of the commands of a paper."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from gptoss_lab.checks.answers import read_answer
from gptoss_lab.papers.listings import Listing

_PROGRAM = Path(__file__).with_name("listings.R")


class ReadCommand(BaseModel):
    """A command as R parses it.

    Attributes:
        problem: Why it is no R; None where it is.
        functions: What it calls at once.
        variables: What it reads at once.
        soft: What it may call: in a formula, a function, or behind a mask of columns.
        soft_variables: What it may read.
        targets: What it changes a part of, so that it must be there.
        defines: What it makes.
        datasets: What it asks of a package by `data`.
        attaches: The packages that it attaches.
        loads: The packages that it names otherwise.
    """

    id: str
    problem: str | None = None
    functions: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    soft: tuple[str, ...] = ()
    soft_variables: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    attaches: tuple[str, ...] = ()
    loads: tuple[str, ...] = ()


class ReadPackage(BaseModel):
    """A package: what of the names used it holds, which of these are data, and what it attaches with it."""

    name: str
    installed: bool = False
    holds: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()


class ReadListings(BaseModel):
    """The whole answer; `functions` and `values` are what a new session has of the names used."""

    commands: tuple[ReadCommand, ...] = ()
    functions: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    packages: tuple[ReadPackage, ...] = ()


@cache
def listings_script() -> str:
    """Return the function that runs in the sandbox's R: JSON text in, JSON text out."""
    return _PROGRAM.read_text(encoding="utf-8")


def listings_payload(listings: Sequence[Listing], packages: Sequence[str]) -> str:
    """Return the function's input; `packages` are those that the paper may take its names from."""
    asked = [{"id": listing.id, "source": listing.source} for listing in listings if listing.source]
    return json.dumps({"commands": asked, "packages": list(packages)})


def listings_answer(text: str) -> ReadListings:
    """Read the answer. It comes from a sandbox, so that nothing in it is trusted.

    Raises:
        SandboxError: It is not the function's.
    """
    return read_answer(ReadListings, text, "reading of the paper's R")
