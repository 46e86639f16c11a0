"""A LaTeX paper as blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from gptoss_lab.papers.draft import Draft, grid_text
from gptoss_lab.papers.latex_equations import ROWS, SINGLE, equations
from gptoss_lab.papers.latex_floats import (
    TABULARS,
    anchor,
    caption,
    is_wide,
    matching,
    passed,
    tabular,
    without_caption,
)
from gptoss_lab.papers.latex_front import argument, authors_of, bibliography, listed, title_of
from gptoss_lab.papers.latex_macros import Macro, expanded, group, take_macros
from gptoss_lab.papers.latex_source import Aside, LatexSource, marks, read_source, text_of
from gptoss_lab.papers.latex_tables import algorithm, grid
from gptoss_lab.papers.latex_text import REF_OPEN, formula, resolved, without, words
from gptoss_lab.papers.meanings import with_meanings
from gptoss_lab.schemas.papers import BlockKind, PaperBlock

LOST = ("What figures show is not read.", "The pages are not known: the source has none.")

_ALGORITHMS = frozenset(["algorithm", "algorithm2e", "algorithmic", "pseudocode", "procedure", "function"])
_LISTS = frozenset(["itemize", "enumerate", "description", "inparaenum", "compactitem", "compactenum"])
_IGNORED = frozenset([
    "tikzpicture",
    "picture",
    "pspicture",
    "filecontents",
    "CCSXML",
    "keywords",
    "axis",
    "asy",
])
_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 1,
    "subsection": 2,
    "subsubsection": 3,
    "paragraph": 4,
    "subparagraph": 5,
}
_TOKEN = re.compile(
    r"\\begin\s*\{(?P<env>[A-Za-z@*0-9]+)\}"
    r"|\\(?P<head>part|chapter|section|subsection|subsubsection|paragraph|subparagraph)(?P<star>\*)?"
    r"(?![A-Za-z])\s*(?:\[[^\]]*\])?\s*(?=\{)"
    r"|(?P<display>\\\[(?P<d1>.*?)\\\]|\$\$(?P<d2>.*?)\$\$)"
    r"|\\(?P<note>footnote|footnotetext)(?![A-Za-z])\s*(?:\[[^\]]*\])?\s*(?=\{)"
    r"|\\(?P<caption>caption|captionof\s*\{[a-z]+\})\*?\s*(?:\[[^\]]*\])?\s*(?=\{)"
    r"|\\label\s*\{(?P<label>[^{}]*)\}"
    r"|\\(?P<appendix>appendix)(?![A-Za-z])"
    r"|\\(?P<front>title|author|date|icmltitle|address|Abstract|Keywords|Plain[a-z]+|Shorttitle|affiliation|"
    r"Address|institute|maketitle|thanks|keywords|hypersetup|AtBeginDocument)(?![A-Za-z])\s*"
    r"(?:\[[^\]]*\])?\s*(?P<given>(?=\{))?"
    r"|(?P<item>\\item(?![A-Za-z]))(?:\s*\[(?P<term>[^\]]*)\])?"
    r"|(?P<break>\n[ \t]*\n\s*)"
    r"|\\end\s*\{[A-Za-z@*0-9]+\}",
    re.DOTALL,
)
# What R fills in when the paper is made from its source.
_COMPUTED = re.compile(r"\\Sexpr\s*(?=\{)")
_OPTIONS = re.compile(r"\s*(?:\[[^\]]*\]\s*)*")
_THEOREM = re.compile(r"\\newtheorem\*?\s*\{(\w+)\}\s*(?:\[\w+\])?\s*\{([^{}]*)\}")
_WITHIN = re.compile(r"\\numberwithin\s*\{equation\}\s*\{section\}")
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_THEOREMS = {
    "theorem": "Theorem",
    "lemma": "Lemma",
    "proposition": "Proposition",
    "corollary": "Corollary",
    "definition": "Definition",
    "assumption": "Assumption",
    "remark": "Remark",
    "proof": "Proof",
    "example": "Example",
}
_CHUNKS = frozenset(["Schunk", "CodeChunk", "Rinput", "knitrout", "kframe"])
_MAX_DEPTH = 60


def read_latex(main: Path, root: Path, report: Callable[[int, int], None] | None = None) -> Draft:
    """Read a LaTeX paper.

    Args:
        main: The file that TeX is given.
        root: The folder of the paper; nothing outside is read.
        report: Told how many of the parts are read.

    Raises:
        SourceLimitError: It is larger than a paper can be.
    """
    source = read_source(main, root)
    macros = {"ensuremath": Macro("#1", 1)}
    for style in sorted(root.glob("*.sty"))[:20]:
        if style.resolve().is_relative_to(root.resolve()):
            take_macros(text_of(style), macros)
    bare = take_macros(without(source.text, _COMPUTED), macros)
    text, complete = expanded(bare, macros)
    draft = Draft(title=title_of(text), authors=authors_of(text), lost=list(LOST))
    draft.warnings += source.warnings
    if not complete:
        draft.warn("Some macros stand for themselves or grow without end; they are left as they were written")
    reader = _Reader(draft, source, text)
    reader.read(text, main)
    if report is not None:
        report(len(source.files), len(source.files))
    return draft


class _Reader:
    def __init__(self, draft: Draft, source: LatexSource, text: str) -> None:
        self._draft, self._source = draft, source
        self._theorems = {**_THEOREMS, **dict(_THEOREM.findall(text))}
        self._within = _WITHIN.search(text) is not None
        self._counts: Counter[str] = Counter()
        self._numbers: dict[str, str] = {}
        self._section: list[int] = []
        self._appendix = False
        self._current = ""
        self._pending: list[str] = []
        self._notes: list[str] = []

    def read(self, text: str, main: Path) -> None:
        """Read the body, then what needs the whole: references to numbers, and meanings of symbols."""
        head, mark, body = text.partition("\\begin{document}")
        body = body if mark else text
        abstract = argument(head, "Abstract", "abstract")
        if abstract:
            self._draft.abstract = words(abstract)
            self._draft.add("prose", self._draft.abstract)
        self._walk(body, 0)
        self._flush()
        for key, label, said in bibliography(body, self._source.root, main):
            self._draft.add("reference", said, label=label, anchor=key)
        numbers = self._numbers
        self._draft.abstract = resolved(self._draft.abstract, numbers)
        self._draft.blocks = with_meanings([_with_numbers(block, numbers) for block in self._draft.blocks])

    def _walk(self, text: str, depth: int) -> None:
        at = 0
        while (match := _TOKEN.search(text, at)) is not None:
            self._pending.append(text[at : match.start()])
            at = self._token(match, text, depth)
        self._pending.append(text[at:])

    def _token(self, match: re.Match[str], text: str, depth: int) -> int:
        if match["env"]:
            return self._environment(match["env"], text, match.end(), depth)
        if match["display"]:
            self._equations("displaymath", match["d1"] or match["d2"] or "")
        elif match["label"] is not None:
            self._numbers[match["label"].strip()] = self._current
        elif match["appendix"]:
            self._appendix, self._section = True, []
        elif match["item"]:
            self._flush()
            self._pending.append(f"- {match['term'] or ''} ")
        elif match["break"]:
            self._flush()
        elif match["head"] or match["note"] or match["caption"] or match["given"] is not None:
            return self._given(match, text)
        return match.end()

    def _given(self, match: re.Match[str], text: str) -> int:
        """Take a command with what it is given."""
        end = group(text, match.end())
        if end < 0:
            return match.end()
        inside = text[match.end() + 1 : end - 1]
        if match["head"]:
            self._flush()
            self._heading(match["head"], inside, starred=match["star"] is not None, text=text, at=end)
        elif match["note"]:
            self._note(inside)
        elif match["caption"]:
            self._draft.add("caption", words(inside))
        elif match["front"] == "Abstract" and not self._draft.abstract:
            self._draft.abstract = words(inside)
            self._draft.add("prose", self._draft.abstract)
        return end

    def _heading(self, name: str, latex: str, *, starred: bool, text: str, at: int) -> None:
        level = _LEVELS[name]
        if not starred and level <= 3:  # noqa: PLR2004 - what classes number
            del self._section[level:]
            self._section += [0] * (level - len(self._section))
            self._section[level - 1] += 1
            first = chr(64 + min(self._section[0], 26)) if self._appendix else str(self._section[0])
            self._current = ".".join([first, *map(str, self._section[1:])])
            if level == 1 and self._within:
                self._counts["equation"] = 0
        label = _LABEL.match(text, _OPTIONS.match(text, at).end())  # type: ignore[union-attr]
        self._draft.heading(words(latex), level, anchor=label[1] if label else "")

    def _note(self, latex: str) -> None:
        self._notes.append(words(latex))

    def _environment(self, name: str, text: str, at: int, depth: int) -> int:
        end, after = matching(text, name, at)
        body = text[at:end]
        bare = name.rstrip("*")
        if depth >= _MAX_DEPTH or bare in _IGNORED:
            return after
        if bare in SINGLE or bare in ROWS:
            if bare in {"alignat", "IEEEeqnarray"}:
                body = body[passed(body) :]
            self._equations(name, body)
        elif bare in TABULARS or (
            bare in {"table", "wraptable", "sidewaystable", "figure"} and tabular(body)
        ):
            self._flush()
            self._table(name, body)
        elif bare in _ALGORITHMS:
            self._flush()
            self._algorithm(name, body)
        else:
            self._other(bare, name, body, depth)
        return after

    def _other(self, bare: str, name: str, body: str, depth: int) -> None:
        if bare == "thebibliography":
            self._flush()
            for key, label, said in listed(body):
                self._numbers.setdefault(key, label.strip("[]"))
                self._draft.add("reference", said, label=label, anchor=key)
            return
        if bare == "abstract":
            self._flush()
            self._draft.abstract = words(body)
        if bare in {"figure", "wrapfigure", "SCfigure", "sidewaysfigure"}:
            self._flush()
            self._figure(body)
            return
        inline = bare in {"document", *_CHUNKS} or bare in {"center", "quote", "subequations", "small"}
        if not inline:
            self._flush()
        if bare in self._theorems:
            body = self._theorem(bare, name, body)
        elif not inline and bare not in _LISTS:
            body = body[passed(body) :] if bare in {"minipage", "multicols", "adjustbox"} else body
        body = body[_OPTIONS.match(body).end() :] if bare in _LISTS else body  # type: ignore[union-attr]
        self._walk(body, depth + 1)
        self._flush()

    def _theorem(self, bare: str, name: str, body: str) -> str:
        title = self._theorems[bare]
        options = re.compile(r"\s*\[([^\]]*)\]").match(body)
        number = ""
        if not name.endswith("*") and bare != "proof":
            self._counts[bare] += 1
            number = f" {self._counts[bare]}"
            self._current = str(self._counts[bare])
        extra = f" ({options[1]})" if options else ""
        return f"{title}{number}{extra}. {body[options.end() :] if options else body}"

    def _figure(self, body: str) -> None:
        number = self._number("figure", body)
        self._draft.add("caption", words(caption(body)), label=f"Figure {number}", anchor=anchor(body))
        for piece, mark in marks(body):
            if mark is not None and not piece:
                self._listing(self._source.asides[mark])

    def _equations(self, name: str, body: str) -> None:
        self._flush()
        for one in equations(name, body):
            label = f"({one.tag})" if one.tag else ""
            if one.numbered:
                self._counts["equation"] += 1
                prefix = f"{self._section[0]}." if self._within and self._section else ""
                self._current = f"{prefix}{self._counts['equation']}"
                label = f"({self._current})"
            elif one.tag:
                self._current = one.tag
            if one.anchor:
                self._numbers[one.anchor] = self._current
            if one.latex:
                text = f"{formula(one.latex)} {label}".strip()
                self._draft.add("equation", text, latex=one.latex, label=label, anchor=one.anchor)

    def _table(self, name: str, body: str) -> None:
        floating = name.rstrip("*") not in TABULARS or caption(body) != ""
        label = f"Table {self._number('table', body)}" if floating else ""
        said = words(caption(body)) if floating else ""
        inner = [(name, body)] if name.rstrip("*") in TABULARS else tabular(body)
        for kind, content in inner:
            rows = grid(without_caption(content[passed(content, twice=is_wide(kind)) :]))
            if rows:
                text = grid_text(rows)
                self._draft.add("table", text, anchor=anchor(body), label=label, caption=said, rows=rows)
        if said:
            self._draft.add("caption", said, label=label, anchor=anchor(body))

    def _algorithm(self, name: str, body: str) -> None:
        captioned = caption(body)
        label = ""
        if captioned or name.rstrip("*") != "algorithmic":
            label = f"Algorithm {self._number('algorithm', body)}"
        plain = without_caption(_LABEL.sub("", body))
        self._draft.add(
            "algorithm",
            algorithm(plain),
            latex=plain.strip(),
            label=label,
            caption=words(captioned),
            anchor=anchor(body),
        )

    def _number(self, kind: str, body: str) -> str:
        self._counts[kind] += 1
        number = str(self._counts[kind])
        for key in _LABEL.findall(body):
            self._numbers[key.strip()] = number
        return number

    def _flush(self) -> None:
        """Close the paragraph that is open; listings in it are blocks of their own."""
        pending, self._pending = "".join(self._pending), []
        notes, self._notes = self._notes, []
        if pending.strip():
            self._pieces(pending)
        for note in notes:
            self._counts["footnote"] += 1
            self._draft.add("footnote", note, label=str(self._counts["footnote"]))

    def _pieces(self, pending: str) -> None:
        run = ""
        for piece, mark in marks(pending):
            aside = self._source.asides[mark] if mark is not None else None
            if aside is None:
                run += piece
            elif aside.kind == "inline":
                run += f"\ue006{mark}\ue007"
            else:
                self._paragraph(run)
                run = ""
                self._listing(aside)
        self._paragraph(run)

    def _paragraph(self, latex: str) -> None:
        text = re.sub("\ue006(\\d+)\ue007", lambda m: self._source.asides[int(m[1])].text, words(latex))
        if any(char.isalnum() for char in text):
            self._draft.add("prose", text)

    def _listing(self, aside: Aside) -> None:
        kind: BlockKind = "output" if aside.kind == "output" else "code"
        self._draft.add(kind, aside.text, language=aside.language if kind == "code" else "")


def _with_numbers(block: PaperBlock, numbers: dict[str, str]) -> PaperBlock:
    if REF_OPEN not in block.text + block.caption:
        return block
    return block.model_copy(
        update={"text": resolved(block.text, numbers), "caption": resolved(block.caption, numbers)}
    )
