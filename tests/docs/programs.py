"""The programs that pages name: how a line of each is checked, or why it is not run."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import typer
from packaging.requirements import Requirement

from gptoss_lab.cli import app
from gptoss_lab.schemas.sections import parse_section
from tests.docs import http
from tests.docs.pages import ROOT
from tools.docs.configuration import models

NOT_RUN: Mapping[str, str] = {
    "apt": "changes the machine",
    "apt-get": "changes the machine",
    "bwrap": "is run by the tests of sandboxes",
    "cd": "is the shell's",
    "docker": "changes the machine",
    "echo": "is the shell's",
    "export": "is the shell's",
    "git": "needs a network",
    "helm": "needs a cluster",
    "install": "changes the machine",
    "kubectl": "needs a cluster",
    "loginctl": "changes the machine",
    "mkdir": "is harmless",
    "nvidia-smi": "needs a GPU",
    "ollama": "needs a model",
    "podman": "changes the machine",
    "scp": "needs another machine",
    "source": "is the shell's",
    "ssh": "needs another machine",
    "systemctl": "changes the machine",
    "vllm": "needs a GPU",
}
JUPYTER = frozenset({
    "lab",
    "server",
    "kernelspec",
    "labextension",
    "console",
    "run",
    "execute",
    "kernelgateway",
})
MODULES = ("tools", "bench", "venv", "pip", "pytest", "build", "hatchling")


class UnknownError(ValueError):
    """A line names something that is not there."""


def check(words: Sequence[str]) -> None:
    """Check one command.

    Raises:
        UnknownError: It is not one that would work.
    """
    name = Path(words[0]).name
    if name in CHECKS:
        CHECKS[name](list(words[1:]))
    elif name not in NOT_RUN:
        raise UnknownError(
            f"`{name}` is no known program: name it in tests/docs/programs.py, with the reason"
        )


def parse_ours(words: list[str]) -> None:
    """Parse a line of `jupyter gptoss` as the real command line does, without running the verb.

    Raises:
        UnknownError: It would be refused.
    """
    command = typer.main.get_command(app)
    context = None
    while True:
        try:
            context = command.make_context(words[0] if words else "", list(words), parent=context)
        except typer.Exit:
            return
        except Exception as error:  # typer's own click is no public name
            if "does not exist" in str(error):
                return
            message = getattr(error, "message", str(error))
            raise UnknownError(f"jupyter gptoss {' '.join(words)}: {message}") from error
        if not hasattr(command, "resolve_command"):
            return
        left = [*getattr(context, "_protected_args", ()), *context.args]
        if not left:
            return
        try:
            _, command, words = command.resolve_command(context, left)
        except Exception as error:
            raise UnknownError(f"there is no verb {left[0]}") from error


def _jupyter(words: list[str]) -> None:
    verb = words[0] if words else ""
    if verb == "gptoss":
        parse_ours(words[1:])
        return
    if verb not in JUPYTER and not verb.startswith("--"):
        raise UnknownError(f"jupyter {verb} is not a program that pages name")
    for word in words:
        _option(word)


def _option(word: str) -> None:
    """Check `--GptossLabApp.SECTION=KEY=VALUE`."""
    found = re.fullmatch(r"--GptossLabApp\.(\w+)=(\w+)=(.*)", word)
    if found:
        value: object = found[3]
        if found[3] in {"True", "False"} or found[3].isdigit():
            value = json.loads(found[3].lower())
        parse_section(models()[found[1]], found[1], {found[2]: value})
    elif word.startswith("--GptossLabApp"):
        raise UnknownError(f"{word} is not --GptossLabApp.SECTION=KEY=VALUE")


def _pip(words: list[str]) -> None:
    if words[:1] in (["download"], ["config"], ["wheel"]):
        return
    if words[:1] != ["install"]:
        raise UnknownError(f"pip {' '.join(words)} is not known")
    extras = set(re.findall(r"(?m)^(\w+) = \[", (ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    for word in words[1:]:
        if word.startswith("-") or "/" in word or word.endswith(".whl"):
            continue
        wanted = Requirement(word)
        if wanted.name == "gptoss-lab" and not wanted.extras <= extras:
            raise UnknownError(f"gptoss-lab has no extra {', '.join(sorted(wanted.extras - extras))}")


def _make(words: list[str]) -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for word in words:
        if not word.startswith("-") and "=" not in word and word not in targets:
            raise UnknownError(f"the Makefile has no {word}")


def _python(words: list[str]) -> None:
    if words[:1] == ["-m"]:
        name = words[1]
        if name.partition(".")[0] not in MODULES or importlib.util.find_spec(name) is None:
            raise UnknownError(f"there is no module {name} that pages may name")
        if name == "pip":
            _pip(words[2:])


def _papermill(words: list[str]) -> None:
    kernels = {path.name for path in (ROOT / "jupyter-config" / "kernels").iterdir()}
    if "-k" in words and words[words.index("-k") + 1] not in kernels:
        raise UnknownError(f"there is no kernel {words[words.index('-k') + 1]}")


def _curl(words: list[str]) -> None:
    verb, body, address = "", "", ""
    rest = iter(words)
    for word in rest:
        if word in {"-X", "--request"}:
            verb = next(rest)
        elif word in {"-d", "--data", "--json"}:
            body = next(rest)
        elif word in {"-H", "--header", "-o", "--output", "--unix-socket"}:
            next(rest)
        elif not word.startswith("-"):
            address = word
    parts = urlsplit(address)
    if not re.match(r"https?://[^/]+/", address):
        raise UnknownError(f"{address} is no address")
    if "/api/v1/" in parts.path:
        path = parts.path[parts.path.index("/api/v1/") :]
        http.check(verb or ("POST" if body else "GET"), path, parse_qs(parts.query), body)


CHECKS: Mapping[str, Callable[[list[str]], None]] = {
    "curl": _curl,
    "jupyter": _jupyter,
    "jupyter-gptoss": parse_ours,
    "make": _make,
    "papermill": _papermill,
    "pip": _pip,
    "python": _python,
    "python3": _python,
}
