"""The shapes of a program of Paddle 3.x at concrete sizes: its ops are made again, several times, in programs of their own.

An op of 3.x infers its shapes when it is made. So each call of `paddle._C_ops` that made an op of the program is made once
more, with operands of known sizes. What a small tensor holds, such as the result of `paddle.shape` and what is computed
from it, Paddle computes for us in dygraph; in the new program it is a constant, which Paddle's shape inference looks into.
No rule of a shape is written here. What comes out is a row of a table (`shape_table.py`).

A branch is taken both ways; a dim that differs, that changes from turn to turn of a loop, or that is unknown still (that of
`nonzero`) gets a size of its own, and is followed from there on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shapetrace.capture import shape_table
from shapetrace.capture.calls import Call, Calls
from shapetrace.capture.shape_table import Row, Size, Table

_MOST = 64  # elements of a tensor that is still computed: a shape has fewer
_SIZES = frozenset({"pd_op.shape", "pd_op.shape64"})
_INTEGERS = frozenset({"int32", "int64"})


def table(program: Any, calls: Calls) -> Table:
    """Infer the shapes of a program at several sizes. It is not changed.

    Args:
        program: A `paddle.pir.Program`, complete or half-built.
        calls: Those that built it.

    Returns:
        The table, in which results go by `Value.id`.

    Raises:
        TimeoutError: It took too long, or the process that does it died.
        RuntimeError: This Paddle is built in another way.
    """
    return shape_table.asked(lambda: _table(program, calls))


def _table(program: Any, calls: Calls) -> Table:
    block = program.global_block()
    axes = [
        (str(op.attrs()["name"]), axis)
        for op in block.ops
        if op.name() == "pd_op.data"
        for axis, size in enumerate(op.result(0).shape)
        if size < 0
    ]
    sizes = {axis: place for place, axis in enumerate(axes)}
    return shape_table.fill(axes, lambda size, row, born: _Walk(block, calls, sizes, size, row, born))


class _Walk:
    """One row."""

    def __init__(
        self, block: Any, calls: Calls, axes: Mapping[tuple[str, int], int], size: Size, row: Row, born: dict[str, int]
    ) -> None:
        from paddle.base.dygraph.tracer import Tracer
        from paddle.base.framework import _dygraph_tracer

        self.top = block
        self.calls = calls
        self.axes = axes
        self.size = size
        self.row = row
        self.born = born
        self.failed = 0
        self.values: dict[str, Any] = {}
        """Each value of the program to what stands for it in the new one."""
        self.held: dict[str, Any] = {}
        """Value to the tensor of dygraph with the numbers that it holds."""
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
        if name == "pd_op.data":
            self.given(op)
        elif name == "pd_op.if":
            self.branches(op)
        elif name == "pd_op.while":
            self.loop(op)
        else:
            call = self.calls.of(op)
            if call is None or not self.again(op, call):
                self.failed += call is not None
                self.unknown(op.results())
            for nested in op.blocks():
                self.unknown(nested.args())
                self.block(nested)

    def given(self, op: Any) -> None:
        """An input."""
        value = op.result(0)
        name = str(op.attrs()["name"])
        shape = [self.row.sizes[self.axes[name, axis]] if size < 0 else size for axis, size in enumerate(value.shape)]
        self.enter(value, shape)

    def again(self, op: Any, call: Call) -> bool:
        """Make an op once more. Returns whether Paddle did."""
        import paddle

        try:
            args, kwargs = self.operands(call)
            result = getattr(paddle._C_ops, call.function)(*args, **kwargs)
        except Exception:  # whatever Paddle says of these sizes: the results are then unknown
            return False
        made = _first(result).get_defining_op()
        old, new = op.results(), made.results()
        if made.name() != op.name() or len(old) != len(new):
            return False
        for before, after in zip(old, new, strict=True):
            if not _is_dense(before) or not _is_dense(after):
                continue
            self.values[before.id] = after
            self.enter(before, list(after.shape), after)
        self.compute(op, call)
        return True

    def operands(self, call: Call) -> tuple[list[Any], dict[str, Any]]:
        """What to make a call with: values of the new program, and constants for what is known."""
        args = [self.operand(arg) for arg in call.args]
        if call.function == "slice" and len(args) > 4 and isinstance(args[4], list):
            args[4] = [1] * len(args[4])  # infer_flags: where to cut is known by now
        return args, {name: self.operand(arg) for name, arg in call.kwargs.items()}

    def operand(self, arg: Any) -> Any:
        if isinstance(arg, list | tuple):
            return [self.operand(item) for item in arg]
        if hasattr(arg, "get_defining_op"):
            return self.values[arg.id] if arg.initialized() else arg
        if _is_eager(arg):  # a parameter
            return self.stand_in(list(arg.shape), arg.dtype)
        return arg

    def compute(self, op: Any, call: Call) -> None:
        """Have dygraph compute a small result, if all that it is computed from is known."""
        import paddle
        from paddle.base.framework import _dygraph_guard

        results = op.results()
        if len(results) != 1 or not _is_dense(results[0]):
            return
        value = results[0]
        shape = self.row.shapes[value.id]
        if _elements(shape) > _MOST:
            return
        try:
            with _dygraph_guard(self.tracer):
                if op.name() in _SIZES:
                    sizes = list(self.values[op.operand_source(0).id].shape)
                    tensor = paddle.to_tensor(sizes, value.dtype, paddle.CPUPlace())
                else:
                    tensor = getattr(paddle._C_ops, call.function)(
                        *(self.numbers(arg) for arg in call.args),
                        **{name: self.numbers(arg) for name, arg in call.kwargs.items()},
                    )
                numbers = tensor.numpy()
        except Exception:  # something in it is not known, or dygraph has no such op
            return
        self.held[value.id] = tensor
        if str(value.dtype).removeprefix("paddle.") in _INTEGERS:
            self.row.held[value.id] = [int(number) for number in numbers.ravel()]
            self.values[value.id] = self.constant(value, numbers)

    def numbers(self, arg: Any) -> Any:
        """An argument for dygraph, which computes on the CPU: a fork cannot use a GPU."""
        import paddle
        from paddle.base.core import Place

        if isinstance(arg, list | tuple):
            return [self.numbers(item) for item in arg]
        if hasattr(arg, "get_defining_op"):
            return self.held[arg.id]
        if _is_eager(arg) and _elements(arg.shape) > _MOST:
            raise ValueError("a parameter is no dim")
        return paddle.CPUPlace() if isinstance(arg, Place) else arg

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
            known = [way for way in ways if way is not None]
            self.enter(
                value,
                [sizes[0] if len(set(sizes)) == 1 else -1 for sizes in zip(*known, strict=True)]
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

    def unknown(self, values: Sequence[Any]) -> None:
        """Results of which no more is known than was recorded."""
        for value in values:
            if _is_dense(value):
                self.enter(value, list(value.shape))

    def enter(self, value: Any, shape: list[int], stands: Any = None) -> None:
        """Enter the shape of a value, with sizes for the dims that are unknown still."""
        self.held.pop(value.id, None)
        self.row.held.pop(value.id, None)
        known = list(self.known(value, shape))
        self.row.shapes[value.id] = known
        self.values[value.id] = stands if stands is not None and known == shape else self.stand_in(known, value.dtype)

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


def _first(result: Any) -> Any:
    return result[0] if isinstance(result, list | tuple) else result


def _is_dense(value: Any) -> bool:
    return bool(value.initialized() and value.is_dense_tensor_type())


def _is_eager(arg: Any) -> bool:
    from paddle.base.core import eager

    return isinstance(arg, eager.Tensor)


def _elements(shape: Sequence[int]) -> int:
    elements = 1
    for size in shape:
        elements *= size
    return elements
