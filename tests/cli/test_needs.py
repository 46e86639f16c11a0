"""What the command line says of packages that cells lack."""

from __future__ import annotations

import pytest

from gptoss_lab.checks.packages import r_need
from gptoss_lab.cli.needs import command, need_lines
from gptoss_lab.schemas.review import Finding
from tests.cli.conftest import Invoke
from tests.cli.test_generation import Play, play
from tests.fakes.services import FakeServices
from tests.services.test_needs import cell

__all__ = ["play"]
LACKING = cell("import polars, networkx, nothere")


def test_the_command_is_the_one_to_type() -> None:
    """With the language where it is not Python."""
    lines = need_lines([LACKING])
    assert "  jupyter gptoss sandbox add polars networkx" in lines
    assert any("nothere, which the sandbox lacks; it is not offered" in line for line in lines)
    assert command([r_need("brms")]) == "jupyter gptoss sandbox add --language r brms"
    assert need_lines([cell("import numpy")]) == []


def test_a_finding_without_a_need_says_nothing() -> None:
    """Findings of other checks have none."""
    finding = Finding(check="api", severity="error", cell="a", message="m")
    assert need_lines([LACKING.model_copy(update={"findings": (finding,)})]) == []


def test_it_is_printed_after_a_generation(invoke: Invoke, play: Play) -> None:
    """And nothing is added."""
    play.cells = (LACKING,)
    result = invoke("generate", "--docs", "pandas", "--task", "x")
    assert "jupyter gptoss sandbox add polars networkx" in result.stderr
    assert "--add-packages" in result.stderr


@pytest.mark.parametrize("offered", [True, False])
def test_add_packages_adds_what_is_offered(
    invoke: Invoke, play: Play, services: FakeServices, offered: bool
) -> None:
    """As a second job with the same cells; where nothing is offered there is none."""
    play.cells = (LACKING,) if offered else (cell("import nothere"),)
    invoke("generate", "--docs", "pandas", "--task", "x", "--add-packages")
    asked = [one.request for one in services.jobs.jobs.values()]
    assert len(asked) == 1 + offered
    if offered:
        assert asked[1].packages == ("polars", "networkx")  # type: ignore[attr-defined]
