"""What the parsing child is asked and what it answers, as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.documents import IndexProgress, LocatedPackage


class FileToRead(Wire):
    """A file of a source. `path` is what citations show; `location` where the bytes are.

    `ctime_ns` is 0 where the file is so young that it may change again unnoticed.
    `link` is what a browser may open, for pages that came from the web; `etag` and `modified` are
    what their server knows them by, `charset` the encoding that it states. A page that did not
    change has no `location`: it is taken from the previous index.
    """

    path: str
    location: str
    sha256: str
    size: int = 0
    mtime_ns: int = 0
    ctime_ns: int = 0
    link: str = ""
    etag: str = ""
    modified: str = ""
    charset: str = ""
    media: Literal["html", "markdown", "rst", "notebook", "pdf", "text"] = "text"


class ParseJob(Wire):
    """One index to build.

    Attributes:
        r_package: The R package that `r_help` is of.
        r_help: A file with the pages of an R package's help, some to a line.
        previous: An older index of the same source, to take unchanged files from.
    """

    source: str
    title: str
    version: str = ""
    output: str = ""
    package: LocatedPackage | None = None
    r_package: str = ""
    r_help: str = ""
    files: tuple[FileToRead, ...] = ()
    inventory: str = ""
    base_url: str = ""
    previous: str = ""
    max_pages: int = Field(default=1000, ge=1)
    memory_bytes: int = Field(default=0, ge=0)
    timeout_s: float = Field(default=0.0, ge=0)


class ParseResult(Wire):
    """What was built."""

    chunks: int
    symbols: int
    examples: int
    warnings: tuple[str, ...] = ()


class ParseFailure(Wire):
    """Why nothing was built; `code` is that of an error class."""

    code: str
    message: str
    hint: str = ""


class WorkerLine(Wire):
    """One line of the child's standard output: exactly one member is set."""

    progress: IndexProgress | None = None
    result: ParseResult | None = None
    failure: ParseFailure | None = None
