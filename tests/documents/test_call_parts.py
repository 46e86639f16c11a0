"""What a signature takes and gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptoss_lab.documents.call_parts import parameters_of, returns_of


@pytest.mark.parametrize(
    ("signature", "parameters", "returns"),
    [
        ("f()", (), ""),
        ("mean(axis: int | None = None, *, skipna: bool = True) -> Series", ("axis", "skipna"), "Series"),
        ("g(a, /, b=(1, 2), *args, sep=',', **kwargs)", ("a", "b", "*args", "sep", "**kwargs"), ""),
        ("h(key: Callable[[int, str], bool] = f(1, 2)) -> dict[str, int]", ("key",), "dict[str, int]"),
        (
            'lm(formula, data, na.action, method = "qr", ...)',
            ("formula", "data", "na.action", "method", "..."),
            "",
        ),
        ("VALUE: int = 3", (), ""),
        ("broken(a, b", (), ""),
    ],
)
def test_parameters_and_returns(signature: str, parameters: tuple[str, ...], returns: str) -> None:
    """Commas in brackets and in texts part nothing; what is no call has neither."""
    assert parameters_of(signature) == parameters
    assert returns_of(signature) == returns


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    """A signature of a document is anything."""
    assert all(name == name.strip() for name in parameters_of(text))
    assert isinstance(returns_of(text), str)
