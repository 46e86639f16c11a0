"""What the handlers are given."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, cast

import pytest

from gptoss_lab.routes.context import RouteContext


def test_a_context_cannot_be_changed_by_a_handler() -> None:
    """One request must not change what the next one sees."""

    async def services() -> Any:
        pytest.fail("Making a context assembles nothing.")

    context = RouteContext(services=services, version="1", root=None, folder=Path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        cast("Any", context).root = Path("/")
