"""Programs that Paddle's symbolic pass throws over: the conversion goes on, and the trace says so."""

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

class Segments(paddle.nn.Layer):
    def forward(self, x):
        return paddle.incubate.segment_sum(x, paddle.zeros([4], "int64"))

class ByZero(paddle.nn.Layer):
    def forward(self, x):
        rows = paddle.shape(x)[0] // paddle.zeros([], "int32")
        return paddle.reshape(x, [rows, -1])

class NoStep(paddle.nn.Layer):
    def forward(self, x):
        return paddle.arange(0, paddle.shape(x)[0], 0)

def ops(model, shape):
    with paddle.utils.unique_name.guard():
        layer = model()
        net = paddle.jit.to_static(layer, input_spec=[InputSpec(shape, name="x")], full_graph=True)
        return [op.name() for op in net.forward.concrete_program.main_program.global_block().ops]

def converted(model, shape):
    with shapetrace.watch() as trace:
        watched = ops(model, shape)
    (conversion,) = trace.conversions
    return {"ops": watched, "said": conversion.symbolic_error, "notes": trace.notes, "recorded": len(conversion.ops)}

for model, shape in [(Nested, [-1, -1, 4]), (Segments, [-1, 4]), (ByZero, [-1, 4]), (NoStep, [-1, 4])]:
    plain = forked.ask(lambda: {"plain": ops(model, shape)})
    forked.run(model.__name__, lambda: {**plain, **converted(model, shape)})
"""
SAID = {
    "Nested": "GetShapeOrDataForValue",
    "Segments": "GetShapeOrDataForValue",
    "ByZero": "dem cannot be zero",
    "NoStep": "dem cannot be zero",
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    import paddle

    if not paddle.__version__.startswith("3.3"):
        pytest.skip("which programs the pass throws over depends on the Paddle")
    script = tmp_path_factory.mktemp("symbolic") / "script.py"
    script.write_text(CODE, encoding="utf-8")
    return told_by_name([script])


@pytest.mark.parametrize("model", SAID)
def test_the_conversion_goes_on_and_the_trace_says_why_dims_are_missing(model: str, models: dict[str, Any]) -> None:
    told = models[model]
    assert "died" not in told, told
    assert told["ops"] == told["plain"]
    assert SAID[model] in told["said"]
    assert told["notes"] == []
    assert told["recorded"] >= len(told["plain"])
