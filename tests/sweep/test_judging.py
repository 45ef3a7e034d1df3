"""What came of a job, by what it has left: traces written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from example_traces import Program
from shapetrace import Trace
from shapetrace.said import said
from shapetrace.sweep import judging
from shapetrace.sweep.jobs import Job
from shapetrace.sweep.plan import Environment, Limits
from shapetrace.sweep.portable import Portable
from shapetrace.sweep.process import Ended
from shapetrace.sweep.records import Cause, Place
from shapetrace.trace import Death, Failure, Finding, Sink, Site, Verified
from shapetrace.trace.death import Phase

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


REFUSED = Verified(
    "Net", "/out/model", False, ("Net: differs",), "run", "ValueError: axes do not fit", sizes=("batch=2",)
)
PERM = Finding("ST702", "error", said("perm orders 4 axes of 5"), sink=Sink("/work/net.py", 9, op="transpose"))


@pytest.mark.parametrize(
    ("ended", "how"),
    [
        (ENDLESS, "did not end within 150 s"),
        (Ended(-9, "memory", 20.0, 20.0, 1 << 34), "took more than 8 GB"),
        (Ended(-11, "", 20.0, 20.0, 1 << 30), "died of SIGSEGV"),
    ],
)
def test_what_was_found_counts_though_the_op_was_still_looked_for(ended: Ended, how: str) -> None:
    made = converted()
    made.trace.verified = [REFUSED]
    made.trace.findings = [PERM]
    state, cause = judged(made.trace, ended)
    assert state == "fails-at-inference"
    assert cause == Cause(
        f"ValueError: axes do not fit; the op was not found: {how}",
        rule="ST702",
        place=Place("net.py", 9),
        sizes=("batch=2",),
        stage="verify",
        said=cause.said if cause is not None else "",
    )


def test_of_an_op_that_was_found_the_end_is_not_told() -> None:
    made = converted()
    made.trace.verified = [structs.replace(REFUSED, op="pd_op.transpose", site=Site("/work/net.py", 7))]
    state, cause = judged(made.trace, ENDLESS)
    assert state == "fails-at-inference"
    assert cause is not None
    assert (cause.says, cause.op, cause.place) == (REFUSED.said, "pd_op.transpose", Place("net.py", 7))


@pytest.mark.parametrize("phase", ["start", "watching", "closed"])
def test_an_endless_script_is_told_with_its_line_and_not_with_one_of_the_model_that_is_verified(phase: Phase) -> None:
    trace = Trace(sites=[Site("/work/train.py", 4, code="time.sleep(9)")])
    trace.death = Death("SIGTERM", phase, stack=(0,))
    state, cause = judged(trace, ENDLESS)
    assert state == "endless"
    assert cause is not None
    assert cause.place == (Place("train.py", 4, "time.sleep(9)") if phase != "closed" else None)


@pytest.mark.parametrize(
    ("rule", "what", "op"),
    [
        ("ST803", "list", ""),
        ("ST801", "iteration", ""),
        ("ST201", ">", ""),
        ("ST703", "*", ""),
        ("ST103", "[]", ""),
        ("ST806", "*", "multiply"),
        ("ST101", "reshape", "reshape"),
    ],
)
def test_what_python_does_is_no_op(rule: str, what: str, op: str) -> None:
    finding = Finding(rule, "error", said("it is so"), sink=Sink("/work/net.py", 9, op=what))
    assert evidence(Trace(findings=[finding])).findings[0].op == op
