"""A PIR program turned into a recorded conversion: ops, tensors, symbolic shapes.

The symbolic shapes are Paddle's own: its pass (`infer_symbolic_shape_pass`, 3.x) runs on a clone of the
program and leaves its result as the string attribute `sym_shape_str` of each op.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from shapetrace import symbolic
from shapetrace.capture.sites import Sites
from shapetrace.trace import Conversion, Op, Symbol, Value

_HIDDEN_ATTRIBUTES = frozenset({"op_callstack", "struct_name", "sym_shape_str", "stop_gradient"})
_MAX_ELEMENTS = 64  # of a list attribute; a constant table longer than that tells nobody anything
_SYMBOL = re.compile(r"S\d+")
_PASS_LOG = re.compile(rb"^[WEI]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\.cc:\d+\] .*\n?", re.MULTILINE)


class Recorded:
    """A program's ops and values in a conversion, and how to find them by the ids Paddle gives them."""

    def __init__(self) -> None:
        self.values: dict[tuple[int, int], int] = {}
        """(id of the op, which result) to index into `Conversion.values`."""


def record(program: Any, conversion: Conversion, sites: Sites, shape_of: Callable[[Any], Any]) -> Recorded:
    """Record all ops of `program`, nested blocks included, into `conversion`.

    Args:
        program: A `paddle.pir.Program`, complete or half-built. It is not changed.
        conversion: Its `ops`, `values`, `expressions` and `symbols` are filled.
        sites: The trace's table of sites.
        shape_of: Paddle's own getter of `Value.shape`.

    Returns:
        Where to find what was recorded.
    """
    writer = _Writer(conversion, sites, shape_of)
    writer.block(program.global_block(), parent=-1, position=0)
    try:
        shapes = list(_symbolic_shapes(program))
    except Exception as error:
        conversion.symbolic_error = f"Paddle's symbolic pass failed: {type(error).__name__}: {error}"
    else:
        writer.symbolic(shapes)
    return writer.recorded


class _Writer:
    def __init__(self, conversion: Conversion, sites: Sites, shape_of: Callable[[Any], Any]) -> None:
        self.conversion = conversion
        self.sites = sites
        self.shape_of = shape_of
        self.recorded = Recorded()
        self.by_pointer: dict[str, int] = {}
        self.expressions: dict[str, int] = {}
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
        inputs = tuple(self.by_pointer.get(_pointer(value), -1) for value in op.operands_source())
        identity = op.id()
        outputs = []
        given = attributes.get("parameter_name") or (attributes.get("name") if name == "pd_op.data" else "") or ""
        for result, value in enumerate(op.results()):
            outputs.append(self.value(value, index, str(given)))
            self.recorded.values[identity, result] = outputs[-1]
        stack = (self.sites.of_stack_line(line) for line in attributes.get("op_callstack", ())[::2])
        self.conversion.ops.append(
            Op(
                name=name,
                inputs=inputs,
                outputs=tuple(outputs),
                attrs={key: _plain(item) for key, item in attributes.items() if key not in _HIDDEN_ATTRIBUTES},
                layer=attributes.get("struct_name", ""),
                stack=tuple(site for site in stack if site >= 0),
                parent=parent,
                block=position,
            )
        )
        return index

    def value(self, value: Any, op: int, name: str) -> int:
        index = len(self.conversion.values)
        self.by_pointer[_pointer(value)] = index
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

    def symbolic(self, shapes: Sequence[str]) -> None:
        """Enter the pass's strings, one an op in the order of the walk."""
        values = self.conversion.values
        names = _Names(self.conversion)
        for index, (op, text) in enumerate(zip(self.conversion.ops, shapes, strict=True)):
            pairs = iter(symbolic.parse_shapes(text))
            for output in op.outputs:
                value = values[output]
                if value.dtype.startswith("vec["):
                    for _ in range(value.dtype.count("tensor<")):
                        next(pairs, None)
                    continue
                pair = next(pairs, None)
                if pair is None or pair.shape is None:
                    continue
                value.dims = tuple(map(self.expression, pair.shape))
                value.data = tuple(map(self.expression, pair.data)) if pair.data is not None else None
                if op.name == "pd_op.data":
                    names.input(value.name, pair.shape)
                else:
                    names.born(index, (*pair.shape, *(pair.data or ())))

    def expression(self, text: str) -> int:
        index = self.expressions.get(text)
        if index is None:
            index = self.expressions[text] = len(self.conversion.expressions)
            self.conversion.expressions.append(text)
        return index


class _Names:
    """Names the symbols of a conversion: after the input axis, or `u0`, `u1`, ... in the order they are born."""

    def __init__(self, conversion: Conversion) -> None:
        self.conversion = conversion
        self.known: set[str] = set()
        self.seen: set[str] = set()
        self.fresh = 0

    def input(self, name: str, shape: Sequence[str]) -> None:
        for axis, text in enumerate(shape):
            if _SYMBOL.fullmatch(text) and text not in self.known:
                self.known.add(text)
                self.conversion.symbols.append(Symbol(key=text, name=f"{name}[{axis}]", input=name, axis=axis))

    def born(self, op: int, texts: Sequence[str]) -> None:
        for text in texts:
            if text in self.seen:
                continue
            self.seen.add(text)
            for key in _SYMBOL.findall(text):
                if key not in self.known:
                    self.known.add(key)
                    self.conversion.symbols.append(Symbol(key=key, name=f"u{self.fresh}", op=op))
                    self.fresh += 1


def _symbolic_shapes(program: Any) -> Iterator[str]:
    import paddle.base.libpaddle as libpaddle
    from paddle.pir import PassManager

    clone = program.clone()  # the pass writes attributes
    manager = PassManager()
    libpaddle.pir.infer_symbolic_shape_pass(manager, clone)
    with _quiet_stderr():
        manager.run(clone)

    def walk(block: Any) -> Iterator[str]:
        for op in block.ops:
            yield op.str_attr("sym_shape_str") if op.has_attr("sym_shape_str") else ""
            for nested in op.blocks():
                yield from walk(nested)

    yield from walk(clone.global_block())


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep what C++ logs from the terminal; whatever else arrives meanwhile, from other threads, is passed on."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        saved = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            file.seek(0)
            rest = _PASS_LOG.sub(b"", file.read())
            if rest:
                os.write(2, rest)


def _pointer(value: Any) -> str:
    """What tells a value from others in its program; empty for an optional operand that is absent."""
    return value.id if value.initialized() else ""


def _plain(value: Any) -> Any:
    """An attribute as plain data."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, list | tuple):
        plain = [_plain(item) for item in value[:_MAX_ELEMENTS]]
        return [*plain, f"... {len(value)} in all"] if len(value) > _MAX_ELEMENTS else plain
    return str(value)
