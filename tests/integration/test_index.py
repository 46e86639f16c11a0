"""`jupyter gptoss index`, as a person starts it."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest

from tests.fakes.documents import Site, serve
from tests.integration.command import command, started
from tests.integration.conftest import MakeStation
from tests.integration.corpora import assert_whole
from tests.integration.station import soon

pytestmark = pytest.mark.timeout(120)


async def test_ctrl_c_leaves_what_was_indexed(stations: MakeStation, tmp_path: Path) -> None:
    """A site that does not answer is stopped; the older index answers, and nothing half-made is left."""
    station = stations(
        sandbox={"runtime": "none"}, documents={"allow_private_addresses": True, "fetch_timeout_s": 60}
    )
    station.data = tmp_path / "data"
    guide = station.folder / "guide"
    guide.mkdir()
    (guide / "rivers.md").write_text("# Rivers\n\nThe gauge measures a flood.\n")
    added = await command(station, "index", "add", "guide", "--json")
    assert json.loads(added.out.splitlines()[-1])["title"] == "guide"
    site = Site(
        pages={"/docs/": b"<main><h1>Docs</h1><a href='slow.html'>x</a></main>"}, silent={"/docs/slow.html"}
    )
    async with serve(site) as base, started(station, "index", "add", f"{base}/docs/") as process:
        await asyncio.wait_for(site.waits.wait(), 60)
        process.send_signal(signal.SIGINT)
        _, said = await soon(process.communicate(), 30)
    assert process.returncode == 130, said.decode()
    assert "Stopped." in said.decode()
    assert assert_whole(station.data / "corpora") == 1
    found = await command(station, "index", "search", "flood", "gauge")
    assert (found.code, "rivers.md#rivers" in found.out) == (0, True)
