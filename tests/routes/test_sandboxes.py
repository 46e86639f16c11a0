"""The handlers of `/api/v1/sandboxes`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPClientError, HTTPResponse

from gptoss_lab.routes.base import SHARED_OWNER
from gptoss_lab.sandbox.registry import Registry
from gptoss_lab.services.kept import KeptSandboxes
from gptoss_lab.services.sandboxes import SandboxService
from tests.fakes.records import make_record
from tests.fakes.services import FakeServices
from tests.fakes.sessions import FakeStarter

Fetch = Callable[..., Awaitable[HTTPResponse]]
SANDBOXES = ("api", "v1", "sandboxes")


@pytest.fixture
def registry(services: FakeServices) -> Registry:
    """The sandboxes that the server's service sees."""
    made = Registry()
    services.sandboxes = SandboxService(KeptSandboxes(2, FakeStarter()), made)
    return made


async def test_sandboxes_are_listed_and_looked_up(
    registry: Registry, jp_fetch: Fetch, tmp_path: Path
) -> None:
    """Those of the person who asks, in full."""
    registry.enter(make_record(tmp_path, "mine", owner=SHARED_OWNER))
    registry.enter(make_record(tmp_path, "other", owner="someone"))
    listed = json.loads((await jp_fetch(*SANDBOXES)).body)
    assert [state["id"] for state in listed["sandboxes"]] == ["mine"]
    found = json.loads((await jp_fetch(*SANDBOXES, "mine")).body)
    assert (found["phase"], found["runtime"], found["usage"]["executions"]) == ("starting", "docker", 0)
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*SANDBOXES, "other")
    assert caught.value.code == 404


@pytest.fixture
async def notebook_kernel(
    registry: Registry, jp_serverapp: ServerApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> list[tuple[str, str]]:
    """A kernel `book` that the server believes to run; what it is asked to do with it."""
    asked: list[tuple[str, str]] = []
    kernels, sessions = jp_serverapp.kernel_manager, jp_serverapp.session_manager

    async def list_sessions() -> list[dict[str, object]]:
        return [{"path": "a/book.ipynb", "kernel": {"id": "book"}}]

    def asks(verb: str) -> Callable[[str], Awaitable[None]]:
        async def ask(kernel: str) -> None:
            asked.append((verb, kernel))

        return ask

    monkeypatch.setattr(type(kernels), "__contains__", lambda _self, kernel: kernel == "book")
    monkeypatch.setattr(sessions, "list_sessions", list_sessions)
    for verb in ("interrupt", "restart", "shutdown"):
        monkeypatch.setattr(kernels, f"{verb}_kernel", asks(verb))
    registry.enter(make_record(tmp_path, "book", purpose="notebook"))
    return asked


async def test_a_notebooks_kernel_goes_through_jupyter(
    notebook_kernel: list[tuple[str, str]], jp_fetch: Fetch
) -> None:
    """It is named by its notebook, and steered by the server's kernel manager."""
    found = json.loads((await jp_fetch(*SANDBOXES, "book")).body)
    assert (found["purpose"], found["notebook"]) == ("notebook", "a/book.ipynb")
    for verb in ("interrupt", "restart"):
        answer = await jp_fetch(*SANDBOXES, "book", verb, method="POST", body="")
        assert json.loads(answer.body)["id"] == "book"
    gone = await jp_fetch(*SANDBOXES, "book", method="DELETE")
    assert gone.code == 204
    assert notebook_kernel == [("interrupt", "book"), ("restart", "book"), ("shutdown", "book")]


@pytest.mark.parametrize(("denied", "seen"), [("read", False), ("write", True)])
async def test_the_servers_permission_for_kernels_holds(
    denied: str,
    seen: bool,
    notebook_kernel: list[tuple[str, str]],
    jp_fetch: Fetch,
    jp_serverapp: ServerApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who may not see kernels sees none here; who may not steer them is refused."""

    def decide(_self: object, _handler: object, _user: object, action: str, resource: str) -> bool:
        return (action, resource) != (denied, "kernels")

    monkeypatch.setattr(type(jp_serverapp.authorizer), "is_authorized", decide)
    listed = json.loads((await jp_fetch(*SANDBOXES)).body)["sandboxes"]
    assert [state["id"] for state in listed] == (["book"] if seen else [])
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*SANDBOXES, "book", method="DELETE")
    assert caught.value.code == (403 if seen else 404)
    assert notebook_kernel == []


async def test_a_kept_sandbox_lives_over_http(
    registry: Registry, services: FakeServices, jp_fetch: Fetch, tmp_path: Path
) -> None:
    """It is started with a narrowing, found at its address, and ended."""
    starter = FakeStarter(registry, tmp_path)
    services.sandboxes = SandboxService(KeptSandboxes(1, starter), registry)
    body = json.dumps({"language": "r", "limits": {"pids": 20}})
    made = await jp_fetch(*SANDBOXES, method="POST", body=body)
    state = json.loads(made.body)
    assert (made.code, state["kernel"], starter.wanted[0].limits.pids) == (201, "gptoss-r", 20)
    assert made.headers["Location"].endswith(f"/api/v1/sandboxes/{state['id']}")
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*SANDBOXES, method="POST", body="{}")
    assert caught.value.code == 429
    assert (await jp_fetch(*SANDBOXES, state["id"], method="DELETE")).code == 204
    assert starter.sessions[0].history[-1] == "close"


@pytest.mark.parametrize("body", ['{"privileged": true}', '{"limits": {"memory_bytes": 1, "mounts": []}}'])
async def test_what_a_sandbox_does_not_have_is_refused(
    body: str, registry: Registry, jp_fetch: Fetch
) -> None:
    """An unknown key starts nothing."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*SANDBOXES, method="POST", body=body)
    assert caught.value.code in {400, 422}
    assert list(registry) == []


async def test_packages_are_added_to_a_sandbox(services: FakeServices, jp_fetch: Fetch) -> None:
    """For the person who asks; the answer is the sandbox as it stands then."""
    body = json.dumps({"packages": ["emoji", "polars==1.0"]})
    answer = await jp_fetch(*SANDBOXES, "mine", "packages", method="POST", body=body)
    assert json.loads(answer.body)["phase"] == "idle"
    assert services.packages.asked == [("mine", SHARED_OWNER, "emoji", "polars==1.0")]


@pytest.mark.parametrize(
    ("sandbox", "body", "code"),
    [
        ("other", '{"packages": ["emoji"]}', 404),
        ("mine", '{"packages": []}', 422),
        ("mine", '{"packages": ["emoji"], "index": "http://x"}', 422),
        ("mine", "{}", 422),
    ],
)
async def test_nothing_is_added_by_a_wrong_request(
    services: FakeServices, jp_fetch: Fetch, sandbox: str, body: str, code: int
) -> None:
    """An unknown key, nothing to add, or a sandbox of somebody else."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*SANDBOXES, sandbox, "packages", method="POST", body=body)
    assert caught.value.code == code
    assert services.packages.asked == []


async def test_a_restart_may_show_data(
    registry: Registry, services: FakeServices, jp_fetch: Fetch, jp_root_dir: Path, tmp_path: Path
) -> None:
    """A body with paths shows these from then on, an empty list nothing, and no body what was shown."""
    starter = FakeStarter(registry, tmp_path)
    services.sandboxes = SandboxService(KeptSandboxes(1, starter), registry)
    (jp_root_dir / "study").mkdir()
    shown = (str(jp_root_dir / "study"),)
    started = json.loads((await jp_fetch(*SANDBOXES, method="POST", body='{"data": ["study"]}')).body)
    for body in ("", '{"data": []}', '{"data": ["study"]}', "{}"):
        await jp_fetch(*SANDBOXES, started["id"], "restart", method="POST", body=body)
    assert [wanted.data for wanted in starter.wanted] == [shown, shown, (), shown, shown]
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*SANDBOXES, started["id"], "restart", method="POST", body='{"data": [".."]}')
    assert caught.value.code == 403
    await services.sandboxes.close()
