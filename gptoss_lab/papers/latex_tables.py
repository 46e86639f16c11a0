"""Tables and algorithms of LaTeX: grids of cells, and lines with their indentation."""

from __future__ import annotations

import re

from gptoss_lab.papers.draft import even
from gptoss_lab.papers.latex_macros import group
from gptoss_lab.papers.latex_text import cell, split_at, words

_ROW = re.compile(r"\\\\\*?\s*(?:\[[^\]]*\])?|\\tabularnewline\b|\\cr\b")
_COLUMN = re.compile(r"&")
_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot|addlinespace|Xhline)"
    r"(?![A-Za-z])(?:\s*\[[^\]]*\]|\{[^{}]*\})?"
    r"|\\(?:cline|cmidrule|rowcolor|cellcolor|arrayrulecolor|specialrule|hhline|noalign|rule|rowfont)"
    r"\s*(?:\([^)]*\)|\[[^\]]*\])*\s*\{[^{}]*\}(?:\{[^{}]*\})*"
)
_SPAN = re.compile(r"\s*\\multicolumn\s*\{\s*(\d+)\s*\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*(?=\{)")
_ROWS_SPAN = re.compile(
    r"\\multirow\s*(?:\[[^\]]*\])?\s*\{[^{}]*\}\s*(?:\[[^\]]*\])?\s*\{[^{}]*\}\s*(?:\[[^\]]*\])?\s*(?=\{)"
)
_MAX_CELLS = 40_000
_MAX_SPAN = 60


def grid(body: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a tabular; a cell that spans several stands in the first of them."""
    rows: list[list[str]] = []
    count = 0
    for line in split_at(_RULES.sub(" ", body), _ROW):
        row: list[str] = []
        for part in split_at(line, _COLUMN):
            text, span = _cell(part)
            row += [text, *[""] * (span - 1)]
        count += len(row)
        if count > _MAX_CELLS:
            break
        rows.append(row)
    return even(rows)


def _cell(part: str) -> tuple[str, int]:
    span = 1
    if (match := _SPAN.match(part)) is not None:
        end = group(part, match.end())
        if end > 0:
            span = min(int(match[1]), _MAX_SPAN)
            part = part[match.end() + 1 : end - 1]
    part = _ROWS_SPAN.sub("", part)
    return cell(part), span


_STATEMENTS = {
    "state": "{}",
    "statex": "{}",
    "return": "return {}",
    "kwret": "return {}",
    "kwreturn": "return {}",
    "require": "Require: {}",
    "ensure": "Ensure: {}",
    "input": "Input: {}",
    "output": "Output: {}",
    "kwin": "Input: {}",
    "kwinput": "Input: {}",
    "kwdata": "Data: {}",
    "kwout": "Output: {}",
    "kwoutput": "Output: {}",
    "kwresult": "Result: {}",
    "print": "print {}",
    "break": "break",
    "continue": "continue",
}
_OPENS = {
    "if": "if {} then",
    "for": "for {} do",
    "forall": "for all {} do",
    "foreach": "for each {} do",
    "while": "while {} do",
    "function": "function {}",
    "procedure": "procedure {}",
    "loop": "loop",
    "repeat": "repeat",
}
_MIDDLES = {"else": "else", "elsif": "else if {} then", "elseif": "else if {} then", "eif": "if {} then"}
_COMMAND = re.compile(
    r"\\(?P<line>;|\\)|\\(?P<name>[A-Za-z]+)(?![A-Za-z])|\n\s*\n|(?P<open>\{)|(?P<close>\})"
)
_COMMENTS = re.compile(
    r"\\(?:Comment|tcp\*?|tcc\*?|COMMENT|Comment\*)\s*(?:\[[^\]]*\])?(?:\([^)]*\))?\s*(?=\{)"
)
_NOISE = re.compile(
    r"\\(?:SetKw[A-Za-z]*|SetAlgo[A-Za-z]*|DontPrintSemicolon|LinesNumbered|SetAlFnt|SetAlCapFnt)\s*"
    r"(?:\{[^{}]*\})*(?:\{[^{}]*\})*|\\(?:label|vspace|hspace)\s*\{[^{}]*\}|^\s*\[[^\]]*\]"
)
_TO = re.compile(r"\\KwTo(?![A-Za-z])")
_STEP = "  "


def algorithm(body: str) -> str:
    """Return the lines of an algorithm in words, blocks indented."""
    return "\n".join(_Steps(_comments(_TO.sub(" to ", _NOISE.sub("", body)))).lines)


def _comments(text: str) -> str:
    out: list[str] = []
    at = 0
    while (match := _COMMENTS.search(text, at)) is not None:
        end = group(text, match.end())
        if end < 0:
            break
        out += [text[at : match.start()], " \u25b7 ", text[match.end() + 1 : end - 1]]
        at = end
    return "".join((*out, text[at:]))


class _Steps:
    """Reads statements; both those that end with a command of their own and those in groups."""

    def __init__(self, text: str) -> None:
        self.lines: list[str] = []
        self._depth = 0
        self._pending = ""
        self._form = "{}"
        self._read(text)
        self._end()

    def _read(self, text: str) -> None:
        at = 0
        while (match := _COMMAND.search(text, at)) is not None:
            self._pending += text[at : match.start()]
            at = match.end()
            name = (match["name"] or "").lower()
            if name in {"begin", "end"}:
                at = self._passed(text, at)
            elif match["name"]:
                at = self._command(match, name, text, at)
            elif match["open"]:
                end = group(text, match.start())
                self._pending += text[match.start() : end if end > 0 else at]
                at = end if end > 0 else at
            elif not match["close"]:
                self._end()
        self._pending += text[at:]

    @staticmethod
    def _passed(text: str, at: int) -> int:
        end = group(text, at) if text[at : at + 1] == "{" else -1
        at = end if end > 0 else at
        options = re.compile(r"\s*\[[^\]]*\]").match(text, at)
        return options.end() if options else at

    def _command(self, match: re.Match[str], name: str, text: str, at: int) -> int:
        if name.startswith(("end", "until")) and (name[3:] in _OPENS or name == "until"):
            self._end()
            self._depth = max(self._depth - 1, 0)
            self._form = "until {}" if name == "until" else "{}"
            return at
        if name in _MIDDLES and (match["name"][0].isupper() or name == "eif"):
            self._end()
            return self._middle(name, text, at)
        if name in _OPENS and match["name"][0].isupper():
            self._end()
            return self._opens(_OPENS[name], name, text, at)
        if name in _STATEMENTS and match["name"][0].isupper():
            self._end()
            self._form = _STATEMENTS[name]
            return at
        self._pending += match[0]
        return at

    def _middle(self, name: str, text: str, at: int) -> int:
        grouped = name == "eif" or (_next_group(text, at) is not None and name == "else")
        if name == "eif":
            at = self._opens("if {} then", name, text, at)
            return self._inner("else", text, at)
        if grouped:
            return self._inner("else", text, at)
        self._depth = max(self._depth - 1, 0)
        return self._opens(_MIDDLES[name], name, text, at)

    def _opens(self, form: str, name: str, text: str, at: int) -> int:
        """Open a block: its condition is a group; one in a second group is closed with it."""
        arguments: list[str] = []
        while "{}" in form and len(arguments) < (2 if name in {"function", "procedure"} else 1):
            found = _next_group(text, at)
            if found is None:
                break
            arguments.append(text[found[0] + 1 : found[1] - 1])
            at = found[1]
        self._form = form.replace("{}", "(".join(arguments) + ")" * (len(arguments) - 1))
        self._write("")
        inner = _next_group(text, at) if name not in {"function", "procedure"} else None
        if (inner is not None and "\n" in text[inner[0] : inner[1]]) or (inner is not None and name == "eif"):
            return self._body(text, inner)
        self._depth += 1
        return at

    def _inner(self, form: str, text: str, at: int) -> int:
        found = _next_group(text, at)
        self._form = form
        self._write("")
        if found is None:
            self._depth += 1
            return at
        return self._body(text, found)

    def _body(self, text: str, span: tuple[int, int]) -> int:
        self._depth += 1
        self._read(text[span[0] + 1 : span[1] - 1])
        self._end()
        self._depth -= 1
        return span[1]

    def _end(self) -> None:
        text, self._pending = self._pending, ""
        self._write(text)

    def _write(self, latex: str) -> None:
        said = words(latex) if latex.strip() else ""
        form, self._form = self._form, "{}"
        line = form.replace("{}", said) if "{}" in form else f"{words(form)} {said}"
        if line.strip():
            self.lines.append(f"{_STEP * self._depth}{line.strip()}")


def _next_group(text: str, at: int) -> tuple[int, int] | None:
    start = at
    while start < len(text) and text[start] in " \t\n":
        start += 1
    if text[start : start + 1] != "{":
        return None
    end = group(text, start)
    return (start, end) if end > 0 else None
