"""Limits only narrow, the environment is listed, the container is hardened."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.errors import PolicyError
from gptoss_lab.sandbox.packages import KERNEL_ENV
from gptoss_lab.sandbox.policy import ContainerPlan, container_body, kernel_env, resolve
from gptoss_lab.sandbox.seccomp import ALLOWED
from gptoss_lab.schemas.execution import LimitOverrides, Limits

MAXIMA = Limits()


def test_nothing_asked_keeps_the_maxima() -> None:
    """Without a narrowing the administrator's maxima hold."""
    assert resolve(MAXIMA, {}, LimitOverrides()) == MAXIMA


def test_narrowings_add_up() -> None:
    """The kernelspec narrows the maxima, the request narrows the kernelspec."""
    limits = resolve(MAXIMA, {"cpus": 0.5, "pids": 100}, LimitOverrides(pids=50))
    assert (limits.cpus, limits.pids, limits.memory_bytes) == (0.5, 50, MAXIMA.memory_bytes)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"memory_bytes": 1 << 40}, "memory_bytes=1099511627776 is wider"),
        ({"privileged": True}, "privileged is refused"),
        ({"binds": ["/:/host"]}, "binds is refused"),
        ({"pids": "many"}, "pids is refused"),
        ({"cpus": float("nan")}, "cpus is refused"),
        ({"memory_bytes": -1}, "memory_bytes is refused"),
    ],
)
def test_what_is_wider_or_unknown_is_refused(asked: dict[str, Any], says: str) -> None:
    """The refusal names the key."""
    with pytest.raises(PolicyError, match=says):
        resolve(MAXIMA, asked)


def test_a_request_cannot_undo_the_kernelspec() -> None:
    """A later narrowing may not go back to the maxima."""
    with pytest.raises(PolicyError, match="pids=256 is wider than the 50"):
        resolve(MAXIMA, {"pids": 50}, {"pids": 256})


@given(st.builds(LimitOverrides, pids=st.integers(8, 512), cpus=st.floats(0.1, 4)))
def test_no_narrowing_widens(asked: LimitOverrides) -> None:
    """Whatever is asked, the result is never over the maxima."""
    try:
        limits = resolve(MAXIMA, asked)
    except PolicyError:
        assert asked.pids is not None
        assert asked.cpus is not None
        assert asked.pids > MAXIMA.pids or asked.cpus > MAXIMA.cpus
    else:
        assert limits.pids <= MAXIMA.pids
        assert limits.cpus <= MAXIMA.cpus


def test_the_environment_is_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the server's environment is added, and listed variables are taken."""
    monkeypatch.setenv("SECRET_CANARY", "hush")
    env = kernel_env({"TZ": "Europe/Berlin"}, Limits(cpus=2.5))
    home = KERNEL_ENV["python"]["HOME"]
    assert (env["TZ"], env["OMP_NUM_THREADS"], env["HOME"]) == ("Europe/Berlin", "2", home)
    assert "SECRET_CANARY" not in env


def test_r_is_told_nothing_of_python() -> None:
    """An R kernel's environment has its place and language, the bound on threads, and no more."""
    env = kernel_env({}, Limits(cpus=2), "r")
    assert set(env) == {
        *("HOME", "LANG", "TZ"),
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    }


@pytest.mark.parametrize("asked", [{"LD_PRELOAD": "x"}, {"PATH": "/x"}, {"TZ": "a\nb"}, {"TZ": "x" * 300}])
def test_other_variables_are_refused(asked: dict[str, str]) -> None:
    """A variable off the list, or a value that is not plain text, is refused."""
    with pytest.raises(PolicyError, match="environment variable"):
        kernel_env(asked, MAXIMA)


def _body(*, is_podman: bool = False) -> dict[str, Any]:
    return container_body(
        ContainerPlan("sha256:x", "pass", {"A": "b"}, {"l": "v"}, MAXIMA, is_podman=is_podman)
    )


def test_the_container_is_hardened() -> None:
    """No network, no mounts, no capabilities, a read-only system, bounded everything."""
    body = _body()
    host = body["HostConfig"]
    assert body["User"] == "65532:65532"
    assert body["NetworkDisabled"]
    assert (body["OpenStdin"], body["StdinOnce"]) == (True, True)
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["CapDrop"]) == ("none", True, ["ALL"])
    assert (host["Privileged"], host["AutoRemove"], host["IpcMode"]) == (False, True, "private")
    assert host["Memory"] == host["MemorySwap"] == MAXIMA.memory_bytes
    assert host["PidsLimit"] == MAXIMA.pids
    assert not {"Binds", "Mounts", "Devices", "CapAdd", "PortBindings"} & set(host)
    assert all("size=" in options and "nosuid" in options for options in host["Tmpfs"].values())
    assert "nproc" not in {bound["Name"] for bound in host["Ulimits"]}


def test_the_filter_leaves_out_what_breaks_out() -> None:
    """The system-call filter denies by default and lists nothing that helps an escape."""
    (option,) = [text for text in _body()["HostConfig"]["SecurityOpt"] if text.startswith("seccomp=")]
    profile = json.loads(option.removeprefix("seccomp="))
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    banned = {
        "io_uring_setup",
        "keyctl",
        "userfaultfd",
        "bpf",
        "ptrace",
        "mount",
        "unshare",
        "setns",
        "clone",
    }
    assert not banned & set(ALLOWED)
    assert len(ALLOWED) == len(set(ALLOWED))


def test_podman_takes_its_own_filter_and_a_process_limit() -> None:
    """Podman would read our filter as a file name; it needs the nproc limit instead."""
    host = _body(is_podman=True)["HostConfig"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert "nproc" in {bound["Name"] for bound in host["Ulimits"]}


def test_podman_is_asked_for_no_owner_of_a_tmpfs() -> None:
    """It refuses owners and numbers of files; what it takes bounds the size."""
    places = _body(is_podman=True)["HostConfig"]["Tmpfs"]
    for options in places.values():
        assert {word.partition("=")[0] for word in options.split(",")} == {
            "rw",
            "nosuid",
            "nodev",
            "size",
            "mode",
        }
