"""Commands of the pages that are run as they stand, and those that are not, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.docs.pages import Block, all_blocks
from tests.docs.tutorials import TUTORIALS

SHELLS = frozenset({"bash", "sh"})
OURS = re.compile(r'(?:[A-Z_]+="?\S+"? )?jupyter gptoss ')
"""The other commands are those of the system, of clusters and of this checkout."""

ELSEWHERE: Mapping[str, str] = {
    "jupyter gptoss check means.ipynb && papermill": "it stops where cells wait: tests/cli/test_guard.py",
    "jupyter gptoss sandbox build": "each runtime's is a step of `make test`",
    "jupyter gptoss sandbox save ID": "the ID is the reader's: tests/cli/test_archives.py",
    "jupyter gptoss sandbox load": "it is what the reader saved: tests/cli/test_archives.py",
    "jupyter gptoss sandbox show ID": "the ID is the reader's: tests/cli/test_sandboxes.py",
    "jupyter gptoss sandbox add": "it fetches packages: tests/cli/test_additions.py",
    "jupyter gptoss generate --docs guide.md": "as above: tests/cli/test_needs.py",
    "jupyter gptoss execute old.ipynb --image ID": "the ID is the reader's: tests/cli/test_execution.py",
    "jupyter gptoss model start": "it needs an engine: tests/integration/test_hosted_model.py",
    "jupyter gptoss model stop": "it needs an engine: tests/integration/test_hosted_model.py",
    "jupyter gptoss model install": "it downloads an engine and weights: tests/engines/test_environment.py",
    "jupyter gptoss generate --model-url": "the address is an example: tests/integration/test_bad_input.py",
    "jupyter gptoss tune install": "it downloads gigabytes: tests/engines/tuning",
    "jupyter gptoss tune start": "it needs the weights: tests/integration/test_vllm_tuning.py",
    "jupyter gptoss tune use": "it needs a tuned model: tests/integration/test_vllm_tuning.py",
    "jupyter gptoss serve": "it serves until it is stopped: tests/cli/test_serve.py",
    'GPTOSS_LAB_TOKEN="$TOKEN" jupyter gptoss generate': "it needs a server: tests/cli/test_remote.py",
    "jupyter gptoss model status": "it asks a server that runs: tests/cli/test_model.py",
}
"""How the commands begin that are not run here, and what tests them."""

IN_DOCKER = (
    "README.md",
    "docs/explanation/what-is-sent.md",
    "docs/how-to/data.md",
    "docs/how-to/programs.md",
)
"""Pages whose commands run cells."""


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a page."""

    page: str
    line: str


def shown() -> list[Command]:
    """Return the commands of ours on all pages but the tutorials, which are run whole."""
    blocks = [block for block in all_blocks() if block.page not in TUTORIALS and block.language in SHELLS]
    return [command for block in blocks for command in _commands(block)]


def reason(command: Command) -> str:
    """Return why a command is not run here; empty where it is."""
    return next((why for begin, why in ELSEWHERE.items() if command.line.startswith(begin)), "")


def run_on(page: str) -> list[str]:
    """Return the commands of a page that are run, in order."""
    return [command.line for command in shown() if command.page == page and not reason(command)]


def pages() -> list[str]:
    """Return the pages with commands that are run."""
    return sorted({command.page for command in shown() if not reason(command)})


def _commands(block: Block) -> list[Command]:
    lines = block.text.replace("\\\n", " ").splitlines()
    return [Command(block.page, re.split(r"\s{2,}# ", line)[0].strip()) for line in lines if OURS.match(line)]
