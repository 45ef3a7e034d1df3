"""The shapes of a program of Paddle 2.6 at concrete sizes: inferred again, several times, on a copy.

2.6 has no symbolic pass, but each op can infer its shapes again. So the unknown axes of the inputs are given sizes, the
copy's ops are gone through in order, and what comes out is a row of a table: see `fitted.py` for what is made of it. A
dim that stays unknown all the same, such as that of `nonzero`, gets a size of its own, and is followed from there on.

This runs in a forked process: a size that Paddle's C++ cannot bear must not end the user's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from shapetrace.capture import identity
from shapetrace.capture.shapes import held_numbers, tables
from shapetrace.capture.shapes.tables import Row, Table

Slot = tuple[int, int, int]
"""A result: its block, the place of its op in the block, and which of the op's results it is. Below zero: an argument of
the op's own block, the first one being -1."""


def key(slot: Slot) -> str:
    """A slot as the tables have it."""
    return ":".join(map(str, slot))


def table(program: Any, cpu: float) -> Table:
    """Infer the shapes of a program at several sizes. It is not changed.

    Args:
        program: A `paddle.static.Program`, complete or half-built.
        cpu: Seconds that it may take.

    Raises:
        TimeoutError: It took too long, or the process that does it died.
        RuntimeError: This Paddle is built in another way.
    """
    return tables.asked(lambda: _table(program), cpu)


def _table(program: Any) -> Table:
    copy = _Copy(program)
    return tables.fill(copy.axes, lambda size, row, born: _Walk(copy, size, row, born))


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
            for result, name in enumerate(identity.results_of(op)):
                variable = self.variable(block, name)
                if variable is not None:
                    results.append((result, name, variable))
            shapes = [list(variable.shape()) for _, _, variable in results]
            operands = {slot: self.variables(block, names) for slot, names in inputs.items() if names}
            sizes = [list(variable.shape()) for slot in operands.values() for variable in slot]
            unknown = any(size < 0 for shape in (*shapes, *sizes) for size in shape)
            tensors, _ = identity.attribute_tensors(op)
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
        description = block.find_var_recursive(name.encode())
        return description if description is not None and description.type() in self.dense else None

    def variables(self, block: Any, names: list[str]) -> list[Any]:
        descriptions = (self.variable(block, name) for name in names)
        return [variable for variable in descriptions if variable is not None]


class _Walk:
    """One row."""

    def __init__(self, copy: _Copy, size: Callable[[int], int], row: Row, born: dict[str, int]) -> None:
        self.copy = copy
        self.size = size
        self.born = born
        self.held: dict[str, Any] = {}
        self.failed = 0
        self.seen: set[int] = set()
        self.row = row

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
