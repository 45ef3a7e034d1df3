"""Programs that Paddle's symbolic pass throws over, hangs in or dies of: the conversion goes on, and the trace says so."""

from __future__ import annotations

from typing import Any

import pytest

from subprocess_run import told_by_name

pytestmark = pytest.mark.paddle

CODE = """
import paddle
from paddle.static import InputSpec
import forked, shapetrace

class Nested(paddle.nn.Layer):
    def forward(self, x):
        return paddle.nn.LSTM(4, 4)(x)[0]

class Table(paddle.nn.Layer):
    def forward(self, x):
        table = paddle.stack([paddle.shape(x), paddle.shape(x) + 1])
        return paddle.concat([x, x + table.sum()], 1)

class Assert(paddle.nn.Layer):
    def forward(self, x):
        assert x.shape[0] % 2 == 0, "even"
        return paddle.concat([x, x], 1)

class Loud(paddle.nn.Layer):
    def forward(self, x):
        if x.shape[0] > 3:
            print("many")
        return paddle.concat([x, x], 1)

class InALoop(paddle.nn.Layer):
    def forward(self, x):
        step = paddle.zeros([1], "int64")
        while step < 3:
            step = step + 1
            assert x.shape[0] > 2
            if x.shape[0] > 3:
                if x.shape[0] > 4:
                    print("many")
        return paddle.concat([x, x * step.astype("float32")], 1)

class ByZero(paddle.nn.Layer):
    def forward(self, x):
        rows = paddle.shape(x)[0] // paddle.zeros([], "int32")
        return paddle.reshape(x, [rows, -1])

class NoStep(paddle.nn.Layer):
    def forward(self, x):
        return paddle.arange(0, paddle.shape(x)[0], 0)

class Backwards(paddle.nn.Layer):
    def forward(self, x):
        return paddle.concat([x[::-2], x[-1::-2]], 1)

class BackBetween(paddle.nn.Layer):
    def forward(self, x):
        return x[5:1:-1] * 2

class Scaled(paddle.nn.Layer):
    def forward(self, x):
        maps = x.reshape([-1, 1, 2, 2])
        return paddle.nn.functional.interpolate(maps, scale_factor=float(x.shape[0])) * 2

def ops(model, shape):
    with paddle.utils.unique_name.guard():
        layer = model()
        net = paddle.jit.to_static(layer, input_spec=[InputSpec(shape, name="x")], full_graph=True)
        return [op.name() for op in net.forward.concrete_program.main_program.global_block().ops]

def converted(model, shape):
    with shapetrace.watch() as trace:
        watched = ops(model, shape)
    (conversion,) = trace.conversions
    return {"ops": watched, "said": conversion.symbolic_error, "notes": trace.notes, "recorded": len(conversion.ops),
            "output": conversion.tensors[conversion.outputs[0]].symbolic}

for model, shape in [(Nested, [-1, -1, 4]), *((model, [-1, 4]) for model in (ByZero, NoStep, Table, Assert, Loud, InALoop, Backwards, BackBetween, Scaled))]:
    plain = forked.ask(lambda: {"plain": ops(model, shape)})
    forked.run(model.__name__, lambda: {**plain, **converted(model, shape)})
"""
SAID = {
    "Nested": ("GetShapeOrDataForValue", ["x[0]", "x[1]", "4"]),
    "ByZero": ("gives up at pd_op.floor_divide, whose results stand for themselves", ["u0", "(4*x[0])//u0"]),
    "NoStep": ("gives up at pd_op.arange, whose results stand for themselves", ["u0"]),
    "Table": ("", ["x[0]", "8"]),
    "Assert": ("", ["x[0]", "8"]),
    "Loud": ("", ["x[0]", "8"]),
    "InALoop": ("", ["x[0]", "8"]),
    "Backwards": ("", ["(x[0] + 1)//2", "8"]),
    "BackBetween": ("", ["u0", "4"]),
    "Scaled": ("", ["x[0]", "1", "u0", "u1"]),
}
"""Model to what is said of the pass, and the symbolic shape of what it returns."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    import paddle

    if not paddle.__version__.startswith("3.3"):
        pytest.skip("which programs the pass throws over depends on the Paddle")
    script = tmp_path_factory.mktemp("symbolic") / "script.py"
    script.write_text(CODE, encoding="utf-8")
    return told_by_name([script])


@pytest.mark.parametrize("model", SAID)
def test_the_conversion_goes_on_and_all_that_the_pass_can_take_has_shapes(model: str, models: dict[str, Any]) -> None:
    told = models[model]
    assert "died" not in told, told
    assert told["ops"] == told["plain"]
    said, output = SAID[model]
    assert said in told["said"] if said else told["said"] == ""
    assert told["output"] == output
    assert told["notes"] == []
    assert told["recorded"] >= len(told["plain"])


HARMFUL = """
import paddle
import paddle.nn.functional as F
import forked, shapetrace
from paddle.static import InputSpec
from shapetrace.capture.shapes import inference

inference.FIT = 30.0

def doubled_size(x):
    n = paddle.shape(x)[0]
    for _ in range(18):
        n = n + n
    return paddle.zeros([n, 4]) + x[:1]

def doubled_tensor(x):
    for _ in range(18):
        x = paddle.concat([x, x])
    return x * 2

def cut(x):
    for _ in range(50):
        x = x[:-1]
    return x * 2

def every_second(x):
    for _ in range(24):
        x = x[::2]
    return x * 2

def same_padding(x):
    x = x.reshape([-1, 1, 2, 2]).tile([1, 1, 1, 1]).transpose([1, 2, 0, 3])
    for _ in range(30):
        x = F.conv2d(x, paddle.ones([2, 2, 2, 2]), stride=2, padding="SAME")
    return x * 2

def least_int(x):
    n = paddle.full([], -(2**63), "int64") // paddle.full([], -1, "int64")
    return paddle.zeros([n + paddle.shape(x)[0], 4]) + x[:1]

def few(x):
    return F.relu(x[1:].reshape([paddle.shape(x)[0] - 1, 2, 2])) * 2

def ops(model):
    with paddle.utils.unique_name.guard():
        net = paddle.jit.to_static(model, input_spec=[InputSpec([-1, 4], name="x")], full_graph=True)
        return [op.name() for op in net.concrete_program.main_program.global_block().ops]

def watched(model):
    plain = ops(model)
    with shapetrace.watch() as trace:
        same = ops(model) == plain
    (conversion,) = trace.conversions
    return {
        "same": same,
        "said": conversion.symbolic_error,
        "notes": trace.notes,
        "output": conversion.tensors[conversion.outputs[0]].symbolic,
    }

for model in (doubled_size, doubled_tensor, cut, every_second, same_padding, least_int, few):
    forked.run(model.__name__, lambda: watched(model))
"""
HARM = {
    "doubled_size": ["262144*x[0]", "4"],
    "doubled_tensor": ["262144*x[0]", "4"],
    "cut": ["x[0] - 50", "4"],
    "every_second": ["1", "4"],
    "same_padding": ["1", "2", "1", "1"],
    "least_int": None,
}
"""Model to the shape that is fitted instead, where one is."""


@pytest.fixture(scope="module")
def harmful(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    import paddle

    if paddle.__version__.startswith("2."):
        pytest.skip("there is no such pass on Paddle 2.6")
    script = tmp_path_factory.mktemp("harmful") / "script.py"
    script.write_text(HARMFUL, encoding="utf-8")
    return told_by_name([script])


@pytest.mark.parametrize("model", HARM)
def test_a_pass_that_hangs_or_dies_takes_nothing_with_it(model: str, harmful: dict[str, Any]) -> None:
    told = harmful[model]
    assert "died" not in told, told
    assert told["same"]
    assert "Paddle's symbolic pass failed: it died, or used up what it may" in told["said"], told
    assert told["output"] == HARM[model]
    assert ("are fitted" if HARM[model] else "nor could they be fitted") in told["said"]
    assert told["notes"] == []


def test_a_program_with_little_arithmetic_is_told_of(harmful: dict[str, Any]) -> None:
    assert harmful["few"]["said"] == ""
    assert harmful["few"]["output"] == ["x[0] - 1", "2", "2"]
