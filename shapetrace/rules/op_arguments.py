"""ST1xx: a leaked dim reached an op argument."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.facts import op_arguments, operators
from shapetrace.plugin import Rule
from shapetrace.rules import broadcasts, paddle_decisions, phrases
from shapetrace.rules.evidence import Evidence, of_uses
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import Finding, OpArgument, Said, Severity, Trace

_KEEPING = frozenset({"expand", "broadcast_to", "crop"})
"""Functions that keep an axis as it is where they are given -1 for it."""


def invalid_values(trace: Trace) -> Iterator[Finding]:
    """ST101: Paddle raises over a value computed from an unknown dim, at conversion or whenever the export runs."""
    failed = _by_failure(trace)
    for conversion, uses in failed.items():
        failure = trace.conversions[conversion].failure
        message = failure.message if failure is not None else ""
        evidence = min(uses, key=lambda evidence: _innocence(evidence, message))
        yield evidence.finding("ST101", "error", phrases.passed(evidence))
    for evidence in of_uses(trace, OpArgument):
        if _verdict(evidence) == "invalid":
            yield evidence.finding("ST101", "error", said("{}: {}", phrases.passed(evidence), _when(evidence)))
    for test in paddle_decisions.raised(trace):
        if test.use.conversion in failed:
            continue
        sentence = said("{}: it refuses {}", phrases.by_itself(test), test.dim.value)
        yield test.finding("ST101", "error", phrases.meant(sentence, test))


def wrong_constants(trace: Trace) -> Iterator[Finding]:
    """ST102: a plausible but wrong constant was baked in."""
    for evidence in of_uses(trace, OpArgument):
        if _verdict(evidence) == "wrong":
            sentence = phrases.meant(phrases.passed(evidence), evidence)
            yield evidence.finding("ST102", "error", phrases.silently_wrong(sentence))
    for test in paddle_decisions.decided(trace):
        sentence = phrases.meant(said("{}: it decides by {}", phrases.by_itself(test), test.dim.value), test)
        yield test.finding("ST102", "error", phrases.silently_wrong(sentence))


def other_meanings(trace: Trace) -> Iterator[Finding]:
    """ST103: an unmodified -1 means something else to this op than "unknown"."""
    for evidence in of_uses(trace, OpArgument):
        if _verdict(evidence) == "other":
            severity: Severity = "note" if broadcasts.make_up_for(evidence) else "error"
            sentence = said("{}: {}", phrases.passed(evidence), _other_meaning(evidence))
            yield evidence.finding("ST103", severity, sentence)


def _other_meaning(evidence: Evidence[OpArgument]) -> Said:
    """What the argument takes the number for."""
    if operators.sign(evidence.use.op) in operators.SIGNS.values():
        return said("the number is taken as it is")
    return _meaning(evidence).said


def _verdict(evidence: Evidence[OpArgument]) -> str:
    """What a dim does in an op argument that Paddle accepted: `invalid`, `wrong`, `other`, or `healthy`."""
    use = evidence.use
    if use.raised >= 0 or use.healed or evidence.is_stale() or evidence.left_int():
        return "healthy"
    if evidence.api and evidence.ended():
        return "invalid" if evidence.index == paddle_decisions.last(evidence) else "healthy"
    if evidence.api and paddle_decisions.told_by_an_op(evidence):
        return "healthy"
    if use.refused:
        return "invalid"
    outcome = _outcome(evidence)
    if evidence.dim.op == "read":
        return {"healthy": "healthy", "wrong": "other"}.get(outcome, "invalid")
    if evidence.constant():
        return "healthy"
    value = int(evidence.dim.value)
    if value < 0 and not (value == -1 and _meaning(evidence).bare == "healthy"):
        return {"healthy": "healthy", "wrong": "wrong"}.get(outcome, "invalid")
    if value == -1 and _meaning(evidence).kind == "keep":  # `crop(x, [n // 2])` keeps all of n
        return "healthy" if evidence.symbolic in [root.symbol for root in evidence.roots] else "wrong"
    return "healthy" if value == -1 else "wrong"


def _when(evidence: Evidence[OpArgument]) -> Said:
    """When Paddle refuses an invalid value that it has let pass so far."""
    if evidence.use.refused:
        return said("Paddle refused it, and the model's own `except` took the fallback, which is baked in")
    if _outcome(evidence) == "raises" or evidence.ended():
        return said("Paddle refuses it at conversion")
    return said("Paddle does not check it here, and the exported model fails at every run")


def _outcome(evidence: Evidence[OpArgument]) -> op_arguments.Outcome:
    """What becomes of the export: of a -1, or of another number that was computed from it."""
    meaning, tensor = _meaning(evidence), "?" in evidence.use.arguments
    if evidence.dim.op == "read" or evidence.dim.value == -1:
        return (meaning.bare_beside_tensor if tensor else None) or meaning.bare
    return (meaning.computed_beside_tensor if tensor else None) or meaning.computed


def _meaning(evidence: Evidence[OpArgument]) -> op_arguments.Meaning:
    """What a negative number means in the argument of a use."""
    use = evidence.use
    if evidence.api:  # the argument is that of an op inside Paddle's function
        return op_arguments.meaning(use.operation or use.op, use.argument)
    form: op_arguments.Form = ""
    if use.op in _KEEPING and use.index is not None and use.operand:
        form = op_arguments.kept_form(evidence.operand(), use.index, len(use.arguments))
    elif use.arguments.count("-1") > 1:
        form = "several"
    return op_arguments.meaning(use.op, use.argument, use.index, form)


def _by_failure(trace: Trace) -> dict[int, list[Evidence[OpArgument]]]:
    failed: dict[int, list[Evidence[OpArgument]]] = {}
    for evidence in of_uses(trace, OpArgument):
        if evidence.use.raised >= 0:
            failed.setdefault(evidence.use.raised, []).append(evidence)
    return failed


def _innocence(evidence: Evidence[OpArgument], message: str) -> tuple[bool, bool, int]:
    """Sorts the dim that Paddle complained of before those that merely stood beside it."""
    named = f"[{evidence.use.index}] = {evidence.dim.value}" in message
    return not named, evidence.dim.op == "read", evidence.use.index or 0


register(Rule("ST101", "an op got an invalid value computed from an unknown dim", "error", invalid_values))
register(Rule("ST102", "a wrong constant computed from an unknown dim was baked in", "error", wrong_constants))
register(Rule("ST103", "-1 for an unknown dim means something else to this op", "error", other_meanings))
