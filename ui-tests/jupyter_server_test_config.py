"""The Jupyter Server of the browser tests; `GALATA_MODEL_URL` attaches a model to it."""

import os

from jupyterlab.galata import configure_jupyter_server

configure_jupyter_server(c)  # noqa: F821 - traitlets gives it

model_url = os.environ.get("GALATA_MODEL_URL", "")
if model_url:
    c.GptossLabApp.model = {"url": model_url, "name": "gpt-oss-20b"}  # noqa: F821 - the same
