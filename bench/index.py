"""Measures indexing of the pandas package: `python -m bench.index`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from bench.figure import Figure, report
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import CorpusInfo, DocSource
from gptoss_lab.services.corpora import CorpusService

SECOND_RUN_S = 0.5
PACKAGE = "pandas"
GRIFFE = """
import sys, griffe
loader = griffe.GriffeLoader(search_paths=[sys.argv[1]], allow_inspection=False)
loader.load(sys.argv[2])
loader.resolve_aliases(implicit=True, external=False)
"""


def plain_griffe_s() -> float:
    """Return the seconds that a fresh process needs to load the package with griffe alone."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", GRIFFE, sysconfig.get_path("purelib"), PACKAGE], check=True)
    return time.perf_counter() - started


async def ensure_s(folder: Path) -> tuple[float, CorpusInfo]:
    """Return the seconds of one call on a new service, and what it answered."""
    service = CorpusService(folder=folder, config=DocumentConfig())
    started = time.perf_counter()
    info = await service.ensure(DocSource(kind="package", uri=PACKAGE))
    seconds = time.perf_counter() - started
    await service.close()
    return seconds, info


def main() -> int:
    """Print the figures; return the exit status."""
    with tempfile.TemporaryDirectory() as name:
        first_s, info = asyncio.run(ensure_s(Path(name)))
        second_s, again = asyncio.run(ensure_s(Path(name)))
    if not again.cached:
        print("the second run was not served from the index", file=sys.stderr)
        return 1
    peer_s = plain_griffe_s()
    return report([
        Figure("index", "pandas_first_run", first_s, "s", peer="griffe load, no index", peer_value=peer_s),
        Figure("index", "pandas_second_run", second_s, "s", threshold=SECOND_RUN_S),
        Figure("index", "pandas_symbols", info.symbols, "symbols"),
        Figure("index", "pandas_chunks", info.chunks, "chunks"),
        Figure("index", "pandas_examples", info.examples, "examples"),
        Figure("index", "pandas_size", info.size_bytes / 1e6, "MB"),
    ])


if __name__ == "__main__":
    sys.exit(main())
