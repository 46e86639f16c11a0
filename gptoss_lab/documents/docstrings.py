"""Docstrings in the numpy, Google and Sphinx styles: summary, parameters, examples."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field

import griffe

from gptoss_lab.documents.hidden import strip_invisible
from gptoss_lab.documents.repl import has_prompts

_EXAMPLES_HEADING = re.compile(r"^[ \t]*Examples?[ \t]*:?[ \t]*\n(?:[ \t]*[-=~^]{3,}[ \t]*\n)?", re.MULTILINE)
_NEXT_HEADING = re.compile(r"^[ \t]*\S[^\n]*\n[ \t]*[-=~^]{3,}[ \t]*$", re.MULTILINE)
_DIRECTIVE = re.compile(
    r"^\s*\.\.\s+(?:versionadded|versionchanged|deprecated|note|warning|seealso)::.*$", re.MULTILINE
)
_ROLE = re.compile(r":(?:[a-z]+:)*[a-z]+:`~?([^`<]*?)(?:\s*<[^>]*>)?`")
_MAX_PARAMETER_CHARS = 240
_MAX_TEXT_CHARS = 1_200

# Style problems in other people's docstrings are not ours to report.
logging.getLogger("griffe").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Doc:
    """What a docstring says. `parameters` are lines "name (type): meaning"; `examples` is raw text."""

    summary: str = ""
    text: str = ""
    parameters: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    examples: str = ""
    deprecated: bool = field(default=False)


def read_docstring(docstring: griffe.Docstring) -> Doc:
    """Read a docstring; where its style cannot be told, keep the text as it is."""
    raw = strip_invisible(docstring.value)
    try:
        sections = docstring.parse("auto")
    except Exception:  # noqa: BLE001 - a parser bug on one odd docstring must not lose the package
        sections = []
    parameters: list[str] = []
    returns: list[str] = []
    for section in sections:
        kind = section.kind
        if kind in {griffe.DocstringSectionKind.parameters, griffe.DocstringSectionKind.other_parameters}:
            parameters += [_line(item.name, item.annotation, item.description) for item in section.value]
        elif kind in {griffe.DocstringSectionKind.returns, griffe.DocstringSectionKind.yields}:
            returns += [_line(item.name or "", item.annotation, item.description) for item in section.value]
    lead = _lead(raw)
    return Doc(
        summary=_summary(lead),
        text=lead[:_MAX_TEXT_CHARS],
        parameters=tuple(parameters),
        returns=tuple(returns),
        examples=_examples(raw),
        deprecated=".. deprecated::" in raw,
    )


def _line(name: str, annotation: object, description: str) -> str:
    meaning = plain(" ".join(description.split()))
    if len(meaning) > _MAX_PARAMETER_CHARS:
        meaning = meaning[:_MAX_PARAMETER_CHARS].rsplit(" ", 1)[0] + " …"
    kind = f" ({plain(str(annotation))})" if annotation else ""
    return f"{name}{kind}: {meaning}".strip(": ")


def _lead(raw: str) -> str:
    """Return the text before the first section."""
    ends = [match.start() for match in (_NEXT_HEADING.search(raw), _GOOGLE_HEADING.search(raw)) if match]
    ends += [
        match.start()
        for match in (re.search(r"^\s*:(?:param|returns?|type|raises)\b", raw, re.MULTILINE),)
        if match
    ]
    lead = raw[: min(ends, default=len(raw))]
    return _DIRECTIVE.sub("", plain(lead)).strip()


_GOOGLE_HEADING = re.compile(
    r"^[ \t]*(?:Args|Arguments|Parameters|Returns|Yields|Raises|Examples?|Attributes):[ \t]*$", re.MULTILINE
)


def _summary(lead: str) -> str:
    paragraph = next((part for part in re.split(r"\n\s*\n", lead) if part.strip()), "")
    return " ".join(paragraph.split())[:300]


def _examples(raw: str) -> str:
    """Return the raw text of the examples section, or of everything with prompts."""
    match = _EXAMPLES_HEADING.search(raw)
    if match:
        rest = raw[match.end() :]
        following = _NEXT_HEADING.search(rest)
        # A heading in the section that has an underline of its own may be a part of the examples.
        while following and has_prompts(rest[following.end() :]):
            following = _NEXT_HEADING.search(rest, following.end())
        return rest[: following.start()] if following else rest
    return raw if has_prompts(raw) else ""


def plain(text: str) -> str:
    """Return text without reStructuredText roles."""
    return _ROLE.sub(r"\1", text)
