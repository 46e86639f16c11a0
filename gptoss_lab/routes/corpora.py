"""`/api/v1/corpora`: the documentation that is indexed on this machine."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes import wire
from gptoss_lab.routes.base import GptossHandler


class CorporaHandler(GptossHandler):
    """All corpora."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """List them."""
        self.reply(wire.CorpusList(corpora=tuple(await self.services.corpora.list())))

    @authenticated
    @authorized
    async def post(self) -> None:
        """Index a source; what is indexed already is only looked up."""
        source = await self.located(self.read(wire.DocSource))
        refresh = self.get_query_argument("refresh", "") in {"1", "true"}
        self.reply(await self.services.corpora.ensure(source, refresh=refresh))


class CorpusHandler(GptossHandler):
    """One corpus."""

    @authenticated
    @authorized
    async def delete(self, corpus: str) -> None:
        """Remove its index."""
        await self.services.corpora.remove(corpus)
        self.reply_empty()
