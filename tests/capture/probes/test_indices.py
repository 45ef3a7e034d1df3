"""What is indexed with a leaked -1, whatever it is and wherever it comes from: it is told where C picks the element, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from subprocess import CompletedProcess

CODE = """
import collections, functools, json
import numpy as np
import paddle, shapetrace
from paddle.static import InputSpec

class Own:
    def __getitem__(self, index): return 3.0

class Net(paddle.nn.Layer):
    table = [1.0, 2.0]
    def __init__(self, case):
        super().__init__()
        self.weights = np.arange(4.0)
        self.queue = collections.deque([1.0, 2.0])
        self.own = Own()
        self.named = collections.OrderedDict({-1: 2.0, 0: 1.0})
        self.call = functools.partial(self.go, case)
    @property
    def gains(self): return (1.0, 2.0)
    def given(self): return [1.0, 2.0]
    def go(self, case, x, n): return case(self, x, n.shape[0])
    def forward(self, x, n): return self.call(x, n)

def array_in_a_variable(net, x, n):
    weights = net.weights
    return x * float(weights[n])
def array(net, x, n): return x * float(net.weights[n])
def made_array(net, x, n): return x * float((net.weights * 2)[n])
def array_of_two_axes(net, x, n): return x * float(net.weights.reshape([2, 2])[0, n])
def part_of_an_array(net, x, n): return x * float(net.weights[1:n].sum())
def popped(net, x, n): return x * net.given().pop(n)
def popped_of_a_variable(net, x, n):
    items = net.given()
    return x * items.pop(n)
def by_its_method(net, x, n): return x * net.gains.__getitem__(n)
def queue(net, x, n): return x * net.queue[n]
def attribute_of_the_class(net, x, n): return x * net.table[n]
def gives_a_tuple(net, x, n): return x * net.gains[n]
def gives_a_list(net, x, n): return x * net.given()[n]
def sliced(net, x, n): return x * sum(net.given()[n:])
def listed(net, x, n): return [x, x * 2][n]
def of_tensors(net, x, n): return paddle.split(x, 2)[n]
def made_at_once(net, x, n): return x * [size * 2.0 for size in range(4)][n]
def known_shape(net, x, n): return x * x.shape[n]
def text(net, x, n): return x * float("123"[n])
def in_a_sum(net, x, n): return x * (net.gains[n] + net.gains[0])

def the_users_own(net, x, n): return x * net.own[n]
def keys(net, x, n): return x * net.named[n]
def keys_of_two(net, x, n): return x * {(-1, 0): 2.0}[n, 0]
def popped_key(net, x, n): return x * dict(net.named).pop(n)
def other_index(net, x, n): return x * net.gains[0] * (1 if n else 2)
def constant(net, x, n): return x * net.gains[n - n]
def tensor(net, x, n): return x[n]

for case in (array_in_a_variable, array, made_array, array_of_two_axes, part_of_an_array, popped,
             popped_of_a_variable, by_its_method, queue, attribute_of_the_class, gives_a_tuple, gives_a_list, sliced, listed,
             of_tensors, made_at_once, known_shape, text, in_a_sum, the_users_own, keys, keys_of_two, popped_key, other_index, constant, tensor):
    spec = [InputSpec([2, 4], "float32", "x"), InputSpec([-1], "float32", "n")]
    with shapetrace.watch() as trace:
        paddle.jit.to_static(Net(case), input_spec=spec, full_graph=True).forward.concrete_program
    told = [[f.message, f.sink.code] for f in trace.findings if f.rule == "ST203"]
    print(json.dumps({"name": case.__name__, "told": told, "notes": trace.notes}))
"""

EXPECTED = {
    "array_in_a_variable": ("an array of NumPy's was indexed with", "weights[n]"),
    "array": ("an array of NumPy's was indexed with", "net.weights[n]"),
    "made_array": ("an array of NumPy's was indexed with", "(net.weights * 2)[n]"),
    "array_of_two_axes": ("an element was picked by", "net.weights.reshape([2, 2])[0, n]"),
    "part_of_an_array": ("an array of NumPy's was indexed with", "net.weights[1:n]"),
    "popped": ("an element was picked by", "net.given().pop(n)"),
    "popped_of_a_variable": ("a list was indexed with", "items.pop(n)"),
    "by_its_method": ("an element was picked by", "net.gains.__getitem__(n)"),
    "queue": ("a deque was indexed with", "net.queue[n]"),
    "attribute_of_the_class": ("an element was picked by", "net.table[n]"),
    "gives_a_tuple": ("an element was picked by", "net.gains[n]"),
    "gives_a_list": ("an element was picked by", "net.given()[n]"),
    "sliced": ("an element was picked by", "net.given()[n:]"),
    "listed": ("an element was picked by", "[x, x * 2][n]"),
    "of_tensors": ("an element was picked by", "paddle.split(x, 2)[n]"),
    "made_at_once": ("an element was picked by", "[size * 2.0 for size in range(4)][n]"),
    "known_shape": ("an element was picked by", "x.shape[n]"),
    "text": ("a str was indexed with", '"123"[n]'),
    "in_a_sum": ("an element was picked by", "net.gains[n]"),
}
"""How the message begins, and the code that it is of. Of the rest ST203 has nothing to say."""


def test_what_picks_an_element_is_told(run_code: Callable[..., CompletedProcess[str]]) -> None:
    done = run_code(CODE)
    seen = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    assert done.returncode == 0, done.stderr[-2000:]
    assert len(seen) == 26
    for line in seen:
        begins, code = EXPECTED.get(line["name"], ("", ""))
        assert line["told"] == ([[f"{begins} -1, an unknown dim", code]] if begins else []), line["name"]
        assert line["notes"] == []
