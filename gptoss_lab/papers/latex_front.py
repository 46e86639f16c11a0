"""The front and the back of a LaTeX paper: title, authors, abstract, references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gptoss_lab.papers.latex_macros import group
from gptoss_lab.papers.latex_source import text_of
from gptoss_lab.papers.latex_text import without, words

_NOTES = re.compile(
    r"\\(?:thanks|footnote|footnotemark|footnotetext|inst|textsuperscript|affiliation|institute|email|orcidID)"
    r"\s*(?:\[[^\]]*\])?\s*(?=\{)"
)
_POWERS = re.compile(r"\$\s*\^\s*(?:\{[^{}]*\}|.)\s*\$")
_AND = re.compile(r"\\(?:and|And|AND)(?![A-Za-z])")
_LINE = re.compile(r"\\\\|\\newline(?![A-Za-z])|\n\s*\n")
_NAMES = re.compile(r",|;|\s+and\s+|\s+&\s+")
_ITEM = re.compile(r"\\bibitem\s*(?:\[((?:[^\[\]{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\])?\s*\{([^{}]*)\}")
_BIB = re.compile(r"\\(?:bibliography|addbibresource)\s*(?:\[[^\]]*\])?\s*\{([^{}]*)\}")
_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^,\s]+)\s*,")
_MAX_NAME = 60
_MAX_AUTHORS = 60
_MAX_REFERENCES = 1000


def argument(text: str, *names: str) -> str:
    """Return what the first of some commands is given; empty where none is used."""
    for name in names:
        match = re.search(rf"\\{name}\s*(?:\[[^\]]*\])?\s*(?=\{{)", text)
        end = group(text, match.end()) if match else -1
        if match and end > 0:
            return text[match.end() + 1 : end - 1]
    return ""


def title_of(text: str) -> str:
    """Return the title of a paper."""
    latex = argument(text, "Plaintitle", "title", "icmltitle", "Title")
    return words(without(latex, _NOTES).replace("\\\\", " "))


def authors_of(text: str) -> tuple[str, ...]:
    """Return the names of the authors, without their affiliations."""
    plain = argument(text, "Plainauthor")
    found = [plain] if plain else list(_all(text, "author")) or list(_all(text, "icmlauthor"))
    names: dict[str, None] = {}
    for latex in found:
        bare = _POWERS.sub("", without(latex, _NOTES))
        for part in _AND.split(bare):
            first = next((line for line in _LINE.split(part) if line.strip()), "")
            for name in _NAMES.split(words(first)):
                clean = name.strip(" *,\u2020\u2021").removeprefix("and ").strip()
                if 1 < len(clean) <= _MAX_NAME and any(char.isalpha() for char in clean):
                    names[clean] = None
    return tuple(names)[:_MAX_AUTHORS]


def _all(text: str, name: str) -> Iterator[str]:
    for match in re.finditer(rf"\\{name}\s*(?:\[[^\]]*\])?\s*(?=\{{)", text):
        end = group(text, match.end())
        if end > 0:
            yield text[match.end() + 1 : end - 1]


def listed(body: str) -> Iterator[tuple[str, str, str]]:
    """Yield the entries of a list of references: key, mark, words."""
    found = list(_ITEM.finditer(body))[:_MAX_REFERENCES]
    ends = [*(match.start() for match in found[1:]), len(body)]
    for number, (match, end) in enumerate(zip(found, ends, strict=False), start=1):
        said = words(re.sub(r"\\newblock(?![A-Za-z])", " ", body[match.end() : end]))
        yield match[2].strip(), f"[{number}]", said


def bibliography(text: str, root: Path, main: Path) -> list[tuple[str, str, str]]:
    """Return the references that a paper takes from files beside it."""
    match = _BIB.search(text)
    if match is None:
        return []
    compiled = main.with_suffix(".bbl")
    if _is_inside(compiled, root):
        entries = list(listed(text_of(compiled)))
        if entries:
            return entries
    cited = set(
        re.findall(r"[^\s,{}]+", ",".join(re.findall(r"\\[a-zA-Z]*cite[a-z]*\*?[^{}]*\{([^{}]*)\}", text)))
    )
    out: list[tuple[str, str, str]] = []
    for name in match[1].split(","):
        path = root / f"{name.strip().removesuffix('.bib')}.bib"
        if _is_inside(path, root):
            out += [entry for entry in _entries(text_of(path)) if entry[0] in cited or "*" in cited]
    return out[:_MAX_REFERENCES]


def _is_inside(path: Path, root: Path) -> bool:
    try:
        found = path.resolve()
        return found.is_relative_to(root.resolve()) and found.is_file()
    except (OSError, ValueError):
        return False


def _entries(text: str) -> Iterator[tuple[str, str, str]]:
    for match in _ENTRY.finditer(text):
        end = group(text, text.index("{", match.start()))
        body = text[match.end() : end - 1] if end > 0 else text[match.end() : match.end() + 2000]
        fields = [_field(body, name) for name in ("author", "title", "journal", "booktitle", "year", "doi")]
        said = ". ".join(words(field) for field in fields if field)
        if said:
            yield match[2], f"[{match[2]}]", said


def _field(body: str, name: str) -> str:
    match = re.search(rf"\b{name}\s*=\s*", body, re.IGNORECASE)
    if match is None:
        return ""
    at = match.end()
    if body[at : at + 1] == "{":
        end = group(body, at)
        return body[at + 1 : end - 1] if end > 0 else ""
    quoted = re.compile(r'"([^"]*)"|(\w+)').match(body, at)
    return (quoted[1] or quoted[2] or "") if quoted else ""
