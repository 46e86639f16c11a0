"""A container with a network and no user data, in which an image is prepared."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from typing_extensions import Self

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.docker_client import DaemonRefusal, DockerClient, finished
from gptoss_lab.sandbox.docker_pip import INNER_BUNDLE, PipSettings
from gptoss_lab.sandbox.docker_streams import DockerStream
from gptoss_lab.sandbox.reaper import OWNER_LABEL, own_lease

Say = Callable[[str], Awaitable[None]]

BUILDER_LABEL = "org.gptoss-lab.builder"
SITE_PACKAGES_LABEL = "org.gptoss-lab.site-packages"
TAIL_LINES = 15
GONE = (404, 409)


class Builder:
    """The builder, as a context. Leaving it, by success, failure or cancel, removes it.

    Its only process reads our attached stream, so that it also ends when this server dies.
    """

    def __init__(self, client: DockerClient, base_id: str, settings: PipSettings) -> None:
        self._client = client
        self._base_id = base_id
        self._settings = settings
        self._id = ""
        self._alive: DockerStream | None = None

    async def __aenter__(self) -> Self:
        """Start the container.

        Raises:
            SandboxError: The daemon refused.
        """
        body = {
            "Image": self._base_id,
            "Entrypoint": ["/bin/sh", "-c", "read forever"],
            "Cmd": [],
            "OpenStdin": True,
            "StdinOnce": True,
            "AttachStdin": True,
            "Labels": {BUILDER_LABEL: "1", OWNER_LABEL: own_lease().owner},
            "HostConfig": {"NetworkMode": "host", "AutoRemove": True},
        }
        try:
            await finished(self._create(body))
            self._alive = await self._client.stream(
                f"/containers/{self._id}/attach", {"stream": "1", "stdin": "1"}, {}
            )
            await self._client.call(lambda api: api.start(self._id))
            archive = await asyncio.to_thread(self._settings.bundle_archive)
            if archive is not None:
                await self._client.call(lambda api: api.put_archive(self._id, "/tmp", archive))  # noqa: S108
        except BaseException:
            await asyncio.shield(self._remove())
            raise
        return self

    async def _create(self, body: dict[str, Any]) -> None:
        made = await self._client.call(lambda api: api.create_container_from_config(body))
        self._id = str(made["Id"])

    async def __aexit__(self, *_: object) -> None:
        """Remove the container."""
        await asyncio.shield(self._remove())

    async def lacks(self, path: str) -> bool:
        """Say whether there is no such program.

        Raises:
            SandboxError: The builder does not answer.
        """
        return (await self.run(["/bin/sh", "-c", 'test -x "$1"; echo $?', "sh", path]))[-1] != "0"

    async def write(self, path: str, content: bytes) -> None:
        """Put a file in.

        Raises:
            SandboxError: The daemon refused.
        """
        folder, _, name = path.rpartition("/")
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o644
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            archive.addfile(entry, io.BytesIO(content))
        await self._client.call(lambda api: api.put_archive(self._id, folder or "/", buffer.getvalue()))

    async def commit(self, tag: str, path: str, labels: dict[str, str]) -> None:
        """Write the image under `tag`; its programs are sought along `path`.

        Raises:
            SandboxError: The daemon refused.
        """
        await self.run(["/bin/sh", "-c", f"rm -rf {INNER_BUNDLE} /root/.cache /tmp/*"])
        repository, _, version = tag.partition(":")
        conf = {
            "Labels": labels,
            "Entrypoint": ["/usr/bin/tini", "-g", "--"],
            "Cmd": ["python3"],
            "Env": [f"PATH={path}"],
            "OpenStdin": False,
            "StdinOnce": False,
            "AttachStdin": False,
        }
        await self._client.call(
            lambda api: api.commit(self._id, repository=repository, tag=version, conf=conf)
        )

    async def run(self, command: Sequence[str], say: Say | None = None) -> list[str]:
        """Run a command and return its last lines; `say` hears each one.

        Raises:
            SandboxError: It failed; the message ends with its last lines.
        """
        environment = self._settings.environment
        made = await self._client.call(
            lambda api: api.exec_create(
                self._id, ["/bin/sh", "-c", 'exec "$@" 2>&1', "sh", *command], environment=environment
            )
        )
        path = f"/exec/{made['Id']}/start"
        stream = await self._client.stream(path, {}, {"Detach": False, "Tty": False})
        lines: list[str] = []
        try:
            while raw := await stream.stdout.readline():
                lines = [*lines, raw.decode("utf-8", "replace").strip()][-TAIL_LINES:]
                if say is not None:
                    await say(_redacted(lines[-1]))
        finally:
            stream.close()
        status = (await self._client.call(lambda api: api.exec_inspect(made["Id"])))["ExitCode"]
        if status:
            shown = "\n".join(
                map(_redacted, [f"{' '.join(command[:4])} failed with status {status}:", *lines])
            )
            raise SandboxError(shown)
        return lines

    async def _remove(self) -> None:
        """Remove the container.

        Raises:
            DaemonRefusal: The daemon cannot.
        """
        if self._alive is not None:
            self._alive.close()
        if not self._id:
            return
        try:
            await self._client.call(lambda api: api.remove_container(self._id, force=True, v=True))
        except DaemonRefusal as refusal:
            if refusal.http_status not in GONE:
                raise


def _redacted(line: str) -> str:
    """Hide what stands before an @ in a URL."""
    words = []
    for word in line.split(" "):
        scheme, found, rest = word.partition("://")
        if found and "@" in rest:
            rest = "…@" + rest.rpartition("@")[2]
        words.append(f"{scheme}{found}{rest}")
    return " ".join(words)
