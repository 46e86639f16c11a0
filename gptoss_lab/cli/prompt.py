"""Print what a request would send to the model."""

from __future__ import annotations

import typer

from gptoss_lab.cli.asking import OWNER
from gptoss_lab.cli.remote import prompt_of
from gptoss_lab.cli.screen import remark
from gptoss_lab.cli.session import open_services
from gptoss_lab.cli.settings import Settings
from gptoss_lab.schemas.generation import CodeGenerationRequest


async def shown_prompt(
    settings: Settings, request: CodeGenerationRequest, *, as_json: bool, server: str = ""
) -> int:
    """Print the messages on standard output and what is to be known of them on standard error.

    Raises:
        GptossError: The prompt cannot be made.
    """
    if server:
        preview = await prompt_of(server, request)
    else:
        async with open_services(settings) as services:
            preview = await services.preview.preview(request, OWNER)
    if as_json:
        typer.echo(preview.model_dump_json())
        return 0
    for message in preview.messages:
        typer.echo(f"----- {message.role} -----\n{message.content}\n")
    for note in preview.notes:
        remark(note)
    remark(
        f"{preview.prompt_tokens} of {preview.context_tokens} tokens for {preview.model or 'a model'}, at "
        f"{preview.effort} effort, by templates {preview.templates}. Nothing was asked."
    )
    return 0
