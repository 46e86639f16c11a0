"""`jupyter gptoss serve`: our interface and kernels over HTTP, without JupyterLab."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gptoss_lab._version import __version__
from gptoss_lab.cli.session import FAILED, INTERRUPTED, USAGE, tell
from gptoss_lab.errors import GptossError, RequestError
from gptoss_lab.folders import data_dir, run_dir

if TYPE_CHECKING:
    from traitlets.config import Config

    from gptoss_lab.cli.headless import HeadlessServer

DEFAULT_PORT = 8899
MAX_TOKEN_BYTES = 4096
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
_IN_CLEAR = re.compile(r"--?(\w+\.)?(token|password)(=|$)")
_HINT = (
    "Put a token into a file that only you can read, and name it with --token-file, or into JUPYTER_TOKEN."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    ip: str
    port: int
    root: Path | None
    token_file: Path | None
    all_kernels: bool
    as_json: bool
    passed_on: tuple[str, ...]


def serve(  # noqa: PLR0913 - one parameter per option
    context: typer.Context,
    *,
    ip: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any.")] = DEFAULT_PORT,
    root: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="The folder whose files requests may name; without it they may name none.",
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            envvar="JUPYTER_TOKEN_FILE",
            help="A file with the token that clients send; JUPYTER_TOKEN holds it, too.",
        ),
    ] = None,
    all_kernels: Annotated[
        bool, typer.Option("--all-kernels", help="Offer the kernels that run in no sandbox, too.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON when it listens, and nothing else.")
    ] = False,
) -> None:
    """Serve the interface and sandboxed kernels over HTTP, without JupyterLab.

    Other options, such as --ServerApp.base_url=/lab or --GptossLabApp.model, go to Jupyter Server.
    It stops at SIGTERM or Ctrl-C: jobs are ended, and sandboxes with them.

    \f

    Raises:
        Exit: Always, with the code.
    """  # noqa: D301 - typer shows what stands before the form feed
    asked = Asked(ip, port, root, token_file, all_kernels, as_json, tuple(context.args))
    try:
        code = _run(asked)
    except GptossError as error:
        tell(error)
        code = USAGE if isinstance(error, RequestError) else FAILED
    raise typer.Exit(code)


def _run(asked: Asked) -> int:
    """Serve until a signal comes; return the exit code."""
    from gptoss_lab.cli.headless import HeadlessServer  # noqa: PLC0415 - `--help` must not wait for it

    _refuse_secrets(asked.passed_on)
    server = HeadlessServer(config=_config(asked), no_browser_open_file=True)
    server.initialize(argv=list(asked.passed_on))
    _refuse_strangers(server)
    kept = _kept_token(server)
    server.on_ready = lambda: _announce(server, kept or asked.token_file, as_json=asked.as_json)
    try:
        server.start()
    finally:
        if kept is not None:
            kept.unlink(missing_ok=True)
    return INTERRUPTED if server.ended_by == signal.SIGINT else 0


def _config(asked: Asked) -> Config:
    """Return what goes before Jupyter's configuration files."""
    from traitlets.config import Config  # noqa: PLC0415 - as above

    root = asked.root.resolve() if asked.root else data_dir() / "no-files"
    root.mkdir(mode=0o700, exist_ok=True)
    server = {
        "ip": asked.ip,
        "port": asked.port,
        "port_retries": 0,
        "root_dir": str(root),
        "open_browser": False,
        "allow_unauthenticated_access": False,
    }
    values: dict[str, dict[str, object]] = {"ServerApp": server}
    if not asked.all_kernels:
        server["kernel_spec_manager_class"] = "gptoss_lab.cli.headless.SandboxKernelSpecManager"
        values["MappingKernelManager"] = {"default_kernel_name": "gptoss-python"}
    if asked.token_file is not None:
        values["IdentityProvider"] = {"token": _read_token(asked.token_file)}
    return Config(values)


def _read_token(path: Path) -> str:
    """Return the token in a file.

    Raises:
        RequestError: It cannot be read, others can read it, or it holds none.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            token = file.read(MAX_TOKEN_BYTES).decode().strip()
    except (OSError, ValueError) as error:
        raise RequestError(f"The token file {path} cannot be read: {error}", hint=_HINT) from error
    if stat.S_IMODE(mode) & 0o077 and not _is_credential(path):
        raise RequestError(
            f"Others can read the token file {path}", hint=f"Make it yours alone: chmod 600 {path}"
        )
    if not token:
        raise RequestError(f"The token file {path} is empty", hint=_HINT)
    return token


def _is_credential(path: Path) -> bool:
    """Say whether systemd put the file there for this service: an access list gives it to its user alone.

    The list shows as permissions of the file's group.

    Source: https://systemd.io/CREDENTIALS/
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return bool(folder) and path.resolve().is_relative_to(Path(folder).resolve())


def _refuse_secrets(words: Sequence[str]) -> None:
    if any(_IN_CLEAR.match(word) for word in words):
        raise RequestError("Everyone on this machine can read what is in a command line", hint=_HINT)


def _refuse_strangers(server: HeadlessServer) -> None:
    """Refuse an address that others can reach where nobody has chosen a secret.

    Raises:
        RequestError: That is so.
    """
    provider = server.identity_provider
    chosen = provider.auth_enabled and not provider.token_generated
    if not (chosen or server.sock or _is_loopback(server.ip)):
        raise RequestError(
            f"Others can reach {server.ip or 'every address'}, and there is no token or password", hint=_HINT
        )


def _is_loopback(ip: str) -> bool:
    try:
        return ip_address(ip).is_loopback
    except ValueError:
        return ip == "localhost"


def _kept_token(server: HeadlessServer) -> Path | None:
    """Write a token that Jupyter made up into a file of this user's; None where somebody chose one."""
    provider = server.identity_provider
    if not (provider.token and provider.token_generated):
        return None
    provider.token_generated = False  # Jupyter prints one that it made up
    path = run_dir() / f"serve-{os.getpid()}.token"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(provider.token + "\n")
    return path


def _announce(server: HeadlessServer, token_file: Path | None, *, as_json: bool) -> None:
    """Say where it answers, and how to reach it."""
    url, secret = server.connection_url, str(token_file.resolve()) if token_file else ""
    if as_json:
        told = {"url": url, "pid": os.getpid(), "token_file": secret, "version": __version__}
        print(json.dumps(told), flush=True)  # noqa: T201 - the answer of the command
        return
    token = f"$(cat {secret})" if secret else "$JUPYTER_TOKEN"
    lines = (
        f"gptoss_lab {__version__} answers at {url} (process {os.getpid()}).",
        f'  Ask it:      curl -H "Authorization: token {token}" {url}api/v1/health',
        f'  JupyterLab:  JUPYTER_GATEWAY_AUTH_TOKEN="{token}" jupyter lab --gateway-url={url}',
        "  Stop it with Ctrl-C or SIGTERM.",
    )
    print("\n".join(lines), flush=True)  # noqa: T201 - as above
