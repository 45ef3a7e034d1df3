"""Exports to files, in the ways people export."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator
from typing import Any

import paddle
from paddle import nn
from paddle.autograd import PyLayer
from paddle.distributed.fleet.utils import recompute
from paddle.static import InputSpec

from versions import LEGACY

CASES: dict[str, Callable[[str], Any]] = {}


def case(function: Callable[[str], Any]) -> Callable[[str], Any]:
    """A case takes a directory to export to; what it returns is compared."""
    CASES[function.__name__] = function
    return function


def spec(*sizes: Any, name: str = "x", dtype: str = "float32") -> InputSpec:
    return InputSpec(list(sizes), dtype, name=name)


class Net(nn.Layer):
    """A layer with a body that a test gives."""

    def __init__(self, body: Callable[..., Any] | None = None) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1D(4)
        self.body = body

    def forward(self, x):
        y = self.norm(self.fc(x))
        return self.body(y) if self.body is not None else y.reshape([y.shape[0], 2, 2])


def save(layer: Any, directory: str, *specs: InputSpec, **options: Any) -> None:
    layer.eval()
    paddle.jit.save(layer, f"{directory}/m", input_spec=list(specs) or [spec(None, 4)], **options)


@case
def healthy(directory: str) -> None:
    save(Net(), directory)


@case
def saved_again_and_again(directory: str) -> None:
    for number in range(3):
        paddle.jit.save(
            paddle.jit.to_static(Net(), full_graph=True), f"{directory}/m{number}", input_spec=[spec(None, 4)]
        )


class Half(PyLayer):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 0.5

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensor()
        return grad * 0.5 * x.sign()


class Halving(Net):
    def forward(self, x):
        return Half.apply(self.fc(x)) + 1


@case
def pylayer(directory: str) -> None:
    for number in range(3):
        paddle.jit.save(
            paddle.jit.to_static(Halving(), full_graph=True), f"{directory}/m{number}", input_spec=[spec(None, 4)]
        )


class Sliced(Net):
    def forward(self, x):
        y = self.fc(x)
        y[:, 0] = 1.0
        y[:, 1:3] = x[:, :2]
        return y


class Assigning(Net):
    def forward(self, x):
        y = self.fc(x)
        y[:, 0] = 1.0
        y[:, 1:3] = x[:, :2]
        y[y > 3] = 0.0
        return y


@case
def assigned_in_place(directory: str) -> None:
    save(Assigning(), directory)


@case
def specs_given_twice(directory: str) -> None:
    save(paddle.jit.to_static(Assigning(), input_spec=[spec(None, 4)], full_graph=True), directory)


class Buffered(Net):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", paddle.arange(16, dtype="float32").reshape([4, 4]))
        self.register_buffer("passing", paddle.ones([4]), persistable=False)

    def forward(self, x):
        return self.fc(x) @ self.table + self.passing


@case
def buffers(directory: str) -> None:
    save(Buffered(), directory)


@case
def hooks(directory: str) -> None:
    layer = Net()
    layer.fc.register_forward_pre_hook(lambda layer, inputs: (inputs[0] * 2,))
    layer.fc.register_forward_post_hook(lambda layer, inputs, output: output + inputs[0].shape[-1])
    save(layer, directory)


@case
def leaking_quietly(directory: str) -> None:
    save(Net(functools.partial(lambda x, k: x * x.shape[0] + paddle.full([2, 4], float(k)).sum(), k=3)), directory)


class Looping(Net):
    def forward(self, x):
        total = paddle.zeros([1])
        for i in range(x.shape[0]):
            total = total + x[i].sum()
            if total > 10:
                total = total - 1
        while total.sum() > 5 and isinstance(i, int):
            total = total / 2
        assert x.shape[1] == 4
        return total


class Choosing(Net):
    def forward(self, x):
        y = self.fc(x)
        if y.sum() > 3:
            y = y * 2
        elif isinstance(x.shape[0], int):
            y = y - 1
        return y.reshape([x.shape[0], -1])


@case
def control_flow(directory: str) -> None:
    save(Looping(), directory)


@case
def amp(directory: str) -> None:
    class Casting(Net):
        def forward(self, x):
            with paddle.amp.auto_cast(level="O1", dtype="bfloat16"):
                return self.fc(x).astype("float32")

    save(Casting(), directory)


@case
def recomputed(directory: str) -> None:
    class Recomputing(Net):
        def forward(self, x):
            return recompute(self.fc, x)

    save(Recomputing(), directory)


@case
def hapi(directory: str) -> None:
    paddle.Model(Net(), inputs=[spec(None, 4)]).save(f"{directory}/m", training=False)


@case
def output_spec(directory: str) -> None:
    class Two(Net):
        def forward(self, x):
            first = self.fc(x)
            return [first + first.sum()]

    layer = paddle.jit.to_static(Two(), input_spec=[spec(None, 4)], full_graph=True)
    layer.eval()
    paddle.jit.save(layer, f"{directory}/m", output_spec=layer.forward.outputs)


@dataclasses.dataclass
class Pair:
    left: Any
    right: Any


@case
def structures(directory: str) -> None:
    class Structured(Net):
        def forward(self, given, mask=None, scale=2.0):
            x = given["x"] + given["more"][0]
            pair = Pair(x, x * scale)
            return {"left": pair.left, "all": [pair.right, (x if mask is None else x * mask,)], "none": None}

    layer = Structured()
    layer.eval()
    inputs = {"x": spec(None, 4), "more": [spec(None, 4, name="more")]}
    paddle.jit.save(layer, f"{directory}/m", input_spec=[inputs, None])


@case
def loaded_and_saved(directory: str) -> None:
    save(Net(), directory)
    loaded = paddle.jit.load(f"{directory}/m")
    loaded.eval()
    loaded(paddle.ones([2, 4]))
    paddle.jit.save(loaded, f"{directory}/again", input_spec=[spec(None, 4)])


@case
def by_hand(directory: str) -> None:
    main, startup = paddle.static.Program(), paddle.static.Program()
    paddle.enable_static()
    try:
        with paddle.static.program_guard(main, startup):
            x = paddle.static.data("x", [None, 4])
            y = paddle.static.nn.fc(x, 4)
            y = y.reshape([x.shape[0], 4]) * 2
            executor = paddle.static.Executor(paddle.CPUPlace())
            executor.run(startup)
            paddle.static.save_inference_model(f"{directory}/m", [x], [y], executor, program=main)
    finally:
        paddle.disable_static()


@case
def nested(directory: str) -> None:
    inner = paddle.jit.to_static(Net(lambda x: x * 2), full_graph=True)

    class Outer(nn.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x):
            return self.inner(x) + 1

    save(Outer(), directory)


@case
def quantized(directory: str) -> None:
    from paddle.quantization import QAT, QuantConfig
    from paddle.quantization.quanters import FakeQuanterWithAbsMaxObserver

    quanter = FakeQuanterWithAbsMaxObserver(moving_rate=0.9)
    qat = QAT(QuantConfig(activation=quanter, weight=quanter))
    layer = Net()
    layer.train()
    trained = qat.quantize(layer)
    trained(paddle.ones([2, 4]))
    save(trained, directory)


@case
def several_methods(directory: str) -> None:
    class Methods(Net):
        @paddle.jit.to_static(input_spec=[spec(None, 4)], full_graph=True)
        def encode(self, x):
            return self.fc(x)

        @paddle.jit.to_static(input_spec=[spec(None, 4)], full_graph=True)
        def decode(self, x):
            return self.norm(x)

    layer = Methods()
    layer.forward = paddle.jit.to_static(layer.forward, input_spec=[spec(None, 4)], full_graph=True)
    layer.eval()
    paddle.jit.save(layer, f"{directory}/m")


@case
def old_ir(directory: str) -> None:
    """The programs of Paddle 2 on Paddle 3, which keep call stacks in the file."""
    with old_programs():
        for number, layer in enumerate((Sliced(), Net(lambda x: x * x.shape[0]))):
            layer.eval()
            paddle.jit.save(layer, f"{directory}/m{number}", input_spec=[spec(None, 4)])


@case
def unlike_its_spec(directory: str) -> None:
    save(Net(lambda x: x.reshape([7, 7])), directory, spec(2, 4))


@case
def leak_that_fails(directory: str) -> None:
    save(Net(functools.partial(lambda x, k: x.reshape([x.shape[0] * k, -1]), k=8)), directory)


@contextlib.contextmanager
def old_programs() -> Iterator[None]:
    """Programs are those of Paddle 2 in here."""
    with contextlib.nullcontext() if LEGACY else paddle.pir_utils.OldIrGuard():
        paddle.disable_static()  # the guard has turned it on
        yield
