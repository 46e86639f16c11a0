from __future__ import annotations

from collections.abc import Mapping

import pytest

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.docs import check_docs, mentions
from gptoss_lab.schemas.documents import ApiSymbol
from gptoss_lab.schemas.review import Finding

HEAD = "import tool as t\nfrom tool.io import read\n"
SYMBOLS = [
    ApiSymbol(qualname="tool.io.read", kind="function", signature="(path, *, mode='r')", version="2.0"),
    ApiSymbol(qualname="tool.core.make", kind="function", signature="(size, shape=None)", summary="Make it."),
]


def found(code: str, known: Mapping[str, bool]) -> list[Finding]:
    """Return what is said of a cell."""
    return list(check_docs(mentions([Cell("a", HEAD + code)]), SYMBOLS, known))


def test_names_go_back_to_their_imports() -> None:
    """By alias, by name, with their calls; what is no library's is left out."""
    code = "import os.path\nx = t.core.make(1)\nread('a')\nx.y()\nprint(os.path.sep)"
    named = mentions([Cell("a", HEAD + code)])
    assert [(one.name, one.line, one.call is not None) for one in named] == [
        ("tool.core.make", 4, True),
        ("tool.io.read", 5, True),
        ("os.path.sep", 7, False),
    ]
    assert mentions([Cell("b", "t.make()")], context=(HEAD,))[0].name == "tool.make"


@pytest.mark.parametrize(
    ("code", "known", "severity", "words"),
    [
        ("t.make(1)", {"tool.make": True}, "", ""),
        ("t.fresh()", {"tool.fresh": True}, "info", "not in the given documentation"),
        ("read('a')", {"tool.io.read": False}, "warning", "of tool 2.0 has `tool.io.read`"),
        ("t.nothing()", {"tool.nothing": False}, "", ""),
        ("t.make(1)", {}, "", ""),
        ("t.make(1)", {"os.sep": True}, "info", "not verified against an install"),
        ("t.make(1, shap=2)", {}, "warning", "unexpected keyword argument 'shap'"),
        ("read(1, 2)", {}, "warning", "too many positional arguments"),
        ("t.nothing()", {}, "warning", "not verified against an install"),
        ("import other\nother.thing()", {}, "", ""),
    ],
)
def test_each_state_is_told(code: str, known: Mapping[str, bool], severity: str, words: str) -> None:
    """Documented or not, installed or not, or not to be known."""
    findings = found(code, known)
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    assert all(words in finding.message and finding.check == "docs" for finding in findings)


def test_what_is_not_verified_is_told_once_a_library() -> None:
    """With the signature of the documentation as evidence."""
    (finding,) = found("t.make(1)\nread('a')", {"os.sep": True})
    assert finding.evidence == ("tool.core.make(size, shape=None): Make it.",)


def test_signatures_that_are_no_python_tell_nothing() -> None:
    """Documentation writes what it likes."""
    for text in ("", "(a[, b])", "([start,] stop)", "-> x"):
        symbols = [ApiSymbol(qualname="tool.make", kind="function", signature=text)]
        used = mentions([Cell("a", "import tool\ntool.make(1, 2, c=3)")])
        told = list(check_docs(used, symbols, {"os.sep": True}))
        assert [finding.severity for finding in told] == ["info"]
