"""The files of an execution: those that go in before the first cell, and those that are there at the end."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterator

from gptoss_lab.errors import RequestError, SandboxError, TooLargeError
from gptoss_lab.sandbox.file_names import plain_path
from gptoss_lab.schemas.execution import ExecutionRequest, SentFile
from gptoss_lab.schemas.sandboxes import SandboxFile
from gptoss_lab.services.kernel_session import KernelSession


def check_files(request: ExecutionRequest) -> None:
    """Refuse files that could not be put in. This decodes them: call it in a thread.

    Raises:
        RequestError: A path is not plain, or a content is not base64.
    """
    for _ in _decoded(request.files):
        """Each one raises where it is not what it should be."""


async def send_files(session: KernelSession, request: ExecutionRequest) -> None:
    """Put the files of a request into the working folder.

    Raises:
        TooLargeError: The sandbox's disk does not hold them.
        SandboxError: The sandbox does not take them.
    """
    if not request.files:
        return
    files = await asyncio.to_thread(lambda: list(_decoded(request.files)))
    room = session.provisioner.resolved_limits.disk_bytes
    if sum(len(content) for _, content in files) > room:
        raise TooLargeError(f"The files take more than the {room} bytes of the sandbox's disk")
    for path, content in files:
        await session.provisioner.files.write_file(path, content)


async def list_files(session: KernelSession) -> tuple[SandboxFile, ...]:
    """Return what is in the working folder; nothing where the sandbox does not say."""
    try:
        return tuple((await session.provisioner.files.list_files()).files)
    except SandboxError:
        return ()


def _decoded(files: tuple[SentFile, ...]) -> Iterator[tuple[str, bytes]]:
    for file in files:
        path = plain_path(file.path)
        try:
            yield path, base64.b64decode(file.content_base64, validate=True)
        except (binascii.Error, ValueError) as error:
            raise RequestError(
                f"The content of {path[:200]} is not base64",
                hint="Encode it as RFC 4648 says, without breaks.",
            ) from error
