"""Records of sandboxes that run in memory only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gptoss_lab.sandbox.registry import SandboxRecord
from gptoss_lab.sandbox.relay import Relay
from gptoss_lab.schemas.execution import Limits
from tests.fakes.runtime import FakeSandbox


def make_record(folder: Path, name: str = "k1", **fields: Any) -> SandboxRecord:
    """Make a record of a sandbox that has just started; needs a running loop."""
    known: dict[str, Any] = {
        "language": "python",
        "kernel": "gptoss-python",
        "purpose": "verify",
        "runtime": "docker",
        "limits": Limits(),
        "relay": Relay(FakeSandbox(name), folder, byte_limit=None),
    }
    return SandboxRecord(id=name, **{**known, **fields})
