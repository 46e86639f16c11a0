"""`jupyter gptoss index add|list|refresh|rm|search`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gptoss_lab.cli import names
from gptoss_lab.cli.screen import remark, say, screen, write_json
from gptoss_lab.cli.session import FAILED, NOTHING_FITS, open_services, run, tell
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.cli.verbs import Verbs
from gptoss_lab.documents import OTHER_VERSION
from gptoss_lab.errors import DocumentError, NotFoundError, RequestError
from gptoss_lab.schemas.documents import CorpusInfo, DocHit, DocSource, IndexProgress

if TYPE_CHECKING:
    from gptoss_lab.services.assembly import Services

Report = Callable[[IndexProgress], None]

app = Verbs(
    help="""The documentation that is indexed on this machine.

    Exit codes: 0 done; 1 a source cannot be read; 2 called wrongly; 3 a search found nothing; 130 stopped
    with Ctrl-C: what was indexed before stays as it was.
    """,
    no_args_is_help=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON lines.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INDEX...",
        help="An id that `list` shows, its beginning, a title, or the source.",
        autocompletion=names.corpora,
    ),
]


@app.command()
def add(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help="A package, folder, file, PDF or http(s) address."),
    ],
    *,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Read it again even if nothing changed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read documentation into the index, so that the first generation finds it ready.

    The address of a folder, such as https://docs.example.org/guide/, is read as a site; that of a page alone.
    """

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            return await _each(
                services, [DocSource(uri=source) for source in sources], refresh=refresh, as_json=as_json
            )

    run(verb)


@app.command("list")
def list_indexes(*, as_json: AsJson = False) -> None:
    """List what is indexed, newest first."""

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            infos = await services.corpora.list()
        for info in infos:
            if as_json:
                write_json(info.model_dump_json())
            else:
                typer.echo(_row(info))
                if OTHER_VERSION in info.warnings:
                    remark(f"Warning: {info.id}: {OTHER_VERSION}")
        if not infos and not as_json:
            remark("Nothing is indexed yet. `jupyter gptoss index add SOURCE` reads something.")
        return 0

    run(verb)


@app.command()
def refresh(
    indexes: Names = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Refresh everything that is indexed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read sources again; pages and files that did not change are neither sent nor parsed again.

    \f

    Raises:
        BadParameter: Neither an index nor --all is given.
    """  # noqa: D301 - typer shows what stands before the form feed
    if not indexes and not every:
        raise typer.BadParameter("name an index, or give --all", param_hint="INDEX")

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            known = await services.corpora.list()
            chosen = known if every else [find(known, name) for name in indexes or ()]
            return await _each(services, [info.source for info in chosen], refresh=True, as_json=as_json)

    run(verb)


@app.command()
def rm(indexes: Names = None, *, as_json: AsJson = False) -> None:
    """Remove indexes; the sources themselves are not touched.

    \f

    Raises:
        BadParameter: No index is named.
    """  # noqa: D301 - typer shows what stands before the form feed
    if not indexes:
        raise typer.BadParameter("name an index", param_hint="INDEX")

    async def verb() -> int:
        async with open_services(load_settings()) as services:
            known = await services.corpora.list()
            for info in [find(known, name) for name in indexes]:
                await services.corpora.remove(info.id)
                say(info.model_dump_json(), f"Removed the index of {info.title}", as_json=as_json)
        return 0

    run(verb)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="What to look for.")],
    *,
    within: Annotated[
        list[str] | None,
        typer.Option(
            "--in",
            metavar="INDEX",
            help="Search this index only; may be repeated.",
            autocompletion=names.corpora,
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="How many places to show, 1 to 50.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Search in what is indexed: names of the API, or words."""

    async def verb() -> int:
        from gptoss_lab.services.doc_search import search_documents  # noqa: PLC0415 - `--help` must not wait for it

        async with open_services(load_settings()) as services:
            known = await services.corpora.list()
            chosen = [find(known, name).id for name in within or ()]
            found = await search_documents(services.corpora, chosen, " ".join(words), limit)
        for hit in found.hits:
            write_json(hit.model_dump_json()) if as_json else typer.echo(_shown(hit))
        if not found.hits:
            remark("Nothing in the documentation fits these words.")
        return 0 if found.hits else NOTHING_FITS

    run(verb)


def find(known: Sequence[CorpusInfo], name: str) -> CorpusInfo:
    """Return the index that a person names.

    Raises:
        NotFoundError: There is none.
        RequestError: Several begin like this.
    """
    for found in (
        [info for info in known if info.id == name],
        [info for info in known if name in {info.source.uri, info.title}],
        [info for info in known if info.id.startswith(name)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(info.id for info in found[:5])
            raise RequestError(f"{name} may mean {ids}", hint="Name one of them by its id.")
    raise NotFoundError(f"There is no index {name}", hint="`jupyter gptoss index list` shows what there is.")


async def _each(services: Services, sources: Sequence[DocSource], *, refresh: bool, as_json: bool) -> int:
    """Index sources one after the other; one that cannot be read does not keep the others from it."""
    read = [await _one(services, source, refresh=refresh, as_json=as_json) for source in sources]
    return 0 if all(read) else FAILED


async def _one(services: Services, source: DocSource, *, refresh: bool, as_json: bool) -> bool:
    try:
        with _reporting(source, as_json=as_json) as report:
            info = await services.corpora.ensure(source, report, refresh=refresh)
    except DocumentError as error:
        typer.echo(f"{source.uri}: ", err=True, nl=False)
        tell(error)
        return False
    _tell_indexed(info, as_json=as_json)
    return True


@contextlib.contextmanager
def _reporting(source: DocSource, *, as_json: bool) -> Iterator[Report]:
    from gptoss_lab.services.pipeline.collect import STEPS  # noqa: PLC0415 - `--help` must not wait for it

    with screen(as_json=as_json) as view:

        def report(progress: IndexProgress) -> None:
            shown = STEPS[progress.step].format(source.uri)
            view.step(shown, progress.done, progress.total, progress.detail)
            if as_json:
                write_json(progress.model_dump_json())

        yield report


def _tell_indexed(info: CorpusInfo, *, as_json: bool) -> None:
    if as_json:
        write_json(info.model_dump_json())
        return
    state = "unchanged" if info.cached else f"{info.duration_s:.1f} s"
    typer.echo(f"{info.title} {info.version}: {_counts(info)} ({state})")
    for warning in info.warnings:
        remark(f"Warning: {warning}")


def _counts(info: CorpusInfo) -> str:
    return f"{info.chunks} passages, {info.symbols} symbols, {info.examples} examples"


def _row(info: CorpusInfo) -> str:
    size = f"{info.size_bytes / (1 << 20):.1f} MB"
    title = f"{info.title} {info.version}".strip()
    return "  ".join((info.id, info.kind, title, _counts(info), size, info.built_at))


def _shown(hit: DocHit) -> str:
    place = hit.citation.link or hit.citation.source
    anchor = f"#page={hit.citation.page}" if hit.citation.page else f"#{hit.citation.anchor}"
    place = f"{place}{anchor}" if len(anchor) > 1 and "#" not in place else place
    return f"{hit.title}  [{hit.kind}, {hit.source}]\n  {hit.snippet}\n  {place}"
