"""Find what must not leave a notebook: keys, tokens, passwords, addresses, names of home folders.

Patterns of known keys come first; then what is assigned to a name such as `password` or `api_key`. What is
found is replaced by a word in angle brackets, so that the code around it still reads as code.

Source: https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MIN_ENTROPY_BITS = 3.0
_PLACE = re.compile(r"<[a-z-]+>")


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of secret; the group `secret` of its pattern is replaced, or all of it."""

    name: str
    pattern: re.Pattern[str]


def _kind(name: str, pattern: str, flags: int = 0) -> _Kind:
    return _Kind(name, re.compile(pattern, flags))


_EDGE = r"(?<![A-Za-z0-9_/+.\-])"
KINDS = (
    _kind(
        "private-key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----.*?"
        r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
        re.DOTALL,
    ),
    _kind("putty-key", r"PuTTY-User-Key-File-\d.*?(?:Private-MAC: \w+|\Z)", re.DOTALL),
    _kind("jwt", r"\beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"),
    _kind("aws-key", _EDGE + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    _kind("github-token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
    _kind("gitlab-token", r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_\-]{20,}"),
    _kind("hugging-face-token", r"\bhf_[A-Za-z0-9]{30,}\b"),
    _kind("anthropic-key", r"\bsk-ant-[A-Za-z0-9_\-]{20,}"),
    _kind("openai-key", r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_\-]{20,}"),
    _kind("groq-key", r"\bgsk_[A-Za-z0-9]{30,}"),
    _kind("google-key", r"\bAIza[A-Za-z0-9_\-]{35}"),
    _kind("google-oauth", r"\b(?:ya29\.[A-Za-z0-9_\-]{20,}|GOCSPX-[A-Za-z0-9_\-]{20,})"),
    _kind("slack-token", r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}"),
    _kind("slack-webhook", r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_\-]+"),
    _kind("discord-webhook", r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/[A-Za-z0-9/_\-]+"),
    _kind("telegram-token", r"\b\d{8,10}:AA[A-Za-z0-9_\-]{33}"),
    _kind("stripe-key", r"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9]{24,}"),
    _kind("twilio-key", r"\b(?:SK|AC)[0-9a-f]{32}\b"),
    _kind("sendgrid-key", r"\bSG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}"),
    _kind("mailgun-key", r"\bkey-[0-9a-f]{32}\b"),
    _kind("npm-token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    _kind("pypi-token", r"\bpypi-[A-Za-z0-9_\-]{32,}"),
    _kind("docker-token", r"\bdckr_pat_[A-Za-z0-9_\-]{20,}"),
    _kind("databricks-token", r"\bdapi[0-9a-f]{32}(?:-\d)?\b"),
    _kind("digitalocean-token", r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    _kind("shopify-token", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    _kind("age-key", r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b"),
    _kind("azure-key", r"(?i:AccountKey|SharedAccessKey)=(?P<secret>[A-Za-z0-9+/]{40,}={0,2})"),
    _kind("sas-signature", r"[?&]sig=(?P<secret>[A-Za-z0-9%+/=_\-]{20,})"),
    _kind("url-password", r"\b[a-z][a-z0-9+.\-]{1,30}://[^\s:/@'\"]{0,100}:(?P<secret>[^\s@/'\"]{1,200})@"),
    _kind(
        "url-token",
        r"[?&](?i:access_token|api_?key|auth|token|key|secret|password)=(?P<secret>[^\s&#'\"<]{6,})",
    ),
    _kind("bearer", r"(?i:\b(?:bearer|basic|token))\s+(?P<secret>[A-Za-z0-9+/_\-.~]{16,}={0,2})"),
)
# A name that says what it holds, and a text in quotes: `db_password = "…"`, `"api-key": '…'`, `f(token="…")`.
_NAMED = re.compile(
    r"(?i)(?P<name>[A-Za-z0-9_.\-]{0,60}(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_\-]?key|access[_\-]?key"
    r"|auth[_\-]?key|private[_\-]?key|credential)s?[A-Za-z0-9_\-]{0,30}['\"]?\]?)\s*(?:<-|=>|:=|=|:)\s*"
    r"(?P<prefix>[rbuf]{0,2})(?P<quote>['\"])(?P<secret>[^'\"\n]{3,400})(?P=quote)"
)
_ENV_LINE = re.compile(
    r"(?im)^(?:export[ ]|%env[ ])?[A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY)"
    r"[A-Z0-9_]{0,60}[ =](?P<secret>[^\s'\"()\[\],]{6,400})[ \t]*$"
)
_HASH = re.compile(
    _EDGE + r"(?=[A-Za-z0-9+/_\-]*[0-9])(?=[A-Za-z0-9+/_\-]*[A-Z])(?P<secret>[A-Za-z0-9+/_\-]{40,}={0,2})"
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-/])[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,5}[A-Za-z]{2,24}\b"
)
_HOME = re.compile(
    r"(?P<root>/(?:home|Users|export/home|var/home)/|[A-Za-z]:(?:\\{1,2}|/)Users(?:\\{1,2}|/))(?P<secret>[^/\\\s'\"<>:]{1,64})",
    re.IGNORECASE,
)
_NOT_SECRET = re.compile(
    r"^(?:\W*|(?:your|my|the)?[-_ ]?"
    r"(?:password|token|secret|key|api[-_ ]?key|none|null|true|false|changeme|xxx+|\*+|\.+)"
    r"(?:[-_ ]here)?|<[^>]*>|\$?\{[^}]*\}|%\w+%)$",
    re.IGNORECASE,
)
_EXAMPLE_DOMAINS = ("example.com", "example.org", "example.net")
_SHARED_HOMES = frozenset({"jovyan", "shared", "public"})
MIN_HIGH_ENTROPY_BITS = 4.2


def scrub(text: str) -> tuple[str, Mapping[str, int]]:
    """Return a text without secrets and personal names, and how many of each kind were taken out."""
    found: Counter[str] = Counter()
    for kind in KINDS:
        text = _replaced(text, kind.name, kind.pattern, found)
    for name, pattern in (("named-secret", _NAMED), ("environment-line", _ENV_LINE)):
        text = _replaced(text, name, pattern, found)
    text = _replaced(text, "random-string", _HASH, found)
    text = _replaced(text, "e-mail", _EMAIL, found)
    return _replaced(text, "home-folder", _HOME, found), found


def _replaced(text: str, name: str, pattern: re.Pattern[str], found: Counter[str]) -> str:
    parts, end = [], 0
    for first, last in _spans(text, name, pattern):
        parts += [text[end:first], f"<{name}>"]
        end = last
        found[name] += 1
    return "".join((*parts, text[end:]))


def _spans(text: str, name: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    group = "secret" if "secret" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        if not _is_harmless(name, match[group]):
            yield match.span(group)


def _is_harmless(name: str, value: str) -> bool:
    """Say whether it only looks like one: a placeholder, an example address, a hash of a file."""
    if name == "e-mail":
        return value.lower().endswith(_EXAMPLE_DOMAINS)
    if name == "home-folder":
        return value.lower() in _SHARED_HOMES or bool(_PLACE.fullmatch(value))
    if name == "random-string":
        return _entropy_bits(value) < MIN_HIGH_ENTROPY_BITS or value.count("/") > 3  # noqa: PLR2004 - a path
    if name in {"named-secret", "environment-line", "url-token", "url-password"}:
        return bool(_NOT_SECRET.match(value) or _PLACE.search(value))
    return name == "bearer" and _entropy_bits(value) < MIN_ENTROPY_BITS


def _entropy_bits(text: str) -> float:
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
