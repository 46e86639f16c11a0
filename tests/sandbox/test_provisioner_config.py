"""What the provisioner takes from configuration, profiles and kernelspecs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager

from gptoss_lab.errors import (
    ImageMissingError,
    PolicyError,
    RequestError,
    SandboxUnavailableError,
)
from gptoss_lab.sandbox import launch as launch_module
from gptoss_lab.sandbox import provisioner as provisioner_module
from gptoss_lab.sandbox.registry import REGISTRY
from gptoss_lab.sandbox.runtime import Wish
from tests.fakes.runtime import FakeRuntime
from tests.fakes.wheels import ignore
from tests.sandbox.provisioned import UNCONFIGURED, Make, provisioner_of


async def test_an_image_can_be_named(make: Make, manager: AsyncKernelManager, runtime: FakeRuntime) -> None:
    """An old image is run again, at each restart too; one that is not here starts nothing."""
    made = await runtime.extend((await runtime.images())[0], Wish(("emoji",)), ignore)
    await manager.start_kernel(gptoss_image="fake:1")
    assert provisioner_of(manager).image == "sha256:fake"
    await manager.restart_kernel(now=True)
    assert [spec.image_id for spec in runtime.specs] == ["sha256:fake", "sha256:fake"]
    provisioner_of(manager).move(made.id)
    assert provisioner_of(manager).image == "sha256:fake"
    await manager.restart_kernel(now=True)
    assert provisioner_of(manager).image == made.id
    with pytest.raises(ImageMissingError, match="is no sandbox image here"):
        await make().start_kernel(gptoss_image="fake:2")
    assert len(runtime.specs) == 3


async def test_limits_narrow(make: Make, runtime: FakeRuntime) -> None:
    """The server's maxima, the kernelspec and the start narrow in turn."""
    manager = make(sandbox={"limits": {"pids": 100, "cpus": 2.0}}, config={"limits": {"pids": 50}})
    await manager.start_kernel(gptoss_limits={"cpus": 0.5})
    limits = runtime.specs[0].limits
    assert (limits.pids, limits.cpus) == (50, 0.5)
    await manager.shutdown_kernel(now=True)


@pytest.mark.parametrize(
    ("sandbox", "spec", "asked", "says"),
    [
        ({"limits": {"pids": 100}}, {"limits": {"pids": 200}}, None, "pids=200 is wider"),
        ({}, {}, {"privileged": True}, "privileged is refused"),
        ({}, {}, {"memory_bytes": 1 << 40}, "memory_bytes"),
        ({"limitz": {}}, {}, None, "configuration is not valid"),
        ({"limits": "all"}, {}, None, "configuration is not valid"),
        ({}, {"profile": "none"}, None, "no sandbox profile"),
        ({}, {"image": "sha256:other"}, None, "a key that is refused: image"),
        ({}, {"config": {"GptossLabApp": {"sandbox": {}}}}, None, "a key that is refused: config"),
    ],
)
async def test_asking_for_more_starts_nothing(
    make: Make, runtime: FakeRuntime, sandbox: Any, spec: Any, asked: Any, says: str
) -> None:
    """A wider limit, an unknown key or a broken configuration is refused before anything starts."""
    manager = make(sandbox=sandbox, config=spec)
    with pytest.raises(PolicyError, match=says):
        await manager.start_kernel(**({"gptoss_limits": asked} if asked else {}))
    assert runtime.launched == []


async def test_a_client_without_a_server_obeys_the_servers_files(
    make: Make, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Papermill knows nothing of the administrator's maxima; they hold for its kernels too."""
    sections = {"sandbox": {"limits": {"pids": 77}}}
    monkeypatch.setattr(launch_module, "read_sections", lambda: sections)
    manager = make(sandbox=UNCONFIGURED)
    await manager.start_kernel()
    assert runtime.specs[0].limits.pids == 77
    await manager.shutdown_kernel(now=True)


async def test_a_client_without_a_server_fails_closed(
    make: Make, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be read may forbid anything, so nothing is started."""

    def unreadable() -> dict[str, Any]:
        raise RequestError("The file is broken", hint="Mend it.")

    monkeypatch.setattr(launch_module, "read_sections", unreadable)
    with pytest.raises(PolicyError, match="The file is broken"):
        await make(sandbox=UNCONFIGURED).start_kernel()
    assert runtime.launched == []


async def test_data_is_shown_as_agreed(make: Make, runtime: FakeRuntime, tmp_path: Path) -> None:
    """What is named is shown, also after a restart, until other data is; a kernelspec names none."""
    folder, other = tmp_path / "study", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    manager = make()
    await manager.start_kernel(gptoss_data=[str(folder)])
    await manager.restart_kernel(now=True)
    provisioner_of(manager).show([str(other)])
    await manager.restart_kernel(now=True)
    provisioner_of(manager).show([])
    await manager.restart_kernel(now=True)
    sources = [[item.source for item in spec.data] for spec in runtime.specs]
    assert sources == [[folder], [folder], [other], []]
    with pytest.raises(PolicyError, match="a key that is refused: data"):
        await make(config={"data": [str(folder)]}).start_kernel()


async def test_data_may_be_forbidden(make: Make, runtime: FakeRuntime, tmp_path: Path) -> None:
    """Where the administrator allows none, a start that names some fails."""
    with pytest.raises(PolicyError, match="does not show files"):
        await make(sandbox={"allow_data": False}).start_kernel(gptoss_data=[str(tmp_path)])
    assert runtime.specs == []


async def test_a_profile_is_named_by_the_kernelspec(make: Make, runtime: FakeRuntime) -> None:
    """The profile's limits, isolation and image hold, and the registry knows its name."""
    profile = {"limits": {"pids": 40}, "isolation": "require-gvisor", "image": "fake:1"}
    manager = make(sandbox={"profiles": {"small": profile}}, config={"profile": "small"})
    await manager.start_kernel()
    (spec,) = runtime.specs
    assert (spec.limits.pids, spec.isolation, spec.image_id) == (40, "require-gvisor", "sha256:fake")
    assert runtime.isolations == ["require-gvisor"]
    record = REGISTRY.get(str(provisioner_of(manager).kernel_id))
    assert record is not None
    assert record.profile == "small"


async def test_without_a_runtime_nothing_starts(make: Make, runtime: FakeRuntime) -> None:
    """There is no fallback to an unsandboxed kernel."""
    runtime.available = False
    with pytest.raises(SandboxUnavailableError, match="the fake docker is off"):
        await make().start_kernel()


async def test_without_an_image_nothing_starts(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing image is an error with a hint, never a build."""
    fake = FakeRuntime(image_ready=False)
    monkeypatch.setattr(provisioner_module, "make_runtimes", lambda _config: (fake,))
    with pytest.raises(ImageMissingError):
        await make().start_kernel()
    assert await fake.images() == []
