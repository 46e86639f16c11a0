"""The page that shows a prompt: the real templates, filled with a small request."""

from __future__ import annotations

from gptoss_lab.prompts.layout import Layout, Own, Pack
from gptoss_lab.schemas.documents import Citation, Passage
from gptoss_lab.schemas.generation import NotebookVariable
from tools.docs.markdown import page as joined

INTRODUCTION = """\
# A prompt, word for word

This is what `gptoss_lab/prompts` makes of one small request: two cells that the notebook has, one
variable of its kernel, one passage of the documentation and a task. It is rendered by the templates of
this version when the site is built. Your own prompts are shown by **Show what is sent** in the panel,
by `jupyter gptoss generate --show-prompt` and by `POST /api/v1/code/prompt`, before anything is sent.
What the model server puts around the messages (its own system message) is the server's and is not
shown.
"""
TASK = "mean of one column grouped by another"
CELLS = ("import pandas as pd", 'frame = pd.DataFrame({"who": ["a", "b", "a"], "value": [1, 2, 3]})')
PASSAGE = Passage(
    id="a1b2c3",
    kind="symbol",
    title="pandas.DataFrame.groupby",
    text="DataFrame.groupby(by=None, as_index=True, ...)\n\nGroup using a mapper or a Series of columns.",
    tokens=40,
    symbols=("pandas.DataFrame.groupby",),
    citation=Citation(source="pandas", title="pandas.DataFrame.groupby", symbol="pandas.DataFrame.groupby"),
    score=1.0,
)
VARIABLE = NotebookVariable(name="frame", type="pandas.core.frame.DataFrame", shape=(3, 2))


def page() -> str:
    """Return the page."""
    pack = Pack([PASSAGE], packages={"pandas": "3.0.0", "numpy": "2.4.0"})
    made = Layout("python", "medium", 32_768).draft(
        TASK, pack, CELLS, 4, Own("Comment sparingly.", (VARIABLE,))
    )
    parts = []
    for number, message in enumerate(made.messages, 1):
        parts += [f"## Message {number}: `{message.role}`", f"````text\n{message.content.strip()}\n````"]
    size = (
        f"Together {made.prompt_tokens:,} tokens, estimated: without a model's vocabulary tokens are guessed."
    )
    return joined(INTRODUCTION, *parts, size)
