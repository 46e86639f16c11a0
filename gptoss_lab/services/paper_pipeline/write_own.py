"""The cells that no model writes: values of the paper, the lines that load data, the check of the claims."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from gptoss_lab.papers.candidates import where
from gptoss_lab.prompts.untrusted import one_line
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.papers import Claim, PlanValue
from gptoss_lab.services.paper_pipeline.datasets import DataChoice

TOKEN = "gptoss_lab.claims"  # noqa: S105 - what a line of output begins with
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_CONSTANTS: dict[Language, dict[str, str]] = {
    "python": {"true": "True", "false": "False", "none": "None"},
    "r": {"true": "TRUE", "false": "FALSE", "none": "NULL"},
}
_PYTHON_CHECK = """\
# What the cells above computed for the claims of the paper. The paper's own numbers are not here.
import json as _json
import math as _math


def _number(value):
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if _math.isfinite(number) else None


_asked = {asked}
_computed = {{name: _number(claim_values.get(name)) for name in _asked}}
for _name, _metric in _asked.items():
    print(f"{{_metric}}: {{'not computed' if _computed[_name] is None else _computed[_name]}}")
print("{token} " + _json.dumps(_computed))
"""
_R_CHECK = """\
# What the cells above computed for the claims of the paper. The paper's own numbers are not here.
local({{
  asked <- c({asked})
  number <- function(name) {{
    value <- suppressWarnings(tryCatch(as.numeric(claim_values[[name]]), error = function(e) NA_real_))
    if (length(value) == 1 && is.finite(value)) sprintf("%.17g", value) else "null"
  }}
  computed <- vapply(names(asked), number, "")
  cat(sprintf("%s: %s\\n", asked, ifelse(computed == "null", "not computed", computed)), sep = "")
  pairs <- paste(sprintf("\\"%s\\": %s", names(asked), computed), collapse = ", ")
  cat("{token} {{", pairs, "}}\\n", sep = "")
}})
"""


def config_source(values: Sequence[PlanValue], language: Language) -> str:
    """Return the cell of the values, each with its place or as assumed."""
    lines = ["# Values of the paper, each with its place, and what is assumed where the paper states none."]
    assign = "=" if language == "python" else "<-"
    for value in values:
        origin = "assumed" if value.assumed or value.place is None else where(value.place) or "the paper"
        lines.append(f"{value.name} {assign} {literal(value.value, language)}  # {one_line(origin)[:100]}")
    empty = "{}" if language == "python" else "list()"
    lines.append(f"claim_values {assign} {empty}  # what the cells below compute for the claims")
    return "\n".join(lines)


def literal(text: str, language: Language) -> str:
    """Return a value as code: a number, a constant, or else a string; never anything that runs."""
    bare = text.strip()
    if _NUMBER.fullmatch(bare):
        return bare if not re.fullmatch(r"[-+]?0\d+", bare) else string(bare, language)
    constant = _CONSTANTS[language].get(bare.casefold())
    return constant or string(bare, language)


def string(text: str, language: Language) -> str:
    """Return a text as a string of the language."""
    return repr(one_line(text)) if language == "python" else json.dumps(one_line(text), ensure_ascii=False)


def load_source(data: Sequence[DataChoice]) -> str:
    """Return the cell that loads the data that are here."""
    return "\n\n".join(f"# {one_line(choice.told)}\n{choice.code}" for choice in data if choice.code)


def check_source(claims: Sequence[Claim], labels: Mapping[str, str], language: Language) -> str:
    """Return the cell whose last line of output says what was computed, for code to read."""
    asked = {labels[claim.id]: claim.metric for claim in claims if claim.id in labels}
    if language == "python":
        entries = "".join(f"\n    {name!r}: {string(metric, 'python')}," for name, metric in asked.items())
        return _PYTHON_CHECK.format(asked=f"{{{entries}\n}}", token=TOKEN).rstrip()
    pairs = ",".join(f"\n    {name} = {string(metric, 'r')}" for name, metric in asked.items())
    return _R_CHECK.format(asked=f"{pairs}\n  ", token=TOKEN).rstrip()
