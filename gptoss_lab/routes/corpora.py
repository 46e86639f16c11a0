"""`/api/v1/corpora`: the documentation that is indexed on this machine."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes import wire
from gptoss_lab.routes.base import GptossHandler


class CorporaHandler(GptossHandler):
    """All corpora."""

    auth_resource = "gptoss_lab.corpora"

    @authenticated
    @authorized
    async def get(self) -> None:
        """List them."""
        self.reply(wire.CorpusList(corpora=tuple(await self.services.corpora.list(self.owner))))

    @authenticated
    @authorized
    async def post(self) -> None:
        """Index a source; what is indexed already is only looked up."""
        source = await self.located(self.read(wire.DocSource))
        refresh = self.flag("refresh")
        self.reply(await self.services.corpora.ensure(source, refresh=refresh, owner=self.owner))


class CorpusRefreshHandler(GptossHandler):
    """One corpus, read again."""

    auth_resource = "gptoss_lab.corpora"

    @authenticated
    @authorized
    async def post(self, corpus: str) -> None:
        """Read its source again."""
        self.reply(await self.services.corpora.refresh(corpus, owner=self.owner))


class CorporaSearchHandler(GptossHandler):
    """What one corpus, some of them, or all say about some words."""

    auth_resource = "gptoss_lab.corpora"

    @authenticated
    @authorized
    async def get(self, corpus: str = "") -> None:
        """Search."""
        from gptoss_lab.services.doc_search import search_documents  # noqa: PLC0415 - see routes.wire

        chosen = [corpus] if corpus else self.get_query_arguments("corpus")
        words, limit = self.parameter("q"), self.parameter("limit", "10")
        root, corpora = self.context.root, self.services.corpora
        self.reply(await search_documents(corpora, chosen, words, limit, root=root, owner=self.owner))


class CorpusHandler(GptossHandler):
    """One corpus."""

    auth_resource = "gptoss_lab.corpora"

    @authenticated
    @authorized
    async def delete(self, corpus: str) -> None:
        """Remove its index."""
        await self.services.corpora.remove(corpus, self.owner)
        self.reply_empty()
