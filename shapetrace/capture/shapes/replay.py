"""The shapes of a program of Paddle 3.x at concrete sizes: its ops are made again, several times, in programs of their own.

An op of 3.x infers its shapes when it is made. So each op of the program is made once more by its function of
`paddle._C_ops`, with the same attributes and with operands of known sizes. What a small tensor holds, such as the result of
`paddle.shape` and what is computed from it, Paddle computes for us in dygraph; in the new program it is a constant, which
Paddle's shape inference looks into. No rule of a shape is written here. What comes out is a row of a table (`tables.py`).

A branch is taken both ways; a dim that differs, that changes from turn to turn of a loop, or that is unknown still (that of
`nonzero`) gets a size of its own, and is followed from there on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from shapetrace.capture.shapes import tables
from shapetrace.capture.shapes.tables import Row, Size, Table
from shapetrace.facts import op_arguments, ops
from shapetrace.facts.op_arguments import Number

_MOST = 64  # elements of a tensor that is still computed: a shape has fewer
_INTEGERS = frozenset({"int32", "int64"})


def table(program: Any, cpu: float) -> Table:
    """Infer the shapes of a program at several sizes. It is not changed.

    Args:
        program: A `paddle.pir.Program`, complete or half-built.
        cpu: Seconds that it may take.

    Returns:
        The table, in which results go by `Value.id`.

    Raises:
        TimeoutError: It took too long, or the process that does it died.
        RuntimeError: This Paddle is built in another way.
    """
    return tables.asked(lambda: _table(program), cpu)


def _table(program: Any) -> Table:
    block = program.global_block()
    axes = [
        (str(op.attrs()["name"]), axis)
        for op in block.ops
        if op.name() == ops.DATA
        for axis, size in enumerate(op.result(0).shape)
        if size < 0
    ]
    sizes = {axis: place for place, axis in enumerate(axes)}
    return tables.fill(axes, lambda size, row, born: _Walk(block, sizes, size, row, born))


class _Walk:
    """One row."""

    def __init__(
        self, block: Any, axes: Mapping[tuple[str, int], int], size: Size, row: Row, born: dict[str, int]
    ) -> None:
        from paddle.base.dygraph.tracer import Tracer
        from paddle.base.framework import _dygraph_tracer

        self.top = block
        self.axes = axes
        self.size = size
        self.row = row
        self.born = born
        self.failed = 0
        self.values: dict[str, Any] = {}
        """Each value of the program to what stands for it in the new one; a list for a vector of tensors."""
        self.held: dict[str, Any] = {}
        """Value to the tensor of dygraph, or list of them, with the numbers that it holds."""
        self.count = 0
        self.tracer = _dygraph_tracer() or Tracer()

    def run(self) -> None:
        """Fill the row."""
        import paddle
        from paddle.base.framework import _dygraph_guard

        with _dygraph_guard(None), paddle.static.program_guard(paddle.static.Program()):
            self.block(self.top)

    def block(self, block: Any) -> None:
        for op in block.ops:
            self.op(op)

    def op(self, op: Any) -> None:
        name = op.name()
        if name == ops.DATA:
            self.given(op)
        elif name == ops.IF:
            self.branches(op)
        elif name == ops.WHILE:
            self.loop(op)
        elif name == ops.COMBINE:
            self.combined(op)
        elif name == ops.SPLIT:
            self.taken_apart(op)
        else:
            if not name.startswith("pd_op.") or not self.again(op):
                self.unknown(op)
            for nested in op.blocks():
                self.recorded(nested.args())
                self.block(nested)

    def given(self, op: Any) -> None:
        """An input."""
        value = op.result(0)
        name = str(op.attrs()["name"])
        shape = [self.row.sizes[self.axes[name, axis]] if size < 0 else size for axis, size in enumerate(value.shape)]
        self.enter(value, shape)

    def combined(self, op: Any) -> None:
        """Tensors become a vector."""
        key = op.result(0).id
        operands = [value.id for value in op.operands_source()]
        self.values[key] = [self.values[operand] for operand in operands]
        if all(operand in self.held for operand in operands):
            self.held[key] = [self.held[operand] for operand in operands]

    def taken_apart(self, op: Any) -> None:
        """A vector becomes its tensors."""
        whole = op.operand_source(0).id
        made, held = self.values.get(whole), self.held.get(whole)
        for place, value in enumerate(op.results()):
            if made is None or place >= len(made):
                self.recorded([value])
                continue
            self.enter(value, list(made[place].shape), made[place])
            if held is not None:
                self.hold(value, held[place])

    def again(self, op: Any) -> bool:
        """Make an op once more. Returns whether Paddle did."""
        import paddle

        function = getattr(paddle._C_ops, ops.bare(op.name()), None)
        try:
            parts = _parts(op)
            result = function(*self.operands(op, parts)) if function is not None else None
            made = _maker(result, op.name())
        except Exception:  # whatever Paddle says of these sizes: the results are then unknown
            return False
        old, new = op.results(), made.results()
        if made.name() != op.name() or len(old) != len(new):
            return False
        for before, after in zip(old, new, strict=True):
            if _is_dense(before) and _is_dense(after):
                self.enter(before, list(after.shape), after)
            elif isinstance(result, list):
                self.values[before.id] = result
        if len(old) == 1:
            self.compute(op, function, parts)
        return True

    def operands(self, op: Any, parts: Sequence[_Part]) -> list[Any]:
        """What to make an op with: values of the new program, and constants for what is known."""
        operands = [self.values[part.given.id] if _is_value(part.given) else part.given for part in parts]
        if op.name() == "pd_op.slice":
            operands[4] = [1] * len(operands[4])  # infer_flags: where to cut is known by now
        return operands

    def compute(self, op: Any, function: Any, parts: Sequence[_Part]) -> None:
        """Have dygraph compute a small result, if all that it is computed from is known."""
        import paddle
        from paddle.base.core import Place
        from paddle.base.framework import _dygraph_guard

        value = op.result(0)
        cpu = paddle.CPUPlace()  # a fork cannot use a GPU
        if _is_dense(value) and _elements(self.row.shapes[value.id]) > _MOST:
            return
        try:
            with _dygraph_guard(self.tracer):
                if op.name() in ops.SHAPES:
                    sizes = list(self.values[op.operand_source(0).id].shape)
                    held = paddle.to_tensor(sizes, value.dtype, cpu)
                else:
                    arguments = (self.number(part) for part in parts)
                    held = function(*(cpu if isinstance(item, Place) else item for item in arguments))
        except Exception:  # something in it is not known, or dygraph has no such op
            return
        self.hold(value, held)

    def number(self, part: _Part) -> Any:
        """An argument for dygraph."""
        if not _is_value(part.given):
            return part.given
        held = self.held[part.given.id]
        if part.number is None:
            return held
        return held.numpy().tolist() if part.number.type in ("ints", "numbers") else held.item()

    def hold(self, value: Any, held: Any) -> None:
        """Keep the numbers that a result holds, and put a constant in its place."""
        self.held[value.id] = held
        if _is_dense(value) and str(value.dtype).removeprefix("paddle.") in _INTEGERS:
            numbers = held.numpy()
            self.row.held[value.id] = [int(number) for number in numbers.ravel()]
            self.values[value.id] = self.constant(value, numbers)

    def constant(self, value: Any, numbers: Any) -> Any:
        """An op that makes these numbers; Paddle's shape inference knows what it holds."""
        import paddle

        place = paddle.CPUPlace()
        if numbers.size == 1:
            return paddle._C_ops.full(list(numbers.shape), int(numbers.ravel()[0]), value.dtype, place)
        if numbers.ndim == 1 and numbers.size:
            return paddle._C_ops.full_int_array([int(number) for number in numbers], value.dtype, place)
        return self.values[value.id]

    def branches(self, op: Any) -> None:
        """Both ways of an `if`: its results have the sizes that both give."""
        yields = []
        for nested in op.blocks():
            self.block(nested)
            yields.append(self.shapes(nested.ops[-1].operands_source()) if nested.ops else [])
        for place, value in enumerate(op.results()):
            if not _is_dense(value):
                continue
            ways = [shapes[place] for shapes in yields if place < len(shapes)]
            alike = len(ways) == len(yields) and None not in ways and len({len(way or ()) for way in ways}) == 1
            complete = [way for way in ways if way is not None]
            self.enter(
                value,
                [sizes[0] if len(set(sizes)) == 1 else -1 for sizes in zip(*complete, strict=True)]
                if alike
                else list(value.shape),
            )

    def loop(self, op: Any) -> None:
        """A `while`: a dim that is another one after a turn is one of its own."""
        (body,) = op.blocks()
        arguments = body.args()
        for argument, shape in zip(arguments, self.shapes(op.operands_source()[1:]), strict=True):
            if _is_dense(argument):
                self.enter(argument, shape if shape is not None else list(argument.shape))
        self.block(body)
        before = self.shapes(arguments)
        after = self.shapes(body.ops[-1].operands_source()[1:]) if body.ops else before
        if before != after:
            for argument, old, new in zip(arguments, before, after, strict=True):
                if old is not None and new is not None and len(old) == len(new):
                    self.enter(argument, [a if a == b else -1 for a, b in zip(old, new, strict=True)])
            self.block(body)
        for value, shape in zip(op.results(), self.shapes(arguments), strict=True):
            if _is_dense(value):
                self.enter(value, shape if shape is not None else list(value.shape))

    def shapes(self, values: Sequence[Any]) -> list[list[int] | None]:
        return [self.row.shapes.get(value.id) if value.initialized() else None for value in values]

    def unknown(self, op: Any) -> None:
        """An op that could not be made again."""
        results = op.results()
        self.failed += any(_is_dense(value) and min(value.shape, default=0) < 0 for value in results)
        self.recorded(results)

    def recorded(self, values: Sequence[Any]) -> None:
        """Values of which no more is known than was recorded."""
        for value in values:
            if _is_dense(value):
                self.enter(value, list(value.shape))

    def enter(self, value: Any, shape: list[int], stands: Any = None) -> None:
        """Enter the shape of a value, with sizes for the dims that are unknown still."""
        self.held.pop(value.id, None)
        self.row.held.pop(value.id, None)
        sizes = list(self.known(value, shape))
        self.row.shapes[value.id] = sizes
        self.values[value.id] = stands if stands is not None and sizes == shape else self.stand_in(sizes, value.dtype)

    def known(self, value: Any, shape: Sequence[int]) -> Iterator[int]:
        for axis, size in enumerate(shape):
            if size < 0:
                symbol = self.born.setdefault(f"{value.id}:{axis}", len(self.born))
                yield self.size(len(self.axes) + symbol)
            else:
                yield size

    def stand_in(self, shape: list[int], dtype: Any) -> Any:
        """A tensor of the new program that only has a shape."""
        import paddle
        from paddle.base.core import Place

        self.count += 1
        return paddle._C_ops.data(f"stand_in_{self.count}", shape, dtype, Place())


class _Part(NamedTuple):
    """An argument of the function that makes an op."""

    given: Any
    """An operand (None for one that is absent), or an attribute."""
    number: Number | None = None
    """What the table of signatures says of it, if it is a number or a list of numbers."""


def _parts(op: Any) -> list[_Part]:
    """The arguments of the function that makes an op, in its order.

    An op tells its operands and its attributes apart. Where numbers stand among them, the table of signatures says.
    """
    attributes = op.attrs()
    named: dict[str, Any] = {
        name: value if value.initialized() else None
        for name, value in zip(op.get_input_names(), op.operands_source(), strict=True)
    }
    named |= {name: attributes[name] for name in op.get_attr_names()}
    numbers = {
        number.position: number
        for number in op_arguments.numbers(ops.bare(op.name()))
        if number.position >= 0 and number.name in named
    }
    names = {number.name for number in numbers.values()}
    others = (attribute for name, attribute in named.items() if name not in names)
    return [
        _Part(named[numbers[place].name], numbers[place]) if place in numbers else _Part(next(others))
        for place in range(len(named))
    ]


def _maker(result: Any, name: str) -> Any:
    """The op that gave a result; Paddle takes the vectors that some give apart by another op."""
    first = result[0] if isinstance(result, list | tuple) else result
    op = first.get_defining_op()
    return op.operand_source(0).get_defining_op() if op.name() == ops.SPLIT and op.name() != name else op


def _is_value(part: Any) -> bool:
    return hasattr(part, "get_defining_op")


def _is_dense(value: Any) -> bool:
    return bool(value.initialized() and value.is_dense_tensor_type())


def _elements(shape: Sequence[int]) -> int:
    elements = 1
    for size in shape:
        elements *= size
    return elements
