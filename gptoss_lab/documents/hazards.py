"""What makes an example unfit to run by itself: files, networks, people, waiting, removed APIs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gptoss_lab.documents.scopes import dotted

_MODULES = frozenset([
    "aiohttp",
    "boto3",
    "ftplib",
    "gcsfs",
    "http.client",
    "httpx",
    "multiprocessing",
    "paramiko",
    "psycopg2",
    "pymysql",
    "requests",
    "s3fs",
    "smtplib",
    "socket",
    "subprocess",
    "telnetlib",
    "tkinter",
    "urllib.request",
    "urllib3",
    "webbrowser",
])
_CALLS = frozenset([
    "input",
    "open",
    "raw_input",
    "breakpoint",
    "exit",
    "quit",
    "sleep",
    "urlopen",
    "urlretrieve",
    "system",
    "popen",
    "Popen",
    "savefig",
    "imread",
    "imsave",
    "read_clipboard",
    "to_clipboard",
    "load_files",
    "load_svmlight_file",
    "load_svmlight_files",
    "dump_svmlight_file",
    "memmap",
    "fromfile",
    "tofile",
    "exec",
    "eval",
    "set_trace",
    "rmtree",
    "unlink",
])
_FILE_READERS = frozenset({
    "load",
    "loadtxt",
    "genfromtxt",
    "loadmat",
    "load_npz",
    "ExcelFile",
    "HDFStore",
    "StataReader",
})
_FILE_WRITERS = frozenset({
    "save",
    "savez",
    "savez_compressed",
    "savetxt",
    "savemat",
    "dump",
    "ExcelWriter",
    "save_npz",
})
_FRAME_WRITERS = frozenset(
    f"to_{kind}"
    for kind in (
        "csv", "excel", "parquet", "pickle", "hdf", "feather", "stata", "orc", "json", "html", "latex", "xml",
        "markdown", "gbq",
    )
)  # fmt: skip
_NEEDS_SERVER = frozenset({
    "read_sql",
    "read_sql_query",
    "read_sql_table",
    "to_sql",
    "read_gbq",
    "create_engine",
})


def hazard(node: ast.AST) -> str:
    """Say what the code would need besides itself; empty when nothing is plain to see."""
    for module in _imported(node):
        if module in _MODULES or module.split(".")[0] in _MODULES:
            return f"it uses {module}"
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            reason = _call(part)
            if reason:
                return reason
    return ""


def _imported(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Import):
            yield from (alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom) and part.module:
            yield part.module
            if any(alias.name == "*" for alias in part.names):
                yield "socket"  # what a star brings is not known, so the example is not taken


def _call(call: ast.Call) -> str:
    func = call.func
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    if name in _CALLS and not _harmless(call, name):
        return f"it calls {name}"
    if name in _NEEDS_SERVER or name.startswith(("fetch_", "download")):
        return f"it calls {name}"
    if _takes_path(name) and _names_path(call):
        return f"{name} needs a file"
    return ""


def _harmless(call: ast.Call, name: str) -> bool:
    # DataFrame.eval and friends are methods; only the builtin takes arbitrary code.
    return name in {"eval", "exec", "input"} and isinstance(call.func, ast.Attribute)


def _takes_path(name: str) -> bool:
    return name.startswith("read_") or name in _FILE_READERS | _FILE_WRITERS | _FRAME_WRITERS


def _names_path(call: ast.Call) -> bool:
    values = [*call.args[:2], *(word.value for word in call.keywords if word.arg not in _TEXT_OPTIONS)]
    for value in values:
        if isinstance(value, (ast.Constant, ast.JoinedStr)):
            if isinstance(value, ast.JoinedStr) or isinstance(value.value, (str, bytes)):
                return True
        elif (isinstance(value, ast.Name) and value.id in _PATH_NAMES) or (
            isinstance(value, ast.Call) and dotted(value.func).split(".")[-1] in {"Path", "join"}
        ):
            return True
    return False


_PATH_NAMES = frozenset({"path", "filename", "fname", "file", "filepath", "url", "file_path", "outfile"})
_TEXT_OPTIONS = frozenset([
    "orient",
    "lines",
    "date_unit",
    "date_format",
    "sep",
    "delimiter",
    "header",
    "dtype",
    "names",
    "index_col",
    "usecols",
    "parse_dates",
    "engine",
    "na_rep",
    "columns",
    "float_format",
    "buf",
    "tablefmt",
    "dtype_backend",
    "compression",
    "encoding",
    "default_handler",
])
