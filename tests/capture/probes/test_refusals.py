"""What Python and NumPy refuse to compute with a leaked dim is told at the user's line, and what they would refuse at any size is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.paddle

CODE = """
import functools, itertools, json, math, random
import numpy as np
import paddle
from paddle.static import InputSpec
import shapetrace

def helper(count): return math.sqrt(count - 0.5)
def square(n):
    root = n ** 0.5
    return int(root)
def divided(n):
    parts = 12
    parts //= n + 1
    return parts
def in_a_loop(n):
    return sum([4 // (n + 2 - turn) for turn in range(3)])
def logarithm_or_one(n):
    try:
        return math.log(n + 1)
    except ValueError:
        return 1.0
def zeros_or_one(n):
    try:
        return float(np.zeros(n).sum()) + 2.0
    except ValueError:
        return 1.0
def length_or_one(n):
    try:
        return len(n)
    except TypeError:
        return 1.0
def constant_or_one(n):
    try:
        return [1.0, 2.0][n - n + 5]
    except IndexError:
        return 1.0
def known_or_one(n):
    try:
        return math.log(n - n)
    except ValueError:
        return 1.0

CASES = {
    "log": lambda n: math.log(n + 1),
    "isqrt": lambda n: math.isqrt(n),
    "factorial": lambda n: math.factorial(n),
    "log2": lambda n: math.ceil(math.log2(n)),
    "quotient": lambda n: 12 // (n + 1),
    "true_quotient": lambda n: 1 / (n + 1),
    "remainder": lambda n: 12 % (n + 1),
    "both": lambda n: divmod(12, n + 1)[1],
    "shift": lambda n: 1 << n,
    "power_of_zero": lambda n: 0.0 ** n,
    "complex_to_int": lambda n: int(n ** 0.5),
    "complex_to_float": lambda n: float(n ** 0.5),
    "complex_compared": lambda n: 2.0 if n ** 0.5 > 2 else 1.0,
    "floor_of_complex": lambda n: math.floor(n ** 0.5),
    "step": lambda n: len(range(0, 10, n + 1)),
    "combinations": lambda n: len(list(itertools.combinations(range(4), n))),
    "bytes": lambda n: len(bytes(n)),
    "method": lambda n: n.to_bytes(2, "big")[1],
    "random": lambda n: random.randint(1, n),
    "in_a_helper": lambda n: helper(n),
    "by_keyword": lambda n: helper(count=n),
    **{f.__name__: f for f in (square, divided, in_a_loop, logarithm_or_one)},
    "nan": lambda n: int(np.sqrt(n)),
    "rounded_nan": lambda n: round(float(np.sqrt(n))),
    "linspace": lambda n: float(np.linspace(0, 1, n).sum()),
    "zeros": lambda n: float(np.zeros(n, "float32").sum()),
    "of_a_list": lambda n: float(np.ones(shape=[n, 3]).sum()),
    "method_of_numpys": lambda n: float(np.arange(12.0).reshape(n * 2, -1).sum()),
    "cython": lambda n: float(np.random.rand(n).sum()),
    "element": lambda n: float(np.arange(n)[0]),
    "zeros_or_one": zeros_or_one,
    "index": lambda n: [1.0, 2.0, 3.0][n + 4],
    "step_of_a_slice": lambda n: sum([1.0, 2.0, 3.0][:: n + 1]),
    "index_within": lambda n: [1.0, 2.0, 3.0][n + 3],
    "index_of_a_tuple": lambda n: (1.0, 2.0, 3.0)[n % 2],
    "three_arguments": lambda n: pow(3, n, 2),
    "index_of_a_constant": lambda n: [1.0, 2.0][n - n],
    **{f.__name__: f for f in (length_or_one, constant_or_one, known_or_one)},
}

def scaled(compute, x): return x * compute(x.shape[0])

class Net(paddle.nn.Layer):
    def __init__(self, compute):
        super().__init__()
        self.scaled = functools.partial(scaled, compute)
    def forward(self, x): return self.scaled(x)

for name, case in CASES.items():
    net, raised = Net(case), ""
    paddle.jit.to_static(net, input_spec=[InputSpec([-1, 3], "float32", "x")], full_graph=True)
    with shapetrace.watch(collect=False) as trace:
        try:
            net.forward.concrete_program
        except Exception as error:
            raised = type(error).__name__
    found = [f for f in trace.findings if f.severity == "error"]
    told = sorted({f.rule for f in found})
    lines = sorted({f.sink.file == __file__ for f in found})
    said = [f.message for f in found if "raises" in f.message and f" raises {raised}" not in f.message and "fallback" not in f.message]
    print(json.dumps({"name": name, "told": told, "lines": lines, "said": said, "notes": trace.notes}))
"""

EXPECTED = {
    "ST301": "log isqrt factorial log2 quotient true_quotient remainder both shift power_of_zero complex_to_int complex_to_float "
    "complex_compared floor_of_complex step combinations bytes method random in_a_helper by_keyword square divided in_a_loop "
    "logarithm_or_one",
    "ST302": "nan rounded_nan linspace zeros of_a_list method_of_numpys cython element zeros_or_one",
    "ST203": "index step_of_a_slice index_within index_of_a_tuple",
    "ST102": "three_arguments",
    "": "index_of_a_constant length_or_one constant_or_one known_or_one",
}
"""The rule that is told of each case; no rule for those that are refused whatever the size."""


def test_what_python_refuses_of_a_dim_is_told(run_code: Callable[..., CompletedProcess[str]]) -> None:
    done = run_code(CODE)
    seen = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    assert done.returncode == 0, done.stderr[-2000:]
    expected = {name: [rule] if rule else [] for rule, names in EXPECTED.items() for name in names.split()}
    if sys.version_info < (3, 11):  # which does not tell where in a line an augmented assignment is
        expected["divided"] = ["ST809"]
    assert {line["name"]: line["told"] for line in seen} == expected
    assert [line for line in seen if line["lines"] not in ([], [True])] == []
    assert [line for line in seen if line["said"] or line["notes"]] == []
