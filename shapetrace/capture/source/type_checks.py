"""Whether it matters to the program that `isinstance(n, int)` is False, because `n` is a tensor in rewritten code.

It does not where only a check is left out (`if isinstance(n, int): assert n > 0`), nor where either way gives the same number
(`n if isinstance(n, int) else int(n)`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable

Parent = Callable[[ast.AST], ast.AST | None]
"""Gives the node around a node."""

_CHECKS = (ast.Assert, ast.Raise, ast.Pass)
"""Statements that make nothing."""
_CONVERTS = frozenset({"int", "paddle.to_tensor"})
"""Functions that give the number that they get, as another type."""


def wants_an_int(node: ast.AST, parent: Parent) -> bool:
    """Whether a node asks whether something is an int, and not whether it is a tensor, and the answer matters."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != "isinstance" or len(node.args) != 2:
        return False
    kinds = {ast.unparse(part).rpartition(".")[2] for part in ast.walk(node.args[1]) if isinstance(part, ast.expr)}
    return "int" in kinds and not kinds & {"Tensor", "Variable"} and matters(node, parent)


def matters(asked: ast.Call, parent: Parent) -> bool:
    """Whether the export is another one for what a call of `isinstance` with a number has answered."""
    number, test, decided = ast.unparse(asked.args[0]), *_test(asked, parent)
    negated = isinstance(test, ast.UnaryOp)
    if isinstance(decided, ast.IfExp) and decided.test is test:
        return not (_is_number(decided.body, number) and _is_number(decided.orelse, number))
    if not isinstance(decided, ast.If) or decided.test is not test:
        return True
    if not negated and not decided.orelse and all(map(_only_checks, decided.body)):
        return False
    return not all(_converts(statement, number) for statement in (*decided.body, *decided.orelse))


def _test(asked: ast.Call, parent: Parent) -> tuple[ast.AST, ast.AST | None]:
    """The whole test that a question is: negated, or the first condition of several; and what it decides."""
    outer = parent(asked)
    if isinstance(outer, ast.UnaryOp) or (isinstance(outer, ast.BoolOp) and isinstance(outer.op, ast.And)):
        return outer, parent(outer)
    return asked, outer


def _only_checks(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.If):
        return all(map(_only_checks, (*statement.body, *statement.orelse)))
    return isinstance(statement, _CHECKS)


def _converts(statement: ast.stmt, number: str) -> bool:
    """Whether a statement leaves a number as it is, but for its type."""
    if isinstance(statement, ast.Assign):
        return [ast.unparse(target) for target in statement.targets] == [number] and _is_number(statement.value, number)
    return isinstance(statement, ast.Pass)


def _is_number(node: ast.expr, number: str) -> bool:
    """Whether an expression gives a number as it is, but for its type."""
    if not isinstance(node, ast.Call) or node.keywords:
        return ast.unparse(node) == number
    if isinstance(node.func, ast.Attribute) and node.func.attr == "item":
        return ast.unparse(node.func.value) == number and not node.args
    return ast.unparse(node.func) in _CONVERTS and [ast.unparse(item) for item in node.args] == [number]
