"""Finds the op at which an exported model fails, and the line of the model that made it.

Paddle's error at run time names neither. So the program is cut after ever other ops and run again, until the first
cut that fails is found: its last op is the one. The exported file knows the layer of an op but not its line; a fresh
conversion of the layer knows both, and its ops are lined up with those of the file.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from shapetrace.trace import Conversion
from shapetrace.verify.results import Failure

_NUMBER = re.compile(r"_\d+(?=/)")  # Paddle numbers layers of one class anew in each conversion


def locate(layer: Any, path: str, tensors: Sequence[Any], input_spec: Sequence[Any], message: str) -> Failure:
    """Tell where an export fails.

    Args:
        layer: The layer it was made of.
        path: The export, as given to `paddle.jit.save`.
        tensors: The inputs at which it fails, flattened.
        input_spec: What it was exported with.
        message: What it raised; told as it is where the place cannot be found.

    Returns:
        The failure. Nothing here may hide `message`, so whatever goes wrong leaves out what it was to find.
    """
    failure = Failure(message)
    try:
        ops, failing, shapes = _failing(path, [tensor.numpy() for tensor in tensors])
        name, struct = ops[failing]
        failure = Failure(message, name, tuple(map(str, shapes)), struct)
        conversion, tops = _converted(layer, input_spec)
        mate = _mate(ops, failing, [(conversion.ops[top].name, conversion.ops[top].layer) for top in tops])
        return failure if mate is None else _told(failure, conversion, tops[mate], shapes)
    except Exception as error:
        return replace(failure, line=failure.line or f"(its line was not found: {type(error).__name__}: {error})")


def _failing(path: str, arrays: Sequence[Any]) -> tuple[list[tuple[str, str]], int, list[list[int]]]:
    """The exported ops as (name, layer), which of them fails first, and the shapes of what it was given."""
    import paddle
    from paddle.base import framework

    with ExitStack() as stack:
        stack.enter_context(framework._dygraph_guard(None))
        stack.enter_context(paddle.static.scope_guard(paddle.static.Scope()))
        executor = paddle.static.Executor(paddle.CPUPlace())
        program, names, _ = paddle.static.load_inference_model(path, executor)
        feed = dict(zip(names, arrays, strict=True))
        ops = program.global_block().ops

        def run(last: int, fetch: Sequence[tuple[int, int]]) -> list[Any]:
            """Run the ops up to `last`, and fetch results by (op, position)."""
            cut = program.clone()
            block = cut.global_block()
            own = block.ops
            for op in reversed(own[last + 1 :]):
                block.remove_op(op)
            values = [own[index].result(position) for index, position in fetch]
            return list(executor.run(cut, feed=feed, fetch_list=values))

        def passes(last: int) -> bool:
            fetchable = next((index for index in range(last, -1, -1) if ops[index].num_results()), None)
            try:
                run(last, [] if fetchable is None else [(fetchable, 0)])
            except Exception:  # any: this is the question
                return False
            return True

        low, high = 0, len(ops) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if passes(middle) else (low, middle)
        place = {
            (op.id(), position): (index, position)
            for index, op in enumerate(ops)
            for position in range(op.num_results())
        }
        given = [
            place[key]
            for operand in ops[low].operands_source()
            if (producer := operand.get_defining_op()) is not None
            and (key := (producer.id(), _position(producer, operand))) in place
        ]
        shapes = [list(array.shape) for array in run(low - 1, given)] if low and given else []
        return [(op.name(), str(op.attrs().get("struct_name") or "")) for op in ops], low, shapes


def _position(producer: Any, value: Any) -> int:
    return next(index for index, result in enumerate(producer.results()) if result.is_same(value))


def _converted(layer: Any, input_spec: Sequence[Any]) -> tuple[Conversion, list[int]]:
    """A fresh conversion of the layer, recorded, and which of its ops stand at the top."""
    import paddle

    from shapetrace.capture.program import record
    from shapetrace.capture.sites import Sites
    from shapetrace.trace import Trace

    static = paddle.jit.to_static(layer.forward, input_spec=list(input_spec), full_graph=True)
    concrete = static.concrete_program_specify_input_spec(list(input_spec))
    trace = Trace()
    conversion = Conversion(function=type(layer).__name__)
    trace.add(conversion)
    record(concrete.main_program, conversion, Sites(trace.sites), lambda value: value.shape)
    return conversion, [index for index, op in enumerate(conversion.ops) if op.parent < 0]


def _mate(ops: Sequence[tuple[str, str]], index: int, others: Sequence[tuple[str, str]]) -> int | None:
    """The op of the other program that stands where this one does; None where that cannot be told."""
    one, other = ([(name, _NUMBER.sub("", layer)) for name, layer in each] for each in (ops, others))
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    for block in matcher.get_matching_blocks():
        if block.a <= index < block.a + block.size:
            return block.b + index - block.a
    return None


def _told(failure: Failure, conversion: Conversion, index: int, shapes: Sequence[Sequence[int]]) -> Failure:
    op = conversion.ops[index]
    tensors = conversion.tensors
    symbolic = [tensors[value].symbolic for value in op.inputs if value >= 0]
    operands = failure.operands
    if len(symbolic) == len(shapes):
        operands = tuple(
            f"{list(actual)} ({', '.join(expected)})" if expected is not None else str(list(actual))
            for expected, actual in zip(symbolic, shapes, strict=True)
        )
    line = ""
    if op.stack:
        site = conversion.sites[op.stack[-1]]
        line = f"{site.file}:{site.line}: {site.code}"
    return replace(failure, operands=operands, line=line)
