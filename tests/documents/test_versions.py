"""Whether documentation is of the installed version, and what differs."""

from __future__ import annotations

import pytest

from gptoss_lab.documents.versions import (
    example_lacks,
    parameter_successor,
    parameters,
    same_version,
    successors,
)


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


NOTICE = (
    "Append rows.\n\nDeprecated since version 1.4.0: Use `concat()` instead. For further details see more."
)
READ = """Parameters:

sep : str

Use `x` or not.

delim_whitespace : bool, default False

Whether whitespace is the sep. Equivalent to setting `sep='\\s+'`. Nothing else.

low_memory : bool

Use `dtype` here.
"""


def test_a_notice_says_what_to_use() -> None:
    """The name may leave out the class or the package; without a notice there is none."""
    found = successors(NOTICE, "pandas.DataFrame.append")
    assert found == ("pandas.DataFrame.concat", "pandas.concat")
    assert successors(NOTICE.replace("concat()", "pandas.concat"), "pandas.x")[0] == "pandas.concat"
    assert successors("Append rows. Use `concat()`.", "pandas.x") == ()
    assert successors(NOTICE.replace("concat()", "a + b"), "pandas.x") == ()


@pytest.mark.parametrize(
    ("parameter", "instead"),
    [("delim_whitespace", "sep='\\s+'"), ("missing", ""), ("sep", "x"), ("low_memory", "dtype")],
)
def test_a_parameter_is_read_in_its_own_paragraph(parameter: str, instead: str) -> None:
    """What the next parameter says is not taken for it."""
    assert parameter_successor(READ, parameter) == instead


@pytest.mark.parametrize(
    ("code", "lacks"),
    [
        ("df.append(row)", True),
        ("rows.extend(row)", False),
        ("pd.read_csv('a', fast=True)", True),
        ("read_csv('a', fast=True)", True),
        ("pd.read_table('a', fast=True)", False),
        ("df.(", False),
    ],
)
def test_examples_that_use_what_is_gone(code: str, lacks: bool) -> None:
    """A member, or a keyword of that function."""
    assert example_lacks(code, {"append"}, {"read_csv": {"fast"}}) is lacks
