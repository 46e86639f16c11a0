"""Write the bill of materials and the report of licences; fail where a licence is not permissive.

    python -m tools.sbom [--out FOLDER]

`FOLDER/gptoss-lab.cdx.json` is CycloneDX, `FOLDER/licences.md` a table. The optional engine
(`gptoss-lab[vllm]`), which lives in an environment of its own, is not in them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tools.release import bill, build, licences
from tools.release.installed import Installation
from tools.release.resolution import requirements, uv


def main() -> int:
    """Make, check and write; return the exit status."""
    parser = argparse.ArgumentParser(description="Write the bill of materials.")
    parser.add_argument("--out", type=Path, help="where it is written; else it is only checked")
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory(prefix="gptoss-sbom-") as name:
        folder = Path(name)
        place = Installation(Path(sys.executable), folder / "clean", uv(folder))
        place.install(*requirements(build.wheel(folder)))
        made = bill.bill_of(place.python)
    components = made["components"]
    fault = bill.validate(made)
    problems = [*([fault] if fault else []), *licences.refusals(components)]
    for problem in problems:
        print(f"sbom: {problem}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "gptoss-lab.cdx.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
        (out / "licences.md").write_text(licences.table(components), encoding="utf-8")
        print(f"sbom: written to {out}")
    print(f"sbom: {len(components)} components, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
