"""`/api/v1/corpora`: the documentation that is indexed on this machine."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from gptoss_lab.routes import wire
from gptoss_lab.routes.base import GptossHandler
from gptoss_lab.routes.paths import resolve_source


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
        source = await asyncio.to_thread(resolve_source, self.read(wire.DocSource), self.context.root)
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
