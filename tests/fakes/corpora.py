"""Documentation that is indexed at once, and a prompt that is shown without a model."""

from __future__ import annotations

from collections.abc import Sequence

from gptoss_lab.errors import NotFoundError, SourceNotFoundError
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.documents import Citation, CorpusInfo, DocQuery, DocSource, Example, Passage
from gptoss_lab.schemas.generation import CodeGenerationRequest
from gptoss_lab.schemas.prompts import PromptPreview


class FakeCorpora:
    """An index that finds every source but `missing`."""

    def __init__(self) -> None:
        self.known: dict[str, CorpusInfo] = {}
        self.installed: set[str] = set()

    async def is_installed(self, name: str) -> bool:
        """Say whether a test has installed the package."""
        return name in self.installed

    async def ensure(
        self, source: DocSource, report: object = None, *, refresh: bool = False, owner: str | None = None
    ) -> CorpusInfo:
        """Index a source."""
        del report, owner
        if source.uri == "missing":
            raise SourceNotFoundError("There is no such package", hint="Check the name.")
        info = CorpusInfo(
            id=f"c{len(self.known) + 1}", source=source, title=source.uri, kind="package", cached=not refresh
        )
        self.known[info.id] = info
        return info

    async def refresh(self, corpus: str, report: object = None, owner: str = "") -> CorpusInfo:
        """Index a source again."""
        del owner
        if corpus not in self.known:
            raise NotFoundError(f"There is no corpus {corpus}")
        return await self.ensure(self.known[corpus].source, report, refresh=True)

    async def search(self, corpora: Sequence[str], query: DocQuery) -> list[Passage]:
        """Find a page about the words in each corpus, unless they are of nothing."""
        if query.text == "nothing":
            return []
        return [
            Passage(
                id=f"{corpus}:c1",
                kind="narrative",
                title=f"About {query.text}",
                text=f"Words on {query.text}",
                tokens=3,
                citation=Citation(source="guide.md", title="Guide", anchor="part"),
                score=0.5,
            )
            for corpus in corpora
        ][: query.max_narrative_passages]

    async def examples(self, corpora: Sequence[str], task: str, *, limit: int) -> list[Example]:
        """Find an example of pandas in the first corpus."""
        if task != "pandas":
            return []
        place = Citation(source="pandas", title="pandas.read", symbol="pandas.read")
        code = "import pandas\npandas.read()"
        return [Example(id=f"{corpora[0]}:e1", title="Read", code=code, citation=place, score=0.9)][:limit]

    async def remove(self, corpus: str, owner: str = "") -> None:
        """Remove an index."""
        del owner
        if self.known.pop(corpus, None) is None:
            raise NotFoundError(f"There is no corpus {corpus}")

    async def list(self, owner: str = "") -> list[CorpusInfo]:
        """Return what is indexed."""
        del owner
        return list(self.known.values())


class FakePreview:
    """Shows the task as the prompt, and to whom."""

    async def preview(self, request: CodeGenerationRequest, owner: str) -> PromptPreview:
        """Return a prompt of one message."""
        task = ChatMessage(role="user", content=f"{owner}: {request.task}")
        return PromptPreview(
            generator="model",
            model="fake",
            effort=request.effort or "medium",
            messages=(task,),
            prompt_tokens=7,
            context_tokens=4096,
            templates="0123456789ab",
            notes=("The model does not see 1 of 2 cells.",),
        )
