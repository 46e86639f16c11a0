"""The calls about sandboxes."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.client.call import Call, Form
from gptoss_lab.schemas.sandboxes import (
    PackagesRequest,
    RestartRequest,
    SandboxCapabilities,
    SandboxFiles,
    SandboxList,
    SandboxRequest,
    SandboxState,
)

NOTHING: Form[None] = Form("", None)
FILE: Form[bytes] = Form("", bytes)
FILES: Form[SandboxFiles] = Form("SandboxFiles", SandboxFiles)
SANDBOX: Form[SandboxState] = Form("SandboxState", SandboxState)
SANDBOXES: Form[SandboxList] = Form("SandboxList", SandboxList)
CAPABILITIES: Form[SandboxCapabilities] = Form("SandboxCapabilities", SandboxCapabilities)


def list_sandboxes() -> Call[SandboxList]:
    """Return the sandboxes that may be seen, newest first."""
    return Call("GET", "/api/v1/sandboxes", SANDBOXES)


def start_sandbox(request: SandboxRequest) -> Call[SandboxState]:
    """Start a sandbox that is kept, for executions that follow one another."""
    return Call("POST", "/api/v1/sandboxes", SANDBOX, body=request, slow=True)


def get_sandbox_capabilities() -> Call[SandboxCapabilities]:
    """Return what sandboxes can do here, and use at most."""
    return Call("GET", "/api/v1/sandboxes/capabilities", CAPABILITIES)


def get_sandbox(sandbox: str) -> Call[SandboxState]:
    """Return what a sandbox does and uses now."""
    return Call("GET", "/api/v1/sandboxes/{sandbox}", SANDBOX, {"sandbox": sandbox})


def end_sandbox(sandbox: str) -> Call[None]:
    """End a sandbox, whatever runs in it."""
    return Call("DELETE", "/api/v1/sandboxes/{sandbox}", NOTHING, {"sandbox": sandbox})


def list_sandbox_files(sandbox: str) -> Call[SandboxFiles]:
    """Return the regular files of a sandbox's working folder."""
    return Call("GET", "/api/v1/sandboxes/{sandbox}/files", FILES, {"sandbox": sandbox})


def get_sandbox_file(sandbox: str, path: str) -> Call[bytes]:
    """Return one of these files. What it holds was written by code that nobody vouches for."""
    return Call(
        "GET", "/api/v1/sandboxes/{sandbox}/files/{path}", FILE, {"sandbox": sandbox, "path": path}, slow=True
    )


def interrupt_sandbox(sandbox: str) -> Call[SandboxState]:
    """Interrupt what a sandbox runs."""
    return Call("POST", "/api/v1/sandboxes/{sandbox}/interrupt", SANDBOX, {"sandbox": sandbox})


def restart_sandbox(sandbox: str, *, data: Sequence[str] | None = None) -> Call[SandboxState]:
    """Start a sandbox anew; its variables and files are lost. It is shown `data`; what it was when None."""
    body = RestartRequest(data=None if data is None else tuple(data))
    return Call(
        "POST", "/api/v1/sandboxes/{sandbox}/restart", SANDBOX, {"sandbox": sandbox}, body=body, slow=True
    )


def add_sandbox_packages(sandbox: str, packages: Sequence[str]) -> Call[SandboxState]:
    """Add packages to a sandbox's environment; it starts anew with them, and so do later ones."""
    body = PackagesRequest(packages=tuple(packages))
    return Call(
        "POST", "/api/v1/sandboxes/{sandbox}/packages", SANDBOX, {"sandbox": sandbox}, body=body, slow=True
    )
