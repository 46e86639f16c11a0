"""Whether a number was computed: one that was written down proves nothing, however exactly it agrees."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence

from gptoss_lab.drafts.literals import spans
from gptoss_lab.drafts.syntax import tree_of
from gptoss_lab.schemas.base import Language
from gptoss_lab.schemas.papers import Claim
from gptoss_lab.services.paper_pipeline.claims_model import number_of

_SIGNIFICANT = 3
_NUMBER = re.compile(r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?L?(?![\w.])")
_R_STORED = re.compile(
    r"claim_values\s*(?:\[\[\s*[\"']{label}[\"']\s*\]\]|\$`?{label}`?)\s*(?:<<?-|=(?!=))\s*(.*)"
)
_R_WORD = re.compile(r"[A-Za-z.][\w.]*")
_R_CASTS = frozenset({"as.numeric", "round", "c", "as.double", "signif", "identity", "L", "e", "E"})
_CASTS = frozenset({"float", "int", "round", "abs", "float64", "float32", "array", "asarray", "Decimal"})


def written_down(
    claim: Claim, label: str, sources: Sequence[str], language: Language, given: Collection[str] = ()
) -> str:
    """Return why a number was not computed but written down, in words; empty where nothing shows that.

    Args:
        claim: What the paper prints.
        label: The name under which the cells store the number.
        sources: The cells that a model wrote.
        language: Their language.
        given: Names whose values the paper gives, so that they are no results.
    """
    if _digits(claim.printed) >= _SIGNIFICANT and any(_holds(source, claim, language) for source in sources):
        return f"The number {claim.printed} stands in the code itself, so that it proves nothing."
    stored = _r_constant if language == "r" else _python_constant
    if stored(label, sources, given):
        return "The code stores a fixed number in its place, so that it proves nothing."
    return ""


def _digits(printed: str) -> int:
    digits = re.sub(r"[^\d]", "", re.split(r"[eE\u00d7]", printed)[0]).lstrip("0")
    return len(digits)


def _holds(source: str, claim: Claim, language: Language) -> bool:
    text = "".join(span.text for span in spans(source, language) if span.kind != "comment")
    for match in _NUMBER.finditer(text):
        read = number_of(match[0].rstrip("L"))
        if read is not None and read[0] == abs(claim.value):
            return True
    return False


def _python_constant(label: str, sources: Sequence[str], given: Collection[str]) -> bool:
    """Say whether everything that the cells store under a label is made of literals alone."""
    fixed = set(given)
    stored: list[bool] = []
    for source in sources:
        tree = tree_of(source)
        for node in ast.walk(tree) if tree is not None else ():
            for target, value in _assignments(node):
                if isinstance(target, ast.Name):
                    (fixed.add if _is_fixed(value, fixed) else fixed.discard)(target.id)
                elif _is_label(target, label):
                    stored.append(_is_fixed(value, fixed))
            if isinstance(node, ast.Call) and _is_update(node, label):
                stored += [_is_fixed(value, fixed) for value in _updates(node, label)]
    return bool(stored) and all(stored)


def _assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value


def _is_label(target: ast.expr, label: str) -> bool:
    return (
        isinstance(target, ast.Subscript)
        and isinstance(target.value, ast.Name)
        and target.value.id == "claim_values"
        and isinstance(target.slice, ast.Constant)
        and target.slice.value == label
    )


def _is_update(node: ast.Call, label: str) -> bool:
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in {"update", "setdefault"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "claim_values"
        and bool(_updates(node, label))
    )


def _updates(node: ast.Call, label: str) -> list[ast.expr]:
    values = [keyword.value for keyword in node.keywords if keyword.arg == label]
    for argument in node.args:
        if isinstance(argument, ast.Dict):
            values += [
                value
                for key, value in zip(argument.keys, argument.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == label
            ]
    name = getattr(node.func, "attr", "")
    if name == "setdefault" and len(node.args) > 1 and isinstance(node.args[0], ast.Constant):
        values += [node.args[1]] if node.args[0].value == label else []
    return values


def _is_fixed(value: ast.expr, fixed: set[str]) -> bool:
    """Say whether an expression holds nothing but literals, casts of them and names of such."""
    for node in ast.walk(value):
        if isinstance(node, ast.Name) and node.id not in fixed and node.id not in _CASTS:
            return _is_module_of_cast(node, value)
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
            if name not in _CASTS:
                return False
    return True


def _is_module_of_cast(name: ast.Name, value: ast.expr) -> bool:
    """Say whether a name is only the module of a cast, as in `np.float64(1.5)`."""
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and (
            value.func.value is name
            and value.func.attr in _CASTS
            and all(isinstance(argument, ast.Constant) for argument in value.args)
        )
    )


def _r_constant(label: str, sources: Sequence[str], given: Collection[str]) -> bool:
    pattern = re.compile(_R_STORED.pattern.replace("{label}", re.escape(label)))
    stored = [match[1].partition("#")[0] for source in sources for match in pattern.finditer(source)]
    fixed = [not set(_R_WORD.findall(_NUMBER.sub("", value))) - _R_CASTS - set(given) for value in stored]
    return bool(fixed) and all(fixed)
