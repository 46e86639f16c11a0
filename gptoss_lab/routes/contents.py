"""The notebooks of this Jupyter Server, as the person behind one request may read them."""

from __future__ import annotations

from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler

from gptoss_lab.errors import NotFoundError, PolicyError, RequestError, TooLargeError

CONTENTS_RESOURCE = "contents"
MAX_PATH_CHARS = 4096


class ServerContents:
    """What the server's contents manager shows; paths start from the folder that JupyterLab shows."""

    def __init__(self, handler: APIHandler) -> None:
        self._handler = handler
        self._contents: Any = handler.contents_manager

    async def notebook(self, path: str, max_bytes: int) -> Any:
        """Return a notebook as its JSON says it.

        Args:
            path: Where it is.
            max_bytes: The size above which it is not read.

        Raises:
            NotFoundError: There is no such file, or the manager does not show it.
            PolicyError: The person may not read files.
            RequestError: It is no notebook, or not a readable one.
            TooLargeError: It is larger than `max_bytes`.
        """
        await self._check_allowed()
        path = path.strip("/")
        if not path or len(path) > MAX_PATH_CHARS:
            raise RequestError("`path` names no notebook", hint="Send ?path=folder/name.ipynb.")
        if not await ensure_async(self._contents.file_exists(path)):
            raise NotFoundError(f"There is no notebook {path[:200]}")
        found = await ensure_async(self._contents.get(path, content=False))
        if found["type"] != "notebook":
            raise RequestError(f"{path[:200]} is no notebook")
        if (found.get("size") or 0) > max_bytes:
            raise TooLargeError(
                f"The notebook is larger than {max_bytes >> 20} MB", hint="Clear its outputs."
            )
        model = await ensure_async(self._contents.get(path, type="notebook", content=True))
        return model["content"]

    async def _check_allowed(self) -> None:
        handler = self._handler
        asked = handler.authorizer.is_authorized(handler, handler.current_user, "read", CONTENTS_RESOURCE)
        if not await ensure_async(asked):
            raise PolicyError("You may not read the files of this server", hint="Ask the administrator.")
