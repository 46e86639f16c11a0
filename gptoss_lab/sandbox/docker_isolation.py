"""Which OCI runtime of a daemon runs a sandbox, and how far that keeps it apart."""

from __future__ import annotations

from gptoss_lab.errors import SandboxUnavailableError
from gptoss_lab.sandbox.docker_client import DaemonFacts
from gptoss_lab.sandbox.seccomp import ALLOWED
from gptoss_lab.schemas.sandboxes import Isolation

GVISOR = "runsc"
OWN_KERNEL = (GVISOR, "kata")
START_HINT = (
    "gVisor may be too old for this machine's kernel: give it the runtime arguments --network=none and "
    "--platform=ptrace in the daemon's configuration, or set the sandbox's isolation to runc."
)


def find_gvisor(facts: DaemonFacts) -> str:
    """Return the name under which the daemon lists gVisor; empty when it does not."""
    names = [facts.default_runtime, *sorted(facts.runtimes)]
    return next((name for name in names if name.startswith(GVISOR)), "")


def oci_runtime(facts: DaemonFacts, isolation: Isolation) -> str:
    """Return the OCI runtime to ask for; empty for the daemon's own choice.

    Raises:
        SandboxUnavailableError: gVisor is required and the daemon does not list it.
    """
    if isolation == "runc":
        return ""
    found = find_gvisor(facts)
    if not found and isolation == "require-gvisor":
        raise SandboxUnavailableError(
            "gVisor is required, and the Docker daemon does not list it",
            hint="Install runsc and add it to the daemon's runtimes (`runsc install`, then restart it), or "
            "set the sandbox's isolation to gvisor, which takes runc where there is none.",
        )
    return found


def is_gvisor(facts: DaemonFacts, runtime: str) -> bool:
    """Say whether a container of that OCI runtime has gVisor for a kernel."""
    return (runtime or facts.default_runtime).startswith(GVISOR)


def describe(facts: DaemonFacts, runtime: str) -> str:
    """Say how a container of that OCI runtime is kept apart."""
    engine = "Podman" if facts.is_podman else "Docker"
    name = runtime or facts.default_runtime
    kernel = "its own kernel" if name.startswith(OWN_KERNEL) else "shared kernel"
    return f"{engine} container, {name}, {kernel}, no network"


def describe_seccomp(facts: DaemonFacts, runtime: str) -> str:
    """Say which system-call filter is in force."""
    if is_gvisor(facts, runtime):
        return "gVisor's own: it answers system calls itself"
    if facts.is_podman:
        return "Podman's default profile"
    return f"own profile: {len(ALLOWED)} system calls are allowed, the rest fail"
