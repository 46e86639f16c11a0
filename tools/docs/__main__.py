"""Build the documentation; a warning is an error, and a link that leads nowhere is a warning.

Run by `make docs`. `-n` makes Sphinx complain about every reference that it cannot resolve.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sphinx.cmd.build import main as sphinx

ROOT = Path(__file__).resolve().parents[2]
STRICT = ("-W", "--keep-going", "-n", "-q", "-j", "auto")


def main() -> int:
    """Build the site; return the exit status."""
    parser = argparse.ArgumentParser(description="Build the documentation.")
    parser.add_argument("--out", type=Path, default=ROOT / ".local" / "docs", help="where the site goes")
    out = parser.parse_args().out
    status = sphinx([*STRICT, "-b", "html", str(ROOT / "docs"), str(out)])
    if not status:
        print(f"The documentation is in {out}/index.html")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
