"""The pages of the documentation, and the fenced blocks in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it stands, its language and its text."""

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands, as an editor opens it."""
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Return the pages that people write; the reference is made from the code."""
    own = [ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md")]
    below = [path for path in DOCS.rglob("*.md") if path.relative_to(DOCS).parts[0] != "reference"]
    return [*(path for path in own if path.is_file()), *sorted(below)]


def blocks(path: Path) -> Iterator[Block]:
    """Return the fenced blocks of a page, without directives, which Sphinx checks."""
    for token in MarkdownIt().parse(path.read_text(encoding="utf-8")):
        if token.type == "code_block":
            yield Block(str(path.relative_to(ROOT)), _line(token.map), "indented", token.content)
        elif token.type == "fence" and not token.info.startswith("{"):
            language = token.info.strip().partition(" ")[0]
            yield Block(str(path.relative_to(ROOT)), _line(token.map), language, token.content)


def all_blocks() -> list[Block]:
    """Return the blocks of all pages."""
    return [block for path in pages() for block in blocks(path)]


def _line(span: list[int] | None) -> int:
    return span[0] + 1 if span else 0
