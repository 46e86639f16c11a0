"""From the help of an R package to the records of an index."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from gptoss_lab.documents.blocks import (
    Chunk,
    ChunkKind,
    Place,
    Records,
    Symbol,
    SymbolKind,
    Unit,
    estimate_tokens,
)
from gptoss_lab.documents.chunks import MAX_SYMBOL_TOKENS, fence, narrative_chunks
from gptoss_lab.documents.r_help import RHelp, RObject, RPage, RVignette

Report = Callable[[str, int, int], None]
_FIRST = ("Description", "Arguments", "Value")
_NOT_TEXT = frozenset({"Usage", "Examples"})
_MAX_EXAMPLE_TOKENS = MAX_SYMBOL_TOKENS // 2
_MAX_DETAILS = 6
_MAX_CONTEXT_CHARS = 500
_HIDDEN_WORTH = 0.6
_OTHER_WORTH = 0.8
_VIGNETTE_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)


def r_records(
    batches: Iterable[RHelp], package: str, version: str, report: Report = lambda *_: None
) -> Records:
    """Return the records of a package's help."""
    records = Records()
    done, total = 0, 0
    for batch in batches:
        total = batch.total
        for page in batch.pages:
            done += 1
            report(page.name, done, max(total, done))
            records.add(_page_records(page, package, version))
        records.symbols += [_symbol(one, package, "") for one in batch.undocumented]
        for vignette in batch.vignettes:
            records.chunks += _vignette_chunks(vignette, package, version)
    if not total:
        records.warnings.append(f"The R package {package} has no help pages; only the names in it are known.")
    elif done < total and not records.warnings:
        records.warnings.append(f"{done} of the {total} help pages of {package} were read.")
    return records


def _page_records(page: RPage, package: str, version: str) -> Records:
    if page.problem:
        return Records(warnings=[f"The help page {page.name} of {package} was left out: {page.problem}"])
    qualname = f"{package}::{page.name}"
    place = Place(package, title=qualname, symbol=qualname, version=version)
    shown = [_symbol(one, package, page.title) for one in page.objects]
    if not shown and "Usage" in page.sections():
        shown = [Symbol(qualname, "function", summary=page.title)]
    own = {one.name for one in page.objects}
    if shown:
        others = tuple(alias for alias in page.aliases if alias not in own)
        names = tuple(dict.fromkeys((*shown[0].aliases, *others)))
        shown[0] = Symbol(shown[0].qualname, shown[0].kind, shown[0].signature, page.title, aliases=names)
    return Records(
        symbols=shown,
        chunks=list(_chunks(page, place, tuple(symbol.qualname for symbol in shown))),
        units=[_unit(page, place, package, number) for number in range(len(page.examples))],
    )


def _symbol(one: RObject, package: str, summary: str) -> Symbol:
    kind: SymbolKind = "function" if one.kind == "function" else "attribute"
    return Symbol(f"{package}::{one.name}", kind, one.signature, summary, aliases=(one.name,))


def _chunks(page: RPage, place: Place, symbols: tuple[str, ...]) -> Iterator[Chunk]:
    """Yield the chunk of a page: usage, title, arguments, value and an example; what is over follows."""
    sections = page.sections()
    usage = sections.get("Usage", "")
    head = "\n\n".join(part for part in (fence(usage, "r") if usage else "", page.title) if part)
    example = next(
        (unit.code for unit in page.examples if estimate_tokens(unit.code) <= _MAX_EXAMPLE_TOKENS), ""
    )
    tail = f"Example:\n{fence(example.strip(), 'r')}" if example else ""
    order = [*_FIRST, *(name for name in sections if name not in {*_FIRST, *_NOT_TEXT})]
    parts = [f"{name}:\n{sections[name]}" for name in order if name in sections]
    packed = _packed(head, parts, MAX_SYMBOL_TOKENS - estimate_tokens(tail))
    kind: ChunkKind = "symbol" if symbols else "narrative"
    title = place.title if symbols else page.title or page.name
    first = "\n\n".join(part for part in (packed[0], tail) if part)
    yield Chunk(kind, title, first, place, symbols)
    for text in packed[1 : _MAX_DETAILS + 1]:
        yield Chunk(kind, f"{title} (details)", text, place, symbols[:1])


def _packed(head: str, parts: Iterable[str], room: int) -> list[str]:
    """Put paragraphs together up to the limit; the first piece, which has less room, begins with the head."""
    found = [head]
    for part in parts:
        for paragraph in part.split("\n\n"):
            limit = room if len(found) == 1 else MAX_SYMBOL_TOKENS
            if found[-1] and estimate_tokens(f"{found[-1]}\n\n{paragraph}") > limit:
                found.append(paragraph)
            else:
                found[-1] = f"{found[-1]}\n\n{paragraph}".strip("\n")
    return found


def _unit(page: RPage, place: Place, package: str, number: int) -> Unit:
    unit = page.examples[number]
    names = {one.name for one in page.objects}
    own = [f"{package}::{name}" for name in unit.calls if name in names]
    used = tuple(dict.fromkeys((place.symbol, *own)))
    description = page.sections().get("Description", "")[:_MAX_CONTEXT_CHARS]
    worth = _HIDDEN_WORTH if page.internal else 1.0 if own or not names else _OTHER_WORTH
    imports = tuple(line for line in unit.code.split("\n") if line.startswith(("library(", "require(")))
    return Unit(
        title=page.name,
        summary=page.title if number == 0 or not unit.summary else f"{page.title}: {unit.summary}",
        code=f"{unit.code.strip()}\n",
        imports=imports,
        symbols=used,
        place=place,
        context=f"{page.title}\n\n{description}",
        worth=worth,
        language="r",
    )


def _vignette_chunks(vignette: RVignette, package: str, version: str) -> list[Chunk]:
    from gptoss_lab.documents.markdown import read_markdown  # noqa: PLC0415 - few packages have any

    title = _VIGNETTE_TITLE.search(vignette.text[:2000])
    name = title[1] if title else vignette.name
    page = read_markdown(vignette.text, fallback_title=name)
    return narrative_chunks(page.blocks, Place(package, title=name, version=version))
