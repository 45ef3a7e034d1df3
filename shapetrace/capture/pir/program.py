"""A PIR program turned into a recorded conversion: its ops and tensors.

What the symbolic shapes are is found out in a process of its own, which `shapes/tasks.py` starts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shapetrace.capture.recorded import Recorded, plain
from shapetrace.capture.source.sites import Sites
from shapetrace.facts import ops
from shapetrace.trace import Conversion, Op, Value

_HIDDEN_ATTRIBUTES = frozenset({"op_callstack", "struct_name", "sym_shape_str", "stop_gradient", "place"})
_OPERATORS = frozenset({"__impl__", "_getitem_static", "_setitem_static"})
"""The functions behind the operators and the indexing of a tensor (`paddle/pir/math_op_patch.py`, `paddle/base/variable_index.py`)."""
_PASSED_THROUGH = frozenset({"wrapper", "inner", "fun", "__call__", "_dygraph_call_func", "forward"})
"""Functions of Paddle's that wrap the one the user called."""


def record(program: Any, conversion: Conversion, sites: Sites, shape_of: Callable[[Any], Any]) -> Recorded:
    """Record all ops of `program`, nested blocks included, into `conversion`.

    Args:
        program: A `paddle.pir.Program`, complete or half-built. It is not changed.
        conversion: Its `ops` and `values` are filled.
        sites: The trace's table of sites.
        shape_of: Paddle's own getter of `Value.shape`.

    Returns:
        Where to find what was recorded.
    """
    writer = _Writer(conversion, sites, shape_of)
    writer.block(program.global_block(), parent=-1, position=0)
    return writer.recorded


class _Writer:
    def __init__(self, conversion: Conversion, sites: Sites, shape_of: Callable[[Any], Any]) -> None:
        self.conversion = conversion
        self.sites = sites
        self.shape_of = shape_of
        self.recorded = Recorded()
        self.dtypes: dict[Any, str] = {}

    def block(self, block: Any, parent: int, position: int) -> None:
        for argument in block.args():
            self.value(argument, op=parent, name="")
        for op in block.ops:
            index = self.operation(op, parent, position)
            for nested_position, nested in enumerate(op.blocks()):
                self.block(nested, index, nested_position)

    def operation(self, op: Any, parent: int, position: int) -> int:
        index = len(self.conversion.ops)
        name = op.name()
        attributes = op.attrs()
        inputs = tuple(self.recorded.pointers.get(_pointer(value), -1) for value in op.operands_source())
        identity = op.id()
        outputs = []
        label = attributes.get("parameter_name") or (attributes.get("name") if name == ops.DATA else "") or ""
        for result, value in enumerate(op.results()):
            outputs.append(self.value(value, index, str(label)))
            self.recorded.values[identity, result] = outputs[-1]
        lines = attributes.get("op_callstack", ())[::2]
        stack = [self.sites.of_stack_line(line) for line in lines]
        api = _called(name, lines, stack)
        self.conversion.ops.append(
            Op(
                name=name,
                inputs=inputs,
                outputs=tuple(outputs),
                attrs={key: plain(item) for key, item in attributes.items() if key not in _HIDDEN_ATTRIBUTES},
                layer=attributes.get("struct_name", ""),
                stack=tuple(site for site in stack if site >= 0),
                parent=parent,
                block=position,
                api="" if api == ops.bare(name).rstrip("_") else api,
            )
        )
        return index

    def value(self, value: Any, op: int, name: str) -> int:
        index = len(self.conversion.values)
        pointer = _pointer(value)
        if pointer:
            self.recorded.pointers[pointer] = index
        self.recorded.slots[index] = pointer
        if not value.initialized():
            shape, dtype = (), "null"
        elif value.is_dense_tensor_type() or value.is_selected_row_type():
            shape = tuple(self.shape_of(value))
            dtype = self.dtype(value.dtype)
        else:
            shape, dtype = (), str(value.type())
        self.conversion.values.append(Value(op=op, dtype=dtype, shape=shape, name=name))
        return index

    def dtype(self, dtype: Any) -> str:
        name = self.dtypes.get(dtype)
        if name is None:
            name = self.dtypes[dtype] = str(dtype).removeprefix("paddle.")
        return name


def _called(op: str, lines: Sequence[str], stack: Sequence[int]) -> str:
    """The function of Paddle's that the user's innermost frame called; empty for an operator, or where there is none.

    Args:
        op: Name of the op.
        lines: Its call stack, outermost first.
        stack: The user's site for each line; -1 for what is not the user's.
    """
    if op in ops.GIVEN:
        return ""
    users = max((place for place, site in enumerate(stack) if site >= 0), default=len(stack))
    inner = [line.rpartition(", in ")[2] for line in lines[users + 1 :]]
    if inner[:1] and inner[0] in _OPERATORS:
        return ""
    return next((name.lstrip("_") for name in inner if name not in _PASSED_THROUGH), "")


def _pointer(value: Any) -> str:
    """What tells a value from others in its program; empty for an optional operand or result that is absent."""
    return value.id if value.initialized() else ""
