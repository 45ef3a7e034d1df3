"""What was done with a dim, in the words of the user's own code: `division by 1 (`h * w`), meant as image[2]*image[3]`."""

from __future__ import annotations

import ast

from shapetrace.facts import operators
from shapetrace.rules.evidence import Evidence
from shapetrace.trace import OpArgument, Use

SILENTLY_WRONG = "; the export is silently wrong"

_BY = {
    "+": "addition of {}",
    "-": "subtraction of {}",
    "*": "multiplication by {}",
    "/": "division by {}",
    "//": "floor division by {}",
    "%": "the remainder by {}",
    "**": "a power with the exponent {}",
}
"""Operator to what is done with the number on its right."""
_OF = {
    "-": "subtraction from {}",
    "/": "division of {}",
    "//": "floor division of {}",
    "%": "the remainder of {}",
    "**": "a power of {}",
}
"""The same for the number on its left, where that is another thing."""

_LONGEST = 60


def passed(evidence: Evidence[OpArgument]) -> str:
    """What took a dim, and which number it got: `reshape got shape[0] = -8, computed from an unknown dim`."""
    return f"{by_itself(evidence)}: {_passed(evidence)}" if evidence.api else _passed(evidence)


def by_itself(evidence: Evidence[Use]) -> str:
    """That a function of Paddle's read the dim, and no code of the user's."""
    dims = ", ".join(root.symbol for root in evidence.roots) or "an unknown dim"
    return f"{evidence.api} itself reads {dims} as a number"


def _passed(evidence: Evidence[OpArgument]) -> str:
    use = evidence.use
    sign = operators.sign(use.op)
    if not sign:
        place = f"{use.argument}[{use.index}]" if use.index is not None else use.argument or "an argument"
        if evidence.api and not use.argument:
            return f"it computes with {evidence.dim.value}"
        return f"{use.op} got {place} = {evidence.dim.value}, {origin(evidence)}"
    number = f"{evidence.dim.value}{_written(evidence)}"
    if sign in operators.INDEXING.values():
        return _indexed(evidence, number)
    by = _OF.get(sign) if operators.reflected(use.op) else None
    return (by or _BY.get(sign, f"`{sign}` with {{}}")).format(number)


def meant(evidence: Evidence[Use]) -> str:
    """What the number stands for, as the end of a sentence; empty where that is not known."""
    symbolic = evidence.symbolic
    return f", meant as {symbolic}" if symbolic and len(symbolic) <= _LONGEST else ""


def code(evidence: Evidence[Use]) -> str:
    """The user's code that used a dim, on one line."""
    sink = evidence.sink
    return " ".join(sink.code.split()) if sink is not None else evidence.use.expression


def origin(evidence: Evidence[Use]) -> str:
    """Whether the number is a dim as it was read, or was computed from one."""
    return "computed from an unknown dim" if evidence.dim.op != "read" else "an unknown dim"


def _written(evidence: Evidence[OpArgument]) -> str:
    """The user's expression for the number, in brackets, where it is short and says more than the number."""
    code = "" if evidence.api else " ".join(evidence.use.expression.split())
    return f" (`{code}`)" if code and len(code) <= _LONGEST else ""


def _indexed(evidence: Evidence[OpArgument], number: str) -> str:
    sink = evidence.sink
    code = " ".join(sink.code.split()) if sink is not None else ""
    what = f"`{code}`" if code and len(code) <= _LONGEST else "a tensor"
    how = {True: "is sliced with", False: "is indexed with", None: "takes the index"}[_is_slice(evidence, code)]
    return f"{what} {how} {number}"


def _is_slice(evidence: Evidence[OpArgument], code: str) -> bool | None:
    """Whether the number is a bound of a slice in the code that indexes; None where the code does not show it."""
    try:
        node = ast.parse(code, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(node, ast.Subscript):
        return None
    elements = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    index = evidence.use.index or 0
    return isinstance(elements[index], ast.Slice) if index < len(elements) else None
