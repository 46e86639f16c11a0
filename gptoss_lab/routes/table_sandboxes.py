"""The addresses of sandboxes."""

from __future__ import annotations

from gptoss_lab.routes.capabilities import CapabilitiesHandler
from gptoss_lab.routes.operation import Operation, Route
from gptoss_lab.routes.sandbox_files import SandboxFileHandler, SandboxFilesHandler
from gptoss_lab.routes.sandboxes import (
    InterruptHandler,
    PackagesHandler,
    RestartHandler,
    SandboxesHandler,
    SandboxHandler,
)

SANDBOX_ROUTES: tuple[Route, ...] = (
    Route(
        "/api/v1/sandboxes",
        SandboxesHandler,
        (
            Operation("GET", "List the sandboxes that may be seen, newest first.", reply="SandboxList"),
            Operation(
                "POST",
                "Start a sandbox that is kept, for executions that follow one another.",
                audited="sandbox_start",
                action="execute",
                request="SandboxRequest",
                reply="SandboxState",
                status=201,
            ),
        ),
    ),
    Route(
        "/api/v1/sandboxes/capabilities",
        CapabilitiesHandler,
        (Operation("GET", "What sandboxes can do here, and use at most.", reply="SandboxCapabilities"),),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}/files",
        SandboxFilesHandler,
        (
            Operation(
                "GET", "List the regular files of its working folder.", reply="SandboxFiles", action="execute"
            ),
        ),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}/files/{path}",
        SandboxFileHandler,
        (Operation("GET", "One of these files, for saving.", binary=True, action="execute"),),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}",
        SandboxHandler,
        (
            Operation("GET", "What the sandbox does and uses now.", reply="SandboxState"),
            Operation("DELETE", "End the sandbox, whatever runs in it.", status=204, audited="sandbox_stop"),
        ),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}/interrupt",
        InterruptHandler,
        (
            Operation(
                "POST",
                "Interrupt what the sandbox runs.",
                reply="SandboxState",
                action="execute",
                audited="sandbox_interrupt",
            ),
        ),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}/restart",
        RestartHandler,
        (
            Operation(
                "POST",
                "Start the sandbox anew; its variables and files are lost. The body may be left out.",
                audited="sandbox_restart",
                action="execute",
                request="RestartRequest",
                may_be_empty=True,
                reply="SandboxState",
            ),
        ),
    ),
    Route(
        "/api/v1/sandboxes/{sandbox}/packages",
        PackagesHandler,
        (
            Operation(
                "POST",
                "Add packages to the sandbox's environment; it starts anew with them, and so do later ones.",
                audited="add_packages",
                action="execute",
                request="PackagesRequest",
                reply="SandboxState",
            ),
        ),
    ),
)
