"""From what parsers found to the records of an index: chunks, symbols and runnable units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from gptoss_lab.documents.blocks import Block, Page, Place, Records, Symbol, Unit
from gptoss_lab.documents.chunks import narrative_chunks, symbol_chunks
from gptoss_lab.documents.examples import units
from gptoss_lab.documents.imports import NameTable
from gptoss_lab.documents.r_pages import names_r, r_pieces
from gptoss_lab.documents.r_units import r_units
from gptoss_lab.documents.repl import Piece, has_prompts, pieces, plain_source
from gptoss_lab.schemas.documents import LocatedPackage

Report = Callable[[str, int, int], None]

_PYTHON_NAMES = """
python python3 py py3 pycon pycon3 ipython ipython3 ipythonconsole default doctest {code-cell}
"""
_PYTHON = frozenset(("", *_PYTHON_NAMES.split()))
_SHORT_SECTION_LINES = 25
_MAX_CONTEXT_CHARS = 500


def package_records(package: LocatedPackage, report: Report = lambda *_: None) -> Records:
    """Return the records of an installed package.

    Raises:
        DocumentError: Nothing in it can be read.
    """
    from gptoss_lab.documents.inventory import read_package  # noqa: PLC0415 - griffe loads for packages only

    found = read_package(package, report)
    names = NameTable(found)
    records = Records(symbols=found)
    for position, symbol in enumerate(found):
        if position % 200 == 0:
            report(symbol.qualname, position, len(found))
        place = Place(package.name, title=symbol.qualname, symbol=symbol.qualname, version=package.version)
        records.chunks += symbol_chunks(symbol, place)
        records.units += _symbol_units(symbol, place, names)
    return records


def _symbol_units(symbol: Symbol, place: Place, names: NameTable) -> list[Unit]:
    if not symbol.examples:
        return []
    about = symbol.qualname.rpartition(".")[2] if symbol.kind != "module" else ""
    found = units(list(pieces(symbol.examples)), place, names, summary=symbol.summary, about=about)
    context = symbol.body.partition("Parameters:\n")[0][:_MAX_CONTEXT_CHARS]
    return [replace(unit, worth=symbol.worth, context=context) for unit in found]


def page_records(page: Page, place: Place, names: NameTable) -> Records:
    """Return the records of a parsed page, file or notebook."""
    records = Records(symbols=list(page.symbols), warnings=list(page.warnings))
    for symbol in page.symbols:
        spot = replace(place, title=symbol.qualname, anchor=symbol.anchor, symbol=symbol.qualname)
        records.chunks += symbol_chunks(symbol, spot)
        records.units += _symbol_units(symbol, spot, names)
    records.chunks += narrative_chunks(page.blocks, place)
    records.units += units(list(page_pieces(page.blocks, page.title)), place, names)
    records.units += _r_units(page, place, names)
    return records


def _r_units(page: Page, place: Place, names: NameTable) -> list[Unit]:
    owner, mark, _ = page.symbols[0].qualname.partition("::") if page.symbols else ("", "", "")
    usages = {symbol.signature for symbol in page.symbols}
    blocks = [block for block in page.blocks if block.kind != "code" or block.text not in usages]
    found = list(r_pieces(blocks, page.title))
    return r_units(found, place, names, owner if mark else "", apart=not names_r(page.blocks))


def page_pieces(blocks: Sequence[Block], title: str) -> Iterator[Piece]:
    """Yield the prose and the Python of a page; the code of a short section stays in one stretch."""
    section: list[Block] = []
    heading = Block("heading", title)
    for block in (*blocks, Block("heading", "")):
        if block.kind != "heading":
            section.append(block)
            continue
        yield from _section_pieces(section, heading)
        heading, section = block, []


def _section_pieces(section: Sequence[Block], heading: Block) -> Iterator[Piece]:
    code = [list(_code_pieces(block)) for block in section if block.kind == "code" and _is_python(block)]
    short = sum(piece.text.count("\n") + 1 for found in code for piece in found) <= _SHORT_SECTION_LINES
    prose = next((block.text for block in section if block.kind == "prose"), "")
    yield Piece(prose, is_code=False, title=heading.text, anchor=heading.anchor)
    for block in section:
        if block.kind == "prose" and not short:
            yield Piece(block.text, is_code=False, title=heading.text, anchor=heading.anchor)
        elif block.kind == "code" and _is_python(block):
            yield from _code_pieces(block)


def _is_python(block: Block) -> bool:
    return block.language.lower() in _PYTHON


def _code_pieces(block: Block) -> Iterator[Piece]:
    if has_prompts(block.text):
        yield from (piece for piece in pieces(block.text) if piece.is_code)
    elif text := plain_source(block.text):
        yield Piece(text, is_code=True)
