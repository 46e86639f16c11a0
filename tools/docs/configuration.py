"""The page of the configuration: the traitlets of the extension, and the models behind them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from pydantic import BaseModel

from gptoss_lab.extension import SECTIONS, GptossLabApp
from gptoss_lab.schemas import config
from gptoss_lab.schemas.base import Wire
from gptoss_lab.schemas.execution import Limits
from tools.docs.markdown import page as joined
from tools.docs.markdown import table
from tools.docs.models import fields, of_model

INTRODUCTION = """\
# Configuration of the server

The administrator's side. It stands in `jupyter_server_config.py` or `jupyter_gptoss_lab_config.py`, in
one of the folders that `jupyter --paths` lists under *config*; the command line and the kernels that
papermill starts obey the same files. Each section is a dictionary; a key or a value that is wrong stops
the server with a sentence that names it.

`jupyter server --help-all` prints the same keys. On a command line a section is written as
`--GptossLabApp.model="url=http://127.0.0.1:8000/v1"`.
"""
PARTS: dict[str, type[BaseModel]] = {
    "limits": Limits,
    "profiles": config.SandboxProfile,
    "warm": config.WarmPool,
}
ENVIRONMENT = (
    ("GPTOSS_LAB_API_KEY", "The key of an attached model server; `api_key_env` may name another variable."),
    (
        "GPTOSS_LAB_DATA_DIR",
        "Where indexes, environments, weights and jobs are kept, instead of the platform's folder.",
    ),
    ("GPTOSS_LAB_MODEL_URL", "The address of a model for the command line, like `--model-url`."),
    ("GPTOSS_LAB_MODEL", "Its name, like `--model`."),
    ("GPTOSS_LAB_URL", "The server that `%%gptoss` asks where no page runs the cell."),
    ("GPTOSS_LAB_TOKEN", "The token of that server."),
    ("GPTOSS_LAB_REMOTE_TOKEN", "The token of the server that does the work of this one (`remote`)."),
    ("GPTOSS_LAB_OWNER_KEY", "The secret by which two such servers believe each other's names."),
    (
        "GPTOSS_LAB_AUDIT_KEY",
        "The key of the hash by which an audit names persons; else one of this server's.",
    ),
    ("GPTOSS_LAB_LOG", "`json` writes the log as JSON lines; see `c.GptossLabApp.logging`."),
    ("DOCKER_HOST", "The Docker or Podman daemon, unless `docker_host` of the sandbox names one."),
    (
        "XDG_RUNTIME_DIR",
        "Where the sockets of sandboxes and of the engine lie; without it a private folder in `/tmp`.",
    ),
)


def page() -> str:
    """Return the page."""
    variables = table(("variable", "what it is"), [(f"`{name}`", text) for name, text in ENVIRONMENT])
    return joined(INTRODUCTION, *_sections(), *_others(), "## Environment variables", variables)


def undescribed(model: type[BaseModel]) -> list[str]:
    """Return the keys of a section that its docstring does not describe."""
    return sorted(model.model_fields.keys() - of_model(model).fields.keys())


def models() -> dict[str, type[Wire]]:
    """Return the model of every section, in the order of the extension's traits."""
    return {key: getattr(config, name) for key, name in SECTIONS.items()}


def _sections() -> Iterator[str]:
    for key, model in models().items():
        if key not in GptossLabApp.class_trait_names(config=True):
            raise LookupError(f"c.GptossLabApp.{key} is no trait of the extension; mend SECTIONS")
        yield _section(f"## `c.GptossLabApp.{key}`", model)
        for part, inside in PARTS.items():
            if part in model.model_fields:
                yield _section(f"### `{part}` of `{key}`", inside)


def _others() -> Iterator[str]:
    """Return what the extension takes beside its sections, such as functions."""
    for key, trait in GptossLabApp.class_own_traits(config=True).items():
        if key not in SECTIONS:
            first, _, rest = inspect.cleandoc(trait.help).partition("\n")
            yield f"## `c.GptossLabApp.{key}`\n\n{first}\n\n{rest}"


def _section(heading: str, model: type[BaseModel]) -> str:
    lacking = undescribed(model)
    if lacking:
        raise LookupError(
            f"{model.__name__} does not say what {', '.join(lacking)} mean: add them to its `Attributes:`"
        )
    words = of_model(model)
    return f"{heading}\n\n{words.text}\n\n{fields(model.model_json_schema(), words.fields)}"
