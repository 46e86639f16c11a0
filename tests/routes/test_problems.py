"""Errors as the wire carries them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tornado.web import HTTPError

from gptoss_lab.errors import CancelledByUser, NotFoundError
from gptoss_lab.routes.problems import problem_of
from gptoss_lab.schemas.generation import CodeGenerationRequest


def test_own_errors_keep_all_they_say() -> None:
    """Status, code, sentence and hint come from the error."""
    problem = problem_of(NotFoundError("There is no job x", hint="List them."))
    assert (problem.status, problem.code, problem.detail, problem.hint, problem.title) == (
        404,
        "not_found",
        "There is no job x",
        "List them.",
        "Not Found",
    )
    assert problem_of(CancelledByUser("stopped")).status == 499


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "forbidden"), (404, "not_found"), (405, "method_not_allowed"), (418, "bad_request")],
)
def test_tornados_errors_are_mapped(status: int, code: str) -> None:
    """The log message of an HTTPError is for the log."""
    problem = problem_of(HTTPError(status, "secret %s", "thing"))
    assert (problem.status, problem.code) == (status, code)
    assert "secret" not in problem.model_dump_json()


def test_anything_else_is_internal() -> None:
    """Nothing of the inside is told."""
    problem = problem_of(KeyError("secret"))
    assert (problem.status, problem.code) == (500, "internal")
    assert "secret" not in problem.model_dump_json()


def test_a_validation_error_names_the_field_and_counts_the_rest() -> None:
    """The person sees the first field and how many more are wrong."""
    with pytest.raises(ValidationError) as caught:
        CodeGenerationRequest.model_validate({"task": "", "language": "cobol", "max_repairs": 9})
    problem = problem_of(caught.value)
    assert problem.status == 422
    assert problem.detail.startswith("`task`: ")
    assert "2 more" in problem.detail
