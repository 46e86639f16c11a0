"""What a sandboxed kernel answers to a page's requests, reply by reply from an allow-list.

| reply | what of it passes |
|---|---|
| execute_reply | how the cell ended, its filtered expressions; no payload (cells, pages, editors, exit) |
| inspect_reply | a filtered bundle: the inspector and the tooltip show it as trusted |
| complete_reply | its five fields: plain data, clean text; what is inserted is the person's choice |
| history_reply, is_complete_reply | plain data, clean text |
| kernel_info_reply | its fields one by one; help links only to sites that are known |
| comm_info_reply | that there are no comms |
| interrupt_reply, shutdown_reply, *_subshell_reply | plain data, clean text |
| input_request | prompt and kind, where the request that it answers allows questions |

Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from gptoss_lab.sandbox.output_json import clean_value
from gptoss_lab.sandbox.output_text import clean_text, cut_lines
from gptoss_lab.sandbox.output_words import words
from gptoss_lab.sandbox.outputs import clean_content, counted

MAX_TEXT_CHARACTERS = 64 << 10
MAX_BUNDLE_CHARACTERS = 256 << 10
MAX_NAME_CHARACTERS = 256
MAX_ENTRIES = 64
MAX_MATCHES = 10_000
MAX_LINKS = 32

# A sandbox chooses the text and the address of what JupyterLab's help menu opens.
HELP_SITES = words(
    """
    cran.r-project.org docs.python.org docs.scipy.org ipython.org ipython.readthedocs.io
    irkernel.github.io matplotlib.org numpy.org pandas.pydata.org scikit-learn.org scipy.org
    stat.ethz.ch docs.sympy.org www.r-project.org
    """
)
PASSWORD_NOTE = "[asked by code in the sandbox, which can read the answer] "  # noqa: S105 - a prompt
_FIELDS = {
    "name": re.compile(r"[^\s<>&]{1,64}"),
    "version": re.compile(r"[^\s<>&]{1,64}"),
    "mimetype": re.compile(r"[a-z]+/[A-Za-z0-9.+-]{1,64}"),
    "file_extension": re.compile(r"\.[A-Za-z0-9]{1,10}"),
    "pygments_lexer": re.compile(r"[A-Za-z0-9+#_-]{1,64}"),
    "nbconvert_exporter": re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}"),
}

Content = Mapping[str, Any]
Rule = Callable[[Content], "dict[str, Any] | None"]


def clean_rich(kind: str, content: Content) -> dict[str, Any] | None:
    """Return an output with its bundle filtered, its text cut where it is long.

    Raises:
        ValueError: It has too many entries.
    """
    data = dict(mapping(content.get("data")))
    refuse_many(data)
    if isinstance(plain := data.get("text/plain"), str):
        data["text/plain"] = cut(plain, MAX_BUNDLE_CHARACTERS)
    return clean_content(kind, {**content, "data": data})


def clean_question(content: Content) -> dict[str, Any]:
    """Return a question as the page may ask it; what is hidden while typed is not hidden from the sandbox."""
    prompt = content.get("prompt")
    is_password = content.get("password") is True
    text = cut_lines(clean_text(prompt[:MAX_TEXT_CHARACTERS])) if isinstance(prompt, str) else ""
    return {"prompt": f"{PASSWORD_NOTE if is_password else ''}{text}", "password": is_password}


def mapping(value: object) -> Content:
    """Return an object, empty where it is none."""
    return value if isinstance(value, Mapping) else {}


def cut(text: str, limit: int) -> str:
    """Cut a text that is too long, and say so."""
    more = len(text) - limit
    return text if more <= 0 else f"{text[:limit]}\n[{more} more characters are not shown]\n"


def refuse_many(entries: Content) -> None:
    """Refuse an object with more entries than any has.

    Raises:
        ValueError: There are too many.
    """
    if len(entries) > MAX_ENTRIES:
        raise ValueError("there are too many entries")


def _clean_execution(content: Content) -> dict[str, Any]:
    status = content.get("status")
    reply: dict[str, Any] = {
        # IRkernel says "abort", which a page takes for nothing it knows.
        "status": {"ok": "ok", "aborted": "aborted", "abort": "aborted"}.get(
            status if isinstance(status, str) else "", "error"
        ),
        "execution_count": counted(content.get("execution_count")),
        "payload": [],
    }
    if reply["status"] == "ok":
        expressions = mapping(content.get("user_expressions"))
        refuse_many(expressions)
        reply["user_expressions"] = {
            clean_text(str(name)): _clean_expression(mapping(value)) for name, value in expressions.items()
        }
    elif reply["status"] == "error":
        reply.update(clean_content("error", content) or {})
    return reply


def _clean_expression(value: Content) -> dict[str, Any]:
    if value.get("status") != "ok":
        return {"status": "error", **(clean_content("error", value) or {})}
    return {"status": "ok", **_bundle_of(value)}


def _clean_inspection(content: Content) -> dict[str, Any]:
    found = content.get("found") is True
    return {"status": "ok", "found": found, **_bundle_of(content if found else {})}


def _bundle_of(content: Content) -> dict[str, Any]:
    return clean_rich("display_data", {"data": content.get("data")}) or {}


def _clean_completion(content: Content) -> dict[str, Any]:
    matches = content.get("matches")
    kinds = mapping(content.get("metadata")).get("_jupyter_types_experimental")
    reply: dict[str, Any] = {
        "status": "ok" if content.get("status") == "ok" else "error",
        "matches": [clean_text(one) for one in _listed(matches, MAX_MATCHES) if isinstance(one, str)],
        **{key: counted(content.get(key)) or 0 for key in ("cursor_start", "cursor_end")},
        "metadata": {},
    }
    if isinstance(kinds, list):
        fields = ("text", "type", "signature", "start", "end")
        reply["metadata"] = {
            "_jupyter_types_experimental": [
                {key: clean_value(one[key], 0) for key in fields if key in one}
                for one in _listed(kinds, MAX_MATCHES)
                if isinstance(one, Mapping)
            ]
        }
    return reply


def _clean_kernel_info(content: Content) -> dict[str, Any]:
    """Keep what a page needs to know of the kernel: the notebook stores some of it, the menu the rest."""
    kept: dict[str, Any] = {"status": "ok" if content.get("status") == "ok" else "error"}
    for name in ("protocol_version", "implementation", "implementation_version"):
        if isinstance(value := content.get(name), str) and _FIELDS["version"].fullmatch(value):
            kept[name] = clean_text(value)
    if isinstance(banner := content.get("banner"), str):
        kept["banner"] = cut_lines(clean_text(banner[:MAX_TEXT_CHARACTERS]))
    if isinstance(language := content.get("language_info"), Mapping):
        kept["language_info"] = _clean_language(language)
    kept["help_links"] = [
        {"text": clean_text(str(link.get("text", "")))[:MAX_NAME_CHARACTERS], "url": link["url"]}
        for link in _listed(content.get("help_links"), MAX_LINKS)
        if isinstance(link, Mapping) and _is_help(link.get("url"))
    ]
    features = _listed(content.get("supported_features"), MAX_LINKS)
    kept["supported_features"] = [name for name in features if name == "kernel subshells"]
    return kept


def _clean_language(language: Content) -> dict[str, Any]:
    kept: dict[str, Any] = {
        name: clean_text(value)
        for name, pattern in _FIELDS.items()
        if isinstance(value := language.get(name), str) and pattern.fullmatch(value)
    }
    if isinstance(mode := language.get("codemirror_mode"), (str, Mapping)):
        kept["codemirror_mode"] = clean_value(mode, 2)
    return kept


def _is_help(address: object) -> bool:
    """Say whether an address is one of documentation that anybody may know."""
    if not isinstance(address, str) or re.search(r"[^\x21-\x7e]|[\\?]", address):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and parts.netloc.lower() in HELP_SITES
    except ValueError:
        return False


def _listed(value: object, limit: int) -> list[Any]:
    return value[:limit] if isinstance(value, list) else []


_PLAIN = (
    *("is_complete_reply", "history_reply", "interrupt_reply", "shutdown_reply"),
    *("create_subshell_reply", "delete_subshell_reply", "list_subshell_reply"),
)
REPLIES: dict[str, Rule] = {
    "execute_reply": _clean_execution,
    "inspect_reply": _clean_inspection,
    "complete_reply": _clean_completion,
    "kernel_info_reply": _clean_kernel_info,
    "comm_info_reply": lambda _content: {"status": "ok", "comms": {}},
    **dict.fromkeys(_PLAIN, partial(clean_value)),
}
