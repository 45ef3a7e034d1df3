"""What came of a job, by what it has left: traces written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from example_traces import Program
from shapetrace import Trace
from shapetrace.said import said
from shapetrace.sweep import judging
from shapetrace.sweep.jobs import Job
from shapetrace.sweep.plan import Environment, Limits
from shapetrace.sweep.portable import Portable
from shapetrace.sweep.process import Ended
from shapetrace.trace import Failure, Finding, Sink

JOB = Job("net", "as given", Environment("this"), "/work", script="export.py", limits=Limits(seconds=150))
ENDLESS = Ended(-15, "time", 150.0, 149.0, 1 << 30)


def evidence(trace: Trace | None, ended: Ended = ENDLESS) -> judging.Evidence:
    return judging.Evidence(JOB, ended, judging.Stage(), trace, "", Portable(Path("/work"), Path("/out")))


def judged(trace: Trace | None, ended: Ended) -> judging.Judgement:
    return judging.judge(evidence(trace, ended))


def words(trace: Trace | None) -> str:
    state, cause = judged(trace, ENDLESS)
    assert state == "endless" and cause is not None
    return cause.says


def converted() -> Program:
    made = Program(Trace(), "forward")
    made.op("pd_op.relu", (made.input("x", "S0; 8"),), "S0; 8")
    return made


def test_of_a_job_that_has_converted_everything_that_is_said() -> None:
    assert words(converted().trace) == "did not end within 150 s; what it converts was converted by then"


@pytest.mark.parametrize("failing", [False, True])
def test_of_one_that_has_not_it_is_not(failing: bool) -> None:
    made = converted()
    made.conversion.failure = Failure("ValueError", "no") if failing else None
    assert words(made.trace if failing else None) == "did not end within 150 s"


@pytest.mark.parametrize(
    "text",
    [
        "[11/27 16:05:34] net ERROR: no head",
        "2026-11-27 16:05:34,012 net ERROR: no head",
        "W1127 17:26:59.360708 17152 net ERROR: no head",
    ],
)
def test_the_time_of_a_line_is_no_part_of_a_record(text: str) -> None:
    assert Portable(Path("/work"), Path("/out")).text(text) == "net ERROR: no head"


@pytest.mark.parametrize(
    ("rule", "what", "op"),
    [("ST803", "list", ""), ("ST801", "iteration", ""), ("ST201", ">", ""), ("ST101", "reshape", "reshape")],
)
def test_what_python_does_is_no_op(rule: str, what: str, op: str) -> None:
    finding = Finding(rule, "error", said("it is so"), sink=Sink("/work/net.py", 9, op=what))
    assert evidence(Trace(findings=[finding])).findings[0].op == op
