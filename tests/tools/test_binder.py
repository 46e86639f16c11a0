"""What Binder is told."""

from __future__ import annotations

import pytest
import yaml

from tools import binder
from tools.release.build import ROOT


def test_the_file_of_binder_and_the_project_agree() -> None:
    """It names a Python that is supported and a Node that builds the extension."""
    text = (ROOT / "binder" / "environment.yml").read_text(encoding="utf-8")
    assert not list(binder.inconsistencies(yaml.safe_load(text)))


@pytest.mark.parametrize(
    ("dependencies", "told"),
    [
        (["python=3.9", "nodejs=22", "pip"], "Python 3.9"),
        (["python=3.12", "nodejs=16", "pip"], "Node 16"),
        (["python=3.12", "pip"], "Node None"),
        (["python=3.12", "nodejs=22"], "no pip"),
    ],
)
def test_a_disagreement_is_named(dependencies: list[str], told: str) -> None:
    """One sentence for each."""
    (said,) = binder.inconsistencies({"dependencies": dependencies})
    assert told in said
