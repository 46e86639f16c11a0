"""What a cell does that a person should know before they accept it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from gptoss_lab.checks.cells import Cell, cell_magic, parse
from gptoss_lab.schemas.review import Finding

CALLS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (
            r"(os\.(system|popen|exec\w*|spawn\w*|posix_spawn\w*)|subprocess\.\w+|pty\.spawn)",
            "starts another program",
        ),
        (r"asyncio\.create_subprocess_\w+", "starts another program"),
        (
            r"(get_ipython\(\)\.(system|getoutput|run_line_magic|run_cell_magic|ex|run_cell))",
            "runs IPython commands",
        ),
        (r"(eval|exec|compile|__import__|builtins\.(eval|exec))", "runs code that is made at run time"),
        (
            r"(\w+\.)*(pickle|cPickle|dill|cloudpickle|marshal|shelve)\.(load|loads|open|Unpickler)",
            "reads a pickle, which can run any code",
        ),
        (r"((pd|pandas)\.read_pickle|joblib\.load)", "reads a pickle, which can run any code"),
        (
            r"yaml\.(load|unsafe_load|full_load)",
            "reads YAML in a way that can run code; `yaml.safe_load` cannot",
        ),
        (r"(torch\.load)", "reads a pickle, which can run any code"),
        (r"(os\.(remove|unlink|rmdir|removedirs)|shutil\.(rmtree|move))", "deletes or moves files"),
        (r"(ctypes\.\w+)", "calls native code directly"),
        (
            r"(requests|httpx|aiohttp|urllib3|urllib\.request|http\.client|ftplib|smtplib|paramiko|websockets?)\.[\w.]+",
            "uses the network",
        ),
        (r"(socket\.(socket|create_connection))", "uses the network"),
        (r"(getpass\.\w+|keyring\.\w+)", "reads a password"),
        (
            r"(os\.(getenv|putenv|unsetenv)|os\.environ\.\w+)",
            "reads or changes environment variables, which may hold secrets",
        ),
    )
)
SECRET_PATHS = re.compile(
    r"(^|/)(\.ssh|\.aws|\.netrc|\.pgpass|\.kube|\.docker|\.gnupg|id_rsa|\.git-credentials)(/|$)|^/etc/(passwd|shadow)"
)
WRITERS = re.compile(r"(.*\.)?(open|to_\w+|save\w*|dump|write\w*|mkdir|makedirs|touch|imsave|imwrite)$")
HOST = re.compile(r"^(?:https?|ftp|s3|gs|wss?)://", re.IGNORECASE)
# HTML that is shown fetches what it names.
LOADED = re.compile(
    r"<[^>]*?(?:src|href|srcset|data|poster|action|background|url)\s*[=(]\s*[\"']?\s*(?:https?:)?//([^/\s\"'<>)]+)",
    re.IGNORECASE,
)
SHELL_MAGICS = {"bash", "sh", "script", "system", "sx", "!", "perl", "ruby"}
PIP = re.compile(r"^\s*[%!]?\s*(?:python\d? -m )?(?:pip3?|conda|mamba|uv|apt|apt-get)\s+\w+")
SHELL_LINE = re.compile(r"^\s*(?:[A-Za-z_][\w, ]*=\s*)?(?:!|%(?:sx|system|alias)\b)")
DOCUMENTATION_HOSTS = frozenset({"example.com", "example.org", "example.net", "localhost", "127.0.0.1"})


def check_policy(cells: Iterable[Cell]) -> Iterator[Finding]:
    """Say in plain words what each cell does beyond computing. Nothing here forbids anything."""
    for cell in cells:
        seen: set[str] = set()
        for line, symbol, sentence in sorted(_all(cell), key=lambda entry: entry[0]):
            if sentence not in seen:
                seen.add(sentence)
                yield _finding(cell, line, symbol, sentence)


def _all(cell: Cell) -> Iterator[tuple[int, str, str]]:
    yield from _magics(cell.source)
    tree = parse(cell.source)
    if tree is None:
        return
    aliases = _aliases(tree)
    for node in ast.walk(tree):
        for inspect_node in NODE_RULES:
            yield from inspect_node(node, aliases)


def _magics(source: str) -> Iterator[tuple[int, str, str]]:
    magic = cell_magic(source)
    if magic in SHELL_MAGICS:
        yield 1, f"%%{magic}", "runs shell commands"
    tree_is_python = _is_python(source)
    for number, line in enumerate(source.split("\n"), start=1):
        if tree_is_python:
            break
        if PIP.match(line):
            yield number, line.strip().split()[0], "installs or changes packages"
        elif SHELL_LINE.match(line):
            yield number, "!", "runs shell commands"


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _aliases(tree: ast.AST) -> dict[str, str]:
    """Map local names to the qualified names that imports gave them."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update({alias.asname: alias.name for alias in node.names if alias.asname})
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return aliases.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, aliases)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Call):
        base = _dotted(node.func, aliases)
        return f"{base}()" if base else ""
    return ""


def _call_rules(node: ast.AST, aliases: dict[str, str]) -> Iterator[tuple[int, str, str]]:
    if not isinstance(node, ast.Call):
        return
    name = _dotted(node.func, aliases)
    if not name or (name == "yaml.load" and "Safe" in ast.unparse(node)):
        return
    for pattern, sentence in CALLS:
        if pattern.fullmatch(name):
            yield node.lineno, name, sentence
    if WRITERS.fullmatch(name):
        yield from _write_rules(node, name)


def _write_rules(node: ast.Call, name: str) -> Iterator[tuple[int, str, str]]:
    if name.rsplit(".", maxsplit=1)[-1] == "open" and not _opens_for_writing(node):
        return
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        text = argument.value if isinstance(argument, ast.Constant) else None
        if isinstance(text, str) and _leaves_folder(text):
            yield node.lineno, name, f"writes outside the notebook's folder ({text[:80]})"


def _opens_for_writing(node: ast.Call) -> bool:
    modes = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
    return any(isinstance(mode, ast.Constant) and set(str(mode.value)) & set("wax+") for mode in modes)


def _leaves_folder(path: str) -> bool:
    return path.startswith(("/", "~", "../")) and len(path) > 1 and not path.startswith("//")


def _string_rules(node: ast.AST, _aliases: dict[str, str]) -> Iterator[tuple[int, str, str]]:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    text = node.value.strip()
    if HOST.match(text):
        host = _host(text)
        if host and host not in DOCUMENTATION_HOSTS:
            yield node.lineno, host, f"names an address on the network ({host[:80]})"
    elif (loaded := LOADED.search(text)) and loaded[1].lower() not in DOCUMENTATION_HOSTS:
        yield node.lineno, loaded[1], f"names an address on the network ({loaded[1][:80]})"
    elif SECRET_PATHS.search(text):
        yield node.lineno, text[:80], "names a file that holds credentials"


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _environment_rules(node: ast.AST, aliases: dict[str, str]) -> Iterator[tuple[int, str, str]]:
    if isinstance(node, ast.Attribute | ast.Name) and _dotted(node, aliases) == "os.environ":
        yield node.lineno, "os.environ", "reads or changes environment variables, which may hold secrets"


Rule = Callable[[ast.AST, dict[str, str]], Iterator[tuple[int, str, str]]]
NODE_RULES: tuple[Rule, ...] = (_call_rules, _string_rules, _environment_rules)


def _finding(cell: Cell, line: int, symbol: str, sentence: str) -> Finding:
    return Finding(
        check="policy",
        severity="warning",
        cell=cell.id,
        line=line,
        symbol=symbol,
        message=f"This cell {sentence}.",
    )
