"""What is said of cells before a sandbox is spent on them."""

from __future__ import annotations

import pytest

from gptoss_lab.schemas.execution import ExecutionRequest, SandboxImage, SentFile
from gptoss_lab.services.run_check import check_run, forbids

HELD = SandboxImage(
    id="i", runtime="docker", language="python", tag="t", packages={"numpy": "2.0"}, language_version="3.10.1"
)


def request(*cells: str, **more: object) -> ExecutionRequest:
    """Return a request."""
    return ExecutionRequest.model_validate({"cells": cells, **more})


def test_a_cell_that_cannot_be_read_forbids_the_run() -> None:
    """The finding names the cell and the line; magics and top-level await are fine."""
    findings = check_run(request("%matplotlib inline\nawait x", "a = 1\nif"), HELD)
    assert [(found.check, found.cell, found.line) for found in findings] == [("syntax", "1", 2)]
    assert forbids(findings, stop_on_error=True)
    assert not forbids(findings, stop_on_error=False)


def test_a_missing_package_is_told_and_forbids_nothing() -> None:
    """It is named with the cell that imports it."""
    findings = check_run(request("import numpy", "import nopandas"), HELD)
    assert [(found.check, found.cell, found.symbol) for found in findings] == [("packages", "1", "nopandas")]
    assert not forbids(findings, stop_on_error=True)


@pytest.mark.parametrize("path", ["helper.py", "helper/__init__.py"])
def test_modules_among_the_files_are_there(path: str) -> None:
    """The image need not hold what the request brings."""
    files = [SentFile(path=path, content_base64="")]
    assert not check_run(request("import helper", files=files), HELD)


def test_a_kept_sandbox_may_hold_modules_of_its_own() -> None:
    """An earlier execution may have written them."""
    assert not check_run(request("import helper", sandbox="s"), HELD)


def test_a_newer_python_may_read_what_ours_does_not() -> None:
    """Then the finding is a warning, and the sandbox decides."""
    newer = HELD.model_copy(update={"language_version": "99.1.0"})
    (found,) = check_run(request("if"), newer)
    assert found.severity == "warning"
    assert not forbids([found], stop_on_error=True)
    unknown = HELD.model_copy(update={"language_version": ""})
    assert forbids(check_run(request("if"), unknown), stop_on_error=True)
    assert forbids(check_run(request("if"), None), stop_on_error=True)
