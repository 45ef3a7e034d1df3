"""A program of Paddle 2.6 turned into a recorded conversion: its ops and tensors.

In such a program a tensor is a name in a block, and ops write names: some of them several times, those around a loop
from inside its block. The record has a value of its own for each result of each op, as programs of 3.x have, and gives
each block the arguments and the yield that 3.x would give it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from shapetrace.capture import identity, layer_paths
from shapetrace.capture.recorded import Recorded, plain
from shapetrace.capture.shapes import reinfer
from shapetrace.capture.source.sites import Sites
from shapetrace.facts import legacy_ops, ops
from shapetrace.trace import Conversion, Op, Value


def record(program: Any, conversion: Conversion, sites: Sites, shape_of: Callable[[Any], Any]) -> Recorded:
    """Record all ops of `program`, nested blocks included, into `conversion`.

    Args:
        program: A `paddle.static.Program`, complete or half-built. It is not changed.
        conversion: Its `ops` and `values` are filled.
        sites: The trace's table of sites.
        shape_of: Paddle's own getter of `Variable.shape`.

    Returns:
        Where to find what was recorded.
    """
    writer = _Writer(program, conversion, sites, shape_of)
    writer.whole()
    writer.recorded.slots = writer.slots
    return writer.recorded


class _Writer:
    def __init__(self, program: Any, conversion: Conversion, sites: Sites, shape_of: Callable[[Any], Any]) -> None:
        self.program = program
        self.conversion = conversion
        self.sites = sites
        self.shape_of = shape_of
        self.recorded = Recorded()
        self.names: dict[str, int] = {}
        """Variable to its latest value."""
        self.fixed: dict[str, int] = {}
        """The same for variables that no op writes."""
        self.seen: set[int] = set()
        """Blocks that are recorded."""
        self.slots: dict[int, str] = {}
        """Value to what `reinfer.py` calls it."""
        self.dtypes: dict[Any, str] = {}

    def whole(self) -> None:
        block = self.program.global_block()
        for variable in block.vars.values():
            if getattr(variable, "is_data", False):
                self.given(variable, ops.DATA)
        for variable in block.vars.values():
            if variable.persistable and variable.op is None:
                self.given(variable, ops.PARAMETER)
        self.block(block, parent=-1, position=0)
        for unfinished in self.program.blocks:  # the op that a block is for comes when the block is complete
            if unfinished.idx not in self.seen:
                self.block(unfinished, parent=-1, position=0)

    def block(self, block: Any, parent: int, position: int) -> None:
        self.seen.add(block.idx)
        for place, op in enumerate(block.ops):
            nested = op.attr("sub_block").id if op.has_attr("sub_block") else -1
            inputs = tuple(self.inputs(block, op))
            index = len(self.conversion.ops)
            recorded = self.operation(op, inputs, parent, position)
            if nested >= 0:
                self.nested(self.program.block(nested), op, index, (block.idx, place))
            outputs = [self.written(block, name, index) for name in identity.results_of(op.desc)]
            recorded.outputs = tuple(outputs)
            for result, value in enumerate(outputs):
                self.slots[value] = reinfer.key((block.idx, place, result))
                self.recorded.values[id(op), result] = value

    def inputs(self, block: Any, op: Any) -> Iterator[int]:
        name = legacy_ops.name(op.type)
        for slot in legacy_ops.operand_slots(name, list(op.desc.input_names())):
            for variable in op.desc.input(slot):
                yield self.read(block, variable)
        for variable in identity.attribute_tensors(op.desc)[1]:
            yield self.read(block, variable)

    def read(self, block: Any, name: str) -> int:
        """The value a variable has now. One that no op has written is a parameter, or a constant of the model's."""
        if name not in self.names and name not in self.fixed:
            variable = block._find_var_recursive(name)
            if variable is None:
                return -1
            self.given(variable, ops.PARAMETER if variable.persistable else "builtin.constant")
        return self.names[name] if name in self.names else self.fixed[name]

    def given(self, variable: Any, kind: str) -> None:
        index = len(self.conversion.ops)
        value = self.fixed[variable.name] = self.value(variable, index, variable.name)
        self.conversion.ops.append(Op(name=kind, inputs=(), outputs=(value,)))
        self.recorded.values[variable.name, 0] = value

    def operation(self, op: Any, inputs: tuple[int, ...], parent: int, position: int) -> Op:
        name = legacy_ops.name(op.type)
        stack = (self.sites.of_stack_line(line) for line in op.attr("op_callstack")[::2]) if _has_stack(op) else ()
        tensors, _ = identity.attribute_tensors(op.desc)
        recorded = Op(
            name=legacy_ops.recorded_name(op.type),
            inputs=inputs,
            outputs=(),
            attrs={
                legacy_ops.attribute(name, key): plain(op.attr(key))
                for key in op.attr_names
                if key not in legacy_ops.HIDDEN and key not in tensors
            },
            layer=layer_paths.of(op),
            stack=tuple(site for site in stack if site >= 0),
            parent=parent,
            block=position,
        )
        self.conversion.ops.append(recorded)
        return recorded

    def nested(self, block: Any, op: Any, index: int, at: tuple[int, int]) -> None:
        """The block of a `while` or of one branch, with arguments and a yield as 3.x has them."""
        loop = self.conversion.ops[index].name == ops.WHILE
        outer = dict(self.names)
        for argument, name in enumerate(op.desc.input("X") if loop else ()):
            self.slots[self.written(block, name, index)] = reinfer.key((*at, -1 - argument))
        self.block(block, parent=index, position=0)
        names = [*(op.desc.input("Condition") if loop else ()), *identity.results_of(op.desc)]
        inputs = tuple(self.read(block, name) for name in names)
        self.conversion.ops.append(Op(name=ops.YIELD, inputs=inputs, outputs=(), parent=index))
        self.names = outer

    def written(self, block: Any, name: str, op: int) -> int:
        value = self.names[name] = self.value(block._find_var_recursive(name), op)
        return value

    def value(self, variable: Any, op: int, name: str = "") -> int:
        index = len(self.conversion.values)
        if variable is None:
            shape, dtype = (), "null"
        elif identity.is_dense(variable):
            shape, dtype = tuple(self.shape_of(variable)), self.dtype(variable.dtype)
        else:
            shape, dtype = (), str(variable.type).removeprefix("VarType.").lower()
        self.conversion.values.append(Value(op=op, dtype=dtype, shape=shape, name=name))
        return index

    def dtype(self, dtype: Any) -> str:
        from paddle.base.data_feeder import convert_dtype

        name = self.dtypes.get(dtype)
        if name is None:
            name = self.dtypes[dtype] = str(convert_dtype(dtype))
        return name


def _has_stack(op: Any) -> bool:
    return bool(op.has_attr("op_callstack"))
