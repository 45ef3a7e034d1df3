"""A PIR program turned into a recorded conversion: its ops and tensors.

What the symbolic shapes are is found out in a process of its own, which `shape_tasks.py` starts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from shapetrace.capture import makers
from shapetrace.capture.makers import Made
from shapetrace.capture.sites import Sites
from shapetrace.trace import Conversion, Op, Value

_HIDDEN_ATTRIBUTES = frozenset({"op_callstack", "struct_name", "sym_shape_str", "stop_gradient", "place"})
_MAX_ELEMENTS = 64  # of a list attribute; a constant table longer than that tells nobody anything
_OPERATORS = frozenset({"__impl__", "_getitem_static", "_setitem_static"})
"""The functions behind the operators and the indexing of a tensor (`paddle/pir/math_op_patch.py`, `paddle/base/variable_index.py`)."""
_GIVEN = frozenset({"pd_op.data", "builtin.parameter"})
"""Ops that stand for what a program is given, which nobody called."""
_PASSED_THROUGH = frozenset({"wrapper", "inner", "fun", "__call__", "_dygraph_call_func", "forward"})
"""Functions of Paddle's that wrap the one the user called."""


class Expressions:
    """Fills the table of expressions of a conversion; each stands in it once."""

    def __init__(self, conversion: Conversion) -> None:
        self._table = conversion.expressions
        self._indices: dict[str, int] = {}

    def of(self, text: str) -> int:
        """Index of an expression, entered if new."""
        index = self._indices.get(text)
        if index is None:
            index = self._indices[text] = len(self._table)
            self._table.append(text)
        return index


class Recorded:
    """A program's ops and values in a conversion, and how to find them by the ids Paddle gives them."""

    def __init__(self) -> None:
        self.values: dict[Made | None, int] = {}
        """What `makers.made` says of a tensor to index into `Conversion.values`."""
        self.slots: dict[int, str] = {}
        """Index into `Conversion.values` to what a table of shapes calls the value."""
        self.pointers: dict[str, int] = {}
        """Of a program of 3.x: what tells a value from others to index into `Conversion.values`."""

    def position(self, tensor: Any) -> int:
        """Index of a tensor's record; -1 where it is not in the program.

        After a loop, Paddle 3.3 now and then returns the result of an op that it has erased. Asking such a result for its
        op, or even whether it is initialized, ends the process, so it is only compared with those that are there.
        """
        if hasattr(tensor, "get_defining_op"):
            try:
                return self.pointers.get(tensor.id, -1)
            except ValueError:  # it stands for an operand that is absent, and has none
                return -1
        made = makers.made(tensor)
        return self.values.get(made, -1) if made is not None else -1


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
        given = attributes.get("parameter_name") or (attributes.get("name") if name == "pd_op.data" else "") or ""
        for result, value in enumerate(op.results()):
            outputs.append(self.value(value, index, str(given)))
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
                api="" if api == name.removeprefix("pd_op.").rstrip("_") else api,
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
        known = self.dtypes.get(dtype)
        if known is None:
            known = self.dtypes[dtype] = str(dtype).removeprefix("paddle.")
        return known


def _called(op: str, lines: Sequence[str], stack: Sequence[int]) -> str:
    """The function of Paddle's that the user's innermost frame called; empty for an operator, or where there is none.

    Args:
        op: Name of the op.
        lines: Its call stack, outermost first.
        stack: The user's site for each line; -1 for what is not the user's.
    """
    if op in _GIVEN:
        return ""
    users = max((place for place, site in enumerate(stack) if site >= 0), default=len(stack))
    inner = [line.rpartition(", in ")[2] for line in lines[users + 1 :]]
    if inner[:1] and inner[0] in _OPERATORS:
        return ""
    return next((name.lstrip("_") for name in inner if name not in _PASSED_THROUGH), "")


def _pointer(value: Any) -> str:
    """What tells a value from others in its program; empty for an optional operand or result that is absent."""
    return value.id if value.initialized() else ""


def plain(value: Any) -> Any:
    """An attribute as plain data."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, list | tuple):
        items = [plain(item) for item in value[:_MAX_ELEMENTS]]
        return [*items, f"... {len(value)} in all"] if len(value) > _MAX_ELEMENTS else items
    return _printed(value) if type(value).__hash__ is not None else str(value)


@lru_cache(maxsize=256)
def _printed(value: Any) -> str:
    """Text of an enumerator of Paddle's: there are few, and each takes long to print."""
    return str(value)
