"""Kernel managers whose kernels our provisioner starts."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_client.manager import AsyncKernelManager

from gptoss_lab.sandbox.provisioner import SandboxProvisioner

UNCONFIGURED = object()
Make = Callable[..., AsyncKernelManager]


def provisioner_of(manager: AsyncKernelManager) -> SandboxProvisioner:
    """Return the provisioner of a manager whose kernel was started."""
    assert isinstance(manager.provisioner, SandboxProvisioner)
    return manager.provisioner
