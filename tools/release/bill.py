"""The bill of materials: what `pip install gptoss-lab` brings, in Python and in the bundled scripts."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tools.release.build import EPOCH, ROOT
from tools.release.toolbox import toolbox

BUNDLED = ROOT / "gptoss_lab" / "labextension" / "static" / "third-party-licenses.json"
_VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
raise SystemExit(f"no valid CycloneDX: {fault}" if fault else 0)
"""

Bill = dict[str, Any]


def bill_of(python: Path) -> Bill:
    """Return the bill of an environment, in CycloneDX 1.6, with the bundled npm packages.

    Raises:
        subprocess.CalledProcessError: The generator failed and has said why.
    """
    program = str(toolbox() / "cyclonedx-py")
    options = ("--no-validate", "--of", "JSON", "--output-reproducible")
    done = subprocess.run(
        [program, "environment", *options, "--pyproject", str(ROOT / "pyproject.toml"), str(python)],
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    made: Bill = json.loads(done.stdout)
    bundled = npm_components(json.loads(BUNDLED.read_text(encoding="utf-8")))
    made["components"] = [*made["components"], *bundled]
    root = made["metadata"]["component"]
    root["version"] = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["version"]
    for edge in made["dependencies"]:
        if edge["ref"] == root["bom-ref"]:
            edge["dependsOn"] = sorted([*edge.get("dependsOn", []), *(one["bom-ref"] for one in bundled)])
    made["dependencies"] += [{"ref": one["bom-ref"]} for one in bundled]
    return made


def npm_components(report: Bill) -> list[Bill]:
    """Return the npm packages that the builder reports to have bundled."""
    return [_npm(package) for package in report["packages"]]


def validate(bill: Bill) -> str:
    """Return what is wrong with a bill by CycloneDX' own schema; empty where nothing is."""
    python = toolbox() / "python"
    done = subprocess.run(
        [python, "-c", _VALIDATE], input=json.dumps(bill), capture_output=True, text=True, check=False
    )
    return done.stderr.strip() if done.returncode else ""


def _npm(package: Bill) -> Bill:
    group, _, name = package["name"].rpartition("/")
    address = f"pkg:npm/{quote(package['name'], safe='/')}@{package['versionInfo']}"
    own = {"group": group} if group else {}
    return {
        "type": "library",
        "bom-ref": address,
        **own,
        "name": name,
        "version": package["versionInfo"],
        "licenses": [{"license": {"id": package["licenseId"]}}],
        "purl": address,
    }
