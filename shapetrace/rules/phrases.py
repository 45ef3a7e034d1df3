"""What was done with a dim, in the words of the user's own code: `division by 1 (`h * w`), meant as image[2]*image[3]`."""

from __future__ import annotations

import ast
import textwrap

from shapetrace.facts import operators
from shapetrace.rules.evidence import Evidence
from shapetrace.said import Sentence, said
from shapetrace.trace import OpArgument, Said, Use

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
_LONGEST_VALUE = 40
"""Characters of a value, which may be an array of NumPy's, with lines."""


def passed(evidence: Evidence[OpArgument]) -> Said:
    """What took a dim, and which number it got: `reshape got shape[0] = -8, computed from an unknown dim`."""
    return said("{}: {}", by_itself(evidence), _passed(evidence)) if evidence.api else _passed(evidence)


def _value(evidence: Evidence[Use]) -> str:
    return textwrap.shorten(str(evidence.dim.value), _LONGEST_VALUE, placeholder=" …")


def by_itself(evidence: Evidence[Use]) -> Said:
    """That a function of Paddle's read the dim, and no code of the user's."""
    dims = ", ".join(root.symbol for root in evidence.roots) or said("an unknown dim")
    return said("{} itself reads {} as a number", evidence.api, dims)


def _passed(evidence: Evidence[OpArgument]) -> Said:
    use = evidence.use
    sign = operators.sign(use.op)
    if not sign:
        if evidence.api and not use.argument:
            return said("it computes with {}", evidence.dim.value)
        place = f"{use.argument}[{use.index}]" if use.index is not None else use.argument or said("an argument")
        return said(
            "{} got {} = {}, computed from an unknown dim" if computed(evidence) else "{} got {} = {}, an unknown dim",
            use.op,
            place,
            _value(evidence),
        )
    number = _number(evidence)
    if sign in operators.INDEXING.values():
        return _indexed(evidence, number)
    if operators.reflected(use.op) and sign in _OF:
        return said(_OF[sign], number)
    return said(_BY[sign], number) if sign in _BY else said("`{}` with {}", sign, number)


def meant(sentence: Said, evidence: Evidence[Use]) -> Said:
    """A sentence about a number, together with what it stands for where that is known."""
    symbolic = evidence.symbolic
    tells = symbolic and len(symbolic) <= _LONGEST and "Computed(" not in symbolic  # of which a reader learns nothing
    return said("{}, meant as {}", sentence, symbolic) if tells else sentence


def silently_wrong(sentence: Said) -> Said:
    """A sentence about what nobody is told of when it happens."""
    return said("{}; the export is silently wrong", sentence)


def code(evidence: Evidence[Use]) -> str:
    """The user's code that used a dim, on one line."""
    sink = evidence.sink
    return " ".join(sink.code.split()) if sink is not None else evidence.use.expression


def computed(evidence: Evidence[Use]) -> bool:
    """Whether the number was computed from a dim, and is not one as it was read."""
    return evidence.dim.op != "read"


def _number(evidence: Evidence[OpArgument]) -> Sentence:
    """The number, with the user's expression for it in brackets where that is short and says more."""
    code = "" if evidence.api else " ".join(evidence.use.expression.split())
    return said("{} (`{}`)", _value(evidence), code) if code and len(code) <= _LONGEST else _value(evidence)


def _indexed(evidence: Evidence[OpArgument], number: Sentence) -> Said:
    sink = evidence.sink
    code = " ".join(sink.code.split()) if sink is not None else ""
    what = f"`{code}`" if code and len(code) <= _LONGEST else said("a tensor")
    sliced = _is_slice(evidence, code)
    if sliced is None:
        return said("{} takes the index {}", what, number)
    return said("{} is sliced with {}" if sliced else "{} is indexed with {}", what, number)


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
