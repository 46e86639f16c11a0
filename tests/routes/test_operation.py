"""Rows of the table of routes."""

from __future__ import annotations

import re

import pytest
from tornado.web import RequestHandler

from gptoss_lab.routes.operation import Route

JOB = Route("/api/v1/code/jobs/{job}/events", RequestHandler, ())


def test_parameters_are_named_in_order() -> None:
    """The description names them, the handler gets them by place."""
    assert JOB.parameters == ("job",)


@pytest.mark.parametrize(
    ("path", "job"),
    [
        ("/api/v1/code/jobs/abc-1.x/events", "abc-1.x"),
        ("/api/v1/code/jobs/../events", None),
        ("/api/v1/code/jobs//events", None),
        ("/api/v1/code/jobs/a/b/events", None),
        ("/api/v1/code/jobs/abc/events/more", None),
        (f"/api/v1/code/jobs/{'x' * 200}/events", None),
    ],
)
def test_only_identifiers_match(path: str, job: str | None) -> None:
    """What cannot be an id does not reach a handler."""
    found = re.fullmatch(JOB.pattern, path)
    assert (found.group(1) if found else None) == job
