"""A dim that `int` has converted is followed through what holds it: containers, unpacking, attributes, results, arguments."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.paddle

FOLLOWED = {
    "map_unpacked": "b, m, c = map(int, x.shape)",
    "list_of_map": "m = list(map(int, x.shape))[1]",
    "tuple_of_map_unpacked": "b, m, c = tuple(map(int, x.shape))",
    "map_with_a_rest": "b, *rest = map(int, x.shape); m = rest[0]",
    "generator_unpacked": "b, m, c = (int(v) for v in x.shape)",
    "generator_of_two": "a, b = (int(v) for v in (n + 1, n + 2)); m = a - 1",
    "tuple_of_generator": "b, m, c = tuple(int(v) for v in x.shape)",
    "element_of_a_generator": "m = tuple(int(v) for v in x.shape)[1]",
    "part_of_a_generator": "m, c = list(int(v) for v in x.shape)[1:]",
    "rest_of_a_generator": "b, *rest = (int(v) for v in x.shape); m = rest[0]",
    "sum_of_a_generator": "m = sum(int(v) for v in x.shape[:2]) - 2",
    "product_of_a_generator": "m = math.prod(int(v) for v in x.shape) // 8",
    "generator_with_a_condition": "b, m = tuple(int(v) for v in x.shape if v != 4)",
    "generator_behind_a_known_size": "b, c, m = (int(v) for v in (2, n, n * 1))",
    "comprehension_unpacked": "b, m, c = [int(v) for v in x.shape]",
    "nested_targets": "(b, m), c = map(int, x.shape[:2]), 4",
    "two_targets": "c = m = int(n)",
    "annotated": "m: int = int(n)",
    "pair": "c, m = 4, int(n)",
    "walrus": "c = [m := int(n), 4]",
    "walrus_that_is_held": "sizes = [(c := int(n)), 4]; m = sizes[0]",
    "attribute_of_tuple": "held = types.SimpleNamespace(); held.sizes = tuple(map(int, x.shape)); m = held.sizes[1]",
    "stored_under_a_key": "sizes = {}; sizes['m'] = int(n); m = sizes['m']",
    "stored_at_an_index": "sizes = [0, 0]; sizes[1] = int(n); m = sizes[1]",
    "dict": "sizes = dict(m=int(n)); m = sizes['m']",
    "dict_of_zip": "sizes = dict(zip('bmc', map(int, x.shape))); m = sizes['m']",
    "dict_of_zip_of_generator": "sizes = dict(zip('bmc', (int(v) for v in x.shape))); m = sizes['m']",
    "extend_by_generator": "sizes = []; sizes.extend(int(v) for v in x.shape); m = sizes[1]",
    "sorted_generator": "sizes = sorted(int(v) for v in x.shape[1:2]); m = sizes[0]",
    "dict_of_dims": "sizes = dict(zip('bmc', x.shape)); m = int(sizes['m'])",
    "dict_comprehension": "sizes = {k: int(v) for k, v in zip('bmc', x.shape)}; m = sizes['m']",
    "set": "sizes = set(map(int, x.shape[1:2])); m = sizes.pop()",
    "set_comprehension": "sizes = {int(v) for v in x.shape[1:2]}; m = max(sizes)",
    "append": "sizes = []; sizes.append(int(n)); m = sizes[0]",
    "append_twice": "sizes = []; sizes.append(int(n))\nsizes.append(int(n) + 1); m = sizes[1] - 1",
    "extend": "sizes = []; sizes.extend(map(int, x.shape)); m = sizes[1]",
    "insert": "sizes = [1, 2]; sizes.insert(0, int(n)); m = sizes[0]",
    "joined": "sizes = [1] + [int(n)]; m = sizes[1]",
    "starred": "sizes = [*map(int, x.shape)]; m = sizes[1]",
    "sorted": "sizes = sorted(map(int, x.shape[1:2])); m = sizes[0]",
    "pairs_in_a_comprehension": "sizes = [(int(a), int(b)) for a, b in [x.shape[:2]]]; m = sizes[0][1]",
    "choice_in_a_comprehension": "sizes = [int(v) if isinstance(v, int) else 1 for v in x.shape]; m = sizes[1]",
    "named_tuple": "m = Pair(*map(int, x.shape[:2])).second",
    "returned_beside_a_number": "def f(v): return 4, int(v)\n_, m = f(n)",
    "returned_in_a_dict": "def f(v): return {'m': int(v)}\nm = f(n)['m']",
    "returned_by_a_lambda": "f = lambda v: tuple(map(int, v))\nb, m, c = f(x.shape)",
    "returned_map": "def f(v): return map(int, v)\nb, m, c = f(x.shape)",
    "collected_by_a_lambda": "f = lambda v: {int(k) for k in v[1:2]}\nsizes = f(x.shape); m = max(sizes)",
    "mapped_twice": "sizes = [int(v) for v in x.shape]; b, m, c = map(int, sizes)",
    "many_arguments": "def f(*v): return int(v[1])\nm = f(*x.shape)",
    "argument_by_keyword": "def f(*, v): return int(v)\nm = f(v=n)",
    "list_given_to_a_function": "def f(sizes): return sizes[0] * 1\nm = f([int(n), 4])",
    "dict_given_by_keyword": "def f(*, sizes): return sizes['m']\nm = f(sizes={'m': int(n), 'c': -1})",
    "list_given_to_a_method": "class Of:\n    def f(self, sizes): return sizes[1]\nm = Of().f([-1, int(n)])",
    "closed_over": "def f(): return int(n)\nm = f()",
    "held_by_the_object": "class Of:\n    def __init__(self, v): self.v = v\n    def f(self): return int(self.v)\nm = Of(n).f()",
    "called_by_reduce": "m = functools.reduce(lambda a, b: int(a) * int(b), x.shape[1:2], 1)",
    "conditional": "m = int(n) if x.shape[2] == 4 else 1",
    "or": "m = int(n) or 1",
    "written_list": "m = [int(n), 1][0]",
    "written_dict": "m = {'m': int(n), 'c': 1}['m']",
    "global": "global kept\nkept = int(n); m = kept",
    "at_most": "m = min(int(n), 1000)",
    "divmod": "m, rest = divmod(int(n), 1)",
    "shifted": "m = int(n) << 1 >> 1",
}
"""Statements that give `m` the size of axis 1 of `x`, which is `n` too."""

BY_NUMPY = {
    "array": "m = int(np.array(list(map(int, x.shape)))[1])",
    "from_iterator": "m = int(np.fromiter(map(int, x.shape), dtype=int)[1])",
}
"""The same, by way of NumPy."""

LOOPED = {
    "loop_over_a_generator": "for m in tuple(int(v) for v in x.shape[:2]): pass",
    "loop_over_map": "for m in map(int, x.shape[1:2]): pass",
    "loop_counted": "for place, m in enumerate(map(int, x.shape[1:2])): pass",
}
"""The same, where Python 3.10 does not tell which instruction takes the elements."""

OTHERS = {
    "minus_one_in_the_same_list": "sizes = [int(n), -1]; m = sizes[1] + 3",
    "minus_one_in_the_same_call": "def f(sizes, v): return sizes[0] + 3\nm = f([-1, 4], int(n))",
    "minus_one_beside_it_in_a_call": "def f(sizes): return sizes[0] + 3\nm = f([-1, int(n)])",
    "minus_one_that_was_there": "sizes = [-1]; sizes.append(int(n)); m = sizes[0] + 3",
    "known_axis": "b, h, m = map(int, x.shape)",
    "another_key": "sizes = {'m': -1, 'n': int(n)}; m = sizes['m'] + 3",
    "assigned_anew": "m = int(n); m = 2",
    "two_that_look_alike": "sizes = sorted([int(n), -1]); m = len(sizes)",
}
"""Statements whose `m` is a known number, that of an unknown dim before the model runs too."""

CODE = """
import collections, contextlib, functools, json, math, types
import numpy as np
import paddle
from paddle.static import InputSpec
import shapetrace
Pair = collections.namedtuple("Pair", "first second")

FUNCTIONS

class Net(paddle.nn.Layer):
    def __init__(self, call):
        super().__init__()
        self.call = functools.partial(call)
    def forward(self, x): return self.call(x)

def built(case):
    # the program as text, or what was raised
    net = Net(case)
    try:
        spec = [InputSpec([2, -1, 4], "float32", "x")]
        return str(paddle.jit.to_static(net, input_spec=spec, full_graph=True).forward.concrete_program.main_program)
    except Exception as error:
        return repr(error)

for name, case in list(globals().items()):
    if name.startswith("case_"):
        plain = built(case)
        with shapetrace.watch() as trace:
            same = built(case) == plain
        told = [f.rule for f in trace.findings if f.severity == "error" and f.sink.code.startswith(("x[", "y["))]
        print(json.dumps({"name": name[5:], "told": sorted(set(told)), "notes": trace.notes, "same": same}))
"""


def _function(name: str, body: str) -> str:
    lines = body.replace("\n", "\n    ")
    return f"def case_{name}(x):\n    n = x.shape[1]\n    {lines}\n    return x[:, : m]\n"


def test_a_converted_dim_is_followed_through_what_holds_it(run_code: Callable[..., CompletedProcess[str]]) -> None:
    cases = FOLLOWED | BY_NUMPY | OTHERS | LOOPED
    done = run_code(CODE.replace("FUNCTIONS", "\n".join(_function(name, body) for name, body in cases.items())))
    seen = {
        line["name"]: line
        for line in map(json.loads, filter(lambda line: line[0] == "{", done.stdout.split("\n")[:-1]))
    }

    assert done.returncode == 0, done.stderr[-2000:]
    followed = FOLLOWED if sys.version_info < (3, 11) else FOLLOWED | LOOPED
    expected = {name: ["ST102"] if name in followed else ["ST302"] if name in BY_NUMPY else [] for name in cases}
    assert {name: line["told"] for name, line in seen.items()} == expected
    assert [line for line in seen.values() if line["notes"] or not line["same"]] == []
