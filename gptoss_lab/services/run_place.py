"""Where an execution runs: a fresh sandbox, or one that was kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from gptoss_lab.errors import CancelledByUser, ConflictError
from gptoss_lab.sandbox.image_names import pick
from gptoss_lab.sandbox.policy import resolve
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.config import SandboxConfig
from gptoss_lab.schemas.execution import ExecutionRequest, LimitOverrides, Limits, SandboxImage
from gptoss_lab.services.execution import ExecutionService
from gptoss_lab.services.kept import KeptSandbox, KeptSandboxes, Session, Start
from gptoss_lab.services.kernel_session import KernelSession
from gptoss_lab.services.kernel_specs import kernel_rules
from gptoss_lab.services.kernel_start import KERNELS, Wanted, sandbox_language

OURS = frozenset({"cell_timeout_s", "wall_clock_s", "output_bytes", "output_messages"})
"""Limits that the server itself keeps, so that they may differ from one execution to the next."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request comes to. `image` is the one that it names, `kept` the sandbox that it names."""

    wanted: Wanted
    language: Language
    image: SandboxImage | None = None
    kept: KeptSandbox | None = None


@dataclass(slots=True)
class Place:
    """A sandbox that is ours for one execution. `lives_on` says whether it is to outlive it.

    One that was made for an execution that is stopped goes with it: whoever asked has left.
    """

    session: KernelSession
    limits: Limits
    lives_on: bool

    @property
    def outlives(self) -> bool:
        """Say whether it is still there afterwards."""
        return self.lives_on and self.session.alive


class Places:
    """Finds and starts sandboxes for executions.

    Args:
        config: What the administrator allows.
        execution: Knows the runtimes, and has the places for sandboxes that work.
        kept: The sandboxes that live on.
        start: Starts one.
    """

    def __init__(
        self, *, config: SandboxConfig, execution: ExecutionService, kept: KeptSandboxes, start: Start
    ) -> None:
        self._config = config
        self._execution = execution
        self._kept = kept
        self._start = start

    async def plan(self, request: ExecutionRequest, owner: str) -> Plan:
        """Say what a request comes to; nothing is made yet.

        Raises:
            NotFoundError: The sandbox that it names is not there, or is someone else's.
            ConflictError: It asks a running sandbox to be another one.
            PolicyError: The kernel is not a sandbox's, or the limits are wider than allowed.
            ImageMissingError: The kernel or the image is not here.
            SandboxUnavailableError: No runtime answers.
            TooBusyError: It asks to keep one more than may be kept.
        """
        limits = _narrowed(request)
        if request.sandbox:
            kept = self._kept.find(request.sandbox, owner)
            language = await asyncio.to_thread(sandbox_language, kept.wanted.kernel)
            _check_same(request, kept, language)
            resolve(kept.session.provisioner.resolved_limits, limits)
            return Plan(kept.wanted, language, kept=kept)
        kernel = request.kernel or KERNELS[request.language]
        rules = await asyncio.to_thread(kernel_rules, kernel, self._config, limits)
        language = await asyncio.to_thread(sandbox_language, kernel)
        await self._execution.ready(language, rules.isolation)
        named = request.image or rules.image
        image = pick(await self._execution.images(), named) if named else None
        if request.keep:
            async with self._kept.place(owner):
                """There is one; it is not held until the execution's turn."""
        wanted = Wanted(kernel, limits, image.id if image else "", "execute", owner, data=request.data)
        return Plan(wanted, language, image)

    @contextlib.asynccontextmanager
    async def open(self, plan: Plan, request: ExecutionRequest, stop: asyncio.Event) -> AsyncIterator[Place]:
        """Have a sandbox for one execution. What does not live on is released at the end.

        Raises:
            CancelledByUser: `stop` was set before it was there.
            SandboxError: It did not start.
            SandboxLostError: The sandbox that was named has ended.
            TooBusyError: It was to be kept, and as many as may be are kept by now.
        """
        slots = self._execution.slots

        async def release(_: bool) -> None:
            slots.release()

        await unless(stop, slots.acquire(), release)
        try:
            make = self._kept_place if request.keep or plan.kept else self._single_place
            async with make(plan, request, stop) as place:
                yield place
        finally:
            slots.release()

    @contextlib.asynccontextmanager
    async def _single_place(
        self, plan: Plan, request: ExecutionRequest, stop: asyncio.Event
    ) -> AsyncIterator[Place]:
        session = await unless(stop, self._start(plan.wanted), _close)
        try:
            yield _place(session, request, lives_on=False)
        finally:
            await session.close()

    @contextlib.asynccontextmanager
    async def _kept_place(
        self, plan: Plan, request: ExecutionRequest, stop: asyncio.Event
    ) -> AsyncIterator[Place]:
        kept = plan.kept or await self._keep_new(plan, stop)
        try:
            async with kept.use() as session:
                place = _place(session, request, lives_on=True)
                yield place
        except BaseException:
            if plan.kept is None:
                await kept.end()  # nobody was told its name
            raise
        if not place.lives_on:
            await kept.end()

    async def _keep_new(self, plan: Plan, stop: asyncio.Event) -> KeptSandbox:
        async with self._kept.place(plan.wanted.owner):
            session = await unless(stop, self._start(plan.wanted), _close)
            return self._kept.add(session, plan.wanted)


async def _close(session: Session) -> None:
    await session.close()


def _place(session: Session, request: ExecutionRequest, *, lives_on: bool) -> Place:
    limits = resolve(session.provisioner.resolved_limits, _narrowed(request))
    # What starts sessions here makes kernels; those who keep them need to know less.
    return Place(cast("KernelSession", session), limits, lives_on=lives_on)


async def unless(stop: asyncio.Event, work: Awaitable[T], undo: Callable[[T], Awaitable[None]]) -> T:
    """Await work; once `stop` is set, cancel it.

    Args:
        stop: Ends the waiting.
        work: What is waited for.
        undo: Gives back a result that came when nobody waited for it any more.

    Raises:
        CancelledByUser: It was stopped.
    """
    task = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    in_time = False
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        in_time = task.done()
    finally:
        stopping.cancel()
        if not in_time:
            task.cancel()
            await asyncio.shield(_undone(task, undo))
    if not in_time:
        raise CancelledByUser("It was stopped before its sandbox was ready")
    return task.result()


async def _undone(task: asyncio.Future[T], undo: Callable[[T], Awaitable[None]]) -> None:
    await asyncio.wait({task})
    if not task.cancelled() and task.exception() is None:
        await undo(task.result())


def _narrowed(request: ExecutionRequest) -> LimitOverrides:
    """Return the limits of a request; `timeout_s` is another name for the cell's time."""
    times = [time_s for time_s in (request.timeout_s, request.limits.cell_timeout_s) if time_s is not None]
    return request.limits.model_copy(update={"cell_timeout_s": min(times, default=None)})


def _check_same(request: ExecutionRequest, kept: KeptSandbox, language: Language) -> None:
    """Refuse to make a running sandbox another one.

    Raises:
        ConflictError: The language, the kernel, the image, the data or a limit of the sandbox itself differs.
    """
    given = request.model_fields_set
    image = kept.session.provisioner.image
    for name, value in {"language": language, "kernel": kept.wanted.kernel, "image": image}.items():
        if name in given and getattr(request, name) not in {"", value}:
            raise ConflictError(
                f"The sandbox {kept.id} runs the {name} {value}",
                hint=f"Leave `{name}` out, or run in a new sandbox.",
            )
    if request.data not in {(), kept.wanted.data}:
        raise ConflictError(
            f"The sandbox {kept.id} is shown other data",
            hint="Leave `data` out, restart the sandbox with it, or run in a new one.",
        )
    fixed = sorted(set(request.limits.model_dump(exclude_none=True)) - OURS)
    if fixed:
        raise ConflictError(
            f"The limit {fixed[0]} of a running sandbox cannot be changed",
            hint="Narrow it when the sandbox starts.",
        )
