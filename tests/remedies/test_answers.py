"""With `symbolic-dims`, Python's own functions take the tensors that rewritten code has for unknown dims."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.paddle

CODE = """
import functools, json, math, tempfile
from math import sqrt
import numpy as np
import paddle
from paddle.static import InputSpec
import shapetrace

def root(x): return x / math.sqrt(x.shape[1] * x.shape[2])
def root_by_name(x): return x * sqrt(x.shape[1])
def root_of_a_half(x): return x * math.sqrt(x.shape[1] / 2)
def whole_root(x): return x.reshape([2, -1])[:, : math.isqrt(x.shape[1] * x.shape[2])]
def power(x): return x * math.pow(x.shape[1], 0.25)
def logarithms(x): return x * math.log(x.shape[1] + 1) + math.log2(x.shape[2]) * math.log(x.shape[1] + 1, 3)
def rounded_up(x): return x[:, : math.ceil(x.shape[1] / 2)]
def rounded_down(x): return x.reshape([-1, math.floor(x.shape[2] / 1)]) * math.trunc(x.shape[1] / 2)
def rounded(x): return x * round(x.shape[1] / 4)
def quotient_and_rest(x):
    quotient, rest = divmod(x.shape[1], 3)
    return x * quotient + rest
def at_least(x): return paddle.topk(x, max(1, x.shape[2] // 2), axis=2)[0]
def at_most(x): return x[:, : min(x.shape[1], 3)]
def largest_of_a_list(x): return x * max([x.shape[1], x.shape[2], 2])
def largest_of_a_shape(x): return x / max(x.shape[1:])
def largest_of_a_fraction(x): return x * max(x.shape[1] / 4, 1.5)
def ratio(x): return x * min(x.shape[1], x.shape[2]) / max(x.shape[1], x.shape[2])
def in_a_loop(x):
    total = paddle.zeros([1])
    for start in range(0, x.shape[1], 3):
        total = total + x[:, start : min(start + 3, x.shape[1])].max()
    return total
def root_of_a_mean(x): return x / math.sqrt(x.square().mean())
def of_numbers(x): return x * max(2, 1) * math.sqrt(4) + max("ab", key=ord).count("b") + round(2.345, 1) + max([3, 1, 2])

CASES = [root, root_by_name, root_of_a_half, whole_root, power, logarithms, rounded_up, rounded_down, rounded, quotient_and_rest, at_least,
         at_most, largest_of_a_list, largest_of_a_shape, largest_of_a_fraction, ratio, in_a_loop, root_of_a_mean, of_numbers]

class Net(paddle.nn.Layer):
    def __init__(self, call, held):
        super().__init__()
        self.call = functools.partial(call) if held else call
    def forward(self, x): return self.call(x)

for case in CASES:
    for held in (False, True):
        net = Net(case, held)
        net.eval()
        with tempfile.TemporaryDirectory() as folder:
            with shapetrace.watch(remedies="auto" if held else "symbolic-dims") as trace:
                paddle.jit.save(net, f"{folder}/net", input_spec=[InputSpec([2, -1, -1], "float32", "x")])
            export = paddle.jit.load(f"{folder}/net")
            wrong = []
            for sizes in ((2, 4, 6), (2, 9, 3), (2, 5, 5)):
                x = paddle.rand(sizes)
                want, got = net(x), export(x)
                if want.dtype != got.dtype or not np.allclose(want.numpy(), got.numpy(), rtol=1e-5):
                    wrong.append(sizes)
        print(json.dumps([case.__name__, held, wrong, [f.rule for f in trace.findings if f.severity == "error"]]))
"""


def test_functions_of_python_take_the_tensors_of_rewritten_code(
    run_code: Callable[..., CompletedProcess[str]],
) -> None:
    done = run_code(CODE, items=40)
    seen = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]

    assert done.returncode == 0, done.stderr[-2000:]
    assert len(seen) == 2 * CODE.count("\ndef ")
    assert [case for case in seen if case[2] or case[3]] == []
