"""The source of a LaTeX paper as one text: its parts put in, comments and code set aside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gptoss_lab.documents.formats import decode
from gptoss_lab.documents.hidden import strip_invisible
from gptoss_lab.errors import SourceLimitError

OPEN, CLOSE = "\ue000", "\ue001"

_MAX_DEPTH = 16
_MAX_PARTS = 300
_MAX_CHARS = 8_000_000
_CODE = ("verbatim", "Verbatim", "lstlisting", "minted", "Sinput", "Scode", "CodeInput", "Code", "alltt")
_OUTPUT = ("Soutput", "CodeOutput")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_ASIDE = re.compile(
    r"\\\\|\\%"
    r"|(?P<chunk>^<<(?P<options>[^\n>]*)>>=[ \t]*\n(?P<source>.*?)^@[^\n]*$)"
    r"|(?P<comment>%[^\n]*(?:\n[ \t]*)?)"
    r"|\\(?:verb\*?|lstinline(?:\[[^\]]*\])?)(?P<mark>[^\sA-Za-z*{])(?P<inline>[^\n]*?)(?P=mark)"
    rf"|\\begin\{{(?P<name>(?:{'|'.join((*_CODE, *_OUTPUT, 'comment'))})\*?)\}}"
    r"(?P<body>.*?)\\end\{(?P=name)\}",
    re.DOTALL | re.MULTILINE,
)
_FALSE = re.compile(r"\\iffalse\b.*?\\fi\b", re.DOTALL)
_PART = re.compile(
    r"\\(?P<verb>input|include|subfile|lstinputlisting|verbatiminput|inputminted)\s*"
    r"(?:\[[^\]]*\])?(?:\{(?P<language>\w+)\}(?=\{))?(?:\{(?P<braced>[^{}\n]*)\}|\s(?P<bare>[^\s{}\\]+))"
    r"|\\(?:sub)?import\*?\s*\{(?P<folder>[^{}\n]*)\}\s*\{(?P<file>[^{}\n]*)\}"
)
_SHELL = re.compile(r"\\write\s*18\b|\\(?:ShellEscape|directlua|luaexec)\b|\\(?:input|openin)\s*\{?\s*\"?\|")
_SHELL_CALL = re.compile(
    r"(?:\\immediate\s*)?\\write\s*18\s*\{[^{}]*\}|\\(?:ShellEscape|directlua|luaexec)\s*\{[^{}]*\}"
    r"|\\input\s*\{?\s*\"?\|[^}\n]*\}?"
)
_LANGUAGE = re.compile(r"language\s*=\s*\{?(?:\[[^\]]*\])?(\w+)", re.IGNORECASE)
_LISTINGS = frozenset({"lstlisting", "minted", "Verbatim"})
_OPTIONS = re.compile(r"\s*\[[^\]]*\]")
_WORD = re.compile(r"\s*\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Aside:
    """Text that LaTeX shows as it is."""

    kind: Literal["code", "output", "inline"]
    text: str
    language: str = ""


@dataclass(slots=True)
class LatexSource:
    """A paper as one text, in which a mark stands for each listing."""

    root: Path
    text: str = ""
    asides: list[Aside] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_source(main: Path, root: Path) -> LatexSource:
    """Read a paper with the parts that it names, all of which lie in its folder.

    Raises:
        SourceLimitError: It is larger than a paper can be.
    """
    source = LatexSource(root.resolve())
    source.text = _flat(source, main.resolve(), 0)
    return source


def text_of(path: Path) -> str:
    """Return the text of a file, without characters that readers do not see."""
    return _PRIVATE.sub("", strip_invisible(decode(path.read_bytes())))


def _flat(source: LatexSource, path: Path, depth: int) -> str:
    source.files.append(path)
    if len(source.files) > _MAX_PARTS:
        raise SourceLimitError(f"The paper has more than {_MAX_PARTS} parts")
    raw = text_of(path)
    text = _FALSE.sub("", _ASIDE.sub(lambda match: _set_aside(source, match, path), raw))
    if _SHELL.search(text):
        _warn(source, f"{path.name} asks to run a program; that is never done")
        text = _SHELL_CALL.sub(" ", text)
    text = text.partition("\\end{document}")[0] if depth == 0 else text
    out: list[str] = []
    at = 0
    for match in _PART.finditer(text):
        out += [text[at : match.start()], _part(source, match, path, depth)]
        at = match.end()
    out.append(text[at:])
    whole = "".join(out)
    if len(whole) > _MAX_CHARS:
        raise SourceLimitError(f"The paper holds more than {_MAX_CHARS >> 20} MB of text")
    return whole


def _part(source: LatexSource, match: re.Match[str], path: Path, depth: int) -> str:
    name = (match["braced"] or match["bare"] or "").strip().strip('"')
    folder = (match["folder"] or "").strip()
    name = f"{folder}/{match['file'].strip()}" if match["file"] else name
    if not name or "#" in name:
        return ""
    found = _inside(source, name, path)
    if found is None or (found in source.files and depth > _MAX_DEPTH):
        return ""
    if match["verb"] in {"lstinputlisting", "verbatiminput", "inputminted"}:
        language = match["language"] or found.suffix.lstrip(".").lower()
        return _mark(source, Aside("code", text_of(found).strip("\n"), _known(language)))
    if depth >= _MAX_DEPTH:
        _warn(source, f"{name} was left out: parts are named within parts too often")
        return ""
    return _flat(source, found, depth + 1)


def _inside(source: LatexSource, name: str, path: Path) -> Path | None:
    """Return the file of a name; None, with a warning, for one that is outside or not there."""
    for base in (source.root, path.parent):
        for candidate in (name, f"{name}.tex"):
            try:
                found = (base / candidate).resolve()
                present = found.is_file()
            except (OSError, ValueError):
                continue
            if not found.is_relative_to(source.root) or any(
                part.startswith(".") for part in found.relative_to(source.root).parts
            ):
                _warn(source, f"{name} was left out: it is no file of the paper")
                return None
            if present:
                return found
    _warn(source, f"{name} was left out: it is not there")
    return None


def _set_aside(source: LatexSource, match: re.Match[str], path: Path) -> str:
    if match["comment"] is not None:
        return ""
    if match["chunk"] is not None:
        hidden = re.search(r"echo\s*=\s*F", match["options"]) is not None
        return "" if hidden else _mark(source, Aside("code", match["source"].strip("\n"), "r"))
    if match["inline"] is not None:
        return _mark(source, Aside("inline", match["inline"]))
    if match["name"] is None:
        return match[0]
    name = match["name"].rstrip("*")
    if name == "comment":
        return ""
    body, language = _listing(name, match["body"])
    kind: Literal["code", "output"] = "output" if name in _OUTPUT else "code"
    if not language and (name == "Sinput" or path.suffix.lower() in {".rnw", ".snw"}):
        language = "r"
    return f"\n\n{_mark(source, Aside(kind, body.strip(chr(10)).rstrip(), language))}\n\n"


def _listing(name: str, body: str) -> tuple[str, str]:
    """Return what a listing shows, and the language that its options name."""
    language = ""
    if name in _LISTINGS:
        options = _OPTIONS.match(body)
        if options:
            stated = _LANGUAGE.search(options[0])
            language = stated.group(1) if stated else ""
            body = body[options.end() :]
    if name == "minted" and (word := _WORD.match(body)):
        language, body = word.group(1), body[word.end() :]
    return body, _known(language)


def _known(language: str) -> str:
    language = language.lower()
    return {"py": "python", "python3": "python", "rscript": "r", "pycon": "python"}.get(language, language)


def _mark(source: LatexSource, aside: Aside) -> str:
    source.asides.append(aside)
    return f"{OPEN}{len(source.asides) - 1}{CLOSE}"


def _warn(source: LatexSource, sentence: str) -> None:
    if sentence not in source.warnings:
        source.warnings.append(sentence)


def marks(text: str) -> Iterator[tuple[str, int | None]]:
    """Yield the pieces of a text, and the number of the listing that each mark in it stands for."""
    at = 0
    for match in re.finditer(f"{OPEN}(\\d+){CLOSE}", text):
        yield text[at : match.start()], None
        yield "", int(match.group(1))
        at = match.end()
    yield text[at:], None
