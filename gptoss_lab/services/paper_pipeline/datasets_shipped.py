"""Ask the sandbox which data sets its packages hold. Nothing is downloaded for it."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from gptoss_lab.errors import SandboxError
from gptoss_lab.schemas.base import Language
from gptoss_lab.services.paper_pipeline.datasets import Shipped
from gptoss_lab.services.pipeline.ports import Executor

TIMEOUT_S = 60.0
MAX_SETS = 4000
_MAX_KEPT = 16
_NAME = re.compile(r"[A-Za-z.][A-Za-z0-9._]{0,60}")
_PYTHON = """\
import importlib.util, json, os, pkgutil

found = []
if importlib.util.find_spec("sklearn"):
    import sklearn.datasets

    # Those that start with fetch_ would download.
    framed = {"iris", "diabetes", "digits", "wine", "breast_cancer", "linnerud"}
    for name in dir(sklearn.datasets):
        if name.startswith("load_") and name[5:] in framed:
            found.append({"package": "scikit-learn", "name": name[5:]})
spec = importlib.util.find_spec("statsmodels")
if spec and spec.submodule_search_locations:
    folder = os.path.join(list(spec.submodule_search_locations)[0], "datasets")
    for module in pkgutil.iter_modules([folder]):
        if module.ispkg and module.name not in {"tests"}:
            found.append({"package": "statsmodels", "name": module.name})
if importlib.util.find_spec("seaborn"):
    folder = os.environ.get("SEABORN_DATA", os.path.expanduser("~/.cache/seaborn"))
    if os.path.isdir(folder):
        for file in sorted(os.listdir(folder)):
            if file.endswith(".csv"):
                found.append({"package": "seaborn", "name": file[:-4], "path": os.path.join(folder, file)})
print(json.dumps(found))
"""
_R = """\
function(payload) {
  found <- suppressWarnings(utils::data(package = .packages(all.available = TRUE))$results)
  rows <- data.frame(package = found[, "Package"], name = sub(" .*", "", found[, "Item"]),
                     file = sub(".*\\\\((.*)\\\\)$", "\\\\1", found[, "Item"]), stringsAsFactors = FALSE)
  as.character(jsonlite::toJSON(rows))
}
"""


class ShippedData:
    """Remembers what each image holds."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Language, str], tuple[Shipped, ...]] = OrderedDict()

    async def of(self, executor: Executor, language: Language, image: str) -> tuple[Shipped, ...]:
        """Return the data sets of the packages of a sandbox.

        Raises:
            SandboxError: The sandbox failed, or answered something else.
        """
        key = (language, image)
        if key not in self._known or not image:
            script = _R if language == "r" else _PYTHON
            answer = await executor.inspect(language, script, "", timeout_s=TIMEOUT_S)
            self._known[key] = shipped_of(answer, language)
            while len(self._known) > _MAX_KEPT:
                self._known.popitem(last=False)
        return self._known[key]

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()


SHIPPED = ShippedData()
"""One for the process: an image does not change."""


def shipped_of(answer: str, language: Language) -> tuple[Shipped, ...]:
    """Return the data sets that a sandbox told; entries that are none are left out.

    Raises:
        SandboxError: It is no list.
    """
    try:
        entries = json.loads(answer)
    except ValueError as error:
        raise SandboxError("The sandbox told something else than its data sets") from error
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise SandboxError("The sandbox told something else than its data sets")
    make = _r_set if language == "r" else _python_set
    return tuple(one for entry in entries[:MAX_SETS] if (one := _checked(entry, make)) is not None)


def _checked(entry: object, make: Any) -> Shipped | None:
    if not isinstance(entry, Mapping):
        return None
    named = [entry.get("name"), entry.get("package")]
    if not all(isinstance(text, str) for text in named) or not _NAME.fullmatch(str(entry["name"])):
        return None
    made: Shipped | None = make(entry)
    return made


def _python_set(entry: Mapping[str, Any]) -> Shipped | None:
    name, package = str(entry["name"]), str(entry["package"])
    if package == "scikit-learn":
        return Shipped(
            name,
            package,
            f"{name} = load_{name}(as_frame=True).frame",
            f"from sklearn.datasets import load_{name}",
        )
    if package == "statsmodels":
        return Shipped(
            name, package, f"{name} = sm.datasets.{name}.load_pandas().data", "import statsmodels.api as sm"
        )
    if package == "seaborn" and isinstance(entry.get("path"), str):
        return Shipped(name, package, f"{name} = pd.read_csv({entry['path']!r})", "import pandas as pd")
    return None


def _r_set(entry: Mapping[str, Any]) -> Shipped | None:
    name, package, file = str(entry["name"]), str(entry["package"]), entry.get("file")
    file = file if isinstance(file, str) and _NAME.fullmatch(file) else name
    if not _NAME.fullmatch(package):
        return None
    return Shipped(name, package, f'data("{file}", package = "{package}")')
