"""Cells that another extension runs on the server: what waits for a review is refused there too.

jupyter-server-nbmodel, and with it jupyter-collaboration, takes `POST /api/kernels/<id>/execute` with a
cell's code and its id, and runs the code by a kernel client of its own. Neither our websocket nor the
kernel sees the cell's metadata then. They are looked up here, in the shared document where there is one
and in the file else. A cell that is in neither, because it was not saved yet, cannot be known.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.utils import url_path_join
from tornado.web import HTTPError, RequestHandler

from gptoss_lab.sandbox.agent.guard import REFUSAL, is_pending

PATH = ("api", "kernels", "00000000-0000-0000-0000-000000000000", "execute")
COLLABORATION = "jupyter_server_ydoc"
CONFLICT = 409


def guard_server_execution(serverapp: Any) -> None:
    """Put a guard before whatever executes cells for pages. All extensions must be loaded."""
    path = url_path_join(serverapp.base_url, *PATH)
    for rule in _rules(serverapp.web_app.default_router, path):
        # An address that nobody serves is caught by a handler without a post of its own.
        if rule.target.post is not RequestHandler.post and not issubclass(rule.target, _Guard):
            rule.target = type(rule.target.__name__, (_Guard, rule.target), {"gptoss_serverapp": serverapp})


class _Guard(RequestHandler):
    """Stands before another extension's handler."""

    gptoss_serverapp: Any

    async def prepare(self) -> None:
        """Refuse a cell that waits, after the handler has found the person allowed.

        Raises:
            HTTPError: It waits.
        """
        prepared = super().prepare()
        if inspect.isawaitable(prepared):
            await prepared
        if self.request.method == "POST" and not self._finished:
            cell = await _cell_of(self.gptoss_serverapp, _metadata(self.request.body))
            if cell is not None and is_pending(cell.get("metadata")):
                self.gptoss_serverapp.log.warning("Refused to run a cell that is pending review.")
                raise HTTPError(CONFLICT, REFUSAL, reason=REFUSAL)


def _rules(router: Any, path: str) -> Iterator[Any]:
    """Yield the rules that lead a path to a handler."""
    for rule in router.rules:
        if hasattr(rule.target, "rules"):
            yield from _rules(rule.target, path)
        elif inspect.isclass(rule.target) and issubclass(rule.target, RequestHandler):
            pattern = getattr(rule.matcher, "regex", None)
            if pattern is not None and pattern.match(path):
                yield rule


def _metadata(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {}  # the handler says so itself
    metadata = read.get("metadata") if isinstance(read, dict) else None
    return metadata if isinstance(metadata, dict) else {}


async def _cell_of(serverapp: Any, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the cell that a request is about, where it is known."""
    for read in (_shared, _saved):
        notebook = await read(serverapp, asked)
        cells = notebook.get("cells") if isinstance(notebook, Mapping) else None
        for cell in cells if isinstance(cells, list) else ():
            if isinstance(cell, Mapping) and cell.get("id") == asked.get("cell_id"):
                return cell
    return None


async def _shared(serverapp: Any, asked: Mapping[str, Any]) -> Any:
    """Return the notebook as those who work on it see it now."""
    room, path = asked.get("document_id"), asked.get("document_path")
    for app in serverapp.extension_manager.extension_apps.get(COLLABORATION, ()):
        found = await app.get_document(room_id=room, copy=False) if isinstance(room, str) else None
        if found is None and isinstance(path, str):
            kind = {"content_type": "notebook", "file_format": "json"}
            found = await app.get_document(path=path, copy=False, **kind)
        if found is not None:
            return found.source
    return None


async def _saved(serverapp: Any, asked: Mapping[str, Any]) -> Any:
    """Return the notebook as it was saved last."""
    path = asked.get("document_path")
    if not isinstance(path, str):
        return None
    try:
        model = await ensure_async(serverapp.contents_manager.get(path, content=True, type="notebook"))
    except HTTPError:
        return None  # a notebook that has no file
    return model["content"]
