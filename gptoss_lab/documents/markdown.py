"""Markdown, MyST and R Markdown as blocks."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from gptoss_lab.documents.blocks import Block, Page
from gptoss_lab.documents.hidden import strip_comments, strip_invisible

_FRONT_MATTER = re.compile(r"\A---\s*\n.*?\n(?:---|\.\.\.)\s*(?:\n|\Z)", re.DOTALL)
_TAG = re.compile(r"<[^>\n]{0,500}>")
_TITLE = re.compile(r"^title:\s*(.+?)\s*$", re.MULTILINE)
_INFO = re.compile(r"\{?\s*\.?([A-Za-z][\w+-]*)")
# What a chunk says to MyST, knitr or Quarto about itself.
_OPTION = re.compile(r"^(?::[\w-]+:|#\| ?[\w.-]+\s*[:=])")


def read_markdown(text: str, *, fallback_title: str) -> Page:
    """Parse Markdown; raw HTML keeps its text only."""
    clean = strip_comments(strip_invisible(text))
    matter = _FRONT_MATTER.match(clean)
    body = clean[matter.end() :] if matter else clean
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 50}).enable("table")
    blocks = _blocks(parser.parse(body), body.splitlines())
    stated = _TITLE.search(matter.group()) if matter else None
    heading = next((block.text for block in blocks if block.kind == "heading"), fallback_title)
    return Page(stated.group(1).strip("\"'") if stated else heading, blocks)


def _blocks(tokens: list[Token], lines: list[str]) -> list[Block]:
    blocks: list[Block] = []
    depth = 0
    table_until = -1
    for position, token in enumerate(tokens):
        start, end = token.map or (0, 0)
        if token.type in {"list_item_open", "list_item_close"}:
            depth += token.nesting
        elif token.type == "heading_open":
            text = tokens[position + 1].content.strip()
            blocks.append(Block("heading", _without_tags(text), level=int(token.tag[1:]), anchor=_slug(text)))
        elif token.type in {"fence", "code_block"}:
            _add_code(blocks, token)
        elif token.type == "html_block":
            _add_prose(blocks, token.content, in_list=False)
        elif token.type == "table_open":
            blocks.append(Block("table", "\n".join(lines[start:end]).strip()))
            table_until = end
        elif token.type == "paragraph_open" and start >= table_until:
            _add_prose(blocks, tokens[position + 1].content, in_list=depth > 0)
    return blocks


def _add_prose(blocks: list[Block], raw: str, *, in_list: bool) -> None:
    if text := _without_tags(raw):
        blocks.append(Block("prose", f"- {text}" if in_list else text))


def _add_code(blocks: list[Block], token: Token) -> None:
    match = _INFO.match(token.info)
    language = match.group(1).lower() if match else ""
    if language == "code-cell":  # MyST names the language after the directive
        language = token.info.partition("}")[2].strip() or "python"
    code = token.content.rstrip("\n")
    if token.info.startswith("{"):
        code = "\n".join(line for line in code.splitlines() if not _OPTION.match(line))
    if code.strip():
        blocks.append(Block("code", code, language=language))


def _without_tags(text: str) -> str:
    return _TAG.sub("", text).strip()


def _slug(text: str) -> str:
    return re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")
