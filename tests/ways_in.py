"""The ways in which people have Paddle build a program, each watched in a forked process; prints JSON lines.

python -m ways_in [NAME ...]
"""

from __future__ import annotations

import functools
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

import forked
import shapetrace

SPEC = [InputSpec([-1, 16], "float32", name="x")]


def fold(x: Tensor) -> Tensor:
    return x.reshape([x.shape[0] * 8, -1]) * 2.0


class Leaky(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(16, 16)
        self.fold = functools.partial(fold)

    def forward(self, x: Tensor) -> Tensor:
        return self.fold(self.linear(x))


class Healthy(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(16, 16)

    def forward(self, x: Tensor) -> Tensor:
        return fold(self.linear(x))


class TwoMethods(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(16, 16)
        self.fold = functools.partial(fold)

    @paddle.jit.to_static(input_spec=SPEC, full_graph=True)
    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x) * 2.0

    @paddle.jit.to_static(input_spec=SPEC, full_graph=True)
    def wrapped(self, x: Tensor) -> Tensor:
        return self.fold(self.linear(x))


def decorated(directory: str) -> None:
    @paddle.jit.to_static(input_spec=SPEC, full_graph=True)
    def function(x: Tensor) -> Tensor:
        return functools.partial(fold)(x)

    paddle.jit.save(function, f"{directory}/model")


def sot(directory: str) -> None:
    layer = paddle.jit.to_static(Leaky(), full_graph=False)
    for batch in (2, 3, 4):
        assert layer(paddle.rand([batch, 16])).shape == [batch * 8, 2]


def by_hand(directory: str) -> None:
    paddle.enable_static()
    with paddle.static.program_guard(paddle.static.Program()):
        fold(paddle.static.data("x", [-1, 16]))


def by_hand_silently(directory: str) -> None:
    paddle.enable_static()
    with paddle.static.program_guard(paddle.static.Program()):
        x = paddle.static.data("x", [-1, 16])
        y = paddle.ones([x.shape[0] * x.shape[0], 4]) * x.sum()
        paddle.static.save_inference_model(f"{directory}/model", [x], [y], paddle.static.Executor())


def hapi(directory: str) -> None:
    model = paddle.Model(Leaky(), inputs=SPEC)
    model.prepare()
    model.save(f"{directory}/model", training=False)


def mixed_precision(directory: str, level: str) -> None:
    layer = paddle.amp.decorate(Leaky(), level="O2", dtype="bfloat16") if level == "O2" else Leaky()
    with paddle.amp.auto_cast(level=level, dtype="bfloat16"):
        paddle.jit.save(layer, f"{directory}/model", input_spec=SPEC)


def several(directory: str) -> None:
    for name, layer in (("first", Healthy()), ("second", Leaky())):
        paddle.jit.save(layer, f"{directory}/{name}", input_spec=SPEC)


def thread(directory: str) -> None:
    failed: list[Exception] = []

    def work() -> None:
        try:
            paddle.jit.save(Leaky(), f"{directory}/model", input_spec=SPEC)
        except Exception as error:
            failed.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert failed


def training(directory: str) -> None:
    layer = paddle.jit.to_static(Healthy(), full_graph=True, input_spec=SPEC)
    layer(paddle.rand([2, 16])).sum().backward()


WAYS: dict[str, Callable[[str], None]] = {
    "decorated": decorated,
    "sot": sot,
    "by_hand": by_hand,
    "by_hand_silently": by_hand_silently,
    "hapi": hapi,
    "amp_o1": functools.partial(mixed_precision, level="O1"),
    "amp_o2": functools.partial(mixed_precision, level="O2"),
    "two_methods": lambda directory: paddle.jit.save(TwoMethods(), f"{directory}/model"),
    "several": several,
    "thread": thread,
    "training": training,
    "onnx": lambda directory: paddle.onnx.export(Leaky(), f"{directory}/model", input_spec=SPEC),
}


def watched(way: Callable[[str], None]) -> dict[str, Any]:
    """What a watch makes of it: what was raised, the rules found with the line of their sinks, and the notes."""
    raised = ""
    trace = shapetrace.Trace()
    with tempfile.TemporaryDirectory() as directory:
        try:
            with shapetrace.watch() as trace:
                way(directory)
        except BaseException as error:
            raised = f"{type(error).__name__} with {len(getattr(error, '__notes__', ()))} note"
    return {
        "raised": raised,
        "conversions": [conversion.function for conversion in trace.conversions],
        "failed": [conversion.failure is not None for conversion in trace.conversions],
        "findings": [
            [finding.rule, finding.sink and finding.sink.code, finding.symbolic] for finding in trace.findings
        ],
        "roots": sorted({root.symbol for finding in trace.findings for root in finding.roots}),
        "notes": trace.notes,
    }


if __name__ == "__main__":
    for name in sys.argv[1:] or WAYS:
        forked.run(name, functools.partial(watched, WAYS[name]))
