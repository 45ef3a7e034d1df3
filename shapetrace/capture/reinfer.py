"""The shapes of a program of Paddle 2.6 at concrete sizes: inferred again, several times, on a copy.

2.6 has no symbolic pass, but each op can infer its shapes again. So the unknown axes of the inputs are given sizes, the
copy's ops are gone through in order, and what comes out is a row of a table: see `fitted.py` for what is made of it. A
dim that stays unknown all the same, such as that of `nonzero`, gets a size of its own, and is followed from there on.

This runs in a forked process: a size that Paddle's C++ cannot bear must not end the user's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import msgspec
import numpy as np

from shapetrace import forking
from shapetrace.capture import held_numbers, makers
from shapetrace.symbolic.fitting import SPREAD

SECONDS = 20.0
"""How long all of it may take."""

Slot = tuple[int, int, int]
"""A result: its block, the place of its op in the block, and which of the op's results it is. Below zero: an argument of
the op's own block, the first one being -1."""
Axis = tuple[str, int]
"""An unknown axis of an input."""

_STEPS = (1, 32, 672)
"""Sizes are multiples of this, since most models take only some; 672 is one of 7, 14, 16, 32 and 48."""
_ORDERS = (1, 3, 7, 9)  # steps through `SPREAD` that meet each of its sizes


class Row(msgspec.Struct, array_like=True):
    """The shapes at one choice of sizes."""

    sizes: list[int] = msgspec.field(default_factory=list)
    """Of each symbol: the unknown axes of the inputs, then the dims that were born, in the order of `Table.born`."""
    shapes: dict[str, list[int]] = msgspec.field(default_factory=dict)
    """Slot, as `block:op:result`, to shape; of results that depend on the inputs' unknown axes only."""
    held: dict[str, list[int]] = msgspec.field(default_factory=dict)
    """The same for the numbers in small integer tensors."""


class Table(msgspec.Struct, array_like=True):
    """The rows, and what their columns are."""

    axes: list[Axis]
    born: list[str] = msgspec.field(default_factory=list)
    """The dims that were unknown although all sizes before were known: `block:op:result:axis`."""
    rows: list[Row] = msgspec.field(default_factory=list)
    failed: int = 0
    """How many ops could not be inferred at the sizes tried."""


def key(slot: Slot) -> str:
    """A slot as the tables have it."""
    return ":".join(map(str, slot))


def table(program: Any) -> Table:
    """Infer the shapes of a program at several sizes. It is not changed.

    Raises:
        TimeoutError: It took too long, or the process that does it died.
        RuntimeError: This Paddle is built in another way.
    """
    if not forking.possible():
        return _table(program)
    content = forking.forked(lambda: msgspec.msgpack.encode(_answer(program)), SECONDS)
    if not content:
        raise TimeoutError(f"inferring shapes at other sizes did not end within {SECONDS:g} s, or ended the process")
    answer = msgspec.msgpack.decode(content, type=Table | str)
    if isinstance(answer, str):
        raise RuntimeError(answer)
    return answer


def _answer(program: Any) -> Table | str:
    try:
        return _table(program)
    except Exception as error:  # to be raised again where it can be seen
        return f"{type(error).__name__}: {error}"


def _table(program: Any) -> Table:
    best: Table | None = None
    copy = _Copy(program)
    for step in _STEPS:
        for grouping in (_each, _by_axis):
            found = _at(copy, step, grouping(copy.axes))
            if best is None or found.failed < best.failed:
                best = found
            if not best.failed:
                return best
    assert best is not None
    return best


def _each(axes: list[Axis]) -> list[int]:
    """Every axis has sizes of its own."""
    return list(range(len(axes)))


def _by_axis(axes: list[Axis]) -> list[int]:
    """Axes with the same number have the same sizes, as the batches of several inputs do."""
    numbers = [axis for _, axis in axes]
    return [numbers.index(number) for number in numbers]


def _at(copy: _Copy, step: int, groups: list[int]) -> Table:
    found = Table(copy.axes)
    born: dict[str, int] = {}
    for row in range(len(SPREAD)):
        walk = _Walk(copy, partial(_size, row=row, step=step), groups, born)
        walk.run()
        found.rows.append(walk.row)
        found.failed += walk.failed
    found.born = list(born)
    for row, filled in enumerate(found.rows):
        filled.sizes += [_size(len(copy.axes) + place, row, step) for place in range(len(born))]
    return found


def _size(symbol: int, row: int, step: int) -> int:
    """The size of a symbol in a row: each symbol has all of `SPREAD`, in another order."""
    turn, shift = divmod(symbol, len(SPREAD))
    size = SPREAD[(row * _ORDERS[turn % len(_ORDERS)] + shift) % len(SPREAD)] + turn // len(_ORDERS)
    return max(step, size // step * step)


class _Step(NamedTuple):
    """One op of the copy, with all of it that does not change from row to row."""

    block: int
    place: int
    kind: str
    op: Any
    scope: Any
    inputs: dict[str, list[str]]
    operands: dict[str, list[Any]]
    """The descriptions of those inputs that have a shape."""
    results: list[tuple[int, str, Any]]
    """Which result, its name, and its description."""
    shapes: list[list[int]]
    """The results' shapes as Paddle left them."""
    nested: int
    attributes: dict[str, Any]
    integer: bool
    concerned: bool
    """Whether its results can depend on unknown axes."""


class _Copy:
    """A copy of a program, to be inferred again."""

    def __init__(self, program: Any) -> None:
        from paddle.base import core
        from paddle.base.framework import Operator

        kinds = core.VarDesc.VarType
        self.dense = (kinds.LOD_TENSOR, kinds.SELECTED_ROWS)
        self.without_shapes = frozenset(Operator.OP_WITHOUT_KERNEL_SET)
        self.desc = core.ProgramDesc(program.desc)
        self.inputs = [
            (name, list(variable.desc.shape()))
            for name, variable in program.global_block().vars.items()
            if getattr(variable, "is_data", False)
        ]
        self.axes = [(name, axis) for name, shape in self.inputs for axis, size in enumerate(shape) if size < 0]
        self.blocks = [list(self.steps(index)) for index in range(self.desc.num_blocks())]

    def steps(self, index: int) -> Iterator[_Step]:
        block = self.desc.block(index)
        for place in range(block.op_size()):
            op = block.op(place)
            kind = op.type()
            inputs = {slot: list(op.input(slot)) for slot in op.input_names()}
            results = []
            for result, name in enumerate(makers.results_of(op)):
                variable = self.variable(block, name)
                if variable is not None:
                    results.append((result, name, variable))
            shapes = [list(variable.shape()) for _, _, variable in results]
            operands = {slot: self.variables(block, names) for slot, names in inputs.items() if names}
            given = [list(variable.shape()) for slot in operands.values() for variable in slot]
            unknown = any(size < 0 for shape in (*shapes, *given) for size in shape)
            tensors, _ = makers.attribute_tensors(op)
            attributes = {
                name: op.attr(name)
                for name in op.attr_names()
                if name not in ("op_callstack", "sub_block") and name not in tensors
            }
            yield _Step(
                block=index,
                place=place,
                kind=kind,
                op=op,
                scope=block,
                inputs=inputs,
                operands=operands,
                results=results,
                shapes=shapes,
                nested=op._block_attr_id("sub_block") if op.has_attr("sub_block") else -1,
                attributes=attributes,
                integer=bool(results) and "int" in str(results[0][2].dtype()).lower(),
                concerned=unknown or kind in held_numbers.KINDS,
            )

    def variable(self, block: Any, name: str) -> Any:
        """The description of a tensor; None for what has no shape."""
        found = block.find_var_recursive(name.encode())
        return found if found is not None and found.type() in self.dense else None

    def variables(self, block: Any, names: list[str]) -> list[Any]:
        found = (self.variable(block, name) for name in names)
        return [variable for variable in found if variable is not None]


class _Walk:
    """One row."""

    def __init__(self, copy: _Copy, size: Callable[[int], int], groups: list[int], born: dict[str, int]) -> None:
        self.copy = copy
        self.size = size
        self.born = born
        self.held: dict[str, Any] = {}
        self.failed = 0
        self.seen: set[int] = set()
        self.row = Row([size(group) for group in groups])

    def run(self) -> None:
        sizes = iter(self.row.sizes)
        block = self.copy.desc.block(0)
        for name, shape in self.copy.inputs:
            self.copy.variable(block, name).set_shape([next(sizes) if size < 0 else size for size in shape])
        self.block(0)
        for index in range(len(self.copy.blocks)):  # those of a loop that is not yet complete
            if index not in self.seen:
                self.block(index)

    def block(self, index: int) -> None:
        self.seen.add(index)
        for step in self.copy.blocks[index]:
            if step.nested >= 0:
                self.nested(step)
            elif step.concerned:
                self.op(step)

    def nested(self, step: _Step) -> None:
        """Go through the block of a `while` or a branch. What it writes is not known as a number, in it or after."""
        for _, name, _ in step.results:
            self.held.pop(name, None)
        before = [list(variable.shape()) for _, _, variable in step.results]
        self.block(step.nested)
        if step.kind == "while" and before != [list(variable.shape()) for _, _, variable in step.results]:
            for number, (result, _, variable) in enumerate(step.results):
                after = list(variable.shape())
                if len(after) == len(before[number]):  # a size that changes from turn to turn is a dim of its own
                    same = [a if a == b else -1 for a, b in zip(after, before[number], strict=True)]
                    variable.set_shape(self.known(step, result, same))
            shapes = [list(variable.shape()) for _, _, variable in step.results]
            self.carry(step)
            self.block(step.nested)
            for shape, (_, _, variable) in zip(shapes, step.results, strict=True):
                variable.set_shape(shape)
        elif step.kind == "while":
            self.carry(step)
        for _, name, _ in step.results:
            self.held.pop(name, None)
        self.keep(step)

    def carry(self, step: _Step) -> None:
        """Enter the shapes that the arguments of a loop's block have."""
        for place, name in enumerate(step.inputs["X"]):
            variable = self.copy.variable(step.scope, name)
            if variable is not None:
                self.row.shapes[key((step.block, step.place, -1 - place))] = list(variable.shape())

    def op(self, step: _Step) -> None:
        attributes = self.concrete(step)
        taken = {name for names in step.inputs.values() for name in names}
        for shape, (_, name, variable) in zip(step.shapes, step.results, strict=True):
            if name not in taken:
                variable.set_shape(shape)  # not those of the row before, where Paddle infers none
        if step.kind not in self.copy.without_shapes and not self.inferred(step):
            self.failed += 1
            for shape, (_, _, variable) in zip(step.shapes, step.results, strict=True):
                variable.set_shape(shape)
        if step.kind == "range":
            self.counted(step)
        elif step.kind == "select_input":
            self.selected(step)
        for _, name, _ in step.results:
            self.held.pop(name, None)
        if step.kind in held_numbers.KINDS and len(step.results) == 1:
            numbers = held_numbers.Op(
                step.kind,
                attributes.get,
                lambda slot: [self.held.get(name) for name in step.inputs.get(slot, ())],
                lambda slot: self.shapes(step, slot),
                step.integer,
            ).compute()
            if numbers is not None:
                result, name, variable = step.results[0]
                self.held[name] = numbers
                if step.integer:
                    self.row.held[key((step.block, step.place, result))] = [int(number) for number in np.ravel(numbers)]
        self.keep(step)

    def inferred(self, step: _Step) -> bool:
        """Let Paddle infer the op. An empty tensor is not tried: some of Paddle's C++ divides by its size."""
        if any(0 in variable.shape() for variables in step.operands.values() for variable in variables):
            return False
        try:
            step.op.infer_shape(step.scope)
        except Exception:  # whatever Paddle says of these sizes: the results are then unknown
            return False
        return True

    def shapes(self, step: _Step, slot: str) -> list[list[int]]:
        return [list(variable.shape()) for variable in step.operands.get(slot, ())]

    def concrete(self, step: _Step) -> dict[str, Any]:
        """Give the op as numbers what it takes as tensors; returns its attributes as they are then."""
        attributes = dict(step.attributes)
        for name, whole, parts in held_numbers.OPERANDS.get(step.kind, ()):
            slots = [slot for slot in (whole, parts) if step.inputs.get(slot)]
            if slots:
                numbers = held_numbers.listed(
                    *([self.held.get(variable) for variable in step.inputs.get(slot, ())] for slot in (whole, parts))
                )
                self.give(step, attributes, name, numbers, slots)
        for name, slot in held_numbers.SCALARS.get(step.kind, ()):
            if step.inputs.get(slot):
                held = held_numbers.listed([self.held.get(variable) for variable in step.inputs[slot]], ())
                self.give(step, attributes, name, held[0] if held else None, [slot])
        if step.kind == "expand_as_v2" and step.inputs.get("Y"):
            self.give(step, attributes, "target_shape", self.shapes(step, "Y")[0], ["Y"])
        return attributes

    def give(self, step: _Step, attributes: dict[str, Any], name: str, value: Any, slots: list[str]) -> None:
        """Set an attribute in the place of tensors; with None, give the tensors back."""
        for slot in slots:
            step.op.set_input(slot, [] if value is not None else step.inputs[slot])
        attributes[name] = step.attributes[name] if value is None else value
        _set(step.op, name, attributes[name])
        if step.kind == "slice" and "infer_flags" in step.attributes:
            flags = step.attributes["infer_flags"]
            _set(step.op, "infer_flags", flags if value is None else [1] * len(flags))

    def counted(self, step: _Step) -> None:
        """Set how many numbers `arange` gives."""
        names = [name for slot in ("Start", "End", "Step") for name in step.inputs[slot]]
        limits = [self.held[name] for name in names if name in self.held]
        if len(limits) == 3:
            start, end, by = (float(np.ravel(limit)[0]) for limit in limits)
            step.results[0][2].set_shape([max(0, int(np.ceil((end - start) / by)))] if by else [-1])

    def selected(self, step: _Step) -> None:
        """Set the shape of what one of two branches has given, where both have the same."""
        shapes = self.shapes(step, "X")
        if len({len(shape) for shape in shapes}) == 1:
            same = [sizes[0] if len(set(sizes)) == 1 else -1 for sizes in zip(*shapes, strict=True)]
            step.results[0][2].set_shape(same)

    def keep(self, step: _Step) -> None:
        """Enter the shapes of the results, with sizes for the dims that are unknown still."""
        for result, _, variable in step.results:
            shape = list(variable.shape())
            if any(size < 0 for size in shape):
                shape = self.known(step, result, shape)
                variable.set_shape(shape)
            self.row.shapes[key((step.block, step.place, result))] = shape

    def known(self, step: _Step, result: int, shape: list[int]) -> list[int]:
        for axis, size in enumerate(shape):
            if size < 0:
                name = key((step.block, step.place, result)) + f":{axis}"
                symbol = self.born.setdefault(name, len(self.born))
                shape[axis] = self.size(len(self.copy.axes) + symbol)
        return shape


def _set(op: Any, name: str, value: Any) -> None:
    """Set an attribute, as the kind of number it was."""
    kind = op.attr_type(name, True).name
    {"INTS": op._set_int32s_attr, "LONGS": op._set_int64s_attr, "INT": op._set_int32_attr, "LONG": op._set_int64_attr}[
        kind
    ](name, value)
