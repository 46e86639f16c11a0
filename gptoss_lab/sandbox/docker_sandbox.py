"""One sandbox in one container."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import time
from dataclasses import replace
from typing import Any

from gptoss_lab.errors import SandboxError, SandboxUnavailableError
from gptoss_lab.sandbox.agent import boot_source, mux_source
from gptoss_lab.sandbox.agent.files import FILES_PORT
from gptoss_lab.sandbox.agent.mux import READY
from gptoss_lab.sandbox.cgroup import CgroupFiles, find_cgroup
from gptoss_lab.sandbox.docker_client import DaemonRefusal, DockerClient, finished
from gptoss_lab.sandbox.docker_data import plan_data
from gptoss_lab.sandbox.docker_isolation import START_HINT, oci_runtime
from gptoss_lab.sandbox.docker_stats import StatsFollower
from gptoss_lab.sandbox.docker_streams import Answer, DockerStream
from gptoss_lab.sandbox.policy import MUX_UID, ContainerPlan, container_body
from gptoss_lab.sandbox.reaper import OWNER_LABEL, own_lease
from gptoss_lab.sandbox.runtime import Exit, LaunchSpec, ResourceUsage
from gptoss_lab.sandbox.within import within

LOG = logging.getLogger(__name__)

SANDBOX_LABEL = "org.gptoss-lab.sandbox"
GONE = (404, 409)
HANDSHAKE_TIMEOUT_S = 30.0
WATCH_TIMEOUT_S = 1.0
END_TIMEOUT_S = 10.0
EVENT_LAG_S = 0.15
TEXT_BYTES = 2000
LAST_WORDS_S = 1.0
PULSE_EVERY_S = 15.0
PULSE_LIMIT_S = 120.0  # a server whose loop stands still for some seconds must not lose its kernels
KILLED = 128 + signal.SIGKILL
STOPPED = (KILLED, 128 + signal.SIGTERM)
LOST = ("kill", "gone")
REASONS = {
    "oom": "out of memory",
    "kill": "the container was stopped from outside, perhaps with its daemon",
    "gone": "the Docker daemon went away",
}


class DockerSandbox:
    """A started container: a `Sandbox`. Its attached standard input is the dead-man's switch."""

    def __init__(self, client: DockerClient, spec: LaunchSpec) -> None:
        self.id = spec.sandbox_id
        self.image_id = spec.image_id
        self.reader = asyncio.StreamReader()
        self.copies_data = False
        self._client = client
        self._spec = spec
        self._container = ""
        self._attached: DockerStream | None = None
        self._mux: DockerStream | None = None
        self._pulse: asyncio.Task[None] | None = None
        self._exit: asyncio.Task[Exit] | None = None
        self._answer: Answer | None = None
        self._killed = False
        self._started_at = 0
        self._cgroup: CgroupFiles | None = None
        self._stats: StatsFollower | None = None
        self._usage = ResourceUsage()

    async def start(self) -> None:
        """Create and start the container, then wait for the relay's handshake.

        Raises:
            ImageMissingError: The image is not there.
            SandboxUnavailableError: gVisor is required and the daemon has none.
            PolicyError: The data cannot be shown to the sandbox's user.
            SandboxError: The daemon refused, or the container ended at once.
        """
        facts = await self._client.connect()
        labels = {**self._spec.labels, OWNER_LABEL: own_lease().owner, SANDBOX_LABEL: self.id}
        oci = oci_runtime(facts, self._spec.isolation)
        data = await plan_data(self._spec.data, facts, oci, self._spec.limits)
        self.copies_data = data.copies
        plan = ContainerPlan(
            image_id=self._spec.image_id,
            program=boot_source(),
            env=self._spec.env,
            labels=labels,
            limits=self._spec.limits,
            is_podman=facts.is_podman,
            oci_runtime=oci,
            mounts=data.mounts,
            tmpfs=data.tmpfs,
        )
        body = container_body(plan)
        self._started_at = int(time.time())
        await finished(self._create(body))
        self._attached = await self._client.stream(
            f"/containers/{self._container}/attach",
            {"stream": "1", "stdin": "1", "stdout": "1", "stderr": "1"},
            {},
        )
        self._answer = await self._client.post(
            f"/containers/{self._container}/wait", {"condition": "next-exit"}
        )
        await self._answer.begin(WATCH_TIMEOUT_S)
        self._exit = asyncio.create_task(self._watch(self._answer), name=f"docker-wait-{self.id}")
        await self._start_container(plan.oci_runtime)
        config = {
            "connection_info": dict(self._spec.connection_info),
            "argv": [*self._spec.argv],
            "mode": "exec",
            "files_port": FILES_PORT,
            "pulse_s": PULSE_LIMIT_S,
            "read_only": [] if self.copies_data else [item.target for item in self._spec.data],
        }
        await self._attached.write(json.dumps(config).encode() + b"\n")
        self._pulse = asyncio.create_task(self._beat(self._attached), name=f"docker-pulse-{self.id}")
        await self._open_mux()

    async def write(self, data: bytes) -> None:
        """Send relay bytes in.

        Raises:
            BrokenPipeError: The sandbox has ended.
        """
        if self._mux is None:
            raise BrokenPipeError("the sandbox has not started")
        await self._mux.write(data)

    async def wait(self) -> Exit:
        """Return how the container ended, once it has.

        Raises:
            SandboxError: It was never started.
        """
        if self._exit is None:
            raise SandboxError(f"The sandbox {self.id} was not started")
        return await asyncio.shield(self._exit)

    async def signal(self, signum: int) -> None:
        """Send a signal to the init, which passes it on."""
        if self._exit is None or self._exit.done():
            return
        self._killed = self._killed or signum == signal.SIGTERM
        name = signal.Signals(signum).name
        await self._tolerant(lambda api: api.kill(self._container, signal=name))

    async def kill(self) -> None:
        """End the container now.

        Raises:
            DaemonRefusal: The daemon cannot, and the container lives.
        """
        self._killed = True
        if self._exit is None or self._exit.done():
            return
        letting_go = asyncio.create_task(self._let_go())
        try:
            await self._tolerant(lambda api: api.kill(self._container))
        except DaemonRefusal:  # it waits some seconds for the end and then complains
            await asyncio.wait({self._exit}, timeout=END_TIMEOUT_S)
            if not self._exit.done():
                raise
        finally:
            letting_go.cancel()
            self._hang_up()

    async def _let_go(self) -> None:
        """Hang up soon: a daemon tells of an end once what was said last has been taken, or dropped."""
        await asyncio.sleep(LAST_WORDS_S)
        self._hang_up()

    def _hang_up(self) -> None:
        if self._mux is not None:
            self._mux.close()

    async def usage(self) -> ResourceUsage:
        """Measure from the control group's files, or the daemon's statistics where they are hidden."""
        if self._container and self._cgroup is None and self._stats is None and not self._ended():
            facts = await self._inspect()
            pid = int((facts.get("State") or {}).get("Pid") or 0)
            self._cgroup = find_cgroup(pid, self._container) if pid else None
            if self._cgroup is None:
                self._stats = StatsFollower(self._client, self._container)
        found = await asyncio.to_thread(self._cgroup.read) if self._cgroup is not None else None
        if self._stats is not None:
            found = self._stats.latest()
        if found is not None:
            peak = max(found.peak_memory_bytes or found.memory_bytes or 0, self._usage.peak_memory_bytes or 0)
            self._usage = replace(found, peak_memory_bytes=peak or None)
        return self._usage

    async def close(self) -> None:
        """Kill the container and release everything."""
        self._hang_up()
        try:
            with contextlib.suppress(SandboxUnavailableError):
                await self._remove()
        finally:
            if self._pulse is not None:
                self._pulse.cancel()
                await asyncio.wait({self._pulse})
            for part in (self._stats, self._mux, self._attached, self._answer):
                if part is not None:
                    part.close()
            if self._exit is not None:
                await asyncio.wait({self._exit}, timeout=END_TIMEOUT_S)
                self._exit.cancel()

    async def _beat(self, attached: DockerStream) -> None:
        """Tell the agent that we live: where the daemon is killed, the end of its input never comes."""
        with contextlib.suppress(OSError):  # the container or its daemon is gone, which `_watch` sees
            while True:
                await asyncio.sleep(PULSE_EVERY_S)
                await attached.write(b"\n")

    async def _create(self, body: dict[str, Any]) -> None:
        made = await self._client.call(lambda api: api.create_container_from_config(body))
        self._container = str(made["Id"])

    async def _start_container(self, oci_runtime: str) -> None:
        """Start what was created.

        Raises:
            DaemonRefusal: The daemon cannot.
        """
        try:
            await self._client.call(lambda api: api.start(self._container))
        except DaemonRefusal as refusal:
            if oci_runtime:
                refusal.hint = START_HINT
            raise

    def _ended(self) -> bool:
        return self._exit is not None and self._exit.done()

    async def _remove(self) -> None:
        self._killed = True
        if not self._container or self._ended():
            return  # AutoRemove takes a container that has ended
        await self._tolerant(lambda api: api.remove_container(self._container, force=True, v=True))

    async def _open_mux(self) -> None:
        command = ["python3", "-I", "-S", "-c", mux_source()]
        user = f"{MUX_UID}:{MUX_UID}"
        try:
            made = await self._client.call(
                lambda api: api.exec_create(self._container, command, stdin=True, user=user)
            )
            path = f"/exec/{made['Id']}/start"
            self._mux = await self._client.stream(path, {}, {"Detach": False, "Tty": False})
            hello = await within(self._mux.stdout.readexactly(len(READY)), HANDSHAKE_TIMEOUT_S)
        except (SandboxError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
            words = await self._complaint() or str(error) or "it did not answer in time"
            raise SandboxError(f"The sandbox did not start: {words}") from error
        if hello != READY:
            # A daemon that cannot enter the container any more says so in place of the relay.
            with contextlib.suppress(asyncio.TimeoutError):
                hello += await within(self._mux.stdout.read(TEXT_BYTES), WATCH_TIMEOUT_S)
            words = await self._complaint() or hello.decode("utf-8", "replace").strip()
            raise SandboxError(f"The sandbox did not start: {words}")
        self.reader = self._mux.stdout

    async def _complaint(self) -> str:
        """Return what the container printed last, once it has ended; empty when it printed nothing."""
        if self._exit is not None:
            await asyncio.wait({self._exit}, timeout=WATCH_TIMEOUT_S)
        tails = [stream.tail_text() for stream in (self._attached, self._mux) if stream is not None]
        return "\n".join(filter(None, tails))

    async def _watch(self, answer: Answer) -> Exit:
        """Wait for the container's end and find out how it came."""
        try:
            status, result = await answer.result()
        except SandboxUnavailableError:
            return Exit(code=KILLED, reason="the connection to the Docker daemon was lost", lost=True)
        code = int(result.get("StatusCode", KILLED))
        problem = (result.get("Error") or {}).get("Message", "") or result.get("message", "")
        if status not in {200, 201}:
            return Exit(code=KILLED, reason=f"the daemon lost the container: {problem}", lost=True)
        cause = await self._cause() if code in STOPPED and not self._killed else ""
        if cause == "oom":
            self._usage = replace(self._usage, peak_memory_bytes=self._spec.limits.memory_bytes)
        reason = problem or REASONS.get(cause, "")
        return Exit(code=code, oom=cause == "oom", reason=reason, lost=cause in LOST)

    async def _cause(self) -> str:
        """Ask the daemon's events who ended the container, which itself is removed by now.

        Returns:
            "oom", "kill" where someone else had the daemon stop it, "gone" where the daemon went away
            with it, and nothing where the kernel ended by itself.
        """
        for pause_s in (0.0, EVENT_LAG_S):
            await asyncio.sleep(pause_s)
            try:
                seen = await self._client.call(self._events)
            except SandboxUnavailableError:
                return "gone"
            except SandboxError:
                continue
            for name in ("oom", "kill"):
                if name in seen:
                    return name
        return ""

    def _events(self, api: Any) -> set[str]:
        filters = {"container": self._container, "event": ["oom", "kill"]}
        events = api.events(since=self._started_at, until=int(time.time()) + 1, filters=filters, decode=True)
        deadly = {str(int(signum)) for signum in (signal.SIGTERM, signal.SIGKILL)}
        return {
            event["Action"]
            for event in events
            if event["Action"] == "oom" or event["Actor"]["Attributes"].get("signal") in deadly
        }

    async def _inspect(self) -> dict[str, Any]:
        """Return what the daemon knows; nothing when the container is gone.

        Raises:
            DaemonRefusal: The daemon refused for another reason.
        """
        try:
            facts: dict[str, Any] = await self._client.call(
                lambda api: api.inspect_container(self._container)
            )
        except DaemonRefusal as refusal:
            if refusal.http_status not in GONE:
                raise
            return {}
        return facts

    async def _tolerant(self, use: Any) -> None:
        """Do something to a container that may be gone.

        Raises:
            DaemonRefusal: The daemon refused for another reason.
        """
        try:
            await self._client.call(use)
        except DaemonRefusal as refusal:
            if refusal.http_status not in GONE:
                raise
