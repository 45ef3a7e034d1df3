"""Conversions, and what can be read of them: code, programs, call stacks, values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import paddle
from paddle.static import InputSpec

from plain_exports.exported import Net, old_programs, spec
from versions import LEGACY

CASES: dict[str, Callable[[str], Any]] = {}


def case(function: Callable[[str], Any]) -> Callable[[str], Any]:
    CASES[function.__name__] = function
    return function


def converted(function: Any, *specs: InputSpec) -> Any:
    return paddle.jit.to_static(function, input_spec=list(specs) or [spec(None, 4)], full_graph=True)


def of_kind(x, n=3):
    kinds = [a for a in (x, n) if isinstance(a, int)]
    if isinstance(n, int) and isinstance(x, paddle.Tensor) and not isinstance(kinds, (tuple, dict)):
        return x * n
    return x


def asked_elsewhere(x):
    check = isinstance
    both = list(map(isinstance, [1, x], [int, int]))
    return x * (1 if check(x, int) else 2) + float(sum(both)) + float(check is isinstance)


def sized(x):
    rows = x.shape[0]
    if isinstance(rows, int):
        return x
    if rows in {1: 2}:
        return x * 2
    return x.reshape([rows, 2, -1])


@case
def code(directory: str) -> list[str]:
    texts = []
    for function in (of_kind, asked_elsewhere, sized):
        static = converted(function)
        assert static.concrete_program is not None
        texts.append(static.code)
    return texts


@case
def programs(directory: str) -> list[str]:
    statics = [converted(function) for function in (of_kind, asked_elsewhere, sized)]
    return [str(static.concrete_program.main_program) for static in statics]


@case
def call_stacks(directory: str) -> list[Any]:
    """Each op's Python frames, which Paddle shows when it fails as the program runs."""
    static = converted(of_kind)
    program = static.concrete_program.main_program
    if LEGACY:
        return [op.attr("op_callstack") for op in program.global_block().ops if op.has_attr("op_callstack")]
    return [list(op.callstack) for op in _ops(program.global_block())]


def _ops(block: Any) -> Iterator[Any]:
    for op in block.ops:
        yield op
        for inner in op.blocks():
            yield from _ops(inner)


@case
def values(directory: str) -> list[Any]:
    paddle.seed(3)
    layer = paddle.jit.to_static(Net(), full_graph=True)
    optimizer = paddle.optimizer.SGD(0.1, parameters=layer.parameters())
    losses = []
    for _ in range(2):
        loss = layer(paddle.rand([3, 4])).square().mean()
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
        losses.append(float(loss))
    return [losses, sorted(layer.state_dict())]


def piecewise(x):
    y = x * 2
    print("seen")
    z = paddle.concat([y, x])
    return paddle._C_ops.relu(z) + 1


def later(x, n):
    rows, i = [], 0
    n = paddle.full([1], n, "int32")
    while i < n.numpy()[0]:
        rows.append(x * 2)
        i += 1
    return paddle.stack(rows, axis=1)


@case
def sot(directory: str) -> Any:
    if LEGACY:
        return []
    from paddle.jit.sot.opcode_translator.executor import executor_cache
    from paddle.jit.sot.utils.envs import min_graph_size_guard

    translated: list[str] = []
    original = executor_cache.OpcodeExecutorCache.translate

    def translate(self: Any, frame: Any, **options: Any) -> Any:
        translated.append(f"{frame.f_code.co_name} of {frame.f_code.co_filename}")
        return original(self, frame, **options)

    executor_cache.OpcodeExecutorCache.translate = translate
    try:
        with min_graph_size_guard(0):
            sums = [float(paddle.jit.to_static(piecewise, full_graph=False)(paddle.ones([2, 3])).sum())]
            function = paddle.jit.to_static(later, full_graph=False)
            sums += [float(function(paddle.ones([2, size]), 3).sum()) for size in (3, 4, 5)]

    finally:
        executor_cache.OpcodeExecutorCache.translate = original
    return [sums, translated]


@case
def shape_of_the_finished(directory: str) -> Any:
    static = converted(of_kind)
    program = static.concrete_program
    sizes = program.inputs[0].shape
    return [str(sizes), [type(size).__mro__[0] is int for size in sizes], list(sizes) == [-1, 4]]


@case
def old_ir_code(directory: str) -> Any:
    with old_programs():
        static = converted(of_kind)
        program = static.concrete_program.main_program
        text = re.sub(r"'op_callstack'.*", "", str(program))
        return [static.code, text]
