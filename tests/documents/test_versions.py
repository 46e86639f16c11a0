"""Whether documentation is of the installed version, and what differs."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.versions import differences, parameters, same_version
from gptoss_lab.schemas.documents import ApiSymbol


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("1.5.3", "3.0.1", False),
        ("2.2.1", "2.2.3", True),
        ("2.2", "2.2.3+dfsg", True),
        ("2", "2.4", True),
        ("2.1", "2.2", False),
        ("stable", "2.2", True),
    ],
)
def test_versions_are_the_same_to_their_second_number(one: str, two: str, same: bool) -> None:
    """A patch changes no API; a version without numbers says nothing."""
    assert same_version(one, two) is same


@pytest.mark.parametrize(
    ("signature", "names"),
    [
        ("read_csv(path, *, sep=',', n: int = 1) -> DataFrame", ("path", "sep", "n")),
        ("f(**kwargs)", None),
        ("f", None),
        ("f(a, [b])", None),
        ("f()", ()),
    ],
)
def test_parameters_of_a_signature(signature: str, names: tuple[str, ...] | None) -> None:
    """None where any keyword is taken, or it is no Python."""
    assert parameters(signature) == names


def symbol(name: str, signature: str = "") -> ApiSymbol:
    """Return a function."""
    return ApiSymbol(qualname=name, kind="function", signature=signature)


def test_what_is_gone_is_told() -> None:
    """Names, with the nearest one, and parameters; a new parameter breaks nothing."""
    old = [
        symbol("lib.add_rows"),
        symbol("lib.read", "read(path, sep, fast=False)"),
        symbol("lib.same", "same(a)"),
    ]
    new = {"lib.read": symbol("lib.read", "read(path, sep)"), "lib.same": symbol("lib.same", "same(a, b=1)")}
    assert differences(old, new, ["lib.add_row"]) == [
        "lib.add_rows is gone (nearest: lib.add_row)",
        "lib.read has no parameter fast",
    ]
