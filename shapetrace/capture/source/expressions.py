"""The user's expressions, taken apart and looked up in a running frame without running anything of the user's."""

from __future__ import annotations

import ast
import builtins
import inspect
from types import FrameType
from typing import Any, NamedTuple

from shapetrace.capture.source import frames

UNKNOWN: Any = object()
"""What an expression is that cannot be told without running code."""

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.MatMult: "@",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


class Operand(NamedTuple):
    """An expression that is an operand of another, and the keyword it was given by."""

    node: ast.expr
    keyword: str = ""


def operands(node: ast.AST | None, inner: bool = False) -> list[Operand]:
    """The operands of a call, operator, comparison or subscript, in order.

    Args:
        node: The expression.
        inner: Take the elements of a list or tuple in its place, and leave out what is only called.
    """
    whole: list[Operand] = []
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Attribute):
            whole.append(Operand(function.value))
        whole += [Operand(value) for value in node.args if not isinstance(value, ast.Starred)]
        whole += [Operand(keyword.value, keyword.arg or "") for keyword in node.keywords]
    elif isinstance(node, ast.BinOp):
        whole = [Operand(node.left), Operand(node.right)]
    elif isinstance(node, ast.Compare):
        whole = [Operand(value) for value in (node.left, *node.comparators)]
    elif isinstance(node, ast.Subscript):
        whole = [Operand(node.value), Operand(node.slice)]
    elif isinstance(node, ast.AugAssign):
        whole = [Operand(node.target), Operand(node.value)]
    elif isinstance(node, ast.Attribute):
        whole = [Operand(node.value)]
    elif isinstance(node, ast.Name):
        whole = [Operand(node)]
    elif isinstance(node, ast.JoinedStr):
        whole = [Operand(part.value) for part in node.values if isinstance(part, ast.FormattedValue)]
    return [part for operand in whole for part in _parts(operand)] if inner else whole


def _parts(operand: Operand) -> list[Operand]:
    node = operand.node
    if isinstance(node, ast.List | ast.Tuple):
        return [part for element in node.elts for part in _parts(Operand(element))]
    if isinstance(node, ast.Slice):
        return [Operand(bound) for bound in (node.lower, node.upper, node.step) if bound is not None]
    return [operand]


def operation(node: ast.AST | None) -> str:
    """What an expression does, in a word: `max`, `math.ceil`, `in`, `[]`, `*`, `()`."""
    if isinstance(node, ast.Call):
        return called(node) or "()"
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return OPERATORS.get(type(node.op), "")
    if isinstance(node, ast.Compare):
        return OPERATORS.get(type(node.ops[0]), "")
    if isinstance(node, ast.Subscript):
        return "[]"
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    return "format" if isinstance(node, ast.JoinedStr) else ""


def called(node: ast.AST | None, frame: FrameType | None = None) -> str:
    """The name of what a call calls: `max`, `math.ceil`; `.index` where it is the method of something else.

    With a frame to look names up in, a function of a module or class goes by its own name: `concat`.
    """
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute):
        if frame is not None:
            return function.attr
        return ast.unparse(function) if _is_dotted(function) else f".{function.attr}"
    return ""


def _is_dotted(node: ast.AST) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def evaluate(node: ast.AST, frame: FrameType) -> Any:
    """What a name, an attribute of an object or a constant is in a frame; `UNKNOWN` for whatever would run code."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        for names in (frames.variables(frame), frame.f_globals, vars(builtins)):
            if node.id in names:
                return names[node.id]
        return UNKNOWN
    if isinstance(node, ast.Attribute):
        owner = evaluate(node.value, frame)
        return UNKNOWN if owner is UNKNOWN else _attribute(owner, node.attr)
    return UNKNOWN


def _attribute(owner: Any, name: str) -> Any:
    for store in ("_sub_layers", "_parameters", "_buffers"):  # where a layer keeps its own
        stored = getattr(owner, "__dict__", {}).get(store)
        if isinstance(stored, dict) and name in stored:
            return stored[name]
    value = inspect.getattr_static(owner, name, UNKNOWN)
    return UNKNOWN if hasattr(type(value), "__get__") else value


def converts_each(node: ast.AST) -> bool:
    """Whether an expression is `map(int, ...)` or `map(float, ...)`: Python calls `int` of each element when somebody asks for it."""
    return (
        isinstance(node, ast.Call)
        and len(node.args) == 2
        and ast.unparse(node.func) == "map"
        and ast.unparse(node.args[0]) in ("int", "float")
    )
