"""Other places in a function that fail as one of them does: the first ends the conversion, so no run tells of the rest."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from shapetrace.capture.source.expressions import operation
from shapetrace.rules.fixes import instead
from shapetrace.rules.fixes.source import Source, bound

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def others(source: Source, node: ast.expr) -> Iterator[ast.expr]:
    """The expressions that do the same to dims as `node` does, in the function that it is in.

    They have another form, too (`instead.written`), which gives in dygraph what was there before.
    """
    function = source.around(node, _FUNCTIONS)
    if function is None:
        return
    names = _dims(function)
    for other in ast.walk(function):
        if isinstance(other, ast.expr) and other is not node and source.around(other, _FUNCTIONS) is function:
            same = operation(other) == operation(node) and _holds(other, names)
            if same and instead.written(source, other) is not None and instead.outermost(source, other) is other:
                yield other


def _dims(function: ast.AST) -> set[str]:
    """The variables of a function that are computed from shapes."""
    names: set[str] = set()
    while True:
        more = {
            name
            for statement in ast.walk(function)
            if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign)
            and statement.value is not None
            and _is_of_sizes(statement.value, names)
            for name in bound(statement)
        }
        if more <= names:
            return names
        names |= more


def _is_of_sizes(value: ast.expr, names: set[str]) -> bool:
    """Whether an expression computes with sizes only, and not with a tensor that is made with one."""
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).rpartition(".")[2] in _OF_NUMBERS and _holds(value, names)
    return _holds(value, names) and not any(
        isinstance(part, ast.Call) and not _is_of_sizes(part, names) for part in ast.walk(value)
    )


_OF_NUMBERS = frozenset(
    {"int", "float", "round", "abs", "max", "min", "sum", "list", "tuple", "ceil", "floor", "sqrt", "prod"}
)
"""Functions that make numbers of numbers, whoever's they are."""


def _holds(node: ast.AST, names: set[str]) -> bool:
    return any(
        (isinstance(part, ast.Attribute) and part.attr == "shape") or (isinstance(part, ast.Name) and part.id in names)
        for part in ast.walk(node)
    )
