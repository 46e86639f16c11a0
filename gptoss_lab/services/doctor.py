"""A look at the installation: what works, what does not, and how to mend it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Sequence
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_core.paths import jupyter_config_path, jupyter_path

from gptoss_lab.errors import StorageError
from gptoss_lab.folders import data_dir
from gptoss_lab.schemas.config import ModelConfig
from gptoss_lab.schemas.diagnosis import Check, Diagnosis
from gptoss_lab.schemas.model import ModelState
from gptoss_lab.services.disk import SPACE_FIX, disk_check
from gptoss_lab.services.doctor_model import Planner, attached_check, hosted_check, plan_check
from gptoss_lab.services.doctor_sandbox import Sandboxes, images_check, sandbox_check
from gptoss_lab.services.doctor_stores import stores_check

OLDEST_PYTHON = (3, 10)
KERNELS = ("gptoss-python", "gptoss-r")
PROVISIONER = "gptoss-sandbox"
LABEXTENSION = "gptoss-lab"
LOOK_FURTHER = (
    "Look at the log of the Jupyter Server, and report it with the output of `jupyter gptoss doctor --json`."
)
REINSTALL = "Install gptoss-lab again in this environment: `pip install --force-reinstall gptoss-lab`."


async def examine(
    *,
    model: ModelConfig,
    execution: Sandboxes,
    planner: Planner | None = None,
    running: Sequence[tuple[str, ModelState]] = (),
    stores: Sequence[Path] = (),
) -> Diagnosis:
    """Look at everything; never raises for what it looks at.

    Args:
        model: The model's configuration.
        execution: The sandboxes.
        planner: Knows what this machine could host; None where nobody shall look.
        running: The Jupyter servers of this user, by their addresses, and how the model stands in each.
        stores: The files of SQLite that servers keep jobs and figures in.
    """
    still: list[Check] = await asyncio.to_thread(
        lambda: [
            _python(),
            _server_extension(),
            _labextension(),
            _kernelspecs(),
            _provisioner(),
            _data_folder(),
            stores_check(stores),
        ]
    )
    sandbox = await execution.status("python")
    sandboxes = (sandbox_check(sandbox), sandbox_check(await execution.status("r"), "r"))
    moving: list[Awaitable[Check]] = [images_check(execution)]
    if model.url:
        moving.append(attached_check(model))
    elif planner is not None and model.engine != "none":
        moving.append(plan_check(planner))
    hosted = () if model.url else (hosted_check(running),)
    checks = (*still, *sandboxes, *(await asyncio.gather(*moving)), *hosted)
    return Diagnosis(checks=tuple(map(_mendable, checks)), sandbox=sandbox)


def _mendable(check: Check) -> Check:
    """Return a check that says what to do, also where whoever found it knew nothing."""
    if check.status == "ok" or check.fix:
        return check
    return check.model_copy(update={"fix": LOOK_FURTHER})


def _python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(str(part) for part in OLDEST_PYTHON)
        return Check(name="python", status="fail", detail=found, fix=f"Use Python {wanted} or newer.")
    try:
        detail = f"{found}, JupyterLab {version('jupyterlab')}, gptoss-lab {version('gptoss-lab')}"
    except PackageNotFoundError as error:
        return Check(name="python", status="fail", detail=f"{error.name} is not installed", fix=REINSTALL)
    return Check(name="python", status="ok", detail=detail)


def _server_extension() -> Check:
    files = [Path(folder, "jupyter_server_config.json") for folder in jupyter_config_path()]
    files += [
        file
        for folder in jupyter_config_path()
        for file in sorted(Path(folder, "jupyter_server_config.d").glob("*.json"))
    ]
    said = [
        extensions["gptoss_lab"]
        for file in files
        if "gptoss_lab" in (extensions := _read(file).get("ServerApp", {}).get("jpserver_extensions", {}))
    ]
    if not said:
        return Check(name="server extension", status="fail", detail="it is not enabled", fix=REINSTALL)
    # Jupyter lets the user's own folder, the first of the path, go before the environment's.
    if not said[0]:
        fix = "Run `jupyter server extension enable gptoss_lab`."
        return Check(name="server extension", status="fail", detail="it is disabled", fix=fix)
    return Check(name="server extension", status="ok", detail="it is enabled")


def _labextension() -> Check:
    name = "JupyterLab extension"
    folders = [Path(folder, LABEXTENSION) for folder in jupyter_path("labextensions")]
    found = next((folder for folder in folders if (folder / "package.json").is_file()), None)
    if found is None:
        return Check(name=name, status="fail", detail="it is not installed", fix=REINSTALL)
    disabled = [
        _read(Path(folder, "labconfig", "page_config.json")).get("disabledExtensions", {})
        for folder in jupyter_config_path()
    ]
    if any(_names(entry) for entry in disabled):
        fix = f"Run `jupyter labextension enable {LABEXTENSION}`."
        return Check(name=name, status="fail", detail="it is disabled", fix=fix)
    number = _read(found / "package.json").get("version", "unknown")
    return Check(name=name, status="ok", detail=f"version {number} in {found}")


def _names(disabled: Any) -> bool:
    if isinstance(disabled, dict):
        return bool(disabled.get(LABEXTENSION))
    return isinstance(disabled, list) and LABEXTENSION in disabled


def _read(file: Path) -> dict[str, Any]:
    """Return a JSON object from a file; empty where there is none that can be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _kernelspecs() -> Check:
    found = []
    for name in KERNELS:
        try:
            spec = KernelSpecManager().get_kernel_spec(name)
        except NoSuchKernel:
            return Check(name="kernel", status="fail", detail=f"{name} is not installed", fix=REINSTALL)
        named = spec.metadata.get("kernel_provisioner", {}).get("provisioner_name", "")
        if named != PROVISIONER:
            detail = f"{name} would run without a sandbox: its provisioner is {named or 'the local one'}"
            return Check(name="kernel", status="fail", detail=detail, fix=REINSTALL)
        found.append(f"{name} in {spec.resource_dir}")
    return Check(name="kernel", status="ok", detail="; ".join(found))


def _provisioner() -> Check:
    found = entry_points(group="jupyter_client.kernel_provisioners", name=PROVISIONER)
    if not found:
        return Check(name="provisioner", status="fail", detail="it is not registered", fix=REINSTALL)
    entry = next(iter(found))
    try:
        entry.load()
    except Exception as error:  # noqa: BLE001 - whatever its import raises is what the person must see
        detail = f"{entry.value} cannot be loaded: {type(error).__name__}: {error}"
        return Check(name="provisioner", status="fail", detail=detail, fix=REINSTALL)
    return Check(name="provisioner", status="ok", detail=entry.value)


def _data_folder() -> Check:
    name = "data folder"
    try:
        folder = data_dir()
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(folder).free
    except StorageError as error:
        return Check(name=name, status="fail", detail=error.message, fix=error.hint)
    except OSError as error:
        told = f"it cannot be written: {error.strerror}"
        return Check(name=name, status="fail", detail=told, fix=SPACE_FIX)
    return disk_check(name, folder, free)
