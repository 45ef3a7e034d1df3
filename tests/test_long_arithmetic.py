"""What random models and damaged traces were found to break: long chains of arithmetic, and divisions by zero."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import msgspec
import pytest

import damage
from example_traces import Program
from shapetrace import Trace, diff, graph, reports
from shapetrace.reports import drawing
from shapetrace.rules import registry
from shapetrace.trace import DimRecord, DimRef
from shapetrace.trace.redaction import redacted

pytestmark = pytest.mark.slow

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
    """What is counted is 4495499: no number that an op refuses (ST101), but a wrong constant, which the export keeps."""
    done = run_code(MODEL, function)

    assert done.returncode == 0, done.stderr[-2000:]
    notes, found, ops = json.loads(done.stdout.splitlines()[-1])
    assert notes == []
    assert [rule for rule in found if rule.startswith("ST1")] == rules
    assert ops > 0


def counted(steps: int) -> Trace:
    """A trace in which Python computed a dim in so many steps, and gave it to a reshape."""
    trace = damage.leaky_trace()
    for _ in range(steps):
        last = trace.dims[-1]
        trace.dims.append(DimRecord(last.value + 1, "+", (DimRef(len(trace.dims) - 1), 1), site=0))
    trace.uses[0] = msgspec.structs.replace(trace.uses[0], dim=len(trace.dims) - 1)
    trace.findings = registry.check(trace)
    return trace


def passed_on(steps: int) -> Trace:
    """A trace in which a tensor that holds a dim is counted up by so many ops, and then given to a reshape."""
    trace = Trace()
    program = Program(trace)
    image = program.input("image", "S0; 4")
    size = program.read(image, "S0; 4", 0, "S0")
    for step in range(1, steps + 1):
        size = program.op("pd_op.scale", (size,), "", data=f"Add(S0, {step})")
    shape = program.stack([size, program.constant("4")], f"Add(S0, {steps}); 4")
    program.op("pd_op.reshape", (image, shape), f"Add(S0, {steps}); 4")
    return trace


def last(trace: Trace) -> int:
    """Its last tensor."""
    return len(trace.conversions[0].values) - 1


@pytest.mark.parametrize(
    "draw",
    [
        lambda steps: reports.render(counted(steps), "dot"),
        lambda steps: drawing.why(trace := passed_on(steps), last(trace), 0, "dot"),
    ],
    ids=["computed", "passed on"],
)
def test_a_picture_of_thousands_of_steps_is_no_larger_than_one_of_a_hundred(draw: Callable[[int], str]) -> None:
    few, many = draw(100), draw(2000)

    assert "more steps" in few
    assert len(many.splitlines()) == len(few.splitlines()) < 120


def test_the_graph_of_a_dim_holds_every_step() -> None:
    trace = counted(2000)

    assert f"d{len(trace.dims) - 1}" in graph.build(trace)
    assert f"d{len(trace.dims) - 1}" in graph.finding_slice(trace, trace.findings[0])


WORK: dict[str, Callable[[int], Callable[[], object]]] = {
    "rules": lambda steps: partial(registry.check, counted(steps)),
    "graph": lambda steps: partial(graph.build, counted(steps)),
    "slice": lambda steps: partial(graph.finding_slice, trace := counted(steps), trace.findings[0]),
    "why": lambda steps: partial(graph.why, trace := passed_on(steps), last(trace), 0),
    "diff": lambda steps: partial(diff.diff, trace := counted(steps), trace),
    "redact": lambda steps: partial(redacted, counted(steps), "/"),
    **{
        name: lambda steps, name=name: partial(reports.render, counted(steps), name)  # type: ignore[misc]
        for name in ("text", "json", "html", "dot", "markdown", "sarif", "github", "junit")
    },
}


@pytest.mark.parametrize("name", WORK)
def test_twice_the_steps_are_twice_the_work(name: str) -> None:
    """Counted in calls of functions, each time of more steps than anything before had, so that caches are of no help."""
    calls = [calls_of(WORK[name](steps)) for steps in (150, 300, 600)]

    assert calls[2] < 2.5 * calls[1]


def calls_of(work: Callable[[], object]) -> int:
    """How many functions a piece of work calls."""
    count = 0

    def called(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
