"""Run every benchmark: `python -m bench [NAME...]`. Exits 1 where a figure is missed."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import traceback

import bench

NOT_BENCHMARKS = {
    "__main__",
    "api_mutants",
    "api_peers",
    "api_place",
    "api_runner",
    "api_tasks",
    "execute_client",
    "figure",
    "retrieval_data",
    "retrieval_pages",
    "kernels",
    "production",
    "server",
    "ui_browser",
}
LONG = {"sandbox_soak"}
"""Run only when named: these take hours."""


def names() -> list[str]:
    """Return the benchmarks that exist: the modules with a `main`."""
    found = [module.name for module in pkgutil.iter_modules(bench.__path__)]
    return sorted(name for name in found if name not in NOT_BENCHMARKS)


def main(asked: list[str]) -> int:
    """Run the named benchmarks, or all of them; one that fails does not keep the others."""
    unknown = set(asked) - set(names())
    if unknown:
        print(
            f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(names())}",
            file=sys.stderr,
        )
        return 2
    missed = 0
    sys.argv[1:] = []  # the names were for this program; a benchmark takes its own words from there
    for name in asked or [name for name in names() if name not in LONG]:
        module = importlib.import_module(f"bench.{name}")
        if not hasattr(module, "main"):
            continue
        try:
            missed |= module.main()
        except Exception:  # noqa: BLE001 - a benchmark that breaks is a missed one; the others still count
            traceback.print_exc()
            missed = 1
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
