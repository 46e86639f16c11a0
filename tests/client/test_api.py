"""Each operation of the interface has a method of the clients."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from gptoss_lab.client import AsyncClient, Client
from gptoss_lab.client.api import Api
from gptoss_lab.client.call import Call
from gptoss_lab.client.method import Method
from gptoss_lab.errors import RequestError
from gptoss_lab.routes.table import ROUTES
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.feedback import FeedbackRequest
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.schemas.sandboxes import SandboxRequest

TASK = CodeGenerationRequest(task="x")
GIVEN: dict[str, tuple[Any, ...]] = {
    "submit_generation": (TASK,),
    "submit_execution": (ExecutionRequest(code="1"),),
    "preview_prompt": (TASK,),
    "index_source": (DocSource(uri="numpy"),),
    "search_corpora": ("mean",),
    "search_corpus": ("c", "mean"),
    "start_sandbox": (SandboxRequest(),),
    "get_sandbox_file": ("s", "a/b.csv"),
    "add_sandbox_packages": ("s", ["emoji"]),
    "send_feedback": (FeedbackRequest.model_construct(items=()),),
    "get_report": ("a.ipynb",),
}
STREAMS = {("GET", "/api/v1/code/jobs/{job}/events")}
"""What `events` reads: no call with one answer."""

METHODS = {name: one for name, one in vars(Api).items() if isinstance(one, Method)}


def call_of(name: str) -> Call[Any]:
    """Return the call of a method with arguments that fit."""
    describe = METHODS[name].describe
    needed = [
        one
        for one in inspect.signature(describe).parameters.values()
        if one.default is inspect.Parameter.empty
    ]
    call: Call[Any] = describe(*GIVEN.get(name, ("abc",) * len(needed)))
    return call


CALLS = {name: call_of(name) for name in METHODS}


def test_every_operation_has_one_method() -> None:
    """Whoever adds an operation adds it to `gptoss_lab/client/calls_*.py` and to `Api` too."""
    operations = {(op.verb, route.path) for route in ROUTES for op in route.operations}
    calls = sorted((call.verb, call.path) for call in CALLS.values())
    assert calls == sorted(operations - STREAMS)


def test_every_method_sends_and_reads_what_the_table_says() -> None:
    """The models of the body and of the answer, and no parameter that the table does not know."""
    table = {(op.verb, route.path): op for route in ROUTES for op in route.operations}
    for name, call in CALLS.items():
        operation = table[call.verb, call.path]
        sent = type(call.body).__name__ if call.body is not None else ""
        assert (name, call.form.name) == (name, operation.reply)
        assert sent == operation.request or (sent == "" and operation.may_be_empty)
        assert set(call.query) <= {query.name for query in operation.query}
        assert bool(call.form.type is bytes) == operation.binary
        assert call.form.type is str or not operation.texts


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_methods_say_what_they_do(client: type[Client | AsyncClient]) -> None:
    """A person sees it where they call it."""
    made = client("http://localhost/")
    assert all(inspect.getdoc(getattr(made, name)) for name in METHODS)


@pytest.mark.parametrize("name", ["..", ".", "", "a/../../b", "/etc"])
def test_a_name_cannot_leave_its_place(name: str) -> None:
    """No id that came from elsewhere makes another call of one call."""
    with pytest.raises(RequestError):
        assert METHODS["get_sandbox_file"].describe("s", name).address


def test_what_is_put_into_an_address_is_escaped() -> None:
    """A slash parts only the path of a file."""
    assert METHODS["get_job"].describe("a/b?c").address == "api/v1/code/jobs/a%2Fb%3Fc"
    assert METHODS["get_sandbox_file"].describe("s", "a b/c#d").address.endswith("/files/a%20b/c%23d")
