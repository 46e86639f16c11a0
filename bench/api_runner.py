"""Runs inside the sandbox: executes tasks' programs against their harness, each in a process of its own.

Standard library alone, as text: `SCRIPT` reads `{"timeout_s", "warm": [module], "rows": [{"id", "harness",
"prefix", "variants": [solution]}]}` and answers `{id: {"variables", "runs": [{"status", "error",
"message", "in_program"}]}}`.
"""

from __future__ import annotations

SCRIPT = """
import importlib, json, os, signal, sys, tempfile, traceback, warnings

def qualified(value):
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}"

def columns(value):
    if type(value).__name__ != "DataFrame" or not hasattr(value, "dtypes"):
        return []
    return [[str(name), str(dtype)] for name, dtype in zip(value.columns, value.dtypes)]

def variables(space, prefix):
    env = {"test_input": space["generate_test_case"](1)[0]}
    lines = prefix.split("\\n")
    while lines:
        try:
            code = compile("\\n".join(lines), "<prefix>", "exec")
        except SyntaxError:
            lines.pop()
            continue
        exec(code, env)
        break
    found = {}
    for name, value in env.items():
        if name.startswith("_") or name == "test_input" or type(value).__name__ == "module":
            continue
        if isinstance(value, type) or hasattr(value, "__code__"):
            continue
        found[name] = {"type": qualified(value), "columns": columns(value)}
    return found

def harness(row):
    space = {"__name__": "harness"}
    exec(compile(row["harness"], "<harness>", "exec"), space)
    return space

def run(row, solution):
    try:
        space = harness(row)
        if "prefix_only" in row:
            return {"variables": variables(space, row["prefix"])}
        space["test_execution"](solution)
        if "test_string" in space:
            space["test_string"](solution)
    except SystemExit as error:
        return {"status": "error", "error": "SystemExit", "message": str(error), "in_program": False}
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        here = [frame.lineno for frame in frames if frame.filename == "<string>"]
        return {
            "status": "error", "error": ",".join(kind.__name__ for kind in type(error).__mro__),
            "message": str(error)[:400], "in_program": bool(here), "line": here[-1] if here else 0,
        }
    return {"status": "ok"}

def forked(row, solution, timeout_s):
    read, write = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(timeout_s)
        os.close(read)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            answer = json.dumps(run(row, solution)).encode()
            os.chdir("/")
        with os.fdopen(write, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if answer:
        return json.loads(answer)
    return {"status": f"ended {status}", "error": "", "message": "", "in_program": False}

def main():
    warnings.simplefilter("ignore")
    payload = json.load(sys.stdin)
    for name in payload["warm"]:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    answer = {}
    for row in payload["rows"]:
        runs = [forked(row, solution, payload["timeout_s"]) for solution in row["variants"]]
        known = {}
        if row.get("variables"):
            known = forked({**row, "prefix_only": True}, "", payload["timeout_s"]).get("variables", {})
        answer[row["id"]] = {"runs": runs, "variables": known}
    json.dump(answer, sys.stdout)

main()
"""
