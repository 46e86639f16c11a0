"""The engine that all tests of a run share: one start takes about a minute."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tiny.build import shared_folder, tiny_model
from tests.tiny.engine import RealEngine, real_engine, setting_of
from tools.engine import engine_python


@pytest.fixture(scope="session")
def tiny_weights() -> Path:
    """The folder of the tiny model."""
    return tiny_model(shared_folder())


@pytest.fixture(scope="session")
def vllm_engine(tiny_weights: Path) -> Iterator[RealEngine]:
    """A real vLLM with the tiny model; a test that uses it leaves it idle.

    The test that asks first pays for the start: it carries a `timeout` that allows for it.
    """
    with real_engine(setting_of(engine_python(), tiny_weights)) as engine:
        yield engine
