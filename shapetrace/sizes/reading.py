"""The operands of ops, for those who say what an op demands of them, and the forms of what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from shapetrace import symbolic
from shapetrace.facts import ops
from shapetrace.said import said
from shapetrace.sizes.operands import Operands
from shapetrace.symbolic import form
from shapetrace.trace import Conversion, Op, Said

Kind = Literal["equal", "differ", "broadcast", "at_least", "rows", "not_empty"]
"""`broadcast`: equal, or one of them 1. `differ`: they are not equal. `rows`: a table has at least as many. `not_empty`: at least 1; Paddle itself lets an empty tensor pass in places."""
Asked = Iterator[tuple[Kind, str, str]]


class Unclear(NamedTuple):
    """An op that may demand something that is not known."""

    keys: frozenset[str]
    """The symbols of the dims that it is about."""
    op: int
    why: Said
    misread: bool = False
    """Whether Paddle's symbolic pass may tell another shape of its result than it has, so that nothing that follows says what is taken."""


class Reading(Operands):
    """The operands of the ops of a conversion, and the ops of which it is not clear what they demand.

    Args:
        conversion: The conversion.
        expressions: Its expressions, with what is known of data-dependent symbols put in.
    """

    def __init__(self, conversion: Conversion, expressions: Sequence[str]) -> None:
        super().__init__(conversion, expressions)
        self.unclear: list[Unclear] = []
        self._makers = frozenset(symbol.op for symbol in conversion.symbols if symbol.input is None)

    def gives_symbols(self, op: Op) -> bool:
        """Whether Paddle's symbolic pass has not told the shape of an op's result, but made symbols of it."""
        return self.place_of(op) in self._makers

    def say_unclear(self, place: int, op: Op, why: Said, misread: Sequence[str] = ()) -> None:
        """Say that it is not known what an op demands, where it works on unknown dims.

        Args:
            place: Its index.
            op: The op.
            why: What is not known.
            misread: Numbers that Paddle's symbolic pass may take for others than they are.
        """
        listed = (
            each
            for place, index in enumerate(op.inputs)
            if index >= 0 and self.op_of(index).name == ops.COMBINE
            for each in self.listed(op, place)
        )
        dims = [*misread, *(dim for value in (*self.operands(op), *listed) for dim in self.dims(value))]
        keys = frozenset().union(*map(symbolic.symbols, dims))
        if keys:
            self.unclear.append(Unclear(keys, place, why, bool(misread)))

    def say_not_known(self, op: Op, name: str) -> None:
        """Say that it is not known what an op with a result demands.

        Args:
            op: The op.
            name: What it is called.
        """
        self.say_unclear(self.place_of(op), op, said("what {} asks of its operands is not known", name))


def pairs(kind: Kind, left: Iterable[str], right: Iterable[str]) -> Asked:
    """The same of each two dims, as far as there are both."""
    return ((kind, a, b) for a, b in zip(left, right, strict=False))


def factors(dims: Sequence[str]) -> tuple[list[str], int]:
    """The factors of a product of dims: those that have symbols, and the numbers multiplied."""
    pending, unknown, number = [form.parse(dim) for dim in dims], list[str](), 1
    while pending:
        node = pending.pop(0)
        if isinstance(node, tuple) and node[0] == "Mul":
            pending[:0] = node[1:]
        elif isinstance(node, int):
            number *= node
        else:
            unknown.append(form.unparse(node))
    return unknown, number


def product(dims: Sequence[str]) -> str:
    """The product of dims."""
    factors = [dim for dim in dims if dim != "1"]
    return f"Mul({', '.join(factors)})" if len(factors) > 1 else (factors or ["1"])[0]
