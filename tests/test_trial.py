"""The model of a conversion that has failed is run as it stands, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.paddle
RunCode = Callable[..., "CompletedProcess[str]"]

MODELS = """
import os
import paddle
from paddle.static import InputSpec
import shapetrace

class Net(paddle.nn.Layer):
    def forward(self, x, size):
        if paddle.in_dynamic_mode():
            self.unconverted(x)
        elif not isinstance(self, Alike):
            raise NotImplementedError("not in a program")
        raise KeyError("head") if isinstance(self, Alike) else ValueError("elsewhere")

class Runs(paddle.nn.Layer):
    def forward(self, x, size):
        if paddle.in_dynamic_mode():
            print("never seen", self.training)
            return x * size
        raise NotImplementedError("not in a program")

class Alike(Net):
    def unconverted(self, x):
        pass

class Elsewhere(Net):
    def unconverted(self, x):
        pass

class TakesOneSize(Alike):
    def unconverted(self, x):
        assert x.shape[2] == 320

class DiesOfTwoBatches(Alike):
    batches = ()

    def unconverted(self, x):
        if x.shape[0] in self.batches:
            os.abort()
        self.batches = (*self.batches, x.shape[0])

class DiesOfOne(Alike):
    def unconverted(self, x):
        if x.shape[0] == 1:
            os.abort()

class Dies(Net):
    def unconverted(self, x):
        os.abort()

paddle.seed(7)
DRAWN = float(paddle.rand([]))

def told(layer, length=-1):
    layer.train()
    paddle.seed(7)
    try:
        with shapetrace.watch() as trace:
            spec = [InputSpec([-1, 3, length], name="x"), InputSpec([], "int64", name="size")]
            paddle.jit.to_static(layer, input_spec=spec, full_graph=True).forward.concrete_program
    except Exception:
        pass
    (finding,) = trace.findings
    assert finding.rule == "ST809" and layer.training
    assert float(paddle.rand([])) == DRAWN
    notes = [note for note in finding.notes if "dygraph" in note]
    print(type(layer).__name__, notes, trace.notes)
"""


MISFITS = """
import paddle
from paddle.static import InputSpec
import shapetrace

class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.head = paddle.nn.Linear(8, 2)

    def forward(self, x):
        return self.head(x if paddle.in_dynamic_mode() and self.runs else x[:, :6])

for runs in (True, False):
    net = Net()
    net.runs = runs
    try:
        with shapetrace.watch() as trace:
            spec = [InputSpec([-1, 8], name="x")]
            paddle.jit.to_static(net, input_spec=spec, full_graph=True).forward.concrete_program
    except Exception:
        pass
    (finding,) = trace.findings
    print(finding.rule, *(note for note in finding.notes if "dygraph" in note))
"""


def test_a_model_whose_shapes_do_not_fit_is_run_too(run_code: RunCode) -> None:
    done = run_code(MISFITS)
    assert done.returncode == 0, done.stderr
    runs, fails = done.stdout.splitlines()
    assert runs == "ST701 the model itself runs in dygraph, with x [2, 8]"
    assert fails == "ST701 the model itself fails at this line in dygraph, with x [2, 8]"


def test_what_the_model_does_in_dygraph_is_told(run_code: RunCode) -> None:
    done = run_code(MODELS + "for layer in (Runs(), Alike(), TakesOneSize(), Elsewhere(), Dies()): told(layer)\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Runs ['the model itself runs in dygraph, with x [2, 3, 64], size []'] []",
        """Alike ["the model itself fails at this line in dygraph, with x [2, 3, 64], size []: `KeyError: 'head'`"] []""",
        """TakesOneSize ["the model itself fails at this line in dygraph, with x [1, 3, 320], size []: `KeyError: 'head'`"] []""",
        "Elsewhere [] []",
        "Dies [] []",
    ]


def test_a_model_is_not_run_where_closing_may_wait_no_longer(run_code: RunCode) -> None:
    done = run_code(MODELS + "os.environ['SHAPETRACE_PATIENCE'] = '0'\ntold(Alike())\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Alike [] ")


def test_what_has_failed_is_tried_again_neither_at_the_same_shapes_nor_where_it_takes_long(run_code: RunCode) -> None:
    done = run_code(
        MODELS
        + """
from shapetrace import trial
told(DiesOfTwoBatches(), 8)
told(DiesOfOne())
trial._ENOUGH = 0
told(DiesOfOne())
"""
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        """DiesOfTwoBatches ["the model itself fails at this line in dygraph, with x [2, 3, 8], size []: `KeyError: 'head'`"] []""",
        "DiesOfOne [] []",
        """DiesOfOne ["the model itself fails at this line in dygraph, with x [2, 3, 64], size []: `KeyError: 'head'`"] []""",
    ]
