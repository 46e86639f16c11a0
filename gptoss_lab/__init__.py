"""Jupyter discovery hooks. Nothing is imported until Jupyter asks."""

from __future__ import annotations

from typing import Any


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "gptoss-lab"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from gptoss_lab.extension import GptossLabApp  # noqa: PLC0415 - keeps `import gptoss_lab` free

    return [{"module": "gptoss_lab", "app": GptossLabApp}]
