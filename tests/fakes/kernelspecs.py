"""Kernelspecs in a folder of the test's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def write_kernelspec(folder: Path, name: str, argv: list[str], **fields: Any) -> None:
    """Write a kernelspec below a folder of `JUPYTER_PATH`."""
    place = folder / "kernels" / name
    place.mkdir(parents=True)
    spec = {"argv": [*argv, "-m", "ipykernel_launcher"], "display_name": name, "language": "python", **fields}
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def use_kernelspecs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let Jupyter look there first."""
    monkeypatch.setenv("JUPYTER_PATH", str(folder))
    return folder
