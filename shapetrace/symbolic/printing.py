"""Prints an expression for people: a tree as Python would write it."""

from __future__ import annotations

from shapetrace.symbolic.form import CHOOSING, FRACTIONAL, INFIX, ROUNDING, Node, digits

_CHOICE, _SUM, _PRODUCT, _UNARY, _ATOM = 0, 5, 6, 7, 9


def printed(node: Node) -> tuple[str, int]:
    """A node as Python writes it, and how tightly its outermost operator binds."""
    if isinstance(node, int | float):
        return digits(node), _ATOM if node >= 0 else _UNARY
    if isinstance(node, str):
        return node, _ATOM
    name, *operands = node
    if name == "Add":
        return _printed_sum(operands), _SUM
    if name == "Sub":
        return _printed_sum([operands[0], ("Neg", operands[1])]), _SUM
    if name == "Mul":
        number, rest = coefficient(node)
        if number == -1 and rest:
            return "-" + _printed_product(rest), _UNARY
        return _printed_product([number, *rest] if number != 1 or not rest else rest), _PRODUCT
    if name == "Div":
        return f"{_inside(operands[0], _UNARY)}//{_inside(operands[1], _UNARY)}", _PRODUCT
    if name == "Neg":
        return f"-{_inside(operands[0], _UNARY)}", _UNARY
    if name == "Invert":
        return f"~{_inside(operands[0], _UNARY)}", _UNARY
    if name in INFIX:
        sign, binds = INFIX[str(name)]
        return f"{_inside(operands[0], binds + 1)} {sign} {_inside(operands[1], binds + 1)}", binds
    if name in CHOOSING:
        left, right, first, second = (_inside(operand, _CHOICE + 1) for operand in operands)
        return f"{first} if {left} {CHOOSING[str(name)]} {right} else {second}", _CHOICE
    shown = {"Max": "max", "Min": "min", "Broadcast": "broadcast", "Abs": "abs", "Root": "sqrt"}.get(
        str(name), str(name)
    )
    shown = shown.lower() if name in ROUNDING | FRACTIONAL else shown
    return f"{shown}({', '.join(printed(operand)[0] for operand in operands)})", _ATOM


def _inside(node: Node, binds: int) -> str:
    written, own = printed(node)
    return written if own >= binds else f"({written})"


def coefficient(node: Node) -> tuple[int, list[Node]]:
    """Split a term into its integer factor and the other ones."""
    if isinstance(node, int):
        return node, []
    if isinstance(node, tuple) and node[0] == "Neg":
        number, rest = coefficient(node[1])
        return -number, rest
    if isinstance(node, tuple) and node[0] == "Mul":
        number = 1
        for factor in node[1:]:
            number *= factor if isinstance(factor, int) else 1
        return number, [factor for factor in node[1:] if not isinstance(factor, int)]
    return 1, [node]


def _printed_product(factors: list[Node]) -> str:
    return "*".join(_inside(factor, _UNARY) for factor in factors)


def _printed_sum(terms: list[Node]) -> str:
    written = ""
    for term in sorted(terms, key=lambda term: (coefficient(term)[1] == [], coefficient(term)[0] < 0)):
        number, rest = coefficient(term)
        size: Node = ("Mul", abs(number), *rest) if rest and abs(number) != 1 else abs(number)
        if rest and abs(number) == 1:
            size = ("Mul", *rest) if len(rest) > 1 else rest[0]
        sign = ("-" if number < 0 else "") if not written else (" - " if number < 0 else " + ")
        written += sign + _inside(size, _PRODUCT if sign != "-" else _UNARY)
    return written
