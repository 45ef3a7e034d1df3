"""What random models and damaged traces were found to break: long chains of arithmetic, and divisions by zero."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import damage
from shapetrace import graph, reports
from shapetrace.trace import DimRecord, DimRef

MODEL = """
import functools, json, sys
import paddle, shapetrace
from paddle import nn
from paddle.static import InputSpec

def counted(t):
    n = t.shape[0]
    for i in range(3000):
        n = n + i - 1
    return t.reshape([n, -1])

def divided(t):
    n = paddle.shape(t)[0]
    return t * 2.0 + (n // (1 - 1)).astype("float32")

class Model(nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.function = functools.partial(counted) if sys.argv[1] == "counted" else divided

    def forward(self, t):
        return self.function(self.linear(t))

try:
    with shapetrace.watch() as trace:
        spec = [InputSpec([-1, 4], "float32", name="image")]
        model = Model()
        model.eval()
        paddle.jit.save(paddle.jit.to_static(model, input_spec=spec, full_graph=True), "exported/model")
except Exception as error:
    print(type(error).__name__, error)
print(json.dumps([trace.notes, [finding.rule for finding in trace.findings], len(trace.conversions[0].ops)]))
"""


@pytest.mark.paddle
@pytest.mark.parametrize(("function", "rules"), [("counted", ["ST102"]), ("divided", [])])
def test_a_watch_survives(
    run_code: Callable[..., subprocess.CompletedProcess[str]], function: str, rules: list[str]
) -> None:
    done = run_code(MODEL, function)

    assert done.returncode == 0, done.stderr[-2000:]
    notes, found, ops = json.loads(done.stdout.splitlines()[-1])
    assert notes == []
    assert set(rules) <= set(found)
    assert ops > 0


def test_a_dim_of_two_thousand_steps_is_drawn(tmp_path: Path) -> None:
    trace = damage.full_trace()
    for step in range(2000):
        trace.dims.append(DimRecord(step, "+", (DimRef(len(trace.dims) - 1), 1), site=0))
    trace.uses[0] = msgspec.structs.replace(trace.uses[0], dim=len(trace.dims) - 1)

    assert reports.render(trace, "dot")
    assert f"d{len(trace.dims) - 1}" in graph.build(trace)
