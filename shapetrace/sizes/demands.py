"""What each op of a program demands of the dims it works on, and the ops of which that is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from shapetrace import symbolic
from shapetrace.facts import free_ops, ops
from shapetrace.rules import forced
from shapetrace.said import said
from shapetrace.sizes.conditions import Condition, Conditions, alternatives, around, asked, depends_on
from shapetrace.sizes.lookups import Spans, looked_up, unknown_places
from shapetrace.sizes.numbers import held
from shapetrace.sizes.op_demands import OF_APIS, READING
from shapetrace.sizes.reading import Kind, Reading, Unclear, factors
from shapetrace.symbolic.signs import never_positive
from shapetrace.trace import Conversion, Op

LEAST = frozenset({"at_least", "rows", "not_empty"})
"""The kinds that want the first dim to be no smaller than the second."""

_STRUCTURE = frozenset({ops.IF, ops.WHILE, ops.YIELD, *ops.LISTS, "pd_op.increment"})
"""Ops around which programs are built, which have no shape inference of their own."""


class Demand(NamedTuple):
    """What must hold between two dims wherever the op runs."""

    kind: Kind
    left: str
    right: str
    op: int
    """Index into `Conversion.ops`."""
    when: Conditions | None = ()
    """Where the op runs: under all of these conditions, and always where there is none. None where that depends on more than sizes."""

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols that it depends on."""
        of_conditions = (condition.symbols for condition in self.when or ())
        return symbolic.symbols(self.left).union(symbolic.symbols(self.right), *of_conditions)

    @property
    def settled(self) -> bool:
        """Whether it is about numbers only, and holds."""
        numbers = not symbolic.symbols(self.left) | symbolic.symbols(self.right)
        return numbers and self._replace(when=()).holds({})

    def replaced(self, replace: Callable[[str], str]) -> Demand:
        """The same over other dims.

        Args:
            replace: Gives another dim for each.
        """
        when = self.when and tuple(condition.replaced(replace) for condition in self.when)
        return self._replace(left=replace(self.left), right=replace(self.right), when=when)

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether it holds at sizes of the symbols.

        Args:
            sizes: By the symbol; of all that occur.
        """
        try:
            if not all(condition.holds(sizes) for condition in self.when or ()):
                return True
            left, right = (symbolic.evaluate(each, sizes) for each in (self.left, self.right))
        except ValueError:
            return False
        if self.kind in LEAST:
            return left >= right
        if self.kind == "differ":
            return left != right
        return left == right or (self.kind == "broadcast" and 1 in (left, right))

    def fails(self, sizes: Mapping[str, int]) -> bool:
        """Whether it is known not to hold: one of symbols without a size is not."""
        return self.when is not None and self.symbols <= sizes.keys() and not self.holds(sizes)


class Reader(Reading):
    """Reads what the ops of a conversion demand.

    Args:
        conversion: The conversion.
        expressions: Its expressions, with what is known of data-dependent symbols put in.
    """

    def __init__(self, conversion: Conversion, expressions: Sequence[str]) -> None:
        super().__init__(conversion, expressions)
        self._known = dict(zip(conversion.expressions, expressions, strict=True))
        self._born = frozenset(symbol.key for symbol in conversion.symbols if symbol.input is None)
        self._measured = _only_measured(conversion)
        self._spans = Spans(self)
        self._numbers = held(conversion, expressions)

    def demands(self) -> Iterator[Demand]:
        """All demands, in the order of the program. What is not clear is then in `unclear`."""
        for place, op in enumerate(self.conversion.ops):
            name = ops.bare(op.name).rstrip("_")
            if name in free_ops.OF_NO_OPERAND or op.name in ops.GIVEN or not op.inputs:
                continue
            when = around(self.conversion, self._numbers, place)
            for demand in self._of(place, op, name):
                for each in when:
                    yield demand._replace(when=None if each is None or demand.when is None else each + demand.when)

    def _of(self, place: int, op: Op, name: str) -> Iterator[Demand]:
        yield from self._of_op(place, op, name)
        if name in free_ops.LOOKING_UP:
            yield from (Demand(*asked, place) for asked in looked_up(self, self._spans, op))
            keys = unknown_places(self, self._spans, op)
            if keys:
                self.unclear.append(
                    Unclear(keys, place, said("how large the numbers are that {} looks up is not known", name))
                )
        yield from self._not_empty(place, op, name)

    def _asserted(self, place: int, op: Op) -> Iterator[Demand]:
        """What is asserted of sizes. Of several of which one must hold, the last must where the others do not."""
        *others, last = alternatives(self.conversion, op.inputs[0])
        unless = [asked(self.conversion, self._numbers, value, true=False) for value in others]
        conditions = asked(self.conversion, self._numbers, last) if None not in unless else None
        when = tuple(condition for each in unless for condition in each or ())
        for condition in conditions or ():
            yield _demanded(condition, place, when)
        if conditions is None:
            keys = depends_on(self.conversion, self._numbers, op.inputs[0])
            if keys:
                self.unclear.append(Unclear(keys, place, said("what {} asks of its operands is not known", "assert")))

    def _of_op(self, place: int, op: Op, name: str) -> Iterator[Demand]:
        reading = OF_APIS.get((op.api, name)) or READING.get(name)
        if reading is not None:
            yield from (Demand(kind, left, right, place) for kind, left, right in reading(self, op) if left != right)
        elif name in ops.ELEMENTWISE or name in ops.PRODUCTS or name in ("concat", "stack"):
            for pair in forced.pairs(self.conversion, op):
                left, right = self._known[pair.left], self._known[pair.right]
                if left != right and not (pair.broadcasts and "1" in (left, right)):
                    yield Demand("broadcast" if pair.broadcasts else "equal", left, right, place)
        elif name == "assert":
            yield from self._asserted(place, op)
        elif name not in free_ops.FREE and op.name not in _STRUCTURE:
            self.say_unclear(place, op, said("what {} asks of its operands is not known", name))

    def _not_empty(self, place: int, op: Op, name: str) -> Iterator[Demand]:
        """No axis of a result may be empty, unless only its shape is read. How many elements are chosen by value is another matter."""
        for position, index in enumerate(op.outputs):
            if (op.name, position) in ops.WORKSPACES or index in self._measured:
                continue
            for dim in self.dims(self.conversion.values[index]):
                for part in _at_least_1_too(dim):
                    if "(" in part and not symbolic.symbols(part) & self._born:
                        yield Demand("not_empty", part, "1", place)


def _only_measured(conversion: Conversion) -> frozenset[int]:
    """The values of which only the shape is read, by their index: Paddle lets these be empty."""
    measured, read = set[int](), set(conversion.outputs)
    for op in conversion.ops:
        (measured if op.name in ops.SHAPES else read).update(op.inputs)
    return frozenset(measured - read)


def _demanded(condition: Condition, place: int, when: Conditions) -> Demand:
    """A condition as what an op demands."""
    least = condition.least()
    if least is not None:
        return Demand("at_least", *least, place, when)
    return Demand("equal" if condition.sign == "==" else "differ", condition.left, condition.right, place, when)


def _at_least_1_too(dim: str) -> Sequence[str]:
    """What is at least 1 where a dim is: its factors, those that are always below zero turned around; itself where they say less."""
    parts, number = factors([dim])
    below = [part for part in parts if "-" in part and never_positive(part)]
    if number * (-1) ** len(below) < 1:
        return [dim]
    return [symbolic.combine("neg", [part]) if part in below else part for part in parts]
