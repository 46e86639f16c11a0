"""Imports that the sandbox's environment cannot serve."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Iterator, Mapping

from gptoss_lab.checks.cells import Cell, parse
from gptoss_lab.checks.imports import Import, imports
from gptoss_lab.checks.known import known_python, known_r, normal
from gptoss_lab.schemas.review import Finding, PackageNeed

DISTRIBUTIONS: Mapping[str, str] = {
    "Bio": "biopython",
    "Crypto": "pycryptodome",
    "IPython": "ipython",
    "OpenSSL": "pyOpenSSL",
    "PIL": "pillow",
    "_pytest": "pytest",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cairo": "pycairo",
    "community": "python-louvain",
    "cv2": "opencv-python",
    "cvxopt": "cvxopt",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "PyMuPDF",
    "git": "GitPython",
    "graphviz": "graphviz",
    "imblearn": "imbalanced-learn",
    "igraph": "python-igraph",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "kneed": "kneed",
    "ldap": "python-ldap",
    "lightning": "lightning",
    "magic": "python-magic",
    "mpl_toolkits": "matplotlib",
    "MySQLdb": "mysqlclient",
    "nacl": "PyNaCl",
    "osgeo": "GDAL",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pylab": "matplotlib",
    "pywt": "PyWavelets",
    "serial": "pyserial",
    "skbio": "scikit-bio",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "sksurv": "scikit-survival",
    "skopt": "scikit-optimize",
    "slugify": "python-slugify",
    "snappy": "python-snappy",
    "socks": "PySocks",
    "tables": "tables",
    "telegram": "python-telegram-bot",
    "umap": "umap-learn",
    "usb": "pyusb",
    "win32api": "pywin32",
    "wx": "wxPython",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
UNKNOWN = (
    "It is not known here, and a name that was made up may be a trap. Add it by hand if you are sure of it."
)
UNKNOWN_R = "Debian has no such package as far as is known here. Add it by hand if you are sure of its name."


def distribution_of(module: str) -> str:
    """Return the distribution that holds a top-level module, by the well-known differing names."""
    return DISTRIBUTIONS.get(module, module)


def check_packages(
    cells: Iterable[Cell], packages: Mapping[str, str], modules: Mapping[str, bool] | None = None
) -> Iterator[Finding]:
    """Report imports of modules that the sandbox does not hold, once per cell and module.

    Args:
        cells: The cells to look at.
        packages: Distribution to version, as installed in the sandbox. Empty: nothing is known.
        modules: Top-level module to "the sandbox can find it"; the truth where it is known.
    """
    installed = {normal(name) for name in packages}
    known = modules or {}
    if not installed and not known:
        return
    for cell in cells:
        seen: set[str] = set()
        tree = parse(cell.source)
        for found in imports(tree) if tree is not None else ():
            if found.guarded or found.top in seen or _available(found.top, installed, known):
                continue
            seen.add(found.top)
            yield _finding(cell, found, packages)


def _available(module: str, installed: set[str], known: Mapping[str, bool]) -> bool:
    if module in known:
        return known[module]
    if module in sys.stdlib_module_names or module.startswith("_") or not installed:
        return True
    candidates = {normal(distribution_of(module)), normal(module)}
    if candidates & installed:
        return True
    # "opencv-python-headless" also serves cv2; "python-foo" and "foo-python" serve foo.
    return any(_serves(name, candidates) for name in installed)


def _serves(distribution: str, candidates: set[str]) -> bool:
    return any(
        distribution
        in {
            f"python-{name}",
            f"{name}-python",
            f"py{name}",
            f"{name}-headless",
            f"{name}-core",
            f"{name}-binary",
        }
        for name in candidates
    )


def python_need(module: str, alike: str = "") -> PackageNeed:
    """Return the need for the package of a top-level module.

    Args:
        module: What is imported.
        alike: An installed package whose name is like it; empty where there is none.
    """
    name = distribution_of(module)
    if module not in DISTRIBUTIONS and normal(name) not in known_python():
        return PackageNeed(name=name, language="python", reason=_like(alike) or UNKNOWN)
    return PackageNeed(name=name, language="python", addable=True)


def r_need(name: str, alike: str = "") -> PackageNeed:
    """Return the need for an R package; `alike` is as for Python."""
    if name.lower() not in known_r():
        return PackageNeed(name=name, language="r", reason=_like(alike) or UNKNOWN_R)
    return PackageNeed(name=name, language="r", addable=True)


def _like(alike: str) -> str:
    return f"Its name is like that of {alike}, which is installed." if alike else ""


def _finding(cell: Cell, found: Import, packages: Mapping[str, str]) -> Finding:
    names = {*packages, *(module for module, dist in DISTRIBUTIONS.items() if dist in packages)}
    near = difflib.get_close_matches(found.top, sorted(names - {found.top}), n=3, cutoff=0.75)
    need = python_need(found.top, near[0] if near else "")
    # Names like a known one are registered by people who wait for the mistake.
    is_like = bool(near) and not need.addable
    alike = f" Its name is like that of `{near[0]}`: do not install it unseen." if is_like else ""
    # An install is only named for packages that we know: a made-up name may be someone's trap.
    install = [f"%pip install {need.name}"] if need.addable else []
    return Finding(
        check="packages",
        severity="error",
        cell=cell.id,
        line=found.line,
        symbol=found.top,
        message=(
            f"The package `{found.top}` is not installed in the sandbox. Use one that is, or have it added "
            f"to the sandbox's environment.{alike}"
        ),
        suggestions=(*near, *install),
        need=need,
    )
