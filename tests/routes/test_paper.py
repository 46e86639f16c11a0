"""A paper over HTTP, with the real services and no sandbox."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

Fetch = Callable[..., Awaitable[HTTPResponse]]
GENERATE = ("api", "v1", "code", "generate")
TEX = r"""\documentclass{article}
\title{A line}
\begin{document}
\maketitle
\section{Fit}
We fit it by
\begin{verbatim}
> coef(lm(dist ~ speed, cars))
(Intercept)       speed
    -17.579       3.932
\end{verbatim}
\end{document}
"""


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """Enable the extension; nothing runs code."""
    return {
        "ServerApp": {
            "jpserver_extensions": {"gptoss_lab": True, "jupyter_server_terminals": False},
            "allow_unauthenticated_access": False,
        },
        "GptossLabApp": {"sandbox": {"runtime": "none"}},
    }


async def told(fetch: Fetch, uri: str, **paper: object) -> list[dict[str, Any]]:
    """Return the events of a job on a paper."""
    body = {"task": "Run it", "language": "r", "generator": "examples", "paper": {"uri": uri, **paper}}
    answer = await fetch(
        *GENERATE,
        method="POST",
        body=json.dumps(body),
        headers={"Accept": "text/event-stream"},
        request_timeout=120,
    )
    lines = answer.body.decode().splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


async def test_a_paper_of_the_folder_becomes_cells(jp_root_dir: Path, jp_fetch: Fetch) -> None:
    """Its code, and the numbers below it as claims that nothing has computed here."""
    (jp_root_dir / "papers").mkdir()
    (jp_root_dir / "papers" / "line.tex").write_text(TEX)
    events = await told(jp_fetch, "papers/line.tex")
    assert events[-1]["type"] == "done", events[-1]
    sources = [event["source"] for event in events if event["type"] == "cell_close"]
    assert "coef(lm(dist ~ speed, cars))" in sources
    claims = {event["claim"]["printed"]: event["claim"] for event in events if event["type"] == "claim"}
    assert {printed: claim["state"] for printed, claim in claims.items()} == {
        "-17.579": "not_run",
        "3.932": "not_run",
    }
    paper = next(event for event in events if event["type"] == "paper")["paper"]
    assert (paper["title"], paper["files"]) == ("A line", ["papers/line.tex"])


async def test_reading_alone(jp_root_dir: Path, jp_fetch: Fetch) -> None:
    """Ends with what there is to choose from."""
    (jp_root_dir / "line.tex").write_text(TEX)
    events = await told(jp_fetch, "line.tex", read_only=True)
    assert not [event for event in events if event["type"] == "cell_open"]
    last = [event for event in events if event["type"] == "paper"][-1]
    assert [candidate["kind"] for candidate in last["paper"]["candidates"]] == ["code"]


@pytest.mark.parametrize("path", ["../outside.tex", "{absolute}", "link.tex"])
async def test_papers_outside_the_folder_are_refused(path: str, jp_root_dir: Path, jp_fetch: Fetch) -> None:
    """By whatever way the path leads there."""
    outside = jp_root_dir.parent / "outside.tex"
    outside.write_text(TEX)
    (jp_root_dir / "link.tex").symlink_to(outside)
    events = await told(jp_fetch, path.format(absolute=outside))
    assert events[-1]["type"] == "error"
    assert events[-1]["problem"]["code"] == "source_refused"
    assert not [event for event in events if event["type"] == "paper"]
