"""The kernelspecs of sandboxes: what they say, and what holds for a kernel that one starts."""

from __future__ import annotations

from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from gptoss_lab.errors import ImageMissingError, PolicyError
from gptoss_lab.sandbox.profiles import Rules, stanza_rules
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import LimitOverrides

PROVISIONER = "gptoss-sandbox"


def kernel_stanza(name: str) -> dict[str, Any]:
    """Return what a kernelspec tells our provisioner. This looks at the disk: call it in a thread.

    Raises:
        ImageMissingError: There is no such kernelspec.
        PolicyError: Its kernel does not run in a sandbox.
    """
    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except (NoSuchKernel, ValueError) as error:
        raise ImageMissingError(
            f"The kernel {name} is not installed",
            hint="Install gptoss-lab again: its kernels are part of it.",
        ) from error
    named = spec.metadata.get("kernel_provisioner", {})
    if not isinstance(named, dict) or named.get("provisioner_name") != PROVISIONER:
        raise PolicyError(
            f"The kernel {name} does not run in a sandbox",
            hint="Generated code runs in sandbox kernels only; choose gptoss-python or gptoss-r.",
        )
    stanza = named.get("config", {})
    return stanza if isinstance(stanza, dict) else {}


def kernel_rules(name: str, config: SandboxConfig, overrides: LimitOverrides) -> Rules:
    """Return what a start of that kernel would be held to. It looks at the disk too.

    Raises:
        ImageMissingError: There is no such kernelspec.
        PolicyError: It is none of a sandbox, or asks for more than is allowed.
    """
    return stanza_rules(config, kernel_stanza(name), overrides)
