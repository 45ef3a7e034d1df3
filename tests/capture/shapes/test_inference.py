"""Symbolic shapes on Paddle 3.x without the pass: shapes inferred at several sizes take its place, and check it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import versions
from subprocess_run import run_python

pytestmark = [
    pytest.mark.paddle,
    pytest.mark.skipif(versions.LEGACY, reason="on Paddle 2.6 all shapes are fitted: there is no pass to check"),
]

CODE = """
import paddle
import forked, shapetrace
from paddle.static import InputSpec
from shapetrace.capture.shapes import inference, symbolic_pass

inference.FIT = 60.0

class Layer(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.conv = paddle.nn.Conv2D(3, 4, 3, stride=2)
        self.linear = paddle.nn.Linear(16, 8)

class Shapes(Layer):
    def forward(self, x):
        batch, _, height, _ = x.shape
        y = self.conv(x)
        y = paddle.concat([y, y[:, :, 1:]], 2)
        z = y.reshape([batch, 4, -1])
        return paddle.full([batch * height + 1], 1.0), z * 2, paddle.split(x, [1, 2], 1)[1] * 2

class Flat(Layer):
    def forward(self, x):
        y = self.conv(x)
        return self.linear(y.flatten(1)) + self.linear((y * 2).flatten(1))

class ByData(Layer):
    def forward(self, x):
        return paddle.nonzero(x)[:, 0] * 2

class Branch(Layer):
    def forward(self, x):
        if x.mean() > 0:
            y = x[:, :, 1:]
        else:
            y = x[:, :, :-1] * 2
        return y * 2

class Loop(Layer):
    def forward(self, x):
        step = paddle.zeros([1], "int64")
        total = x
        while step < x.shape[0]:
            total = total + x * 2
            step = step + 1
        return total * 2, step

class Growing(Layer):
    def forward(self, x):
        step = paddle.zeros([1], "int64")
        while step < x.shape[0]:
            x = paddle.concat([x, x[:1]])
            step = step + 1
        return x * 2

def convert(layer):
    with paddle.utils.unique_name.guard():
        net = paddle.jit.to_static(layer, input_spec=[InputSpec([-1, 3, -1, -1], name="x")], full_graph=True)
        return [op.name() for op in net.forward.concrete_program.main_program.global_block().ops]

def broken(*args):
    raise RuntimeError("the pass is broken")

def watched(model, check):
    layer = model()
    layer.eval()
    plain = convert(layer)
    if not check:
        symbolic_pass.ask = broken
    with shapetrace.watch(check_shapes=check) as trace:
        same = convert(layer) == plain
    (conversion,) = trace.conversions
    return {
        "same": same,
        "said": conversion.symbolic_error,
        "notes": trace.notes,
        "outputs": [conversion.tensors[index].symbolic for index in conversion.outputs],
    }

for model in (Shapes, Flat, ByData, Branch, Loop, Growing):
    forked.run(f"{model.__name__} checked", lambda: watched(model, True))
    forked.run(f"{model.__name__} filled", lambda: watched(model, False))
"""
OUTPUTS = {
    "Shapes": [
        ["x[0]*x[2] + 1"],
        ["x[0]", "4", "((x[3] - 1)//2)*(2*((x[2] - 3)//2) + 1)"],
        ["x[0]", "2", "x[2]", "x[3]"],
    ],
    "ByData": [["u0"]],
    "Branch": [["x[0]", "3", "x[2] - 1", "x[3]"]],
    "Loop": [["x[0]", "3", "x[2]", "x[3]"], ["1"]],
    "Growing": [["u0", "3", "x[2]", "x[3]"]],
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    script = tmp_path_factory.mktemp("second") / "script.py"
    script.write_text(CODE, encoding="utf-8")
    done = run_python([script])
    assert done.returncode == 0, done.stderr[-3000:]
    lines = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    return {line["name"]: line for line in lines}


@pytest.mark.parametrize("model", OUTPUTS)
def test_shapes_are_fitted_where_the_pass_gives_up(model: str, models: dict[str, Any]) -> None:
    told = models[f"{model} filled"]
    assert "died" not in told
    assert told["same"]
    assert told["notes"] == []
    assert "the pass is broken; the dims are fitted to shapes inferred at several sizes instead" in told["said"]
    assert told["outputs"] == OUTPUTS[model]


@pytest.mark.parametrize("model", OUTPUTS)
def test_the_pass_is_checked_on_request(model: str, models: dict[str, Any]) -> None:
    told = models[f"{model} checked"]
    assert "died" not in told
    assert told["same"]
    assert told["said"] == ""
    (note,) = told["notes"]
    assert note.startswith(f"shapes checked in {model}.forward: ")
    assert " dims agree, 0 differ, " in note


def test_a_dim_that_differs_is_told(models: dict[str, Any]) -> None:
    numbers, *differ = models["Flat checked"]["notes"]
    assert ", 1 differ" in numbers
    (sentence,) = differ
    assert sentence.startswith("the symbolic pass says that axis 1 of %")
    assert " (pd_op.flatten, " in sentence
    assert sentence.endswith("is 16, and inferred at several sizes it is 4*((x[2] - 1)//2)*((x[3] - 1)//2)")


def test_run_checks_on_request(tmp_path: Path) -> None:
    script = tmp_path / "export.py"
    script.write_text(
        "import paddle\n"
        "from paddle.static import InputSpec\n"
        "layer = paddle.nn.Linear(4, 4)\n"
        "static = paddle.jit.to_static(layer, input_spec=[InputSpec([-1, 4], name='x')], full_graph=True)\n"
        "paddle.jit.save(static, 'out')\n",
        encoding="utf-8",
    )
    done = run_python(["-m", "shapetrace", "run", "--check-shapes", "--report", "out.json", str(script)], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (note,) = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["notes"]
    assert note.startswith("shapes checked in Linear.forward: ")
