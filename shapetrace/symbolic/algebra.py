"""Simplifies expressions: sums and products by sympy's polynomials, rounding divisions, maxima and the like by rules of our own.

sympy sees polynomials only. Each division, maximum, ... stands in them as a `Dummy`, so no name of the user's can
mean one of sympy's own (`S`, `N`, `E`), and rounding divisions never become fractions.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy.core.parameters import distribute

from shapetrace.symbolic.arithmetic import apply
from shapetrace.symbolic.form import Node, is_whole
from shapetrace.symbolic.printing import printed

_MOST_TERMS = 64  # a product with more terms than that is not multiplied out for printing
_MOST_TERMS_CANONICAL = 2000
_MOST_COMPARED = 16  # operands of max and min


def simplify(node: Node, canonical: bool = False) -> Node:
    """Simplify a tree; what cannot be simplified comes back as it is.

    Args:
        node: The tree. Every string in it is a positive integer.
        canonical: Make equal trees look alike where that can be done, rather than making them short.
    """
    try:
        with distribute(False):
            return _Algebra(canonical).simple(node)
    except (RecursionError, sympy.PolynomialError):
        return node


class _Algebra:
    def __init__(self, canonical: bool) -> None:
        self.canonical = canonical
        self.dummies: dict[Node, sympy.Dummy] = {}
        self.nodes: dict[sympy.Expr, Node] = {}
        self.known: dict[Node, Node] = {}
        self.bounds: dict[Node, int | None] = {}

    def simple(self, node: Node) -> Node:
        if not isinstance(node, tuple):
            return node
        if node not in self.known:
            name, *operands = node
            self.known[node] = self.call(str(name), [self.simple(operand) for operand in operands])
        return self.known[node]

    def call(self, name: str, operands: list[Node]) -> Node:
        """Simplify one function of operands that are simple already."""
        if name in ("Add", "Sub", "Mul", "Neg") and not all(map(is_whole, operands)):
            return (name, *operands)  # neither the order of floats nor their rounding is ours to change
        if name in ("Add", "Sub", "Mul", "Neg"):
            return self.shortest(self.polynomial((name, *operands)))
        numbers = [operand for operand in operands if isinstance(operand, int)]
        if len(numbers) == len(operands):
            try:
                return apply(name, numbers)
            except ValueError:
                return (name, *operands)
        if not all(map(is_whole, operands)):
            return (name, *operands)
        if name == "Div":
            return self.quotient(operands[0], operands[1])
        if name == "Mod":
            return self.remainder(operands[0], operands[1])
        if name in ("Max", "Min"):
            return self.extreme(name, operands)
        if name == "Broadcast":
            return self.broadcast(operands)
        if name == "Abs" and self.at_least(self.polynomial(operands[0]), 0):
            return operands[0]
        return (name, *operands)

    # Trees and polynomials

    def polynomial(self, node: Node) -> sympy.Expr:
        if isinstance(node, int):
            return sympy.Integer(node)
        if isinstance(node, tuple):
            name, *operands = node
            if name == "Add":
                return sympy.Add(*map(self.polynomial, operands))
            if name == "Sub":
                return self.polynomial(operands[0]) - self.polynomial(operands[1])
            if name == "Mul":
                return sympy.Mul(*map(self.polynomial, operands))
            if name == "Neg":
                return -self.polynomial(operands[0])
            if name == "Pow" and isinstance(operands[1], int) and 1 <= operands[1] <= 8:
                return self.polynomial(operands[0]) ** operands[1]
        if node not in self.dummies:
            self.dummies[node] = sympy.Dummy("d", integer=True)
            self.nodes[self.dummies[node]] = node
        return self.dummies[node]

    def shortest(self, expression: sympy.Expr) -> Node:
        """The tree of a polynomial: multiplied out if that is shorter to read, or if it must be canonical."""
        expanded = self.expanded(expression)
        candidates = [self.tree(expanded)]
        if not self.canonical and expanded != expression:
            candidates.append(self.tree(expression))
        return min(candidates, key=lambda node: len(printed(node)[0]))

    def expanded(self, expression: sympy.Expr) -> sympy.Expr:
        most = _MOST_TERMS_CANONICAL if self.canonical else _MOST_TERMS
        return sympy.expand(expression) if _terms(expression) <= most else expression

    def tree(self, expression: sympy.Expr) -> Node:
        if expression.is_Integer:
            return int(expression)
        if expression.is_Add:
            return ("Add", *sorted(map(self.tree, expression.args), key=_place))
        if expression.is_Mul:
            factors = sorted(map(self.tree, expression.args), key=_place)
            numbers = [factor for factor in factors if isinstance(factor, int)]
            return ("Mul", *numbers, *(factor for factor in factors if not isinstance(factor, int)))
        if expression.is_Pow:
            return ("Pow", self.tree(expression.base), int(expression.exp))
        return self.nodes[expression]

    # What is known about sizes

    def at_least(self, expression: sympy.Expr, bound: int) -> bool:
        """Whether an expression is provably no smaller than `bound`, all symbols being at least 1."""
        moves: dict[sympy.Expr, sympy.Expr] = {}
        for dummy in expression.free_symbols:
            least = self.least(self.nodes[dummy])
            if least is None:
                return False
            moves[dummy] = dummy + least
        moved = self.expanded(expression.xreplace(moves) - bound)
        # Each dummy is now zero or more, so a sum without a negative coefficient is too.
        return all(term.as_coeff_Mul()[0] >= 0 for term in sympy.Add.make_args(moved))

    def least(self, node: Node) -> int | None:
        """The smallest value of a symbol or function that can be shown; None where there is none."""
        if not isinstance(node, tuple):
            return 1
        if node not in self.bounds:
            self.bounds[node] = self.least_of_function(str(node[0]), node[1:])
        return self.bounds[node]

    def least_of_function(self, name: str, operands: Sequence[Node]) -> int | None:
        if name == "Div" and self.is_at_least(operands[0], 0) and self.is_at_least(operands[1], 1):
            return 0
        if (name == "Mod" and self.is_at_least(operands[1], 1)) or name == "Abs":
            return 0
        if name in ("Max", "Min", "Broadcast"):
            decide = any if name == "Max" else all
            for bound in (1, 0):
                if decide(self.is_at_least(operand, bound) for operand in operands):
                    return bound
        return None

    def is_at_least(self, node: Node, bound: int) -> bool:
        return self.at_least(self.polynomial(node), bound)

    def no_less(self, a: Node, b: Node) -> bool:
        """Whether `a >= b` can be shown."""
        if isinstance(b, tuple) and b[0] == "Max":
            return all(self.no_less(a, operand) for operand in b[1:])
        if isinstance(b, tuple) and b[0] == "Min":
            return any(self.no_less(a, operand) for operand in b[1:])
        if isinstance(a, tuple) and a[0] == "Max":
            return any(self.no_less(operand, b) for operand in a[1:])
        if isinstance(a, tuple) and a[0] == "Min":
            return all(self.no_less(operand, b) for operand in a[1:])
        return self.at_least(self.polynomial(a) - self.polynomial(b), 0)

    # Division

    def quotient(self, a: Node, b: Node) -> Node:
        over, under = self.polynomial(a), self.polynomial(b)
        if under.is_Integer and under < 0:
            over, under = -over, -under
        if not self.at_least(under, 1):
            return ("Div", a, b)
        ratio = sympy.cancel(self.expanded(over) / self.expanded(under))
        numerator, denominator = ratio.as_numer_denom()
        if self.at_least(denominator, 1) and self.at_least(sympy.cancel(under / denominator), 1):
            over, under = numerator, denominator
        whole, rest = self.whole_part(self.expanded(over), under)
        if rest == 0:
            return self.shortest(whole)
        if rest.is_Integer and under.is_Integer:
            return self.shortest(whole + rest // under)
        if self.at_least(rest, 0) and self.at_least(under - 1 - rest, 0):
            return self.shortest(whole)
        inner = self.nested(rest, under)
        if inner is None:
            inner = ("Div", self.shortest(rest if whole != 0 else over), self.shortest(under))
        return self.shortest(whole + self.polynomial(inner))

    def whole_part(self, over: sympy.Expr, under: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
        """Take out of `over // under` the terms that `under` divides."""
        whole, rest = sympy.Integer(0), sympy.Integer(0)
        for term in sympy.Add.make_args(over):
            share, remainder = sympy.cancel(term / under), sympy.Integer(0)
            if self.canonical and term.is_Integer and under.is_Integer:
                share, remainder = divmod(term, under)
            if share.as_numer_denom()[1] == 1:
                whole, rest = whole + share, rest + remainder
            else:
                rest += term
        return whole, rest

    def nested(self, over: sympy.Expr, under: sympy.Expr) -> Node | None:
        """`(x//y + k)//z` is `(x + k*y)//(y*z)`."""
        constant, terms = over.as_coeff_add()
        inner = self.nodes.get(terms[0]) if len(terms) == 1 else None
        if not isinstance(inner, tuple) or inner[0] != "Div" or not self.is_at_least(inner[2], 1):
            return None
        x, y = self.polynomial(inner[1]), self.polynomial(inner[2])
        return self.quotient(self.shortest(x + constant * y), self.shortest(y * under))

    def remainder(self, a: Node, b: Node) -> Node:
        over, under = self.polynomial(a), self.polynomial(b)
        if not self.at_least(under, 1):
            return ("Mod", a, b)
        _, rest = self.whole_part(self.expanded(over), under)
        if rest.is_Integer and under.is_Integer:
            return int(rest % under)
        if self.at_least(rest, 0) and self.at_least(under - 1 - rest, 0):
            return self.shortest(rest)
        if self.canonical:
            return self.shortest(over - under * self.polynomial(self.quotient(a, b)))
        return ("Mod", self.shortest(rest), b)

    # Choices

    def extreme(self, name: str, operands: Sequence[Node]) -> Node:
        flat = _flattened(name, operands)
        if len(flat) <= _MOST_COMPARED:
            for operand in list(flat):
                others = [other for other in flat if other is not operand]
                beats = self.no_less if name == "Max" else lambda a, b: self.no_less(b, a)
                if any(beats(other, operand) for other in others):
                    flat = others
        return flat[0] if len(flat) == 1 else (name, *sorted(flat, key=_place))

    def broadcast(self, operands: Sequence[Node]) -> Node:
        flat = [operand for operand in _flattened("Broadcast", operands) if operand != 1] or [1]
        fixed = [operand for operand in flat if isinstance(operand, int)]
        if len(fixed) == 1:
            return fixed[0]
        return flat[0] if len(flat) == 1 else ("Broadcast", *sorted(flat, key=_place))


def _flattened(name: str, operands: Sequence[Node]) -> list[Node]:
    """The operands and those of operands with the same name, each once."""
    flat: dict[Node, None] = {}
    for operand in operands:
        same = isinstance(operand, tuple) and operand[0] == name
        flat.update(dict.fromkeys(operand[1:] if same and isinstance(operand, tuple) else (operand,)))
    return list(flat)


def _place(node: Node) -> tuple[bool, bool, str]:
    """Sort plain symbols before functions, and numbers last."""
    written = printed(node)[0]
    return isinstance(node, int), "(" in written, written


def _terms(expression: sympy.Expr) -> int:
    """How many terms multiplying out would give, at most."""
    if expression.is_Add:
        return sum(map(_terms, expression.args))
    if expression.is_Mul:
        count = 1
        for factor in expression.args:
            count *= _terms(factor)
        return count
    if expression.is_Pow:
        return int(_terms(expression.base) ** int(expression.exp))
    return 1
