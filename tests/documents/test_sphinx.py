"""The inventory of a Sphinx site."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from gptoss_lab.documents.sphinx import parse_inventory, read_project
from gptoss_lab.errors import DocumentError, SourceLimitError
from tests.fakes.documents import inventory


def test_python_objects_are_listed() -> None:
    """Names, kinds, pages and anchors; other domains and labels are not API."""
    found = parse_inventory(
        inventory(
            "lib.f py:function 1 api.html#$ -",
            "My label std:label -1 x.html#l My label",
            "lib py:module 0 api.html#module-$ -",
        )
    )
    assert (found.project, found.version) == ("mylib", "3.0")
    assert found.entries == (
        ("lib.f", "function", "api.html", "lib.f"),
        ("lib", "module", "api.html", "module-lib"),
    )


@pytest.mark.parametrize(
    "data", [b"", b"<html>", inventory()[:40], b"# Sphinx inventory version 2\n#\n#\n#\nnot zlib"]
)
def test_damage_is_an_error(data: bytes) -> None:
    """What is not an inventory is refused in words."""
    with pytest.raises(DocumentError, match=r"objects\.inv"):
        parse_inventory(data)


def test_a_bomb_is_refused() -> None:
    """An inventory that unpacks without end is over the limit."""
    head = b"# Sphinx inventory version 2\n# Project: x\n# Version: 1\n# zlib\n"
    with pytest.raises(SourceLimitError):
        parse_inventory(head + zlib.compress(b"x" * (65 << 20)))


def test_a_folder_of_built_pages_knows_its_project(tmp_path: Path) -> None:
    """Name and version stand in the head of its inventory; another file states none."""
    path = tmp_path / "objects.inv"
    path.write_bytes(inventory("a.b py:function 1 c.html#$ -", project="mylib", version="3.0"))
    assert read_project(path) == ("mylib", "3.0")
    path.write_bytes(b"x" * 10_000)
    assert read_project(path) == ("", "")
