"""`jupyter gptoss templates`: the texts that prompts are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gptoss_lab.cli.options import AsJson
from gptoss_lab.cli.screen import say
from gptoss_lab.cli.session import FAILED, run
from gptoss_lab.cli.settings import load_settings
from gptoss_lab.cli.verbs import Verbs
from gptoss_lab.errors import NotFoundError
from gptoss_lab.folders import data_dir

app = Verbs(
    name="templates",
    help="See the texts that prompts are made of, and check your own.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
Name = Annotated[
    Literal["developer", "documents", "task", "repair", "edit"], typer.Argument(help="The template.")
]
Folder = Annotated[
    Path | None, typer.Option("--folder", help="Where they lie, if not where the configuration says.")
]


@app.command("list")
def list_(folder: Folder = None, *, as_json: AsJson = False) -> None:
    """List the templates, where each comes from, and what it gets."""

    async def verb() -> int:
        from gptoss_lab.prompts.overrides import read_overrides  # noqa: PLC0415 - `--help` must not wait for it
        from gptoss_lab.prompts.template import NAMES, Templates, version_of  # noqa: PLC0415 - as above
        from gptoss_lab.prompts.template_check import VARIABLES  # noqa: PLC0415 - as above

        where = _folder(folder)
        own = {each.name: each for each in read_overrides(where) if not each.problems}
        templates = Templates({name: own[name].text for name in NAMES if name in own})
        for name in NAMES:
            origin = str(own[name].path) if name in own else "built in"
            version, gets = version_of(templates.texts[name]), sorted(VARIABLES[name])
            row = {"name": name, "version": version, "origin": origin, "variables": gets}
            say(row, f"{name:12} {version}  {origin}\n{'':10} gets {', '.join(gets)}", as_json=as_json)
        if not as_json:
            typer.echo(f"All together: version {templates.version}. Your own go into {where}.")
        return 0

    run(verb)


@app.command("show")
def show(
    name: Name,
    folder: Folder = None,
    *,
    built_in: Annotated[bool, typer.Option("--built-in", help="Show the one that came with us.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a template as it is used now."""

    async def verb() -> int:
        from gptoss_lab.prompts.overrides import read_overrides  # noqa: PLC0415 - `--help` must not wait for it
        from gptoss_lab.prompts.template import Templates  # noqa: PLC0415 - as above

        found = [] if built_in else read_overrides(_folder(folder))
        texts = {each.name: each.text for each in found if each.name == name and not each.problems}
        text = texts.get(name) or Templates().texts[name]
        say({"name": name, "text": text}, text.removesuffix("\n"), as_json=as_json)
        return 0

    run(verb)


@app.command("check")
def check(folder: Folder = None, *, as_json: AsJson = False) -> None:
    """Check your own templates; exit with 1 where one cannot be used."""

    async def verb() -> int:
        from gptoss_lab.prompts.overrides import read_overrides  # noqa: PLC0415 - `--help` must not wait for it

        where = _folder(folder)
        if folder is not None and not where.is_dir():
            raise NotFoundError(f"There is no folder {where}", hint="Name the folder that holds the files.")
        found = read_overrides(where)
        if not found and not as_json:
            typer.echo(f"No templates of your own in {where}; the built-in ones are used.")
        for each in found:
            row = {"file": str(each.path), "name": each.name, "problems": list(each.problems)}
            say(row, f"{each.path.name}: {'; '.join(each.problems) or 'good'}", as_json=as_json)
        return FAILED if any(each.problems for each in found) else 0

    run(verb)


def _folder(given: Path | None) -> Path:
    from gptoss_lab.prompts.overrides import templates_folder  # noqa: PLC0415 - `--help` must not wait for it

    return given or templates_folder(load_settings().prompts, data_dir())
