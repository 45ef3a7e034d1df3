"""A -1 in the place of a leaked dim, where the op infers it."""

from __future__ import annotations

import ast

from shapetrace.facts import ops
from shapetrace.rules.fixes.source import Source, bound
from shapetrace.trace import Edit, OpArgument, Trace, Use

_INFERS = ops.RESHAPES | {"reshape_"}
"""Public functions whose shape argument may hold one -1 that means "infer"."""
_PARAMETERS = ("shape", "shape_or_dtype")


def may_infer(trace: Trace, use: Use) -> bool:
    """Whether a dim is the only one in the shape of an op that infers one -1, and no other -1 stands there."""
    if not isinstance(use, OpArgument) or use.op not in _INFERS or use.index is None or use.argument not in _PARAMETERS:
        return False
    if any(text.startswith("-") for position, text in enumerate(use.arguments) if position != use.index):
        return False
    beside = (
        other.index
        for other in trace.uses
        if isinstance(other, OpArgument) and other.site == use.site and other.argument == use.argument
    )
    return all(index == use.index for index in beside)


def edit(source: Source, call: ast.Call, use: OpArgument) -> Edit | None:
    """The edit that writes -1 in that place of the shape; None where the place is not found."""
    elements = _shape(source, call, use) or _loose(call, use)
    assert use.index is not None
    element = elements[use.index] if use.index < len(elements) else None
    return source.replace(element, "-1") if element is not None else None


def _shape(source: Source, call: ast.Call, use: OpArgument) -> list[ast.expr | None]:
    """The elements of the argument that is the shape: by its name, else the one that is a list of that length."""
    named = [keyword.value for keyword in call.keywords if keyword.arg in _PARAMETERS]
    for argument in named or call.args:
        elements = _elements(source, argument, call)
        if elements and (elements[-1] is None or len(elements) == len(use.arguments)):
            return elements
    return []


def _loose(call: ast.Call, use: OpArgument) -> list[ast.expr | None]:
    """The sizes of `x.reshape(a, b)`."""
    whole = len(call.args) == len(use.arguments) and not any(
        isinstance(argument, ast.Starred) for argument in call.args
    )
    return list(call.args) if whole else []


def _elements(source: Source, shape: ast.expr, call: ast.Call) -> list[ast.expr | None]:
    """The elements of a list as they are written; None from where their positions cannot be told."""
    if isinstance(shape, ast.Call) and ast.unparse(shape.func) in ("list", "tuple") and len(shape.args) == 1:
        return _elements(source, shape.args[0], call)
    if isinstance(shape, ast.BinOp) and isinstance(shape.op, ast.Add):
        left = _elements(source, shape.left, call)
        return left if not left or left[-1] is None else [*left, *(_elements(source, shape.right, call) or [None])]
    if isinstance(shape, ast.List | ast.Tuple):
        elements: list[ast.expr | None] = []
        for element in shape.elts:
            if isinstance(element, ast.Starred):
                return [*elements, None]
            elements.append(element)
        return elements
    if isinstance(shape, ast.Name):
        return _assigned(source, shape, call)
    return []


def _assigned(source: Source, name: ast.Name, call: ast.Call) -> list[ast.expr | None]:
    """The elements of a list that a variable holds, which is assigned once and used for this call alone."""
    function = source.around(call, (ast.FunctionDef, ast.AsyncFunctionDef))
    if function is None:
        return []
    names = [part for part in ast.walk(function) if isinstance(part, ast.Name) and part.id == name.id]
    places = [part for part in names if isinstance(part.ctx, ast.Store)]
    if len(places) != 1 or len(names) != 2:
        return []
    statement = source.statement(places[0])
    if not isinstance(statement, ast.Assign) or list(bound(statement)) != [name.id]:
        return []
    return _elements(source, statement.value, call)
