"""Programs of ours, run as cells by a sandbox's kernel, and what they answer."""

from __future__ import annotations

import base64

from gptoss_lab.errors import SandboxError
from gptoss_lab.sandbox.outputs import CellOutputs
from gptoss_lab.schemas.base import Language
from gptoss_lab.services.kernel_session import Bounds, KernelSession

MAX_BYTES = 16 << 20
MAX_MESSAGES = 10_000
_PYTHON = """\
import base64, subprocess, sys
run = subprocess.run(
    [sys.executable, "-I", "-c", {script!r}], input={payload!r}.encode(),
    stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout={timeout_s},
)
if run.returncode:
    raise SystemExit(run.stderr.decode("utf-8", "replace")[-2000:])
sys.stdout.write(base64.encodebytes(run.stdout).decode())
"""
_R = """\
local({{
  answer <- ({script})(rawToChar(jsonlite::base64_dec("{payload}")))
  cat(jsonlite::base64_enc(charToRaw(enc2utf8(answer))))
}})
"""


async def inspect_in(
    session: KernelSession, language: Language, script: str, payload: str, *, timeout_s: float
) -> str:
    """Run a program in a started sandbox, and return what it answers.

    Raises:
        SandboxError: It failed, was too slow or too wordy.
    """
    code = inspection_cell(language, script, payload, timeout_s)
    outputs = CellOutputs(max_bytes=MAX_BYTES, max_messages=MAX_MESSAGES)
    run = await session.run_cell(code, outputs, Bounds(timeout_s, MAX_BYTES, MAX_MESSAGES, history=False))
    text = "".join(output["text"] for output in outputs.outputs() if output.get("name") == "stdout")
    if run.status != "ok" or outputs.truncated:
        reason = run.error or ("too much output" if outputs.truncated else run.status)
        runtime = session.provisioner.runtime_name
        raise SandboxError(f"The check in the {runtime} sandbox failed: {reason}")
    return inspection_answer(text)


def inspection_cell(language: Language, script: str, payload: str, timeout_s: float) -> str:
    """Return the cell that runs our program and prints its answer in base64, in lines: long ones are cut.

    A Python program reads `payload` from its standard input and prints; an R program is a function
    of it that returns a string.
    """
    if language == "r":
        return _R.format(script=script, payload=base64.b64encode(payload.encode()).decode())
    return _PYTHON.format(script=script, payload=payload, timeout_s=timeout_s)


def inspection_answer(printed: str) -> str:
    """Return what the program answered; R breaks the lines of it.

    Raises:
        SandboxError: The cell printed something else.
    """
    try:
        return base64.b64decode("".join(printed.split()), validate=True).decode("utf-8")
    except ValueError as error:
        raise SandboxError("The check in the sandbox answered something unreadable") from error
