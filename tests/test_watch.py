"""`watch()`: what is handed back, what is put back, and what is said."""

from __future__ import annotations

import sys
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

import shapetrace

pytestmark = pytest.mark.paddle
RunCode = Callable[..., "CompletedProcess[str]"]

MODEL = """
import functools, sys
import paddle
from paddle.static import InputSpec
import shapetrace

def merge(x, heads):
    batch = x.shape[0]
    return x.reshape([batch * heads, -1])

class Net(paddle.nn.Layer):
    def __init__(self, broken=True):
        super().__init__()
        self.linear = paddle.nn.Linear(4, 4)
        self.merge = functools.partial(merge, heads=8) if broken else None

    def forward(self, x):
        y = self.linear(x)
        return self.merge(y) if self.merge is not None else y.reshape([y.shape[0] * 2, 2])

def convert(broken=True):
    net = paddle.jit.to_static(Net(broken), input_spec=[InputSpec([-1, 4], name="x")], full_graph=True)
    return net.forward.concrete_program

def attributes():
    import paddle.jit.dy2static as dy2static
    from paddle.jit.dy2static import convert_call_func, error, program_translator, transformers
    owners = [paddle._C_ops, paddle.pir.Value, dy2static, convert_call_func, error.ErrorData,
              program_translator.ConcreteProgram, paddle.utils, paddle.utils.layers_utils,
              paddle.jit.dy2static.transformers.call_transformer.CallTransformer]
    return {(repr(owner), name): id(value) for owner in owners for name, value in vars(owner).items()
            if not name.startswith("__") or name in ("__init__", "__hash__", "__eq__", "__format__")}
"""


def ran(run_code: RunCode, code: str) -> str:
    done = run_code(MODEL + code)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_process_is_as_before(run_code: RunCode) -> None:
    code = """
convert(False)  # Paddle fills caches of its own
before = attributes()
with shapetrace.watch(): convert(False)
assert attributes() == before
try:
    with shapetrace.watch(remedies="auto"): raise KeyboardInterrupt
except KeyboardInterrupt: pass
assert attributes() == before
try:
    with shapetrace.watch(): convert()
except AssertionError: pass
assert attributes() == before
assert sys.gettrace() is None
"""
    ran(run_code, code)


def test_the_exception_is_paddles_and_gains_a_note(run_code: RunCode) -> None:
    code = """
def failure(watch):
    try:
        with watch: convert()
    except BaseException as error:
        return error
import contextlib
plain, watched = failure(contextlib.nullcontext()), failure(shapetrace.watch())
assert type(watched) is type(plain) is AssertionError
assert str(watched).splitlines()[-1] == str(plain).splitlines()[-1]
(note,) = watched.__notes__
assert "ST101" in note and "batch * heads" in note, note
"""
    ran(run_code, code)


def test_the_finding_is_whole(run_code: RunCode) -> None:
    code = """
try:
    with shapetrace.watch(dims={"x": ("B", 4)}) as trace: convert()
except AssertionError: pass
(finding,) = trace.findings
assert finding.rule == "ST101" and finding.python_value == -8
assert finding.expression == "batch * heads" and finding.symbolic == "8*B"
assert finding.source.code == "x.shape" and finding.sink.code == "x.reshape([batch * heads, -1])"
assert (finding.sink.op, finding.sink.argument, finding.sink.index) == ("reshape", "shape", 0)
assert [(root.input, root.axis, root.symbol) for root in finding.roots] == [("x", 0, "B")]
assert (finding.cause.kind, finding.cause.callable) == ("partial", "merge")
assert finding.cause.site.code == "self.merge(y)", finding.cause.site
assert [edit.text for edit in finding.fix.edits] == ["self.merge.func(*self.merge.args, y, **self.merge.keywords)"], finding.fix  # another -1 stands in the shape
assert finding.fix.applicability == "machine"
(tensor,) = [tensor for tensor in trace.conversions[0].tensors if tensor.op == "pd_op.data"]
assert tensor.symbolic == ("B", "4")
"""
    ran(run_code, code)


def test_a_watch_inside_a_watch_is_refused(run_code: RunCode) -> None:
    code = """
with shapetrace.watch():
    try:
        with shapetrace.watch(): pass
    except shapetrace.NestedWatchError as error: print(error)
with shapetrace.watch() as trace: convert(False)
assert len(trace.conversions) == 1
"""
    assert "already open" in ran(run_code, code)


def test_the_decorator_watches_each_call(run_code: RunCode) -> None:
    code = """
@shapetrace.watched
def export(broken):
    "Exports."
    return convert(broken)
assert export.__doc__ == "Exports."
export(False); export(False)
try: export(True)
except AssertionError as error: assert "ST101" in error.__notes__[0]
"""
    ran(run_code, code)


def test_collecting_shows_all_leaks_and_raises_the_first(run_code: RunCode) -> None:
    code = """
def several(x, heads):
    print("runs")
    batch = x.shape[0]
    x = x.reshape([batch * heads, -1])
    return x.sum() + paddle.zeros([batch * 2, 4]).sum() + paddle.arange(batch).astype("float32").sum()
class Several(Net):
    def forward(self, x):
        for _ in range(2):
            x = x + self.merge(x)
        return x * 2.0
net = Several(); net.merge = functools.partial(several, heads=8)
try:
    with shapetrace.watch(collect=True) as trace:
        paddle.jit.to_static(net, input_spec=[InputSpec([-1, 4], name="x")], full_graph=True).forward.concrete_program
except AssertionError as error: assert "shape[0] = -8" in str(error)
found = [(finding.rule, finding.sink.op, finding.count) for finding in trace.findings]
assert found == [("ST101", "reshape", 2), ("ST101", "zeros", 2), ("ST103", "arange", 2)], found
assert trace.notes == [] and len(trace.conversions) == 1
"""
    assert ran(run_code, code).splitlines() == ["runs"]


def test_strict_raises_over_an_error(run_code: RunCode) -> None:
    code = """
def twice(x): return x * x.shape[1]
class Silent(Net):
    def forward(self, x): return self.merge(x)
def silent():
    net = Silent(); net.merge = functools.partial(twice)
    return paddle.jit.to_static(net, input_spec=[InputSpec([-1, -1], name="x")], full_graph=True).forward.concrete_program
try:
    with shapetrace.watch(strict=True): silent()
except shapetrace.ShapeLeakError as error: print(error)
"""
    assert "ST103" in ran(run_code, code)


def test_dims_that_name_no_input_are_refused(run_code: RunCode) -> None:
    code = """
try:
    with shapetrace.watch(dims={"imgae": ("B",)}): convert(False)
except shapetrace.UsageError as error: print(error)
"""
    assert "imgae" in ran(run_code, code)


def test_dims_are_plain_ints_once_the_watch_is_closed(run_code: RunCode) -> None:
    code = """
class Keeps(Net):
    def forward(self, x): return self.merge(x) * 2.0
def keep(x, net):
    net.width = x.shape[0]
    return x
net = Keeps(); net.merge = functools.partial(keep, net=net)
with shapetrace.watch() as trace:
    paddle.jit.to_static(net, input_spec=[InputSpec([-1, 4], name="x")], full_graph=True).forward.concrete_program
assert type(net.width) is int and net.width == -1
assert [finding.rule for finding in trace.findings] == ["ST402"]
"""
    ran(run_code, code)


def test_what_the_model_keeps_elsewhere_is_plain_too(run_code: RunCode) -> None:
    code = """
class Keeps(Net):
    def forward(self, x): return self.merge(x) * 2.0
ELSEWHERE = {}
def keep(x, net):
    global LAST
    n = LAST = x.shape[0]
    net.sizes, net.pair, net.deep = x.shape, (n, 4), {"a": [n + 1, (n, {"b": n})]}
    ELSEWHERE["n"] = n * 2
    return x
net = Keeps(); net.merge = functools.partial(keep, net=net)
with shapetrace.watch() as trace:
    paddle.jit.to_static(net, input_spec=[InputSpec([-1, 4], name="x")], full_graph=True).forward.concrete_program
def numbers(value):
    if isinstance(value, dict): value = list(value.values())
    return sum(map(numbers, value), []) if isinstance(value, (list, tuple)) else [value]
kept = numbers([net.sizes, net.pair, net.deep, ELSEWHERE, LAST])
assert kept == [-1, 4, -1, 4, 0, -1, -1, -2, -1] and all(type(number) is int for number in kept), kept
assert trace.notes == []
"""
    ran(run_code, code)


def test_a_fault_of_ours_leaves_the_export_alone(run_code: RunCode) -> None:
    code = """
from shapetrace.capture import tape
def broken(*arguments): raise RuntimeError("a fault of shapetrace")
tape.Tape.read = broken
with shapetrace.watch() as trace: convert(False)
assert any("a fault of shapetrace" in note for note in trace.notes), trace.notes
"""
    ran(run_code, code)


def test_without_paddle_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "paddle", None)
    with pytest.raises(shapetrace.PaddleMissingError, match=r"install shapetrace\[cpu\]"), shapetrace.watch():
        pass


def test_it_works_without_the_collector_which_is_left_as_it_was(run_code: RunCode) -> None:
    code = """
import gc, paddle
from paddle.static import InputSpec
from shapetrace import rules
from shapetrace.capture.probes import install
from shapetrace.capture.shapes.tasks import ShapeTasks

states = []
def told(function): return lambda *args: states.append(gc.isenabled()) or function(*args)
install.install, ShapeTasks.begin, rules.check = map(told, (install.install, ShapeTasks.begin, rules.check))
def export():
    layer = paddle.jit.to_static(paddle.nn.Linear(2, 2), input_spec=[InputSpec([-1, 2])], full_graph=True)
    assert layer.forward.concrete_program is not None
with shapetrace.watch():
    assert gc.isenabled()
    export()
    assert gc.isenabled()
assert gc.isenabled()
gc.disable()
with shapetrace.watch(): export()
assert not gc.isenabled()
assert states == [False] * 6, states
"""
    ran(run_code, code)
