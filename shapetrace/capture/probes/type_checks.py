"""Whether it matters to the program that `isinstance(n, int)` is False, because `n` is a tensor in rewritten code.

It does not where only a check is left out (`if isinstance(n, int): assert n > 0`), nor where either way gives the same number
(`n if isinstance(n, int) else int(n)`).
"""

from __future__ import annotations

import ast

_CHECKS = (ast.Assert, ast.Raise, ast.Pass)
"""Statements that make nothing."""
_CONVERTS = frozenset({"int", "paddle.to_tensor"})
"""Functions that give the number that they get, as another type."""


def matters(asked: ast.Call) -> bool:
    """Whether the export is another one for what a call of `isinstance` with a number has answered."""
    number, test, decided = ast.unparse(asked.args[0]), *_test(asked)
    negated = isinstance(test, ast.UnaryOp)
    if isinstance(decided, ast.IfExp) and decided.test is test:
        return not (_is_number(decided.body, number) and _is_number(decided.orelse, number))
    if not isinstance(decided, ast.If) or decided.test is not test:
        return True
    if not negated and not decided.orelse and all(map(_only_checks, decided.body)):
        return False
    return not all(_converts(statement, number) for statement in (*decided.body, *decided.orelse))


def _test(asked: ast.Call) -> tuple[ast.AST, ast.AST | None]:
    """The whole test that a question is: negated, or the first condition of several; and what it decides."""
    outer: ast.AST | None = getattr(asked, "parent", None)
    if isinstance(outer, ast.UnaryOp) or (isinstance(outer, ast.BoolOp) and isinstance(outer.op, ast.And)):
        return outer, getattr(outer, "parent", None)
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
