"""ST1xx: a leaked dim reached an op argument."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.capture import arguments
from shapetrace.rules.evidence import Evidence
from shapetrace.rules.registry import Rule, register
from shapetrace.trace import Finding, Trace, Use


def invalid_values(trace: Trace) -> Iterator[Finding]:
    """ST101: Paddle raises over a value computed from an unknown dim, at conversion or whenever the export runs."""
    for conversion, uses in _by_failure(trace).items():
        failure = trace.conversions[conversion].failure
        message = failure.message if failure is not None else ""
        use = min(uses, key=lambda use: _innocence(trace, use, message))
        yield Evidence(trace, use).finding("ST101", "error", _describe(trace, use))
    for use in trace.uses:
        if _verdict(trace, use) == "invalid":
            evidence = Evidence(trace, use)
            yield evidence.finding("ST101", "error", f"{_describe(trace, use)}: {_when(evidence)}")


def wrong_constants(trace: Trace) -> Iterator[Finding]:
    """ST102: a plausible but wrong constant was baked in."""
    for use in trace.uses:
        if _verdict(trace, use) == "wrong":
            yield Evidence(trace, use).finding("ST102", "error", _describe(trace, use))


def other_meanings(trace: Trace) -> Iterator[Finding]:
    """ST103: an unmodified -1 means something else to this op than "unknown"."""
    for use in trace.uses:
        if _verdict(trace, use) == "other":
            means = _meaning(Evidence(trace, use)).text
            yield Evidence(trace, use).finding("ST103", "error", f"{_describe(trace, use)}: {means}")


def _verdict(trace: Trace, use: Use) -> str:
    """What a dim does in an op argument that Paddle accepted: `invalid`, `wrong`, `other`, or `healthy`."""
    if use.kind != "op" or use.raised >= 0 or use.healed or _stale(trace, use):
        return "healthy"
    if use.refused:
        return "invalid"
    evidence = Evidence(trace, use)
    meaning = _meaning(evidence)
    if evidence.dim.op == "read":
        return {"healthy": "healthy", "wrong": "other"}.get(meaning.bare, "invalid")
    if evidence.constant():
        return "healthy"
    value = evidence.dim.value
    if value < 0 and not (value == -1 and meaning.bare == "healthy"):
        return {"healthy": "healthy", "wrong": "wrong"}.get(_of_computed(evidence), "invalid")
    return "healthy" if value == -1 else "wrong"


def _when(evidence: Evidence) -> str:
    """When Paddle refuses an invalid value that it has let pass so far."""
    if evidence.use.refused:
        return "Paddle refused it, and the model's own `except` took the fallback, which is baked in"
    outcome = _meaning(evidence).bare if evidence.dim.op == "read" else _of_computed(evidence)
    if outcome == "raises":
        return "Paddle refuses it at conversion"
    return "Paddle does not check it here, and the exported model fails at every run"


def _of_computed(evidence: Evidence) -> arguments.Outcome:
    meaning = _meaning(evidence)
    beside = meaning.computed_beside_tensor if "?" in evidence.use.arguments else None
    return beside or meaning.computed


def _meaning(evidence: Evidence) -> arguments.Meaning:
    """What a negative number means in the argument of a use."""
    use = evidence.use
    cause = evidence.cause
    if cause is not None and cause.kind == "paddle-api":  # the argument is that of an op inside Paddle's function
        return arguments.meaning(use.operation, use.argument)
    form: arguments.Form = ""
    if use.op in ("expand", "broadcast_to") and use.index is not None and use.operand:
        form = arguments.expand_form(use.operand, use.index, len(use.arguments))
    elif use.arguments.count("-1") > 1:
        form = "several"
    return arguments.meaning(use.op, use.argument, use.index, form)


def _stale(trace: Trace, use: Use) -> bool:
    """Whether the dim is from another conversion, which is another rule's business (ST401)."""
    read = Evidence(trace, use).read
    return 0 <= read.conversion != use.conversion


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


def _describe(trace: Trace, use: Use) -> str:
    dim = trace.dims[use.dim]
    place = f"{use.argument}[{use.index}]" if use.index is not None else use.argument or "an argument"
    origin = "computed from an unknown dim" if dim.op != "read" else "an unknown dim"
    return f"{use.op} got {place} = {dim.value}, {origin}"


register(Rule("ST101", "an op got an invalid value computed from an unknown dim", "error", invalid_values))
register(Rule("ST102", "a wrong constant computed from an unknown dim was baked in", "error", wrong_constants))
register(Rule("ST103", "-1 for an unknown dim means something else to this op", "error", other_meanings))
