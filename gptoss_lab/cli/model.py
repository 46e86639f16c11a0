"""`jupyter gptoss model`: the verbs stand in files of their own."""

from __future__ import annotations

from gptoss_lab.cli.verbs import Verbs

app = Verbs(
    help="The model: what fits this machine, its engine, and its life in your Jupyter server.",
    no_args_is_help=True,
)
