"""What an R cell does that a person should know before they accept it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from gptoss_lab.checks.cells import Cell
from gptoss_lab.checks.policy import DOCUMENTATION_HOSTS, HOST, SECRET_PATHS
from gptoss_lab.checks.r_tokens import Token, r_tokens
from gptoss_lab.schemas.review import Finding

_PROGRAMS = r"(base::)?(system2?|shell|shell\.exec|pipe)|(processx|callr|sys)::\w+|run_process"
_INSTALLERS = (
    r"(utils::)?(install|update|remove)\.packages|(remotes|devtools|pak|renv|BiocManager)::\w+"
    r"|install_(github|version|cran|url|git|local)"
)
_NETWORK = (
    r"(utils::)?(download\.file|browseURL|socketConnection|serverSocket|url\.show)|(base::)?url"
    r"|(httr2?|curl|RCurl|crul|plumber|paws[\w.]*|googledrive|googlesheets4|ssh)::\w+|curl_download|GET|POST"
)
_NATIVE = (
    r"(base::)?(dyn\.load|library\.dynam|\.C|\.Call|\.External2?|\.Fortran)"
    r"|(Rcpp::)?(sourceCpp|cppFunction|evalCpp)|(reticulate::)?py_run_\w+"
)
MADE_AT_RUN_TIME = "runs code that is made at run time"
CALLS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (_PROGRAMS, "starts another program"),
        (_INSTALLERS, "installs or changes packages"),
        (_NETWORK, "uses the network"),
        (
            r"(base::)?(unlink|file\.remove|file\.rename)|(fs::)?(file|dir)_(delete|move)",
            "deletes or moves files",
        ),
        (
            r"(base::)?Sys\.(getenv|setenv|unsetenv)",
            "reads or changes environment variables, which may hold secrets",
        ),
        (r"(keyring|askpass|getPass|gitcreds)::\w+|askpass|getPass", "reads a password"),
        (r"(base::)?(source|sys\.source|str2lang|str2expression)", MADE_AT_RUN_TIME),
        (_NATIVE, "calls native code, or code in another language"),
        (r"(base::)?(readRDS|load|unserialize)", "reads saved R objects, which can hold code"),
    )
)
WRITERS = re.compile(
    r"([\w.]+::)?(write[\w.]*|save\w*|ggsave|sink|dump|dput|file\.create|dir\.create|file\.copy|cat|fwrite|pdf|png|jpeg"
    r"|svg|tiff|bmp|file|gzfile)"
)


def check_r_policy(cells: Iterable[Cell]) -> Iterator[Finding]:
    """Say in plain words what each cell does beyond computing. Nothing here forbids anything."""
    for cell in cells:
        seen: set[str] = set()
        for line, symbol, sentence in _all(list(r_tokens(cell.source))):
            if sentence not in seen:
                seen.add(sentence)
                yield Finding(
                    check="policy",
                    severity="warning",
                    cell=cell.id,
                    line=line,
                    symbol=symbol[:80],
                    message=f"This cell {sentence}.",
                )


def _all(tokens: Sequence[Token]) -> Iterator[tuple[int, str, str]]:
    for place, token in enumerate(tokens):
        if token.kind == "string":
            yield from _string(token)
        elif token.kind == "name" and _text(tokens, place - 1) not in {"$", "@"}:
            yield from _name(tokens, place)


def _name(tokens: Sequence[Token], place: int) -> Iterator[tuple[int, str, str]]:
    token, name = tokens[place], tokens[place].text
    if _text(tokens, place - 1) in {"::", ":::"}:
        name = f"{_text(tokens, place - 2)}::{name}"
    called = _text(tokens, place + 1) == "("
    if not called and not _handed_on(tokens, place):
        return
    for pattern, sentence in CALLS:
        if pattern.fullmatch(name):
            yield token.line, name, sentence
    if called:
        yield from _call(tokens, place, name)


def _call(tokens: Sequence[Token], place: int, name: str) -> Iterator[tuple[int, str, str]]:
    inside = list(_inside(tokens, place + 1))
    line = tokens[place].line
    if name.rpartition("::")[2] in {"eval", "evalq"} and any(token.text == "parse" for token in inside):
        yield line, name, MADE_AT_RUN_TIME
    if WRITERS.fullmatch(name):
        texts = (token.text for token in inside if token.kind == "string")
        for text in texts:
            if text.startswith(("/", "~", "../")) and len(text) > 1 and not text.startswith("//"):
                yield line, name, f"writes outside the notebook's folder ({text[:80]})"


def _handed_on(tokens: Sequence[Token], place: int) -> bool:
    """Say whether a function is given to another, as in `sapply(files, file.remove)`."""
    named = "." in tokens[place].text or _text(tokens, place - 1) in {"::", ":::"}
    return named and _text(tokens, place + 1) in {",", ")"}


def _text(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].text if 0 <= place < len(tokens) and tokens[place].kind != "string" else ""


def _inside(tokens: Sequence[Token], opening: int) -> Iterator[Token]:
    """Yield what stands between a bracket and the one that closes it."""
    depth = 0
    for token in tokens[opening:]:
        if token.kind == "mark":
            depth += (token.text in "([{") - (token.text in ")]}")
        if depth <= 0:
            return
        yield token


def _string(token: Token) -> Iterator[tuple[int, str, str]]:
    text = token.text.strip()
    if HOST.match(text):
        host = _host(text)
        if host and host not in DOCUMENTATION_HOSTS:
            yield token.line, host, f"names an address on the network ({host[:80]})"
    elif SECRET_PATHS.search(text) or text.endswith((".Renviron", ".Rprofile")):
        yield token.line, text, "names a file that holds credentials"


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
