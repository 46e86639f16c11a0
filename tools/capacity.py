"""How many people a GPU serves and how many sandboxes a host holds, on paper.

    python -m tools.capacity

The tables of docs/how-to/deploy.md are what this prints. Each number that goes in is named with where it
comes from; change them to yours and run it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gptoss_lab.engines.model_shape import GIB, GPT_OSS_20B
from gptoss_lab.engines.plan_gpu import SPARE_BYTES, UTILIZATIONS
from gptoss_lab.engines.plan_words import CUDA_KERNELS_BYTES


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that goes in, and where it comes from."""

    name: str
    value: float
    unit: str
    source: str


SLOTS = Figure("requests at once", 8, "", "`max_num_seqs`, our default")
WINDOW = Figure("window", 32_768, "tokens", "`max_model_len` of the files in `deploy/`")
PROMPT = Figure("prompt", 6_000, "tokens", "assumed: the passages of one subject and a notebook")
ANSWER = Figure("answer with its reasoning", 1_800, "tokens", "assumed for medium effort; 6,144 at most")
ROUNDS = Figure("answers per task", 1.4, "", "assumed: four in ten tasks need one repair")
TASKS = Figure("tasks of a person", 6, "per hour", "assumed")
TOKEN = Figure(
    "time per token, full slots",
    43,
    "ms",
    "others' report for an A100 that is saturated; **not measured here**",
)
FIRST = Figure("time to the first token", 1.0, "s", "assumed, three quarters of the prompt cached")
PATIENCE = Figure("who waits for a slot at all", 10, "% of requests", "chosen")
RUN = Figure("verification of a task", 8, "s", "assumed: start 0.59 s (measured), cells of seconds")
LIMIT = Figure("memory of a sandbox, at most", 1, "GiB", "`limits` of the files in `deploy/`")
WARM = Figure("memory of a started kernel that waits", 50, "MB", "measured, decision 0014")
SERVER = Figure("memory that the host keeps", 4, "GiB", "assumed: system and servers")
FIGURES = (
    *(SLOTS, WINDOW, PROMPT, ANSWER, ROUNDS, TASKS, TOKEN, FIRST, PATIENCE),
    *(RUN, LIMIT, WARM, SERVER),
)
GPUS_GIB = (16, 24, 48, 80)
HOSTS = ((8, 16), (16, 64), (64, 256))
SECONDS = 3600


def sequences(gpu_gib: int, tokens: int) -> int:
    """Return how many requests of so many tokens the cache of a GPU holds; 0 where none fits.

    As the planner does, it takes a larger share of a small GPU.
    """
    taken = GPT_OSS_20B.loaded_bytes + SPARE_BYTES + CUDA_KERNELS_BYTES
    held = (int((gpu_gib * GIB * share - taken) // GPT_OSS_20B.kv_bytes(tokens, 1)) for share in UTILIZATIONS)
    return next((count for count in held if count > 0), 0)


def service_s() -> float:
    """Return how long one answer holds a slot."""
    return FIRST.value + ANSWER.value * TOKEN.value / 1000


def waiting(load: float, slots: int) -> float:
    """Return the share of requests that find no slot free (Erlang's C formula); 1 from full load on.

    Source: https://en.wikipedia.org/wiki/Erlang_(unit)#Erlang_C_formula
    """
    if load >= slots:
        return 1.0
    blocked = 1.0
    for slot in range(1, slots + 1):
        blocked = load * blocked / (slot + load * blocked)
    return blocked / (1 - load / slots * (1 - blocked))


def people(slots: int) -> int:
    """Return how many people can share so many slots before too many of their requests wait.

    One alone waits for nobody.
    """
    each = TASKS.value * ROUNDS.value * service_s() / SECONDS
    return max(1, _most(lambda count: waiting(count * each, slots) <= PATIENCE.value / 100))


def sandboxes(memory_gib: int) -> int:
    """Return how many sandboxes of the largest size a host's memory holds."""
    return max(0, int((memory_gib - SERVER.value) // LIMIT.value))


def verifying(cores: int, memory_gib: int) -> int:
    """Return how many people's tasks a host can verify, a core for each sandbox that works."""
    slots = min(cores, sandboxes(memory_gib))
    each = TASKS.value * ROUNDS.value * RUN.value / SECONDS
    return _most(lambda count: waiting(count * each, slots) <= PATIENCE.value / 100)


def page() -> str:
    """Return the tables, in Markdown."""
    return "\n".join([*_figures(), "", *_gpus(), "", *_hosts()])


def _figures() -> Iterator[str]:
    yield from ("| what goes in | value | from |", "|---|---|---|")
    for figure in FIGURES:
        yield f"| {figure.name} | {figure.value:,g} {figure.unit} | {figure.source} |".replace("  |", " |")


def _gpus() -> Iterator[str]:
    expected = int(PROMPT.value + ANSWER.value)
    yield "| GPU | full windows in its cache | usual requests | slots in use | people | what ends first |"
    yield "|---|---|---|---|---|---|"
    for gib in GPUS_GIB:
        full, usual = sequences(gib, int(WINDOW.value)), sequences(gib, expected)
        slots = min(int(SLOTS.value), usual)
        ends = "memory: the model leaves no room" if not slots else "time of the GPU"
        if 0 < slots < SLOTS.value:
            ends = "memory of the cache"
        elif slots and full < slots:
            ends = "time of the GPU; long prompts together: the cache"
        yield f"| {gib} GiB | {full} | {usual} | {slots} | {people(slots) if slots else 0} | {ends} |"


def _hosts() -> Iterator[str]:
    yield "| host | sandboxes at their largest | kernels that wait, in 1 GiB | people | what ends first |"
    yield "|---|---|---|---|---|"
    waits = int(GIB // (WARM.value * 1_000_000))
    for cores, memory in HOSTS:
        held = sandboxes(memory)
        ends = "processors" if cores <= held else "memory"
        yield f"| {cores} cores, {memory} GiB | {held} | {waits} | {verifying(cores, memory)} | {ends} |"


def _most(holds: Callable[[int], bool]) -> int:
    low, high = 0, 1
    while holds(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


if __name__ == "__main__":
    print(page())
