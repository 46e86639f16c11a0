"""What a paper holds, what of it is implemented by which cell, and whether its numbers came out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gptoss_lab.schemas.base import Wire

PaperForm = Literal["latex", "html", "pdf"]
BlockKind = Literal[
    "prose", "equation", "algorithm", "table", "code", "output", "caption", "footnote", "reference"
]
CandidateKind = Literal["algorithm", "model", "experiment", "code"]
UnitStatus = Literal["supported", "inferred", "unresolved"]
UnitVerdict = Literal["open", "pass", "missing", "wrong_surface", "inconsistent", "not_implemented"]
ClaimState = Literal["open", "verified", "differs", "not_run", "not_checkable"]

MAX_ANSWERS = 60


class Place(Wire):
    """Where in a paper something stands.

    Attributes:
        page: Counts from 1; None where the form has no pages.
        section: The titles of the sections around it, the outermost first.
        anchor: The label of LaTeX, or the fragment of an HTML page.
    """

    page: int | None = Field(default=None, ge=1)
    section: tuple[str, ...] = ()
    anchor: str = ""


class SymbolMeaning(Wire):
    """A symbol of an equation, and what the paper says that it is."""

    symbol: str
    meaning: str


class PaperBlock(Wire):
    """A piece of a paper, in the order of reading.

    Attributes:
        text: As a person reads it; of a table its rows as text, of code its lines with their indentation.
        latex: The source of mathematics where the form keeps it.
        label: What the paper calls it: `(3)`, `Table 2`, `Algorithm 1`.
        caption: Of a table or an algorithm.
        rows: A table as a grid, the head first.
        symbols: What the paper says of the symbols of an equation.
        language: Of code, where it is known: `r`, `python`.
    """

    id: str
    kind: BlockKind
    text: str
    latex: str = ""
    label: str = ""
    caption: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    symbols: tuple[SymbolMeaning, ...] = ()
    language: str = ""
    place: Place = Place()


class PaperSection(Wire):
    """A heading; `level` is 1 for a section."""

    title: str
    level: int = Field(ge=1)
    place: Place = Place()


class Candidate(Wire):
    """Something of a paper that could be implemented; `blocks` are what it consists of."""

    id: str
    kind: CandidateKind
    title: str
    blocks: tuple[str, ...] = ()
    place: Place = Place()
    score: float = 0.0


class Paper(Wire):
    """A paper as it was read.

    Attributes:
        id: A hash of its content and of the version of the reader.
        uri: As the person named it.
        form: What was read.
        files: Of what was read, as the person's server knows them; the first is the one to open.
        lost: What this form does not keep, in words: exponents, fractions, the alignment of tables.
        pages: How many there are; 0 where the form has none.
    """

    id: str
    uri: str
    form: PaperForm
    title: str
    authors: tuple[str, ...] = ()
    abstract: str = ""
    files: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    pages: int = Field(default=0, ge=0)
    sections: tuple[PaperSection, ...] = ()
    blocks: tuple[PaperBlock, ...] = ()
    warnings: tuple[str, ...] = ()


class PaperSummary(Wire):
    """A paper in short: what a person sees before cells are made.

    Attributes:
        blocks: How many blocks of each kind there are.
        candidates: What could be implemented, the likeliest first.
    """

    id: str
    uri: str
    form: PaperForm
    title: str
    authors: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    pages: int = Field(default=0, ge=0)
    sections: tuple[PaperSection, ...] = ()
    blocks: dict[BlockKind, int] = Field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()


class Unit(Wire):
    """One requirement of a paper, bound to the words that state it.

    Attributes:
        quote: Verbatim from the block; a unit whose quote is not found there does not exist.
        status: Whether the paper states it, it follows from the paper, or the paper leaves it open.
        question: What a person is asked where it is open.
        answer: What they said, or what was assumed.
        owner: The cell that implements it; empty where none does.
        note: Why the verdict is what it is.
    """

    id: str
    statement: str
    quote: str
    block: str
    place: Place = Place()
    status: UnitStatus = "supported"
    question: str = ""
    answer: str = ""
    owner: str = ""
    verdict: UnitVerdict = "open"
    note: str = ""


class Claim(Wire):
    """A number that the paper prints, and what became of it.

    Attributes:
        metric: What is measured, in the paper's words.
        printed: The number as it is printed.
        value: The same as a number.
        direction: Whether more is better.
        tolerance: How far the computed value may be from `value`, absolute.
        quote: Verbatim from the block.
        cell: The cell that computes it; empty where none does.
        computed: What the executed cell gave.
        stand_in: It was computed from data that stand in for the paper's; such a claim is never verified.
        reason: Why the state is what it is.
    """

    id: str
    metric: str
    dataset: str = ""
    printed: str
    value: float
    unit: str = ""
    direction: Literal["", "higher", "lower"] = ""
    tolerance: float = Field(default=0.0, ge=0)
    quote: str
    block: str
    place: Place = Place()
    cell: str = ""
    computed: float | None = None
    stand_in: bool = False
    state: ClaimState = "open"
    reason: str = ""


class PlanValue(Wire):
    """A value of the configuration of a notebook: from a place in the paper, or assumed."""

    name: str
    value: str
    place: Place | None = None
    assumed: bool = False


class UnitAnswer(Wire):
    """What a person says of a unit that the paper leaves open."""

    unit: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=2000)


class PaperAsk(Wire):
    """The paper of a request.

    Attributes:
        uri: A file of the server, an arXiv id (`arXiv:2401.01234`), a DOI (`doi:10.1/x`) or an address.
        form: Which form to read, where there are several.
        read_only: Stop once the paper, its candidates and its open questions are known.
        scope: Ids of the candidates to implement; empty leaves the choice to the pipeline, which says it.
        answers: To the questions of units that the paper leaves open.
    """

    uri: str = Field(min_length=1, max_length=4096)
    form: Literal["auto", "latex", "html", "pdf"] = "auto"
    read_only: bool = False
    scope: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(default=(), max_length=200)
    answers: tuple[UnitAnswer, ...] = Field(default=(), max_length=MAX_ANSWERS)


class PaperReport(Wire):
    """What a job has made of a paper.

    Attributes:
        scope: Ids of the candidates that are implemented.
        assumptions: What was assumed because nobody was asked, in words.
        missing: What of the scope is not implemented, and why.
    """

    paper: PaperSummary
    scope: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()
    claims: tuple[Claim, ...] = ()
    config: tuple[PlanValue, ...] = ()
    assumptions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
