"""Cold start of a sandboxed kernel, and the round trip of a cell, beside a local ipykernel.

    python -m bench.sandbox_start [--rounds 20] [--trips 200]

Every runtime and language that answers and has its image is measured, in turns with this machine's own
kernel of the language and a bare `docker run`, so that what else the machine does falls on each alike.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping, Sequence

from bench.figure import Figure, percentile, report
from bench.kernels import LOCAL, Started, Subject, docker_run_s, local_manager, subjects

BENCH = "sandbox_start"
BARE = "docker run"
COLD_P50_S = {
    ("docker", "python"): 0.8,
    ("docker", "r"): 1.2,
    ("bubblewrap", "python"): 0.6,
}
TRIP_RATIO = 1.5


async def cold_starts(rounds: int, found: Sequence[Subject]) -> dict[str, list[float]]:
    """Return the seconds from the start request to the first cell's result, by name."""
    times: dict[str, list[float]] = {}
    image = next((one.image for one in found if (one.runtime, one.language) == ("docker", "python")), "")
    for turn in range(rounds + 1):
        taken: dict[str, float] = {}
        for language in dict.fromkeys(one.language for one in found):
            if (manager := local_manager(language)) is not None:
                async with Started(manager, language) as local:
                    taken[LOCAL[language]] = local.first_result_s
        if image:
            taken[BARE] = await docker_run_s(image)
        for subject in found:
            async with Started(subject.manager(), subject.language) as kernel:
                taken[subject.name] = kernel.first_result_s
        if turn:  # the first turn fills the caches of all
            for name, took_s in taken.items():
                times.setdefault(name, []).append(took_s)
    return times


async def trips_s(kernel: Started, count: int) -> list[float]:
    """Return the seconds of each run of a cell that does nothing."""
    taken: list[float] = []
    for _ in range(count):
        began = time.perf_counter()
        await kernel.text("1+1")
        taken.append(time.perf_counter() - began)
    return taken


async def round_trips(count: int, subject: Subject) -> tuple[list[float], list[float]]:
    """Return the round trips of a sandboxed kernel and of a local one, in turns of twenty."""
    ours: list[float] = []
    theirs: list[float] = []
    manager = local_manager(subject.language)
    if manager is None:
        return ours, theirs
    async with (
        Started(subject.manager(), subject.language) as kernel,
        Started(manager, subject.language) as local,
    ):
        await trips_s(kernel, 20)
        await trips_s(local, 20)
        while len(ours) < count:
            ours += await trips_s(kernel, 20)
            theirs += await trips_s(local, 20)
    return ours, theirs


def start_figures(subject: Subject, times: Mapping[str, list[float]]) -> list[Figure]:
    """Return the figures of one kernel's start, beside each peer."""
    peers = [LOCAL[subject.language], *([BARE] if subject.runtime == "docker" else [])]
    return [
        Figure(
            BENCH,
            f"cold start to first result, {subject.name}, p{percent}",
            percentile(times[subject.name], percent),
            "s",
            peer,
            percentile(times[peer], percent),
            COLD_P50_S.get((subject.runtime, subject.language)) if percent == 50 else None,
        )
        for peer in peers
        if peer in times
        for percent in (50, 95)
    ]


async def measure(rounds: int, trips: int) -> list[Figure]:
    """Measure what there is."""
    found = await subjects()
    times = await cold_starts(rounds, found)
    figures: list[Figure] = []
    for subject in found:
        figures += start_figures(subject, times)
        ours, theirs = await round_trips(trips, subject)
        if not ours:
            continue
        peer = LOCAL[subject.language]
        middle, other = percentile(ours, 50), percentile(theirs, 50)
        figures += [
            Figure(BENCH, f"round trip of 1+1, {subject.name}, p50", middle * 1000, "ms", peer, other * 1000),
            Figure(
                BENCH, f"round trip of 1+1, {subject.name}, ratio", middle / other, "x", peer, 1.0, TRIP_RATIO
            ),
        ]
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--trips", type=int, default=200)
    options = parser.parse_args(arguments)
    return report(asyncio.run(measure(options.rounds, options.trips)))


if __name__ == "__main__":
    raise SystemExit(main())
