"""Attacks with what a cell says: without end, forged, in the wrong order, or as questions."""

# ruff: noqa: E501 - programs for the inside stand here as they are

from __future__ import annotations

import json
from typing import Any

import pytest

from gptoss_lab.sandbox.outputs import clean_text
from tests.sandbox.attacks.cells import Cells, cells, text_of
from tests.sandbox.attacks.conftest import Place
from tests.sandbox.attacks.lag import lag

pytestmark = pytest.mark.timeout(300)

ENDLESS = {
    "python": "while True: print('y' * 1000)",
    "r": "cat(strrep('y', 20000))\n" * 5000,
}  # R tells after each expression
STILL = {"python": "print(6 * 7)", "r": "cat(6 * 7)"}
# Tiny messages from several threads, past the buffer that joins what is printed.
FLOOD = """
import os, time
from ipykernel.kernelapp import IPKernelApp
kernel = IPKernelApp.instance().kernel
send, socket, parent = kernel.session.send, kernel.iopub_socket, kernel.get_parent()
end = time.monotonic() + 4
while time.monotonic() < end:
    for _ in range(200): send(socket, 'stream', {'name': 'stdout', 'text': 'x'}, parent=parent, ident=b'stream')
"""
FORGE = {
    "python": """
import time
from ipykernel.kernelapp import IPKernelApp
kernel = IPKernelApp.instance().kernel
send, socket, parent = kernel.session.send, kernel.iopub_socket, kernel.get_parent()
other = {'header': {**parent['header'], 'msg_id': 'another-request'}}
send(socket, 'stream', {'name': 'stdout', 'text': 'FOR-ANOTHER'}, parent=other, ident=b'stream')
send(socket, 'error', {'ename': 'FOR-ANOTHER', 'evalue': '', 'traceback': []}, parent=other, ident=b'error')
send(socket, 'status', {'execution_state': 'idle'}, parent=parent, ident=b'status')
send(socket, 'status', {'execution_state': 'dead'}, parent=parent, ident=b'status')
send(socket, 'execute_input', {'code': 'FORGED', 'execution_count': 10**30}, parent=parent, ident=b'in')
for bad in (b'', b'{', b'[]', b'null', b'\\xff\\xfe', b'[' * 100000, b'{"a":' * 50000, b'1e999', b'"x"'):
    for place in range(4):
        parts = [b'{}'] * 4
        parts[place] = bad
        socket.send_multipart([b'x', b'<IDS|MSG>', kernel.session.sign(parts), *parts])
time.sleep(1)
print('AFTER')
""",
    "r": """
kernel <- NULL
for (frame in sys.frames()) {
  owner <- get0(".self", envir = frame)
  if (!is.null(owner) && is(owner, "Kernel")) kernel <- owner
}
if (is.null(kernel)) for (frame in sys.frames()) {
  owner <- get0(".self", envir = frame)
  if (!is.null(owner) && is(owner, "Executor")) { tell <- owner$send_response }
} else tell <- kernel$send_response
here <- NULL
for (frame in sys.frames()) { found <- get0("request", envir = frame); if (!is.null(found$header$msg_id)) here <- found }
there <- here; there$header$msg_id <- "another-request"
tell("stream", there, "iopub", list(name = "stdout", text = "FOR-ANOTHER"))
tell("status", here, "iopub", list(execution_state = "idle"))
tell("status", here, "iopub", list(execution_state = "dead"))
Sys.sleep(1)
cat("AFTER")
""",
}
# A reply of one's own before one has ended, then more output, then what the next cell should not be told of.
EARLY_REPLY = """
import time
from ipykernel.kernelapp import IPKernelApp
kernel = IPKernelApp.instance().kernel
send, parent = kernel.session.send, kernel.get_parent()
shell = kernel.shell_stream or kernel.shell_socket
idents = parent.get('idents') or getattr(kernel, '_shell_parent_ident', None)
from ipykernel.thread import SHELL_CHANNEL_THREAD_NAME
print('BEFORE', flush=True)
send(kernel.iopub_socket, 'status', {'execution_state': 'idle'}, parent=parent, ident=b'status')
time.sleep(1)
print('LATE', flush=True)
"""
ASK = """
from ipykernel.kernelapp import IPKernelApp
kernel = IPKernelApp.instance().kernel
parent = kernel.get_parent()
for prompt, secret in (('Your password for the server: ', True), ('y/n', False)):
    for ident in (b'', b'x', *[part for part in (getattr(kernel, '_parent_ident', {}) or {}).values() if isinstance(part, bytes)]):
        try: kernel.session.send(kernel.stdin_socket, 'input_request', {'prompt': prompt, 'password': secret}, parent=parent, ident=ident)
        except Exception: pass
        kernel.session.send(kernel.iopub_socket, 'input_request', {'prompt': prompt, 'password': secret}, parent=parent, ident=b'in')
try: input('Your password: ')
except Exception as error: print(type(error).__name__)
"""
NASTY = {
    "python": """
import os, sys
print('\\x1b]0;title\\x07\\x1b[2J\\x1b[31mred\\x1b[0m\\x1b]8;;http://evil\\x1b\\\\link\\x1b]8;;\\x1b\\\\')
print('\\x00\\x08\\x7f\\x9b31m \\u202edesrever\\u2066 \\ud800 end')
sys.stdout.flush()
os.write(1, b'\\xff\\xfe\\xc3( \\xf0\\x9f not utf-8\\n')
raise ValueError('\\u202e\\x1b[2J\\x00 evil')
""",
    "r": """
cat("\\033]0;title\\007\\033[2J\\033[31mred\\033[0m\\n")
cat("\\b\\177 \\u202edesrever\\u2066 end\\n")
cat(rawToChar(as.raw(c(0xff, 0xfe, 0xc3, 0x28))), "not utf-8\\n")
stop("\\u202e\\033[2J evil")
""",
}


async def test_12_endless_output(jail: Cells) -> None:
    """It is stopped at a multiple of the cap, what is kept is within it, and the kernel is usable again."""
    endless, after = await jail.run(ENDLESS[jail.language], STILL[jail.language], output_bytes=1 << 20)
    assert (endless.status, endless.truncated) == ("output_limit", True)
    assert len(json.dumps(endless.outputs)) < 2 << 20
    if after.status != "skipped":  # the relay's own limit came before the interrupt: the sandbox is gone
        assert (after.status, text_of(after).strip()) == ("ok", "42")


async def test_14_a_flood_of_tiny_messages(python_place: Place) -> None:
    """As many messages as the kernel can send: other work on the loop gets its turn within 250 ms, the cell ends."""
    async with (
        cells(*python_place, output_messages=1_000_000, output_bytes=64 << 20) as jail,
        lag() as stalls,
    ):
        flood, after = await jail.run(FLOOD, STILL["python"])
    assert (flood.status, after.status) == ("ok", "ok"), flood.error
    assert len(text_of(flood)) > 10_000
    assert stalls.longest_s < 0.25


async def test_21_forged_messages(jail: Cells) -> None:
    """What names another request is nobody's; an idle of one's own ends nothing; nonsense is dropped."""
    forged, after = await jail.run(FORGE[jail.language], STILL[jail.language])
    assert (forged.status, after.status) == ("ok", "ok"), forged.error
    said = json.dumps([*forged.outputs, *after.outputs])
    assert "FOR-ANOTHER" not in said
    assert "FORGED" not in said
    assert text_of(forged).strip() == "AFTER"
    assert text_of(after).strip() == "42"


async def test_21_an_idle_before_the_output(python_jail: Cells) -> None:
    """A false end does not make a later output another cell's."""
    early, after = await python_jail.run(EARLY_REPLY, STILL["python"])
    assert text_of(early).split() == ["BEFORE", "LATE"]
    assert text_of(after).strip() == "42"


async def test_22_questions_are_not_asked(python_jail: Cells) -> None:
    """Neither the kernel's own `input` nor a forged question reaches anybody, and the cell does not wait."""
    asked, after = await python_jail.run(ASK, STILL["python"], cell_timeout_s=20)
    assert (asked.status, after.status) == ("ok", "ok"), asked.error
    assert "password for the server" not in json.dumps(asked.outputs)
    assert "StdinNotImplementedError" in text_of(asked)


async def test_24_control_characters(jail: Cells) -> None:
    """Nothing that steers a terminal, turns text around or is not text is left in an output."""
    nasty, after = await jail.run(NASTY[jail.language], STILL[jail.language])
    assert (nasty.status, after.status) == ("error", "ok")
    for text in strings((*nasty.outputs, nasty.error)):
        assert clean_text(text) == text
        for bad in ("\\x00", "\\u202e", "\\u2066", "\\x1b]", "\\x1b[2J", "\\x9b", "\\x08"):
            assert bad.encode().decode("unicode_escape") not in text
        text.encode("utf-8")


def strings(value: Any) -> list[str]:
    """Return every text in a piece of JSON."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    return [text for part in value for text in strings(part)] if isinstance(value, list | tuple) else []
