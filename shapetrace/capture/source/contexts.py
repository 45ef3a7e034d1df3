"""What the expression that used a dim is for, by the syntax around it. See `TestContext`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from shapetrace.capture.tape import Event, ancestry
from shapetrace.trace import TestContext

_MESSAGE = re.compile(
    r"(^|\.)(print|pprint|log|debug|info|warn|warning|error|exception|critical|fatal|write|writelines|echo|secho|repr)$"
)
"""Functions whose text is for people."""
_KEEPS = frozenset({"append", "appendleft", "extend", "insert", "add"})
"""Methods that keep what they get in a list or its like."""
_TEXT = frozenset({"str", "repr", "ascii", "format", "list", "tuple", "sorted", "reversed"})
"""Functions that make a text of one, or a list of texts of several."""
_OF_TEXT = frozenset(
    [
        "join",
        "format",
        "ljust",
        "rjust",
        "center",
        "zfill",
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "replace",
        "expandtabs",
    ]
)
"""Methods of a text that make another."""
_NUMPY = re.compile(r"(np|numpy)\.")
_EXTREMES = frozenset({"min", "max", "sorted"})
"""Functions that compare the dims that they are given with each other."""
_DEPTH = 4
"""How many variables a text, or a dim, is followed through."""


def by_numpy(event: Event, node: Any) -> bool:
    """Whether NumPy got the dim, or had a part in computing it."""
    if event.kind in ("int", "index"):
        by_call = isinstance(node, ast.Call) and not _calls_numpy(node)
        return not by_call
    if event.kind == "refused":
        return any(origin.library == "numpy" for origin in ancestry(event.dim)) or _calls_numpy(node)
    return event.kind == "operand" and type(event.other).__module__.partition(".")[0] == "numpy"


def of_test(event: Event, node: Any) -> TestContext:
    """Where a test stands."""
    return "paddle" if event.where.inside else _of_test(node)


def _calls_numpy(node: Any) -> bool:
    """Whether an expression calls a function of NumPy's, or a method of what one gave."""
    return isinstance(node, ast.Call) and bool(_NUMPY.match(ast.unparse(node.func)))


def _of_test(node: Any) -> TestContext:
    if isinstance(node, ast.For):  # rewritten to a `while`
        return "loop"
    if isinstance(node, ast.Call) and ast.unparse(node.func) in _EXTREMES and _asks_only(node):
        return "asks"
    inner, outer = node, getattr(node, "parent", None)
    while isinstance(outer, ast.BoolOp | ast.UnaryOp | ast.Compare):
        inner, outer = outer, getattr(outer, "parent", None)
    if isinstance(outer, ast.While) and outer.test is inner:
        return "loop"
    if isinstance(outer, ast.Assert):
        return "assert"
    if isinstance(outer, ast.If) and outer.test is inner and all(isinstance(item, ast.Raise) for item in outer.body):
        return "check"
    literal = isinstance(node, ast.Compare) and any(_literal(item) for item in (node.left, *node.comparators))
    return "guard" if literal else "branch"


def _literal(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(map(_literal, node.elts))
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


# Whether a dim is only asked whether it is unknown.


def _asks_only(node: ast.AST, depth: int = _DEPTH) -> bool:
    """Whether what `node` gives, the least of some dims, say, is only compared with numbers that no size is."""
    parent = getattr(node, "parent", None)
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return _asks_only(parent, depth)
    if isinstance(parent, ast.Compare) and len(parent.ops) == 1:
        left, op, right = parent.left, parent.ops[0], parent.comparators[0]
        return left is node and _asks(op, _number(right))
    return _each_of_variable(node, parent, depth, _asks_only)


def _asks(op: ast.cmpop, number: float | None) -> bool:
    """Whether a comparison with a number has one answer for all sizes."""
    if number is None:
        return False
    if isinstance(op, ast.Eq | ast.NotEq):
        return number < 0
    return number <= 0 if isinstance(op, ast.Lt | ast.GtE) else number < 1 and isinstance(op, ast.LtE | ast.Gt)


def _number(node: ast.expr) -> float | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int | float) else None


def _each_of_variable(node: ast.AST, parent: ast.AST | None, depth: int, holds: Any) -> bool:
    """Whether `node` is assigned to a variable, and `holds` is true of each place that reads it."""
    if not depth or not isinstance(parent, ast.Assign) or parent.value is not node or len(parent.targets) != 1:
        return False
    target = parent.targets[0]
    if not isinstance(target, ast.Name):
        return False
    return all(holds(place, depth - 1) for place in _reads(parent, target.id))


def _reads(statement: ast.AST, name: str) -> Iterator[ast.AST]:
    """The places in the function around a statement that read a variable."""
    scope: Any = statement
    while getattr(scope, "parent", None) is not None and not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        scope = scope.parent
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            yield node


# Whether a text is for people.


def is_message(node: Any) -> bool:
    """Whether the text at `node` is for people: printed, logged, part of an error, or kept in a list."""
    if isinstance(node, ast.stmt):  # the text is somewhere in it
        texts = [part for part in ast.walk(node) if isinstance(part, ast.JoinedStr)]
        return (bool(texts) and all(map(_only_told, texts))) or isinstance(node, ast.Raise | ast.Assert)
    return node is not None and _only_told(node)


def _only_told(node: ast.AST, depth: int = _DEPTH) -> bool:
    """Whether the text that `node` gives, or the list it is put into, is only printed, logged or raised, or read by nothing."""
    parent: Any = getattr(node, "parent", None)
    if isinstance(parent, ast.Raise | ast.Assert | ast.Expr):
        return True
    if isinstance(parent, ast.Call):
        return _given_to(parent, node, depth)
    if isinstance(parent, ast.Attribute):  # `", ".join`: what is called gives the next text
        call = getattr(parent, "parent", None)
        return isinstance(call, ast.Call) and parent.attr in _OF_TEXT and _only_told(call, depth)
    if isinstance(parent, ast.Dict):
        return node in parent.values and _only_told(parent, depth)
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript):
        return True  # a value in a dict: only a key is looked up
    if isinstance(parent, ast.BinOp | ast.IfExp | ast.FormattedValue | ast.JoinedStr | ast.Starred | ast.keyword):
        return _only_told(parent, depth)
    if isinstance(parent, ast.List | ast.Tuple | ast.Set | ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return _only_told(parent, depth)
    if isinstance(parent, ast.AugAssign) and isinstance(parent.target, ast.Name):
        return bool(depth) and all(_only_told(place, depth - 1) for place in _reads(parent, parent.target.id))
    return _each_of_variable(node, parent, depth, _only_told)


def _given_to(call: Any, node: ast.AST, depth: int) -> bool:
    """The same for what a call got."""
    if node is call.func:
        return False
    called = ast.unparse(call.func)
    name = called.rpartition(".")[2]
    if _MESSAGE.search(called) or name in _KEEPS:
        return True
    return (name in _OF_TEXT or called in _TEXT) and _only_told(call, depth)
