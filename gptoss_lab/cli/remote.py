"""Work on a running server, told as what runs here is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from gptoss_lab.cli.narrator import Narrator
from gptoss_lab.cli.screen import screen
from gptoss_lab.cli.session import on_interrupt
from gptoss_lab.errors import RequestError
from gptoss_lab.schemas.execution import ExecutionRequest
from gptoss_lab.schemas.generation import CodeGenerationRequest, CodeGenerationResponse
from gptoss_lab.schemas.runs import ExecutionResponse

if TYPE_CHECKING:
    from gptoss_lab.client import AsyncClient
    from gptoss_lab.schemas.prompts import PromptPreview

Tell = Callable[[Any], None]
Response = TypeVar("Response", CodeGenerationResponse, ExecutionResponse)


async def asked_of(
    server: str, request: CodeGenerationRequest, *, as_json: bool, add_packages: bool = False
) -> CodeGenerationResponse:
    """Have a server run a generation to its end, telling its events; Ctrl-C cancels it there.

    Its sources and data are what the server finds under these names.

    Raises:
        GptossError: The server refuses, or does not answer.
    """
    from gptoss_lab.client import AsyncClient  # noqa: PLC0415 - `--help` must not wait for it
    from gptoss_lab.services.needs import addable, merged  # noqa: PLC0415 - as above

    async with AsyncClient(server) as client:
        with screen(as_json=as_json) as view:
            narrator = Narrator(view, as_json=as_json, verify=request.verify, paper=request.paper is not None)
            job = (await client.generate(request)).job
            response = await _followed(client, job, narrator.tell, CodeGenerationResponse)
            if add_packages and response.state == "done" and addable(response.cells):
                job = (await client.add_needed_packages(job)).job
                again = await _followed(client, job, narrator.tell, CodeGenerationResponse)
                response = merged(response, again)
    return response


async def prompt_of(server: str, request: CodeGenerationRequest) -> PromptPreview:
    """Return what a server would send to its model.

    Raises:
        GptossError: The server refuses, or does not answer.
    """
    from gptoss_lab.client import AsyncClient  # noqa: PLC0415 - as above

    async with AsyncClient(server) as client:
        return await client.preview_prompt(request)


async def executed_by(server: str, request: ExecutionRequest, tell: Tell) -> ExecutionResponse:
    """Have a server run cells to their end, telling the events; Ctrl-C stops them there.

    Raises:
        GptossError: The server refuses, or does not answer.
    """
    from gptoss_lab.client import AsyncClient  # noqa: PLC0415 - as above

    async with AsyncClient(server) as client:
        job = (await client.execute(request)).job
        return await _followed(client, job, tell, ExecutionResponse)


async def _followed(client: AsyncClient, job: str, tell: Tell, kind: type[Response]) -> Response:
    cancelling: set[asyncio.Future[None]] = set()

    def stop() -> None:
        cancelling.add(asyncio.ensure_future(client.cancel_job(job)))

    with on_interrupt(stop):
        async for event in client.events(job):
            tell(event)
        await asyncio.gather(*cancelling)
    response = await client.get_job(job)
    if not isinstance(response, kind):
        raise RequestError(f"{client.server.url} takes job {job} for something else than it was")
    return response
