"""ST2xx: Python decided on an unknown dim: a branch, a loop, the size of a container."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from shapetrace.rules.evidence import Evidence
from shapetrace.rules.registry import Rule, register
from shapetrace.trace import Finding, Trace, Use

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def branches(trace: Trace) -> Iterator[Finding]:
    """ST201: a branch or assert was decided on an unknown dim."""
    for use in trace.uses:
        if use.kind in ("compare", "truth") and use.context != "loop" and _wrong(Evidence(trace, use)):
            what = "an assert" if use.context == "assert" else "a branch"
            yield _finding(
                trace, use, "ST201", f"{what} was decided by `{_test(use)}`, which is {use.result} for an unknown dim"
            )


def loops(trace: Trace) -> Iterator[Finding]:
    """ST202: a loop was counted by an unknown dim."""
    for use in trace.uses:
        if use.kind == "compare" and use.context == "loop" and _wrong(Evidence(trace, use)):
            yield _finding(
                trace, use, "ST202", f"a loop was decided by `{_test(use)}`, which is {use.result} for an unknown dim"
            )
        elif use.kind == "range":
            yield _finding(
                trace,
                use,
                "ST202",
                f"range() got {_value(trace, use)}, an unknown dim: the loop runs {use.result} times",
            )


def containers(trace: Trace) -> Iterator[Finding]:
    """ST203: the size or index of a container is an unknown dim."""
    for use in trace.uses:
        if use.kind == "operand" and use.arguments[0] in ("list", "tuple", "str", "bytes"):
            yield _finding(
                trace, use, "ST203", f"a {use.arguments[0]} was repeated {_value(trace, use)} times, an unknown dim"
            )
        elif use.kind == "subscript":
            yield _finding(
                trace, use, "ST203", f"a {use.arguments[0]} was indexed with {_value(trace, use)}, an unknown dim"
            )


def _wrong(evidence: Evidence) -> bool:
    """Whether the decision would be another one for some real size.

    A test of an unmodified dim against a literal that has one answer for all real sizes asks whether the dim is
    unknown (`x.shape[0] == -1`, `> 0`): that is a guard, and healthy, unless it is an assert that failed.
    """
    use = evidence.use
    answers = {_answer(evidence, size) for size in evidence.sizes()}
    if None in answers:
        return use.kind == "compare" and use.arguments[0] != "None"
    if answers == {use.result}:
        return False
    return len(answers) > 1 or use.context != "guard" or evidence.dim.op != "read"


def _answer(evidence: Evidence, size: int) -> str | None:
    """What the test says where the unknown dims have this size; None where that is not known."""
    use = evidence.use
    left = evidence.at(size)
    if use.kind == "truth":
        return None if left is None else str(bool(left))
    right = _other(evidence, size)
    return None if left is None or right is None else str(_COMPARE[use.op](left, right))


def _other(evidence: Evidence, size: int) -> float | None:
    use = evidence.use
    if use.other >= 0:
        return evidence.value_at(evidence.trace.dims[use.other], size)
    try:
        return float(use.arguments[0])
    except ValueError:
        return None


def _test(use: Use) -> str:
    return f"{use.expression} {use.op} {use.arguments[0]}" if use.kind == "compare" else use.expression


def _value(trace: Trace, use: Use) -> int:
    return trace.dims[use.dim].value


def _finding(trace: Trace, use: Use, rule: str, message: str) -> Finding:
    return Evidence(trace, use).finding(rule, "error", message)


register(Rule("ST201", "a branch or assert was decided on an unknown dim", "error", branches))
register(Rule("ST202", "a loop was counted by an unknown dim", "error", loops))
register(Rule("ST203", "the size or index of a container is an unknown dim", "error", containers))
