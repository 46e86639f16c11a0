"""The wire models by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gptoss_lab.routes import wire


@pytest.mark.parametrize("name", sorted(wire.HOMES))
def test_every_name_leads_to_a_model(name: str) -> None:
    """A name that is promised to the type checker is there at run time."""
    assert name in wire.__all__
    assert getattr(wire, name) is not None


def test_other_names_are_refused() -> None:
    """A typo fails as in any module."""
    with pytest.raises(AttributeError, match="Jbo"):
        _ = wire.Jbo


def test_nothing_is_loaded_before_it_is_used() -> None:
    """Loading all routes loads no pydantic."""
    program = "import sys, gptoss_lab.routes.table; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
