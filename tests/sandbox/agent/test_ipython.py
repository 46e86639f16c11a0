"""How the magic comes into a sandbox that has nothing of ours installed."""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace

import pytest

from gptoss_lab.sandbox.agent.ipython import Sources, offer_magic

TEXTS = {
    "gptoss_lab": "raise AssertionError('what is installed stands before')",
    "gptoss_lab.magics.only_as_text": "from gptoss_lab.magics import words\nHELP = words.HELP[:8]\n",
}


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the import system as it was."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delitem(sys.modules, "gptoss_lab.magics.only_as_text", raising=False)


def test_a_module_is_made_of_its_text() -> None:
    """After what is installed, which it finds as any other module does."""
    offered: list[tuple[str, str]] = []
    manager = SimpleNamespace(register_lazy=lambda *words: offered.append(words))
    offer_magic(SimpleNamespace(magics_manager=manager), TEXTS)
    assert offered == [("gptoss", "gptoss_lab.magics")]
    assert importlib.import_module("gptoss_lab.magics.only_as_text").HELP == "%%gptoss"
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("gptoss_lab.magics.in_no_text")


def test_packages_are_packages() -> None:
    """Their modules can be found then."""
    sources = Sources({"gptoss_lab": "", "gptoss_lab.magics": "", "gptoss_lab.magics.line": ""})
    found = {name: sources.find_spec(name) for name in ("gptoss_lab", "gptoss_lab.magics.line", "numpy")}
    places = {name: spec and spec.submodule_search_locations for name, spec in found.items()}
    assert places == {"gptoss_lab": [], "gptoss_lab.magics.line": None, "numpy": None}
    assert found["numpy"] is None


def test_an_ipython_without_lazy_magics_is_left_alone() -> None:
    """A mirror of a person's environment may hold an old one."""
    offer_magic(SimpleNamespace(magics_manager=SimpleNamespace()), TEXTS)
    assert isinstance(sys.meta_path[-1], Sources)
