"""Jupyter's own conformance tests, for each kernelspec on each runtime.

They start kernels as a script would, with a blocking manager that knows nothing of us; the runtime
is chosen in the server's configuration file.
"""

# ruff: noqa: RUF012 - Jupyter's tests read their samples from the class

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import jupyter_kernel_test
import pytest

from gptoss_lab.schemas.base import Language
from tests.sandbox.conformance import require_image

pytestmark = pytest.mark.timeout(900)


class Sandboxed(jupyter_kernel_test.KernelTests):  # type: ignore[misc]  # it has no types
    """What makes Jupyter's tests use one of our kernels."""

    __test__ = False
    runtime = ""
    language: Language = "python"

    @classmethod
    def setUpClass(cls) -> None:
        """Write the configuration, then start the kernel."""
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        section = {"GptossLabApp": {"sandbox": {"runtime": cls.runtime}}}
        (Path(folder) / "jupyter_server_config.json").write_text(json.dumps(section))
        data = os.environ.get("GPTOSS_LAB_TEST_DATA_DIR") or folder
        chosen = {"JUPYTER_CONFIG_DIR": folder, "GPTOSS_LAB_DATA_DIR": data}
        stack.enter_context(mock.patch.dict(os.environ, chosen))
        asyncio.run(require_image(cls.runtime, cls.language))
        cls.kernel_name = f"gptoss-{cls.language}"
        super().setUpClass()
        assert cls.km.provisioner.runtime_name == cls.runtime

    def flush_channels(self) -> None:
        """Read what earlier requests are still answered with, however slow the machine is.

        The tests themselves wait a tenth of a second, and do not look whose answer a message is.
        """
        asked = self.kc.kernel_info()
        for channel in (self.kc.get_shell_msg, self.kc.get_iopub_msg):
            ended = False
            while not ended:
                message = channel(timeout=60)
                content, parent = message["content"], message["parent_header"].get("msg_id")
                ended = parent == asked and content.get("execution_state") != "busy"
        super().flush_channels()


class PythonTests(Sandboxed):
    """What ipykernel is to do."""

    __test__ = False
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('oops', file=sys.stderr)"
    completion_samples = [{"text": "zi", "matches": {"zip"}}]
    complete_code_samples = ["1", "print('hello')", "def f(x):\n  return x*2\n\n\n"]
    incomplete_code_samples = ["print('''hello", "def f(x):\n  x*2"]
    invalid_code_samples = ["import = 7q"]
    code_page_something = "zip?"
    code_generate_error = "raise ValueError('no')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"},
    ]
    code_display_data = [
        {"code": "from IPython.display import HTML, display; display(HTML('<b>x</b>'))", "mime": "text/html"},
        {"code": "import matplotlib.pyplot as p; p.plot([1, 2]); p.show()", "mime": "image/png"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "search")
    code_inspect_sample = "zip"
    code_clear_output = "from IPython.display import clear_output; clear_output()"


class RTests(Sandboxed):
    """What IRkernel is to do; it shows every value as `display_data`, and keeps no history."""

    __test__ = False
    language: Language = "r"
    language_name = "R"
    file_extension = ".r"
    code_hello_world = "cat('hello, world\\n')"
    code_stderr = "message('oops')"
    completion_samples = [
        {"text": "zi", "matches": {"zip"}},
        {"text": "seq_len(", "matches": {"length.out = "}},
        {"text": "mtcars$m", "matches": {"mtcars$mpg"}},
    ]
    complete_code_samples = ["1 + 1", "print('hello')", "f <- function(x) {\n  x * 2\n}"]
    incomplete_code_samples = ["print('hello", "f <- function(x) {\n  x * 2"]
    invalid_code_samples = ["1 2", "x <- )"]
    code_page_something = "?cat"
    code_generate_error = "stop('no')"
    code_display_data = [
        {"code": "1 + 2", "mime": "text/plain"},
        {"code": "head(mtcars)", "mime": "text/html"},
        {"code": "plot(1:3)", "mime": "image/png"},
    ]
    code_inspect_sample = "print"
    code_clear_output = "IRdisplay::clear_output()"


@pytest.mark.docker
class TestPythonOnDocker(PythonTests):
    """gptoss-python in a container."""

    __test__ = True
    runtime = "docker"


@pytest.mark.docker
class TestROnDocker(RTests):
    """gptoss-r in a container."""

    __test__ = True
    runtime = "docker"


@pytest.mark.bubblewrap
class TestPythonOnBubblewrap(PythonTests):
    """gptoss-python with bubblewrap."""

    __test__ = True
    runtime = "bubblewrap"


@pytest.mark.bubblewrap
class TestROnBubblewrap(RTests):
    """gptoss-r with bubblewrap, where the machine has R."""

    __test__ = True
    runtime = "bubblewrap"
