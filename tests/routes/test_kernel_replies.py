"""What a sandboxed kernel answers is rebuilt field by field."""

from __future__ import annotations

from typing import Any

import pytest

from gptoss_lab.routes.kernel_replies import HELP_SITES, PASSWORD_NOTE, REPLIES, clean_question


def cleaned(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return a reply as the page would see it."""
    reply = REPLIES[kind](content)
    assert reply is not None
    return reply


def test_a_reply_loses_its_payload() -> None:
    """A sandbox must not write cells; how the cell ended stays."""
    payload = [{"source": "set_next_input", "text": "!rm -rf ~", "replace": True}]
    expressions = {
        "a": {"status": "ok", "data": {"text/html": "<script>", "text/plain": "1"}, "metadata": {}}
    }
    reply = {"status": "ok", "execution_count": 3, "payload": payload, "user_expressions": expressions}
    assert cleaned("execute_reply", reply) == {
        "status": "ok",
        "execution_count": 3,
        "payload": [],
        "user_expressions": {"a": {"status": "ok", "data": {"text/plain": "1"}, "metadata": {}}},
    }
    failed = {"status": "error", "ename": "E", "evalue": "\u202ev", "traceback": ["\x1b[31mt\x1b[0m", 1]}
    assert cleaned("execute_reply", failed) == {
        "status": "error",
        "execution_count": None,
        "payload": [],
        "ename": "E",
        "evalue": "\N{REPLACEMENT CHARACTER}v",
        "traceback": ["\x1b[31mt\x1b[0m", ""],
    }


@pytest.mark.parametrize(
    ("status", "told"),
    [("ok", "ok"), ("abort", "aborted"), ("aborted", "aborted"), ("x", "error"), ({}, "error")],
)
def test_how_a_cell_ended_is_one_of_three(status: object, told: str) -> None:
    """R says of an interrupted cell what no page knows; anything else is an error."""
    assert cleaned("execute_reply", {"status": status})["status"] == told


def test_kernel_info_carries_no_script_and_no_module() -> None:
    """JupyterLab opens the links and nbconvert imports the exporter."""
    info = {
        "status": "ok",
        "banner": "\x1b]0;title\x07Python",
        "implementation": "ipython",
        "protocol_version": "<b>",
        "unknown": {"x": 1},
        "language_info": {
            "name": "python",
            "nbconvert_exporter": "os.path",
            "file_extension": ".py",
            "mimetype": "text/html; <script>",
            "codemirror_mode": {"version": 3},
            "unknown": 1,
        },
        "help_links": [
            {"text": "bad", "url": "javascript:alert(1)"},
            {"text": "good", "url": "https://docs.python.org", "onclick": "x"},
            "junk",
        ],
        "supported_features": ["debugger", "kernel subshells"],
    }
    assert cleaned("kernel_info_reply", info) == {
        "status": "ok",
        "banner": "Python",
        "implementation": "ipython",
        "language_info": {"name": "python", "file_extension": ".py", "codemirror_mode": {"version": 3}},
        "help_links": [{"text": "good", "url": "https://docs.python.org"}],
        "supported_features": ["kernel subshells"],
    }


@pytest.mark.parametrize(
    "address",
    [
        "http://docs.python.org",
        "https://docs.python.org.evil.example/",
        "https://docs.python.org@evil.example/",
        "https://docs.python.org:444/",
        "https://evil.example/docs.python.org",
        "https://docs.python.org/?q=what-was-typed",
        "https://docs.python.org\\@evil.example",
        "https://[",
        "//docs.python.org",
        "",
        None,
        7,
    ],
)
def test_help_leads_to_known_sites_only(address: object) -> None:
    """An address may carry what the sandbox knows to whoever owns the site."""
    assert cleaned("kernel_info_reply", {"help_links": [{"text": "t", "url": address}]})["help_links"] == []
    assert all("." in site for site in HELP_SITES)


def test_completions_and_documentation_stay() -> None:
    """A person who writes in a sandboxed notebook is helped as usual."""
    kinds = [{"text": "head", "type": "function", "signature": "()", "start": 0, "end": 2, "x": {}}, "junk"]
    reply = {
        "status": "ok",
        "matches": ["head", "he\u202ead", 7],
        "cursor_start": 0,
        "cursor_end": 2,
        "metadata": {"_jupyter_types_experimental": kinds, "x": 1},
    }
    assert cleaned("complete_reply", reply) == {
        "status": "ok",
        "matches": ["head", "he\N{REPLACEMENT CHARACTER}ad"],
        "cursor_start": 0,
        "cursor_end": 2,
        "metadata": {
            "_jupyter_types_experimental": [
                {"text": "head", "type": "function", "signature": "()", "start": 0, "end": 2},
            ]
        },
    }
    assert cleaned("complete_reply", {"matches": "x", "metadata": []})["matches"] == []
    found = {"status": "ok", "found": True, "data": {"text/html": "<script>", "text/plain": "doc"}}
    assert cleaned("inspect_reply", found) == {
        "status": "ok",
        "found": True,
        "data": {"text/plain": "doc"},
        "metadata": {},
    }
    assert cleaned("comm_info_reply", {"comms": {"x": {}}}) == {"status": "ok", "comms": {}}


def test_a_hidden_answer_is_not_hidden_from_the_sandbox() -> None:
    """A prompt for a password says who reads it; its text is clean and bounded."""
    assert clean_question({"prompt": "Name\u202e: "})["prompt"] == "Name\N{REPLACEMENT CHARACTER}: "
    asked = clean_question({"prompt": "sudo password: ", "password": True})
    assert asked == {"prompt": f"{PASSWORD_NOTE}sudo password: ", "password": True}
    assert len(clean_question({"prompt": "x" * 10**6})["prompt"]) < 10**5
    assert clean_question({"prompt": ["x"], "password": 1}) == {"prompt": "", "password": False}
