"""Pieces of LaTeX as a person reads them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from functools import cache

from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalkerError

from gptoss_lab.papers.latex_macros import group
from gptoss_lab.papers.letters import prose

REF_OPEN, REF_CLOSE = "\ue002", "\ue003"

_CITE = re.compile(
    r"\\(?:[Cc]ite[a-zA-Z]*|(?:paren|text|auto|foot)cite[a-z]*|nocite)\*?\s*((?:\[[^\]]*\]\s*){0,2})\{([^{}]*)\}"
)
_REF = re.compile(
    r"\\(eqref|[cC]refrange|[cC]ref|autoref|nameref|pageref|ref|vref|hyperref\s*\[[^\]]*\])\*?\s*\{([^{}]*)\}"
)
_LINK = re.compile(r"\\href\s*\{[^{}]*\}\s*(?=\{)")
_ADDRESS = re.compile(r"\\(?:url|path|nolinkurl|doi)\s*\{([^{}]*)\}")
_DROPPED = re.compile(
    r"\\(?:label|index|vspace|hspace|vskip|hskip|phantom|color|pagestyle|thispagestyle|bibliographystyle|"
    r"graphicspath|includegraphics|setlength|addtolength|setcounter|addcontentsline|captionsetup|"
    r"phantomsection|definecolor|enlargethispage|glsresetall|pdfbookmark|affil|email|orcid|thanks|inst)\*?"
    r"\s*(?:\[[^\]]*\]\s*)*(?=\{)"
)
_COLOURED = re.compile(r"\\textcolor\s*(?:\[[^\]]*\])?\s*\{([^{}]*)\}\s*(?=\{)")
_WHITE = re.compile(r"\bwhite\b|1\s*,\s*1\s*,\s*1|FFFFFF", re.IGNORECASE)
_FONT_SWITCH = re.compile(
    r"\\(?:small|footnotesize|scriptsize|tiny|normalsize|large|Large|LARGE|huge|Huge|centering|raggedright|"
    r"noindent|bfseries|itshape|ttfamily|rmfamily|sffamily|scshape|upshape|mdseries|selectfont|newline|"
    r"linebreak|pagebreak|newpage|clearpage|medskip|bigskip|smallskip|hfill|vfill|quad|qquad|protect|par|"
    r"indent|sloppy|relax|ignorespaces|maketitle|tableofcontents|appendix|xspace|em|bf|it|tt|sc|rm|sf)"
    r"(?![A-Za-z])\s?"
)
_DISPLAY = re.compile(r"\\\((.*?)\\\)", re.DOTALL)
_MATH = re.compile(r"(?<!\\)\$((?:[^$\\]|\\.)+)\$", re.DOTALL)
_SPACES = re.compile(r"\s+")
_MATH_MARK = re.compile("\ue004(\\d+)\ue005")

for _logger in ("pylatexenc", "pylatexenc.latexwalker", "pylatexenc.latex2text"):
    logging.getLogger(_logger).setLevel(logging.CRITICAL)


_SIGNS = {
    "pm": "\u00b1",
    "times": "\u00d7",
    "to": "\u2192",
    "gets": "\u2190",
    "cdot": "\u00b7",
    "mp": "\u2213",
}
_SIGN = re.compile(r"\\(" + "|".join(_SIGNS) + r")(?![A-Za-z])")


_CHOOSE = re.compile(r"\\(?:choose|atop|brace)(?![A-Za-z])")


_BINOMIAL = re.compile(r"\\[dt]?binom\s*(?=\{)")
_DRESS = re.compile(
    r"\\(?:emph|text(?:bf|it|tt|sc|rm|sf|sl|up|normal)|underline|mbox|code|pkg|proglang|class|fct)\s*\{([^{}\\]*)\}"
)
_ESCAPED = re.compile(r"\\([%&_#])|\\[ ,;/]|\\-")
_TYPED = (
    ("---", "\u2014"),
    ("--", "\u2013"),
    ("``", "\u201c"),
    ("''", "\u201d"),
    ("`", "\u2018"),
    ("~", " "),
)


def _undressed(text: str) -> str:
    """Return prose without what only changes its look: most needs no parser after that."""
    text = _DRESS.sub(lambda match: match[1], _DRESS.sub(lambda match: match[1], text))
    return _ESCAPED.sub(lambda match: match[1] or ("" if match[0] == "\\-" else " "), text)


def _typeset(text: str) -> str:
    for typed, set_ in _TYPED:
        text = text.replace(typed, set_)
    return text


def _binomials(latex: str) -> str:
    """Write binomial coefficients in words; their parts would run into one number."""
    while (match := _BINOMIAL.search(latex)) is not None:
        middle = group(latex, match.end())
        end = group(latex, middle) if middle > 0 else -1
        if end < 0:
            break
        parts = latex[match.end() + 1 : middle - 1], latex[middle + 1 : end - 1]
        latex = f"{latex[: match.start()]}({parts[0]} choose {parts[1]}){latex[end:]}"
    return latex


def _signed(latex: str) -> str:
    """Put signs for the names of some, with the space that LaTeX sets around them."""
    latex = _binomials(_CHOOSE.sub(" choose ", latex))
    return _SIGN.sub(lambda match: f" {_SIGNS[match[1]]} ", latex)


@cache
def _converter(mode: str) -> LatexNodes2Text:
    return LatexNodes2Text(math_mode=mode, keep_comments=False, strict_latex_spaces=True)


def _converted(latex: str, mode: str) -> str:
    try:
        return str(_converter(mode).latex_to_text(latex, tolerant_parsing=True))
    except (LatexWalkerError, RecursionError, ValueError, IndexError, TypeError, AttributeError, KeyError):
        # What cannot be read as LaTeX is shown as it was written: nothing of a paper goes missing.
        return re.sub(r"\\[A-Za-z@]+\*?|[{}]", " ", latex)


def words(latex: str) -> str:
    """Return prose; mathematics in it stays LaTeX between dollar signs, references are marked."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(_SPACES.sub(" ", match[1]).strip())
        return f"\ue004{len(kept) - 1}\ue005"

    text = _MATH.sub(keep, _DISPLAY.sub(lambda match: f"${match[1]}$", latex))
    text = _undressed(_plain_commands(text))
    text = _converted(text, "verbatim") if "\\" in text or "{" in text else _typeset(text)
    text = _MATH_MARK.sub(lambda match: f"${kept[int(match[1])]}$", text)
    return prose(text)


def cell(latex: str) -> str:
    """Return the text of a cell: numbers with their signs, simple mathematics as it looks."""
    text = _signed(_plain_commands(_DISPLAY.sub(lambda match: f"${match[1]}$", latex)))
    return prose(_converted(text, "text")) if re.search(r"[\\{$~`']|--", text) else prose(text)


def formula(latex: str) -> str:
    """Return mathematics as one line of text; what is set above or below others may be lost."""
    plain = re.sub(
        r"\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag|displaystyle|limits)\b|&", " ", latex
    )
    return prose(_converted(f"${_signed(plain).replace('$', ' ')}$", "text"))


def _plain_commands(text: str) -> str:
    text = _REF.sub(_marked, text)
    text = _CITE.sub(lambda match: f"[{match[2].strip()}]" if "nocite" not in match[0] else "", text)
    text = _ADDRESS.sub(lambda match: match[1], text)
    text = _LINK.sub("", text)
    text = without(text, _DROPPED)
    text = _coloured(text)
    return _FONT_SWITCH.sub(" ", text)


def _marked(match: re.Match[str]) -> str:
    if match[1].startswith("hyperref"):
        return match[2]
    numbers = ", ".join(f"{REF_OPEN}{key.strip()}{REF_CLOSE}" for key in match[2].split(","))
    return f"({numbers})" if match[1] == "eqref" else numbers


def _coloured(text: str) -> str:
    """Drop what is written in white, which a reader of the page does not see."""
    out: list[str] = []
    at = 0
    while (match := _COLOURED.search(text, at)) is not None:
        out.append(text[at : match.start()])
        end = group(text, match.end())
        if end < 0:
            at = match.end()
            continue
        if not _WHITE.search(match[0]):
            out.append(_coloured(text[match.end() + 1 : end - 1]))
        at = end
    return "".join((*out, text[at:]))


def without(text: str, commands: re.Pattern[str]) -> str:
    """Return a text without some commands and the group after each."""
    out: list[str] = []
    at = 0
    while (match := commands.search(text, at)) is not None:
        out.append(text[at : match.start()])
        end = group(text, match.end())
        at = end if end > 0 else match.end()
    return "".join((*out, text[at:]))


def resolved(text: str, numbers: Mapping[str, str]) -> str:
    """Return prose with the numbers that its references stand for."""
    if REF_OPEN not in text:
        return text
    return re.sub(f"{REF_OPEN}([^{REF_CLOSE}]*){REF_CLOSE}", lambda m: numbers.get(m[1], m[1]), text)


_STEP = re.compile(
    r"(?P<open>\\begin(?![A-Za-z])|\{)|(?P<close>\\end(?![A-Za-z])|\})|(?P<dollar>\$)|\\.", re.DOTALL
)


def split_at(text: str, marks: re.Pattern[str]) -> Iterator[str]:
    """Yield the pieces between marks that stand in no group, environment or mathematics."""
    depth = start = at = 0
    dollars = False
    while at < len(text):
        found = marks.match(text, at) if depth == 0 and not dollars else None
        if found:
            yield text[start:at]
            at = start = found.end()
            continue
        step = _STEP.match(text, at)
        if step is not None:
            depth += (step["open"] is not None) - (step["close"] is not None)
            dollars ^= step["dollar"] is not None
        at = step.end() if step is not None else at + 1
    yield text[start:]
