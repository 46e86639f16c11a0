"""How long it takes to index the whole documentation of pandas, and to take in one changed page."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figure import Figure
from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import CorpusInfo, DocSource
from gptoss_lab.services.corpora import CorpusService

PACKAGE = "python-pandas-doc"
INDEX_S = 60.0
INDEX_MB = 60.0
REFRESH_S = 1.0


def pages() -> Path | None:
    """Return the unpacked documentation; None where it cannot be had, which is said."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "gptoss_lab" / "bench" / PACKAGE
    html = folder / "usr" / "share" / "doc" / PACKAGE / "html"
    if html.is_dir():
        return html
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        print(f"{PACKAGE} needs apt-get and dpkg; its pages are not measured.", file=sys.stderr)
        return None
    print(f"Downloading {PACKAGE} into {folder}", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, check=True, stdout=sys.stderr)
        for archive in folder.glob(f"{PACKAGE}_*.deb"):
            subprocess.run(["dpkg", "-x", archive.name, "."], cwd=folder, check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"{PACKAGE} cannot be had: {error}", file=sys.stderr)
        return None
    return html if html.is_dir() else None


async def _ensure(service: CorpusService, folder: Path) -> tuple[float, CorpusInfo]:
    started = time.perf_counter()
    info = await service.ensure(DocSource(kind="folder", uri=str(folder)))
    return time.perf_counter() - started, info


async def _measured(html: Path, folder: Path) -> tuple[float, float, CorpusInfo]:
    copied = folder / "html"
    shutil.copytree(html, copied, symlinks=True)
    service = CorpusService(folder=folder / "indexes", config=DocumentConfig())
    first_s, info = await _ensure(service, copied)
    page = min(copied.glob("reference/api/*.html"))
    page.write_text(page.read_text(encoding="utf-8") + "<!-- changed -->\n", encoding="utf-8")
    second_s, _ = await _ensure(service, copied)
    await service.close()
    return first_s, second_s, info


def page_figures() -> list[Figure]:
    """Return the figures of the documentation of pandas; a missing one where it cannot be had."""
    html = pages()
    if html is None:
        return [Figure("retrieval", "pandas_pages", 0, "pages", threshold=1, at_most=False)]
    with tempfile.TemporaryDirectory() as name:
        first_s, second_s, info = asyncio.run(_measured(html, Path(name)))
    return [
        Figure("retrieval", "pandas_pages_index", first_s, "s", threshold=INDEX_S),
        Figure("retrieval", "pandas_pages_size", info.size_bytes / 1e6, "MB", threshold=INDEX_MB),
        Figure("retrieval", "pandas_pages_chunks", info.chunks, "chunks"),
        Figure("retrieval", "pandas_pages_refresh", second_s, "s", threshold=REFRESH_S),
    ]
