"""The Docker daemon, asked directly and not through the code under attack."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import httpx

from gptoss_lab.sandbox.docker_sandbox import SANDBOX_LABEL
from gptoss_lab.sandbox.reaper import OWNER_LABEL

JSON = dict[str, Any]


class Daemon:
    """A daemon. `host` is its address; empty for the one that `DOCKER_HOST` names."""

    def __init__(self, host: str = "") -> None:
        self.host = host or os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")

    def ask(self, method: str, path: str, **query: str) -> Any:
        """Return the answer to a request."""
        scheme, _, place = self.host.partition("://")
        transport = httpx.HTTPTransport(uds=place if scheme == "unix" else None)
        base = "http://docker" if scheme == "unix" else f"http://{place}"
        with httpx.Client(transport=transport, base_url=base, timeout=60) as client:
            answer = client.request(method, path, params=query).raise_for_status()
        return answer.text if "events" in path else answer.json()

    def ours(self, label: str = OWNER_LABEL) -> list[str]:
        """Return the containers with a label, those that have ended too."""
        rows = self.ask("GET", "/containers/json", all="1", filters=json.dumps({"label": [label]}))
        return [str(row["Id"]) for row in rows]

    def states(self) -> dict[str, str]:
        """Return the state of each of our containers."""
        rows = self.ask("GET", "/containers/json", all="1", filters=json.dumps({"label": [OWNER_LABEL]}))
        return {str(row["Id"]): f"{row['State']}: {row['Status']}" for row in rows}

    def container(self, sandbox_id: str) -> JSON:
        """Return what the daemon knows of a sandbox's container."""
        (found,) = self.ours(f"{SANDBOX_LABEL}={sandbox_id}")
        facts: JSON = self.ask("GET", f"/containers/{found}/json")
        return facts

    def written_bytes(self, container: str) -> int:
        """Return how much a container wrote into its own layer on the disk."""
        filters = json.dumps({"id": [container]})
        (row,) = self.ask("GET", "/containers/json", size="1", filters=filters)
        return int(row.get("SizeRw") or 0)

    def events(self, since: float, **filters: str) -> list[JSON]:
        """Return what happened since a moment."""
        asked = json.dumps({name: [value] for name, value in filters.items()})
        until = str(int(time.time()) + 1)
        text = self.ask("GET", "/events", since=str(int(since)), until=until, filters=asked)
        return [json.loads(line) for line in text.splitlines()]
