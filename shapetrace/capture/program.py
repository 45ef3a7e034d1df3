"""A PIR program turned into a recorded conversion: ops, tensors, symbolic shapes.

The symbolic shapes are Paddle's own: its pass (`infer_symbolic_shape_pass`, 3.x) runs on a clone of the
program and leaves its result as the string attribute `sym_shape_str` of each op.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from shapetrace import forking, symbolic
from shapetrace.capture.makers import Made
from shapetrace.capture.sites import Sites
from shapetrace.trace import Conversion, Op, Symbol, Value

_HIDDEN_ATTRIBUTES = frozenset({"op_callstack", "struct_name", "sym_shape_str", "stop_gradient", "place"})
_MAX_ELEMENTS = 64  # of a list attribute; a constant table longer than that tells nobody anything
_SECONDS = 5  # for the symbolic pass, which takes one on the largest models, where it may not end
_SYMBOL = re.compile(r"S\d+")
_PASS_LOG = re.compile(rb"^[WEI]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\.cc:\d+\] .*\n?", re.MULTILINE)


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
        answers = _ask_apart(program) if forking.possible() and (_may_hang() or _may_die(program)) else _ask(program)
    except Exception as error:
        conversion.symbolic_error = f"Paddle's symbolic pass failed: {type(error).__name__}: {error}"
    else:
        writer.symbolic(answers)
    return writer.recorded


_BORN_UNKNOWN = frozenset({("pd_op.batch_norm_", 5), ("pd_op.batch_norm", 5)})
"""Results whose size is the kernel's own business (space for cuDNN): the pass makes a new symbol of each, and asking it for
that takes a third of the time of recording a ResNet."""


class _Writer:
    def __init__(self, conversion: Conversion, sites: Sites, shape_of: Callable[[Any], Any]) -> None:
        self.conversion = conversion
        self.sites = sites
        self.shape_of = shape_of
        self.recorded = Recorded()
        self.by_pointer: dict[str, int] = {}
        self.expression = Expressions(conversion).of
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
                attrs={key: plain(item) for key, item in attributes.items() if key not in _HIDDEN_ATTRIBUTES},
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

    def symbolic(self, answers: _Answers) -> None:
        """Enter what the pass told."""
        values = self.conversion.values
        names = _Names(self.conversion)
        for index, (op, text) in enumerate(zip(self.conversion.ops, answers.ops, strict=True)):
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
        for position, text in answers.values.items():
            told = symbolic.parse_shapes(text)[0].data
            if told is not None and len(told) == len(values[position].shape):
                values[position].dims = tuple(map(self.expression, told))
                names.born(values[position].op, told)
        for value in values:
            if value.dims is None and all(size >= 0 for size in value.shape) and value.dtype in self.dtypes.values():
                value.dims = tuple(self.expression(str(size)) for size in value.shape)


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


class _Answers(NamedTuple):
    """What the symbolic pass says of a program."""

    ops: list[str]
    """`sym_shape_str` of each op, in the order of the walk."""
    values: dict[int, str]
    """The symbolic shape of further values, by their position in the walk, as the data of a tensor that holds it."""


def _ask(program: Any) -> _Answers:
    """Run Paddle's symbolic pass on a clone of `program`.

    The pass tells the shape of an op's first result only. Of any other value with an unknown dim we ask for the
    shape in the program itself: an op `shape64` of it is inserted into the clone, and the pass tells what that holds.
    """
    import paddle
    import paddle.base.libpaddle as libpaddle
    from paddle.base.framework import _dygraph_guard
    from paddle.pir import PassManager

    clone = program.clone()  # the pass writes attributes
    ops: list[Any] = []
    questions: dict[int, Any] = {}
    counter = itertools.count()
    with _dygraph_guard(None), paddle.static.program_guard(clone):
        _question(clone.global_block(), ops, questions, counter)
    manager = PassManager()
    libpaddle.pir.infer_symbolic_shape_pass(manager, clone)
    with _quiet_stderr():
        manager.run(clone)
    return _Answers(
        ops=[_answer(op) for op in ops],
        values={
            position: _answer(value.get_defining_op()) if value is not None else _new_symbol(position)
            for position, value in questions.items()
        },
    )


def _may_hang() -> bool:
    """Whether the symbolic pass of this Paddle does not end on some programs with a loop."""
    import paddle

    return bool(paddle.__version__.startswith("3.0."))


_DIVISIONS = frozenset({"pd_op.floor_divide", "pd_op.divide", "pd_op.remainder"})
_INTEGERS = frozenset({"paddle.int32", "paddle.int64"})


def _may_die(program: Any) -> bool:
    """Whether the symbolic pass may divide by zero, which ends the process: some divisor is not known to be above it."""
    pending = [program.global_block()]
    while pending:
        for op in pending.pop().ops:
            if (
                op.name() in _DIVISIONS
                and str(op.results()[0].dtype) in _INTEGERS
                and not _is_positive(op.operands_source()[1])
            ):
                return True
            pending += op.blocks()
    return False


def _is_positive(value: Any) -> bool:
    maker = value.get_defining_op()
    return maker is not None and maker.name() == "pd_op.full" and maker.attrs().get("value", 0) > 0


def _ask_apart(program: Any) -> _Answers:
    """The same in a forked process, which may hang or die."""
    content = forking.forked(lambda: msgspec.msgpack.encode(_attempt(program)), _SECONDS)
    if not content:
        raise TimeoutError(f"it died, or did not end within {_SECONDS} seconds")
    answers, error = msgspec.msgpack.decode(content, type=tuple[_Answers | None, str])
    if answers is None:
        raise RuntimeError(error)
    return answers


def _attempt(program: Any) -> tuple[_Answers | None, str]:
    """What the pass says, or what it raises."""
    try:
        return _ask(program), ""
    except Exception as error:
        return None, str(error)


def _question(block: Any, ops: list[Any], questions: dict[int, Any], counter: Iterator[int]) -> None:
    """Walk `block` as `_Writer.block` does, and insert a question for each value the pass will not tell."""
    import paddle

    members = list(block.ops)
    for argument in block.args():
        position = next(counter)
        if _has_unknown(argument):
            paddle.pir.set_insertion_point(members[0])
            questions[position] = paddle._C_ops.shape64(argument)
    for op in members:
        ops.append(op)
        for result, value in enumerate(op.results()):
            position = next(counter)
            if not result or not _has_unknown(value):
                continue
            if (op.name(), result) in _BORN_UNKNOWN:
                questions[position] = None
                continue
            paddle.pir.set_insertion_point_after(op)
            questions[position] = paddle._C_ops.shape64(value)
        for nested in op.blocks():
            _question(nested, ops, questions, counter)


def _new_symbol(position: int) -> str:
    """What the pass says of a dim that it knows nothing of, under a number that it does not come to itself."""
    return f"shape[1], data[S{1_000_000 + position}]"


def _has_unknown(value: Any) -> bool:
    return value.initialized() and value.is_dense_tensor_type() and any(size < 0 for size in value.shape)


def _answer(op: Any) -> str:
    return op.str_attr("sym_shape_str") if op.has_attr("sym_shape_str") else ""


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
