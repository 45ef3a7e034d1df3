"""Paddle's own symbolic pass (`infer_symbolic_shape_pass`, 3.x), asked for the shapes of a program.

It runs on a clone of the program and leaves its result as the string attribute `sym_shape_str` of each op. It can throw,
which is told. It can also take for ever, or end the process: it writes out sums that double with each op, and divides by
zero. So programs with what is known to lead there are asked in a forked process with a limit. All others are asked in this
one, as a fork costs 10 to 60 ms, which is more than the pass takes on most models.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from shapetrace import forking
from shapetrace.trace import Conversion, Op

SECONDS = 5.0
"""For the pass in a fork. It takes a quarter of one on the largest models."""

_FEW = 8
"""Ops that make new dims of others. In all programs tried so many took the pass half a second at most; ten can take it 5."""

_PASS_LOG = re.compile(rb"^[WEI]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\.cc:\d+\] .*\n?", re.MULTILINE)
_INTEGERS = frozenset({"int32", "int64"})
_ARITHMETIC = frozenset(
    f"pd_op.{name}"
    for name in ("add", "subtract", "multiply", "maximum", "minimum", "elementwise_pow", "scale", "sum", "prod")
)
_DIVISIONS = frozenset({"pd_op.floor_divide", "pd_op.divide", "pd_op.remainder"})
_CUTS = frozenset({"pd_op.slice", "pd_op.strided_slice"})
_BORN_UNKNOWN = frozenset({("pd_op.batch_norm_", 5), ("pd_op.batch_norm", 5)})
"""Results whose size is the kernel's own business (space for cuDNN): the pass makes a new symbol of each, and asking it for
that takes a third of the time of recording a ResNet."""


class Answers(NamedTuple):
    """What the symbolic pass says of a program."""

    ops: list[str]
    """`sym_shape_str` of each op, in the order of the walk."""
    values: dict[int, str]
    """The symbolic shape of further values, by their position in the walk, as the data of a tensor that holds it."""


def ask(program: Any, conversion: Conversion) -> Answers:
    """Run the pass on a clone of `program`.

    The pass tells the shape of an op's first result only. Of any other value with an unknown dim we ask for the
    shape in the program itself: an op `shape64` of it is inserted into the clone, and the pass tells what that holds.

    Args:
        program: A `paddle.pir.Program`, complete or half-built.
        conversion: What was recorded of it.

    Raises:
        TimeoutError: The pass ended its process, or did not end.
        Exception: Whatever the pass raises.
    """
    return _ask_apart(program) if forking.possible() and is_risky(conversion) else _ask(program)


def is_risky(conversion: Conversion) -> bool:
    """Whether the pass may take for ever over a recorded program, or end the process."""
    import paddle

    if paddle.__version__.startswith("3.0."):  # its pass does not end on some programs with a loop, complete or not
        return True
    makers = 0
    for op in conversion.ops:
        if op.name in _DIVISIONS and _is_integer(conversion, op):
            if not _is_positive(conversion, op.inputs[1]):
                return True
            makers += 1
        makers += _makes_dims(conversion, op)
    return makers > _FEW


def _makes_dims(conversion: Conversion, op: Op) -> bool:
    """Whether an op computes dims out of others: in integers, or by cutting, joining or padding an unknown axis."""
    if op.name in _ARITHMETIC:
        return _is_integer(conversion, op)
    if op.name in _CUTS:
        axes = op.attrs.get("axes") or ()
        return any(_is_unknown(conversion, op.inputs[0], axis) for axis in axes if isinstance(axis, int))
    if op.name == "pd_op.concat":
        axis = _constant(conversion, op.inputs[1])
        return axis is None or _is_unknown(conversion, op.outputs[0], int(axis))
    return op.attrs.get("padding_algorithm") == "SAME"


def _is_unknown(conversion: Conversion, value: int, axis: int) -> bool:
    shape = conversion.values[value].shape if value >= 0 else ()
    return -len(shape) <= axis < len(shape) and shape[axis] < 0


def _is_integer(conversion: Conversion, op: Op) -> bool:
    return conversion.values[op.outputs[0]].dtype in _INTEGERS


def _is_positive(conversion: Conversion, value: int) -> bool:
    number = _constant(conversion, value)
    return number is not None and number > 0


def _constant(conversion: Conversion, value: int) -> float | None:
    """The number that a tensor was filled with; None where it holds anything else."""
    maker = conversion.ops[conversion.values[value].op] if value >= 0 and conversion.values[value].op >= 0 else None
    number = maker.attrs.get("value") if maker is not None and maker.name == "pd_op.full" else None
    return number if isinstance(number, int | float) else None


def _ask(program: Any) -> Answers:
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
    return Answers(
        ops=[_answer(op) for op in ops],
        values={
            position: _answer(value.get_defining_op()) if value is not None else _new_symbol(position)
            for position, value in questions.items()
        },
    )


def _ask_apart(program: Any) -> Answers:
    """The same in a forked process."""
    task = forking.Task(lambda: msgspec.msgpack.encode(_attempt(program)), forking.Limits(seconds=SECONDS))
    content = task.outcome(SECONDS).content
    if not content:
        raise TimeoutError(f"it died, or did not end within {SECONDS:g} s")
    answers, error = msgspec.msgpack.decode(content, type=tuple[Answers | None, str])
    if answers is None:
        raise RuntimeError(error)
    return answers


def _attempt(program: Any) -> tuple[Answers | None, str]:
    """What the pass says, or what it raises."""
    try:
        return _ask(program), ""
    except Exception as error:
        return None, str(error)


def _question(block: Any, ops: list[Any], questions: dict[int, Any], counter: Iterator[int]) -> None:
    """Walk `block` as `program.py` does, and insert a question for each value the pass will not tell."""
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
