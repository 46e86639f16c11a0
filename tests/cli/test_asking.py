"""Options become a request; what came of it becomes an exit code."""

from __future__ import annotations

import pytest

from gptoss_lab.cli.asking import exit_code, request_of
from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.generation import CodeGenerationResponse, GeneratedCell, JobState

REQUEST = request_of("generate", task="x")


def outcome(state: JobState, *cells: GeneratedCell) -> CodeGenerationResponse:
    """Return a job that ended so."""
    return CodeGenerationResponse(
        job="j", state=state, task="x", language="python", created_at="2026", cells=cells
    )


def test_an_option_is_named_as_the_verb_names_it() -> None:
    """The task of an edit is its instruction."""
    with pytest.raises(RequestError, match="--task"):
        request_of("generate", task="")
    with pytest.raises(RequestError, match="--instruction"):
        request_of("edit", task="")


def test_exit_codes() -> None:
    """Stopped, failed, nothing, not proven, and done."""
    code = GeneratedCell(id="c", kind="code", language="python", source="1")
    text = GeneratedCell(id="t", kind="markdown", language="python", source="x")
    assert exit_code(outcome("cancelled", code), REQUEST) == 130
    assert exit_code(outcome("error", code), REQUEST) == 1
    assert exit_code(outcome("done"), REQUEST) == 3
    assert exit_code(outcome("done", code), REQUEST) == 4
    assert exit_code(outcome("done", text), REQUEST) == 0
    assert exit_code(outcome("done", code), request_of("generate", task="x", verify=False)) == 0
