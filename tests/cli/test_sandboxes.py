"""`jupyter gptoss sandbox`."""

from __future__ import annotations

import json

from gptoss_lab.cli.sandboxes import BuildSteps
from tests.cli.conftest import Invoke
from tests.fakes.services import FakeServices


def test_build_says_what_it_built(services: FakeServices, invoke: Invoke) -> None:
    """Steps go to standard error, the result to standard output."""
    result = invoke("sandbox", "build", "python", "--runtime", "bubblewrap")
    assert result.exit_code == 0
    assert services.images.built == ["python:bubblewrap"]
    assert result.stdout == "Built python-1 for bubblewrap: abc123\n"
    assert result.stderr.splitlines() == ["Fetching the base (50%)", "Installing packages"]


def test_build_like_a_kernel(services: FakeServices, invoke: Invoke) -> None:
    """What could not be had is said beside the result; one of language and kernel is needed."""
    result = invoke("sandbox", "build", "--from-kernel", "conda-env")
    assert services.images.built == ["kernel conda-env:"]
    assert result.stdout == "Built python-1 for bubblewrap: abc123\n"
    assert result.stderr.splitlines()[-1] == "Left out, for it cannot be had: mylib"
    assert invoke("sandbox", "build").exit_code == 2
    assert invoke("sandbox", "build", "r", "--from-kernel", "x").exit_code == 2


def test_the_lines_of_a_builder_are_sorted_into_steps() -> None:
    """What pip and apt say goes with a step; only the step is a line of its own."""
    steps = BuildSteps()
    assert steps.read("Preparing the environment", 0, 0) == ("Preparing the environment", "")
    assert steps.read("Collecting six", 1, 0) == ("Downloading the packages", "Collecting six")
    assert steps.read("Downloading six.whl", 1, 0) == ("Downloading the packages", "Downloading six.whl")
    assert steps.read("installing the init", 2, 6) == ("Installing the init", "")
    assert steps.read("Get:1 http://deb", 2, 6) == ("Installing the init", "Get:1 http://deb")
    assert steps.read("installing packages", 3, 6) == ("Installing packages", "")


def test_build_as_json(invoke: Invoke) -> None:
    """Steps and the image are lines of JSON."""
    lines = [json.loads(line) for line in invoke("sandbox", "build", "python", "--json").stdout.splitlines()]
    assert lines[0] == {"step": "fetching the base", "done": 1, "total": 2}
    assert lines[-1]["id"] == "abc123"


def test_list_and_rm(services: FakeServices, invoke: Invoke) -> None:
    """The id that `list` shows, or its beginning, removes."""
    assert invoke("sandbox", "list").stdout.split()[:3] == ["abc123", "bubblewrap", "python"]
    assert json.loads(invoke("sandbox", "list", "--json").stdout)["tag"] == "python-1"
    assert invoke("sandbox", "rm", "abc").exit_code == 0
    assert services.images.removed == ["abc123"]


def test_rm_of_what_is_not_there(services: FakeServices, invoke: Invoke) -> None:
    """A sentence, not a traceback."""
    result = invoke("sandbox", "rm", "zzz")
    assert (result.exit_code, services.images.removed) == (2, [])
    assert "There is no image zzz." in result.stderr


def test_show_tells_where_it_comes_from(invoke: Invoke) -> None:
    """The facts that there are, then the packages; or all of it as JSON."""
    lines = invoke("sandbox", "show", "abc").stdout.splitlines()
    assert lines[0].split() == ["id", "abc123"]
    assert "lock sha256  10c4" in lines
    assert "added        emoji" in lines
    assert lines[-1] == "  numpy 2.0"
    assert not [line for line in lines if line.startswith("kernel")]
    shown = json.loads(invoke("sandbox", "show", "abc", "--json").stdout)
    assert (shown["base"], shown["packages"]) == ("cpython-311", {"numpy": "2.0"})
    assert invoke("sandbox", "show", "zzz").exit_code == 2


def test_prune_says_what_it_does(services: FakeServices, invoke: Invoke) -> None:
    """A dry run removes nothing; what is in use is told beside the result."""
    dry = invoke("sandbox", "prune", "--dry-run")
    assert dry.stdout.startswith("Would remove abc123  bubblewrap")
    assert services.images.removed == []
    result = invoke("sandbox", "prune")
    assert result.stdout.startswith("Removed abc123")
    assert result.stderr.startswith("In use: def456")
    assert json.loads(invoke("sandbox", "prune", "--json").stdout)["id"] == "abc123"


def test_an_unknown_language_is_wrong_use(invoke: Invoke) -> None:
    """The languages are named."""
    result = invoke("sandbox", "build", "cobol")
    assert result.exit_code == 2
    assert "python" in result.stderr
