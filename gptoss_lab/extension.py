"""The composition root of the server: configuration in, services and routes wired."""

from __future__ import annotations

import asyncio
import os
from importlib import import_module
from logging import INFO, Logger, getLevelName
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.services.contents.filemanager import FileContentsManager
from traitlets import Callable as CallableTrait
from traitlets import Dict

from gptoss_lab._version import __version__
from gptoss_lab.errors import GptossError, RequestError
from gptoss_lab.folders import data_dir
from gptoss_lab.routes import unknown
from gptoss_lab.routes.context import RouteContext
from gptoss_lab.routes.forward import forwarding
from gptoss_lab.routes.server_execution import guard_server_execution
from gptoss_lab.routes.table import ROUTES
from gptoss_lab.routes.websocket import put_in_force, warn_unless_in_force
from gptoss_lab.services import logs
from gptoss_lab.services.shared_secret import SharedSecret

if TYPE_CHECKING:
    from collections.abc import Callable

    from gptoss_lab.services.assembly import Services
    from gptoss_lab.services.audit import Audit
    from gptoss_lab.services.remote import RemoteServer

SECTIONS = {
    "model": "ModelConfig",
    "sandbox": "SandboxConfig",
    "execution": "ExecutionConfig",
    "documents": "DocumentConfig",
    "feedback": "FeedbackConfig",
    "monitor": "MonitorConfig",
    "prompts": "PromptConfig",
    "papers": "PaperConfig",
    "access": "AccessConfig",
    "remote": "RemoteConfig",
    "logging": "LogConfig",
}
LOG_FORM = "GPTOSS_LAB_LOG"
NO_FILES = "no-files"
OWNER_KEY_VARIABLE = "GPTOSS_LAB_OWNER_KEY"
REAP_EVERY_S = 300.0
CLOSE_WITHIN_S = 20.0


class SectionTrait(Dict):
    """A section of the configuration. Its help is made from the model when someone asks for it."""

    def __init__(self, model: str) -> None:
        self._model = ""  # traitlets reads `help` while it makes the trait: too early to load models
        super().__init__(config=True)
        self._model = model

    def _help(self) -> str:
        if not self._model:
            return ""
        config = import_module("gptoss_lab.schemas.config")
        sections = import_module("gptoss_lab.schemas.sections")
        model = getattr(config, self._model)
        return f"{model.__doc__.strip()}\n\nKeys:\n\n{sections.describe_section(model)}"

    def _ignore_help(self, text: str) -> None:
        """Ignore what traitlets would set: the model is the help."""

    help = property(_help, _ignore_help)


class GptossLabApp(ExtensionApp):
    """Documentation and a task become checked, sandbox-run notebook cells."""

    name = "gptoss_lab"
    extension_url = "/lab"
    load_other_extensions = True

    model = SectionTrait("ModelConfig")
    sandbox = SectionTrait("SandboxConfig")
    execution = SectionTrait("ExecutionConfig")
    documents = SectionTrait("DocumentConfig")
    feedback = SectionTrait("FeedbackConfig")
    monitor = SectionTrait("MonitorConfig")
    prompts = SectionTrait("PromptConfig")
    papers = SectionTrait("PaperConfig")
    access = SectionTrait("AccessConfig")
    logging = SectionTrait("LogConfig")
    remote = SectionTrait("RemoteConfig")

    audit_handlers = CallableTrait(
        None,
        allow_none=True,
        help="""A function that returns the logging handlers that audit events go to; None for no audit.

        For example: lambda: [logging.handlers.WatchedFileHandler("/var/log/gptoss_lab-audit.jsonl")]
        """,
    ).tag(config=True)

    _root: Path | None = None
    _audit: Audit | None = None
    _assembling: asyncio.Task[Services] | None = None
    _reaping: asyncio.Task[None] | None = None
    _other: RemoteServer | None = None

    def initialize_handlers(self) -> None:
        """Check the configuration and lay the routes; called by Jupyter Server at load."""
        self._check_configuration()
        self._set_up_log()
        if self.serverapp is not None:
            put_in_force(self.serverapp)
        self._audit = self._make_audit()
        contents = self.serverapp.contents_manager if self.serverapp else None
        self._root = Path(contents.root_dir) if isinstance(contents, FileContentsManager) else None
        self._other = self._other_server()
        context = RouteContext(
            services=self.services,
            version=__version__,
            root=self._root,
            folder=data_dir,
            routes=ROUTES,
            answered=self._answered,
            remote=self._other,
            owner_key=self._owner_key(),
            audit=self._audit,
        )
        served = forwarding(ROUTES) if self._other is not None else ROUTES
        self.handlers.extend(
            (route.pattern, route.handler, {"context": context, "route": route}) for route in served
        )
        self.handlers.append((unknown.PATTERN, unknown.UnknownHandler, {"context": context}))

    async def services(self) -> Services:
        """Return the services, assembled on first use and in a thread.

        Raises:
            StorageError: Our data folder cannot be made.
        """
        task = self._assembling
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._assembling = asyncio.ensure_future(asyncio.to_thread(self._assemble))
        return await asyncio.shield(task)

    def _answered(self, route: str, verb: str, status: int, seconds: float | None) -> None:
        """Note an answer; one that came before there was anything to answer with is not noted."""
        task = self._assembling
        if task is not None and task.done() and not task.cancelled() and task.exception() is None:
            task.result().monitor.answered(route, verb, status, seconds)

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Begin the work in the background; called by Jupyter Server when its loop runs."""
        warn_unless_in_force(serverapp)  # asked now: another extension may have chosen after us
        guard_server_execution(serverapp)
        self.begin()

    def begin(self) -> None:
        """Begin to look for what ended servers left behind."""
        self._reaping = asyncio.ensure_future(self._reap_forever())

    async def stop_extension(self) -> None:
        """Cancel the jobs and end the sandboxes; called by Jupyter Server when it stops."""
        try:
            await self._stop()
        finally:
            logs.take_down()

    async def _stop(self) -> None:
        if self._reaping is not None:
            self._reaping.cancel()
            await asyncio.wait({self._reaping})
        if self._other is not None:
            await self._other.close()
        if self._assembling is None:
            return
        try:
            services = await self._assembling
            await asyncio.wait_for(services.close(), CLOSE_WITHIN_S)
        except (GptossError, asyncio.TimeoutError) as error:
            self.log.warning("gptoss_lab did not close cleanly: %s", str(error) or "it took too long")

    def _other_server(self) -> RemoteServer | None:
        """Return the server that does the work of this one; nothing is loaded where there can be none."""
        gateway = getattr(self.serverapp, "gateway_config", None)
        if not self.remote and not getattr(gateway, "gateway_enabled", False):
            return None
        place = import_module("gptoss_lab.routes.remote_place")
        other: RemoteServer | None = place.remote_of(self._sections()["remote"], gateway, __version__)
        return other

    def _owner_key(self) -> Callable[[], str]:
        variable = self.remote.get("owner_key_env", OWNER_KEY_VARIABLE)
        return SharedSecret(variable, self.remote.get("owner_key_file", "")).get

    def _assemble(self) -> Services:
        assembly = import_module("gptoss_lab.services.assembly")
        sections = {key: value for key, value in self._sections().items() if key not in {"remote", "logging"}}
        # Where the files that the person sees are not on this disk, none of this disk is theirs.
        root = self._root or data_dir() / NO_FILES
        services: Services = assembly.assemble(
            **sections, folder=data_dir(), root=root, store_jobs=True, audit=self._audit
        )
        return services

    def _set_up_log(self) -> None:
        """Let our loggers speak where Jupyter does, and as the administrator wants it."""
        form = self.logging.get("form") or os.environ.get(LOG_FORM) or "text"
        if form not in {"text", "json"}:
            self.log.warning("%s is neither text nor json; the log is text.", LOG_FORM)
        jupyter: Logger = self.log if self.serverapp is None else self.serverapp.log
        level = jupyter.getEffectiveLevel()
        if form == "json":
            level = min(level, INFO)  # who asks for JSON wants the lines of requests and jobs, too
        if name := self.logging.get("level"):
            level = getLevelName(str(name).upper())
        others = jupyter.handlers
        logs.set_up(as_json=form == "json", level=level, others=others)

    def _sections(self) -> dict[str, Any]:
        config = import_module("gptoss_lab.schemas.config")
        sections = import_module("gptoss_lab.schemas.sections")
        return {
            key: sections.parse_section(getattr(config, model), f"c.GptossLabApp.{key}", getattr(self, key))
            for key, model in SECTIONS.items()
        }

    def _check_configuration(self) -> None:
        """Stop the server where the configuration is wrong, as Jupyter does with its own.

        The defaults need no check, so that an unconfigured server does not wait for the models.
        """
        if not any(getattr(self, key) for key in SECTIONS):
            return
        try:
            self._sections()
        except RequestError as error:
            self.log.critical("Bad configuration: %s. %s", error.message, error.hint)
            self.exit(1)

    def _make_audit(self) -> Audit | None:
        """Make the audit, or stop the server: one that should be audited must not work unseen.

        Raises:
            GptossError: It cannot be made, and the server is not ours to stop.
        """
        handlers: Any = self.audit_handlers
        if handlers is None:
            return None
        audit_log = import_module("gptoss_lab.services.audit_log")
        try:
            audit: Audit = audit_log.make_audit(handlers, self._sections()["access"], data_dir)
        except GptossError as error:
            self.log.critical("There can be no audit: %s. %s", error.message, error.hint)
            self.exit(1)
            raise
        return audit

    async def _reap_forever(self) -> None:
        while True:
            try:
                services = await self.services()
                services.sandboxes.open()
                services.monitor.open()
                count = await services.execution.reap()
                if count:
                    self.log.info("Removed %d sandboxes that an ended server left behind.", count)
            except GptossError as error:
                self.log.warning("Looking for left sandboxes failed: %s %s", error.message, error.hint)
            await asyncio.sleep(REAP_EVERY_S)
