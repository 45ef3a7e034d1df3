"""What a list that Python goes through holds, element by element: `x.shape[-2:]`, or `any(n % 2 for n in (h, w))` as `h % 2 or w % 2`."""

from __future__ import annotations

import ast

from shapetrace.rules.fixes.source import Source, pure


def elements(source: Source, node: ast.expr) -> list[str]:
    """The elements of a list that is written there, or of a slice whose length is; empty where they are not known."""
    if isinstance(node, ast.List | ast.Tuple):
        return [] if any(isinstance(part, ast.Starred) for part in node.elts) else list(map(source.text, node.elts))
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice) or not pure(node.value):
        return []
    return [f"{source.text(node.value)}[{index}]" for index in _places(node.slice)]


def _places(taken: ast.Slice) -> range:
    """The indices of a slice, where its bounds alone say them: `[-2:]`, `[:2]`, `[1:3]`."""
    bounds = [0 if bound is None else _number(bound) for bound in (taken.lower, taken.upper)]
    first, end = bounds
    if first is None or end is None or taken.step is not None or (first < 0 < end) or (first >= 0 > end):
        return range(0)
    return range(first, end)


def _number(node: ast.expr) -> int | None:
    try:
        number = ast.literal_eval(node)
    except ValueError:
        return None
    return number if type(number) is int else None


def tests(source: Source, node: ast.Call) -> str:
    """`any` or `all` of tests as `or` or `and` of them; empty where they are not known one by one."""
    name, parts = ast.unparse(node.func), _each(source, node.args[0]) if len(node.args) == 1 else []
    if name not in ("any", "all"):
        return ""
    return (" or " if name == "any" else " and ").join(map(_in_parentheses, parts))


def _each(source: Source, node: ast.expr) -> list[str]:
    if isinstance(node, ast.List | ast.Tuple):
        return elements(source, node)
    if not isinstance(node, ast.GeneratorExp | ast.ListComp) or len(node.generators) != 1:
        return []
    over = node.generators[0]
    if over.ifs or not isinstance(over.target, ast.Name):
        return []
    return [_with(node.elt, over.target.id, element) for element in elements(source, over.iter)]


def _with(node: ast.expr, name: str, text: str) -> str:
    """An expression with another in the place of a variable."""
    whole = ast.parse(ast.unparse(node), mode="eval")
    return ast.unparse(_Replacing(name, ast.parse(text, mode="eval").body).visit(whole))


class _Replacing(ast.NodeTransformer):
    """Puts an expression in the place of a variable."""

    def __init__(self, name: str, other: ast.expr) -> None:
        self._name, self._other = name, other

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._other if node.id == self._name else node


def _in_parentheses(text: str) -> str:
    """An operand of `and` or `or`."""
    body = ast.parse(text, mode="eval").body
    return f"({text})" if isinstance(body, ast.BoolOp | ast.IfExp | ast.Lambda) else text
