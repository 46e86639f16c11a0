"""Formulas of known commands are typeset, others stay text."""

from __future__ import annotations

import pytest

from gptoss_lab.sandbox.output_latex import is_plain_latex, known_commands, uses_known_commands


@pytest.mark.parametrize(
    "text",
    [
        r"$\displaystyle \frac{\sqrt{x_1}}{\operatorname{sin}{\left(y \right)}}$",
        r"\begin{equation*}\begin{pmatrix} a & b \\ c & d \end{pmatrix}\end{equation*}",
        "\\begin{tabular}{r|ll}\n & mpg & cyl\\\\\n\\hline\n 1 & 21 \\$ & 6\\_\\\\\n\\end{tabular}",
        "no command",
    ],
)
def test_what_sympy_and_r_write_is_plain(text: str) -> None:
    """Formulas, matrices and tables pass."""
    assert is_plain_latex(text)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "href",
            "class",
            "style",
            "cssId",
            "data",
            "def",
            "let",
            "newcommand",
            "renewcommand",
            "require",
            "bbox",
        ),
        *("newenvironment", "unicode", "mmlToken", "toggle", "mathtip", "texttip", "url", "includegraphics"),
        *(
            "DeclareMathOperator",
            "label",
            "ref",
            "eqref",
            "tag",
            "rule",
            "Space",
            "kern",
            "raise",
            "enclose",
            "verb",
        ),
        *("csname", "input", "write", "catcode", "begingroup", "htmlClass"),
    ],
)
def test_what_links_styles_defines_or_moves_is_not(name: str) -> None:
    """Neither alone nor after others."""
    assert name not in known_commands()
    assert not is_plain_latex(rf"$\alpha\{name}{{x}}{{y}}$")


def test_depth_and_length_are_bounded() -> None:
    """Each brace is a call in the page."""
    assert not is_plain_latex("{" * 1000 + "}" * 1000)
    assert is_plain_latex("{}" * 1000 + r"\{" * 1000)
    assert not is_plain_latex("x" * (1 << 20))
    assert uses_known_commands("x" * (1 << 20))
