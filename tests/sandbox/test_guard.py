"""Kernels of ours refuse by themselves what waits for a review, whoever sends it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from gptoss_lab.sandbox.agent.guard import REFUSAL
from gptoss_lab.schemas.base import Language
from tests.sandbox.conformance import RUNTIMES, Kernel, require_image

pytestmark = pytest.mark.timeout(900)
LANGUAGES: tuple[Language, ...] = ("python", "r")
Metadata = dict[str, Any]
PENDING: Metadata = {"gptoss_lab": {"review": "pending", "job": "j", "cell": "c"}}
DAMAGED: tuple[Metadata, ...] = ({"gptoss_lab": "damaged"}, {"gptoss_lab": {}})
FREE: tuple[Metadata, ...] = (
    {"gptoss_lab": {"review": "accepted"}},
    {"gptoss_lab": None},
    {"gptoss_lab_ticket": "x"},
)
COUNTED: Mapping[Language, tuple[str, str, str]] = {
    "python": ("ran = 0", "ran += 1", "print(ran)"),
    "r": ("ran <- 0", "ran <- ran + 1", "cat(ran)"),
}
WIPE: Mapping[Language, str] = {
    "python": "%reset -f\nimport sys\nfor n in list(sys.modules): sys.modules.pop(n) if 'gptoss' in n else 0",
    "r": "rm(list = ls(all.names = TRUE)); list <- identical <- is.null <- function(...) FALSE",
}


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    """The runtime of a kernel."""
    name: str = request.param
    return name


@pytest.fixture(params=LANGUAGES)
async def place(request: pytest.FixtureRequest, runtime: str) -> tuple[str, Language]:
    """A runtime, and a language whose image is there."""
    language: Language = request.param
    await require_image(runtime, language)
    return runtime, language


@pytest.fixture
async def kernel(place: tuple[str, Language]) -> AsyncIterator[Kernel]:
    """A kernel, reached by a client on its sockets: no server of ours stands between."""
    kernel = Kernel(place[0], language=place[1])
    try:
        await kernel.start()
        yield kernel
    finally:
        await kernel.stop()


async def ask(kernel: Kernel, code: str, metadata: Metadata) -> tuple[dict[str, Any], list[str]]:
    """Send a cell with its metadata; return the reply and the kinds of what was published."""
    client = kernel.client
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    content.update(user_expressions={}, stop_on_error=True)
    request = client.session.msg("execute_request", content, metadata=metadata)
    client.shell_channel.send(request)
    kinds: list[str] = []
    while True:
        message = await client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") != request["header"]["msg_id"]:
            continue
        if message["content"].get("execution_state") == "idle":
            break
        kinds.append(message["msg_type"])
    while True:
        reply = await client.get_shell_msg(timeout=30)
        if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            return reply["content"], kinds


async def test_the_kernel_refuses_and_its_count_stays(kernel: Kernel, place: tuple[str, Language]) -> None:
    """Damaged records wait too; the next cell has the next number."""
    begin, more, show = COUNTED[place[1]]
    first, _ = await ask(kernel, begin, {})
    for metadata in (PENDING, *DAMAGED):
        reply, kinds = await ask(kernel, more, metadata)
        assert (reply["status"], reply["ename"], reply["evalue"]) == ("error", "PendingReview", REFUSAL)
        assert reply["execution_count"] is None
        assert kinds == ["status", "error"]
    replies = [await ask(kernel, more, metadata) for metadata in FREE]
    counts = [reply["execution_count"] - first["execution_count"] for reply, _ in replies]
    assert counts == [1, 2, 3]
    assert await kernel.out(show) == "3"


async def test_the_guard_outlives_the_variables(kernel: Kernel, place: tuple[str, Language]) -> None:
    """Code that clears or covers names does not touch it."""
    language = place[1]
    assert await kernel.out(WIPE[language]) in {"", "NULL"}
    reply, _ = await ask(kernel, COUNTED[language][1], PENDING)
    assert reply["ename"] == "PendingReview"


async def test_the_magic_is_known_and_says_what_it_can(kernel: Kernel, place: tuple[str, Language]) -> None:
    """It needs no network to explain itself, and knows that it has none."""
    if place[1] != "python":
        assert "gptoss" not in await kernel.out("cat(search())")  # R has no magics; the page answers there
        return
    assert "%gptoss history" in await kernel.out("%gptoss help")
    assert "A sandbox has no network" in await kernel.out("%gptoss status")
    assert "A sandbox has no network" in await kernel.out("%%gptoss --docs pandas\nmean of a column")
    await kernel.out("rows = [1, 2]")
    assert "`rows`: list of length 2" in await kernel.out("%%gptoss --dry-run\nsum of {rows}")
    status, said = await kernel.run("%%gptoss --dosc pandas\nmean")
    assert (status, "no option --dosc" in said) == ("error", True)
