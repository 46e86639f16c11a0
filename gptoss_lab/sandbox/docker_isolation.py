"""Which OCI runtime of a daemon runs a sandbox, and how far that keeps it apart."""

from __future__ import annotations

from gptoss_lab.errors import SandboxUnavailableError
from gptoss_lab.sandbox.docker_client import DaemonFacts
from gptoss_lab.schemas.sandboxes import Isolation

GVISOR = "runsc"
OWN_KERNEL = (GVISOR, "kata")


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


def describe(facts: DaemonFacts, runtime: str) -> str:
    """Say how a container of that OCI runtime is kept apart."""
    engine = "Podman" if facts.is_podman else "Docker"
    name = runtime or facts.default_runtime
    kernel = "its own kernel" if name.startswith(OWN_KERNEL) else "shared kernel"
    return f"{engine} container, {name}, {kernel}, no network"
