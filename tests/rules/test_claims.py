"""ST501 and ST502: what is claimed of the inputs, compared with what took effect."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.paddle
RunCode = Callable[..., "CompletedProcess[str]"]

HEAD = """
import copy, functools, pickle, tempfile
import paddle
from paddle.static import InputSpec
import shapetrace

def watched(function, spec, dims=None):
    with shapetrace.watch(dims=dims) as trace:
        spec = spec() if callable(spec) else spec
        converted = paddle.jit.to_static(function, input_spec=spec, full_graph=True)
        getattr(converted, "forward", converted).concrete_program
    return trace

def told(trace):
    return [(finding.rule, finding.severity, finding.message) for finding in trace.findings]
"""


def run(run_code: RunCode, code: str) -> None:
    done = run_code(HEAD + code)
    assert done.returncode == 0, done.stderr[-3000:]


def test_two_axes_of_one_name_have_it_in_findings(run_code: RunCode) -> None:
    code = """
def joined(x, y): return paddle.zeros([x.shape[0] * y.shape[0] * 8, 2]) + x.sum() + y.sum()
class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.joined = functools.partial(joined)
    def forward(self, x, y): return self.joined(x, y)
spec = [InputSpec([-1, 4], name="x"), InputSpec([-1, 4], name="y")]
trace = watched(Net(), spec, {"x": ("B", 4), "y": ("B", 4)})
leak = next(finding for finding in trace.findings if finding.rule == "ST102")
assert leak.symbolic == "8*B ** 2", leak.symbolic
assert [(root.input, root.symbol) for root in leak.roots] == [("x", "B"), ("y", "B")], leak.roots
assert [symbol.name for symbol in trace.conversions[0].symbols] == ["B", "B"]
"""
    run(run_code, code)


def test_leaks_beyond_the_first_failure_have_the_names_too(run_code: RunCode) -> None:
    code = """
def first(x): return x.reshape([x.shape[0] * 8, -1]).sum()
def second(x): return paddle.zeros([x.shape[0] + 2, 2]).sum() + x.reshape([-1, 12]).sum()
class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.first, self.second = functools.partial(first), functools.partial(second)
    def forward(self, x): return self.first(x) + self.second(x) + (x + paddle.ones([16, 8])).sum()
net = Net()
try:
    with shapetrace.watch(collect=True, dims={"x": ("B", 8)}) as trace:
        paddle.jit.to_static(net, input_spec=[InputSpec([-1, 8], name="x")], full_graph=True).forward.concrete_program
except AssertionError:
    pass
found = {finding.rule: finding for finding in trace.findings}
assert found["ST101"].symbolic == "8*B" and found["ST102"].symbolic == "B + 2", told(trace)
assert any(message.startswith("B (x[0]) is named as dynamic, but add meets B") for *_, message in told(trace)), told(trace)
"""
    run(run_code, code)


def test_an_op_that_needs_dims_of_one_name_to_differ(run_code: RunCode) -> None:
    code = """
def halves(x, y): return paddle.concat([x, x]) + y
def alike(x, y): return paddle.concat([x, x]) + paddle.concat([y, y])
def scaled(x, y): return paddle.matmul(paddle.concat([x, x]), y, transpose_x=True)
spec = [InputSpec([-1, 4], name="x"), InputSpec([-1, 4], name="y")]
one = {"x": ("B", 4), "y": ("B", 4)}
(finding,) = watched(halves, spec, one).findings
assert (finding.rule, finding.severity) == ("ST501", "error")
assert finding.message == "x[0] and y[0] are both named B, but add needs 2*B and B to be equal"
assert "concat([x, x]) + y" in finding.sink.code
assert told(watched(scaled, spec, one))[0][0] == "ST501"
assert told(watched(alike, spec, one)) == []
assert told(watched(halves, spec, {"x": ("B", 4), "y": ("N", 4)})) == []
assert told(watched(halves, spec)) == []
"""
    run(run_code, code)


def test_a_size_that_never_arrived_is_shown_where_its_spec_was_made(run_code: RunCode) -> None:
    code = """
def f(x): return x * 2.0
def spec_of(shape):
    shape = [None] + shape[1:]
    return InputSpec(shape=shape, name="x")
trace = watched(f, lambda: [spec_of([1, 3])], {"x": (1, 3)})
assert told(trace) == [
    ("ST501", "warning", "you asked for x[0] = 1, and None arrived: the export leaves this axis unknown")
]
(finding,) = trace.findings
assert finding.source.code == 'InputSpec(shape=shape, name="x")' and finding.source.function == "spec_of"
(given,) = trace.conversions[0].inputs
assert trace.sites[given.site] == finding.source and given.claims == ("1", "3")
assert finding.notes == ()
(finding,) = watched(f, [spec_of([1, 3])], {"x": (1, 3)}).findings
assert finding.source is None and list(finding.notes) == ["the spec was made before the watch opened: its line is not known"]
assert told(watched(f, [InputSpec([1, 3], name="x")], {"x": (1, 3)})) == []
"""
    run(run_code, code)


def test_a_spec_of_jit_save_that_is_overruled(run_code: RunCode) -> None:
    code = """
class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = paddle.nn.Linear(4, 4)
    def forward(self, x): return self.linear(x)
def exported(first, second):
    with shapetrace.watch() as trace, tempfile.TemporaryDirectory() as folder:
        net = paddle.jit.to_static(Net(), input_spec=[InputSpec(first, name="x")], full_graph=True)
        net.forward.concrete_program
        paddle.jit.save(net, folder + "/model", input_spec=[InputSpec(second, name="x")])
    return trace
trace = exported([None, 4], [1, 4])
assert told(trace) == [("ST905", "warning", "you asked for x[0] = 1, and None arrived")]
(finding,) = trace.findings
assert finding.source.code == 'InputSpec(first, name="x")' and finding.sink.code == 'InputSpec(second, name="x")'
assert told(exported([None, 4], [None, 4])) == told(exported([1, 4], [1, 4])) == []
def refused(first, second):
    with shapetrace.watch() as trace:
        net = paddle.jit.to_static(Net(), input_spec=[InputSpec(first, name="x")], full_graph=True)
        net.forward.concrete_program
        try:
            paddle.jit.save(net, "model", input_spec=[InputSpec(second, name="x")])
            raise AssertionError("Paddle took it")
        except ValueError:
            pass
    return trace
trace = refused([None, 4], [None, 1, 4])
rank = "you asked for x of rank 3, [None, 1, 4], and [None, 4], of rank 2, is in the spec of to_static"
assert told(trace) == [("ST905", "error", rank)]
assert trace.findings[0].notes[0].endswith("Paddle refuses one that differs. Leave one of the two out")
assert told(refused([None, 4], [2, 5])) == [("ST905", "error", "you asked for x[1] = 5, and 4 is in the spec of to_static")]
"""
    run(run_code, code)


def test_specs_are_as_they_would_be(run_code: RunCode) -> None:
    code = """
plain = InputSpec([-1, 4], name="x")
state = vars(plain).copy()
before = InputSpec.__init__
with shapetrace.watch():
    spec = InputSpec([-1, 4], name="x")
    assert spec == plain and hash(spec) == hash(plain) and repr(spec) == repr(plain)
    assert vars(spec) == state and pickle.dumps(spec) == pickle.dumps(plain)
    assert copy.deepcopy(spec) == plain
assert InputSpec.__init__ is before
"""
    run(run_code, code)


def test_what_loses_a_named_dim_by_design_is_no_finding(run_code: RunCode) -> None:
    code = """
import paddle.nn.functional as F
def classified(x):
    pooled = F.adaptive_avg_pool2d(x, 1)
    return pooled.flatten(1) + F.interpolate(x, size=[8, 8]).mean(axis=[2, 3]) + x[:, :, :1, :1].flatten(1)
def merged(x):
    b, c, h, w = x.shape
    folded = x.reshape([1, b * c, h, w])  # instance norm as group norm
    blocks = folded.reshape([b, c, h // 2, 2, w // 2, 2])
    return blocks.max(axis=[2, 3, 4, 5], keepdim=True)
spec = [InputSpec([None, 3, None, None], name="x")]
for function in (classified, merged):
    assert told(watched(function, spec, {"x": ("B", 3, "H=32*k", "W=32*k")})) == [], function
"""
    run(run_code, code)


def test_a_constant_operand_in_the_place_of_a_named_dim(run_code: RunCode) -> None:
    code = """
def placed(x): return x + paddle.ones([16, 8])
def listed(x): return paddle.concat([x, paddle.ones([5, 2])], axis=1)
spec = [InputSpec([None, 8], name="x")]
(finding,) = watched(placed, spec, {"x": ("T", 8)}).findings
assert (finding.rule, finding.severity) == ("ST502", "error")
assert finding.message.startswith("T (x[0]) is named as dynamic, but add meets T with the constant 16"), finding.message
assert finding.sink.code.strip().endswith("x + paddle.ones([16, 8])")
assert [rule for rule, *_ in told(watched(placed, spec))] == ["ST503"]
assert [rule for rule, *_ in told(watched(listed, spec, {"x": ("T", 8)}))] == ["ST502"]
"""
    run(run_code, code)


def test_dims_that_do_not_fit_the_inputs_are_refused(run_code: RunCode) -> None:
    code = """
from shapetrace.errors import UsageError
def doubled(x): return x * 2.0
for dims, sentence in (({"x": ("B",)}, "dims name 1 axes of the input 'x', which has 2"), ({"x": ("B=", 4)}, "neither a name")):
    try:
        watched(doubled, [InputSpec([-1, 4], name="x")], dims)
        raise SystemExit("accepted")
    except UsageError as error:
        assert sentence in str(error), error
"""
    run(run_code, code)
