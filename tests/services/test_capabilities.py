"""What sandboxes can do, from a configuration and what runtimes said."""

from __future__ import annotations

from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import SandboxStatus
from gptoss_lab.services.capabilities import capabilities_of

READY = SandboxStatus(
    available=True,
    runtime="docker",
    isolation="a container",
    image_ready=True,
    version="27",
    seccomp="own",
    gvisor=True,
    data="copy",
)
UNBUILT = READY.model_copy(update={"image_ready": False, "reason": "not built", "hint": "build it"})
SMALL = {"limits": {"pids": 20}}
OFF = SandboxStatus(available=False, reason="nothing answers", hint="install it")


def test_what_is_in_force_is_told() -> None:
    """The runtime's own words, the languages that are built, and what the administrator allows."""
    config = SandboxConfig.model_validate({
        "max_sandboxes": 7,
        "profiles": {"small": {"limits": {"pids": 20}}},
    })
    told = capabilities_of(config, {"python": READY, "r": UNBUILT})
    assert (told.runtime, told.isolation, told.engine_version) == ("docker", "a container", "27")
    assert (told.languages, told.seccomp, told.gvisor, told.data) == (("python",), "own", True, "copy")
    assert (told.max_sandboxes, told.limits, told.profiles["small"].pids) == (7, config.limits, 20)
    assert (told.reason, told.hint) == ("", "")


def test_data_is_off_where_it_is_not_allowed() -> None:
    """The administrator's no is told, whatever the runtime could do."""
    assert capabilities_of(SandboxConfig(allow_data=False), {"python": READY}).data == "off"


def test_what_is_missing_is_said() -> None:
    """Without an image, and without a runtime, the reason and the hint are told."""
    unbuilt = capabilities_of(SandboxConfig(), {"python": UNBUILT, "r": UNBUILT})
    assert (unbuilt.languages, unbuilt.reason, unbuilt.hint) == ((), "not built", "build it")
    off = capabilities_of(SandboxConfig(), {"python": OFF, "r": OFF})
    assert (off.runtime, off.reason, off.hint) == ("none", "nothing answers", "install it")
