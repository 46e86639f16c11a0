"""A parsed page as text that a person can compare with the page."""

from __future__ import annotations

from gptoss_lab.documents.blocks import Block, Page, Symbol


def golden_text(page: Page) -> str:
    """Return everything of a page: its blocks as Markdown with anchors, then its symbols."""
    blocks = [f"Title: {page.title}", *map(_block, page.blocks)]
    return "\n\n".join((*blocks, *map(_symbol, page.symbols))) + "\n"


def _block(block: Block) -> str:
    if block.kind == "heading":
        return f"{'#' * block.level} {block.text}" + (f" {{#{block.anchor}}}" if block.anchor else "")
    return f"```{block.language}\n{block.text}\n```" if block.kind == "code" else block.text


def _symbol(symbol: Symbol) -> str:
    head = f"@{symbol.kind} {symbol.qualname} {{#{symbol.anchor}}}"
    names = [f"also: {', '.join(symbol.aliases)}"] if symbol.aliases else []
    examples = [f"examples:\n{symbol.examples}"] if symbol.examples else []
    return "\n".join((head, *names, symbol.signature, "", symbol.body, *examples))
