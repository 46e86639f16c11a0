"""What makes R code unfit to run by itself: files, networks, people, other programs, the session's end."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from gptoss_lab.documents.r_statements import Token

_CALLS = frozenset(
    """
    readline menu browser file.choose choose.files install.packages update.packages remove.packages
    download.file download.packages available.packages url browseURL url.show demo example q quit runApp
    shinyApp recover debug debugonce undebug edit fix View locator identify system system2 shell shell.exec
    pipe setwd unlink tk_choose.files savehistory loadhistory help.start help.search help vignette
    browseVignettes file.remove file.rename file.copy file.create file.append file.edit file.show dir.create
    sink save save.image dump dput saveRDS write write.table write.csv write.csv2 writeLines ggsave fwrite
    write_csv write_rds write_tsv pdf png jpeg svg tiff bmp postscript x11 X11 windows quartz xfig bitmap
    dev.print dev.copy2pdf source sys.source socketConnection serverSocket Sys.sleep Sys.setenv Sys.unsetenv
    Sys.getenv Sys.chmod dyn.load dyn.unload library.dynam .C .Call .External .External2 .Fortran sourceCpp
    cppFunction evalCpp package.skeleton install_github install_version install_local install_cran use_python
    dbConnect odbcConnect odbcConnectExcel sqlQuery sqlFetch RSiteSearch bug.report history traceback
    debugger trace untrace page Rprof Rprofmem
    """.split()  # noqa: SIM905 - a list of a hundred words reads better this way
)
_PACKAGES = frozenset(
    """
    httr httr2 curl RCurl crul plumber googledrive googlesheets4 processx callr sys remotes devtools pak renv
    BiocManager reticulate fs usethis keyring askpass shiny tcltk rvest RODBC
    """.split()  # noqa: SIM905 - as above
)
_NO_PACKAGE = frozenset({"pkg", "package", "mypkg", "mypackage", "yourpackage", "pkgname", "packagename"})
_READERS = re.compile(
    r"(?:read[._].+|read(?:Lines|RDS|xl)|load|scan|file|gzfile|bzfile|xzfile|unz|fread|foreign)"
)
_MADE_HERE = frozenset({"text", "system.file", "textConnection"})
_PLACEHOLDER = re.compile(r"path/to|^/|^~/|^[A-Za-z]:[\\/]|^(?:https?|ftp)://|^<[^>]*>$")


def r_hazard(tokens: Sequence[Token]) -> str:
    """Say what a statement would need besides itself; empty when nothing is plain to see."""
    words = {token.text for token in tokens if token.kind == "name"}
    if {"eval", "parse"} <= words:
        return "it runs code that is made at run time"
    if _attaches_nothing(tokens):
        return "it names no package"
    if tokens and tokens[0].text == "?":
        return "it asks for help"
    return next((reason for at in range(len(tokens)) if (reason := _token(tokens, at, words))), "")


def _token(tokens: Sequence[Token], at: int, words: Collection[str]) -> str:
    token, before, after = tokens[at], _mark(tokens, at - 1), _mark(tokens, at + 1)
    if token.kind == "string" and _PLACEHOLDER.search(token.text[1:-1]):
        return "it names a place"
    if token.kind != "name" or before in {"$", "@"}:
        return ""
    attached = "library" in words or "require" in words
    if token.text in _PACKAGES and (after in {"::", ":::"} or attached):
        return f"it uses {token.text}"
    # A function may be handed to another one, so its name is enough.
    if token.text in _CALLS and after not in {"=", "<-"}:
        return f"it names {token.text}"
    reads = after == "(" and _READERS.fullmatch(token.text) and not _MADE_HERE.intersection(words)
    return f"{token.text} needs a file" if reads else ""


def _mark(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) and tokens[at].kind == "operator" else ""


def _attaches_nothing(tokens: Sequence[Token]) -> bool:
    if not tokens or tokens[0].text not in {"library", "require"}:
        return False
    words = [token.text.strip("\"'") for token in tokens[1:] if token.kind != "operator"]
    return not words or words[0] == "help" or words[0].lower() in _NO_PACKAGE
