"""ST1xx: a leaked dim reached an op argument."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.rules import fixes
from shapetrace.rules.evidence import Evidence
from shapetrace.rules.registry import Rule, register
from shapetrace.trace import Cause, Finding, Severity, Trace, Use

_DEFORMABLE = frozenset({"deformable_attention_core_func_v2", "deformable_attention_core_func", "discrete_sample"})
"""Functions of PaddleDetection that the remedy `rtdetrv2` replaces (ppdet/modeling/transformers/utils.py)."""
_CONVERTIBLE = frozenset({"partial", "lambda", "not-global"})
"""Causes that the remedy `callables` removes."""


def remedies(cause: Cause | None) -> tuple[str, ...]:
    """Names of the remedies for a leak into an op argument, the most specific first."""
    names = []
    if cause is not None and cause.callable in _DEFORMABLE:
        names.append("rtdetrv2")
    if cause is not None and cause.kind in _CONVERTIBLE:
        names.append("callables")
    return (*names, "symbolic-dims")


def invalid_values(trace: Trace) -> Iterator[Finding]:
    """ST101: Paddle raised over a value computed from an unknown dim."""
    for conversion, uses in _by_failure(trace).items():
        failure = trace.conversions[conversion].failure
        message = failure.message if failure is not None else ""
        use = min(uses, key=lambda use: _innocence(trace, use, message))
        yield finding(trace, use, "ST101", "error")


def _by_failure(trace: Trace) -> dict[int, list[Use]]:
    failed: dict[int, list[Use]] = {}
    for use in trace.uses:
        if use.kind == "op" and use.raised >= 0:
            failed.setdefault(use.raised, []).append(use)
    return failed


def _innocence(trace: Trace, use: Use, message: str) -> tuple[bool, bool, int]:
    """Sorts the dim that Paddle complained of before those that merely stood beside it."""
    dim = trace.dims[use.dim]
    named = f"[{use.index}] = {dim.value}" in message
    return not named, dim.op == "read", use.index or 0


def finding(trace: Trace, use: Use, rule: str, severity: Severity) -> Finding:
    """A finding about a dim in an op argument."""
    evidence = Evidence(trace, use)
    place = f"{use.argument}[{use.index}]" if use.index is not None else use.argument or "an argument"
    origin = "computed from an unknown dim" if evidence.dim.op != "read" else "an unknown dim"
    cause = evidence.cause
    return Finding(
        rule=rule,
        severity=severity,
        message=f"{use.op} got {place} = {evidence.dim.value}, {origin}",
        python_value=evidence.dim.value,
        expression=use.expression,
        symbolic=evidence.symbolic,
        source=evidence.source,
        sink=evidence.sink,
        roots=evidence.roots,
        cause=cause,
        chain=evidence.chain,
        remedies=remedies(cause),
        fix=fixes.of_argument(evidence),
        conversion=use.conversion,
        layers=(use.layer,),
    )



register(Rule("ST101", "an op got an invalid value computed from an unknown dim", "error", invalid_values))
