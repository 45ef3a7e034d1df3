"""ST3xx: an unknown dim left int, where nothing can follow it: to float, to NumPy, to text."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.plugin import Rule
from shapetrace.rules import phrases, refused
from shapetrace.rules.evidence import Evidence, of_uses
from shapetrace.rules.registry import register
from shapetrace.trace import Finding, Severity, Trace


def floats(trace: Trace) -> Iterator[Finding]:
    """ST301: a float computed from an unknown dim is in the program, or went where it cannot be followed."""
    for evidence in of_uses(trace, "op"):
        if evidence.use.context != "numpy" and _is_wrong(evidence):
            yield evidence.finding("ST301", "error", f"{phrases.passed(evidence)}{phrases.meant(evidence)}")
    yield from refused.findings(trace, "ST301")
    nothing = refused.places(trace)
    for evidence in of_uses(trace, "float", "operand", "int", "index"):
        use = evidence.use
        if use.context == "numpy" or (use.conversion, use.site) in nothing:
            continue
        if use.kind == "float" or (use.kind == "operand" and _is_number(use.result)):
            yield evidence.finding(
                "ST301", "error", f"`{phrases.code(evidence)}` is {use.result}, computed from an unknown dim"
            )
        elif use.kind in ("int", "index"):
            message = f"`{phrases.code(evidence)}` makes a plain int of an unknown dim: it cannot be followed from here"
            yield evidence.finding("ST301", "note", message)


def arrays(trace: Trace) -> Iterator[Finding]:
    """ST302: what NumPy computed from an unknown dim is in the program, or NumPy got one and cannot be followed."""
    yield from refused.findings(trace, "ST302")
    nothing = refused.places(trace)
    for evidence in of_uses(trace):
        if evidence.use.context != "numpy" or (evidence.use.conversion, evidence.use.site) in nothing:
            continue
        if evidence.use.kind != "op":
            message = f"NumPy got {evidence.dim.value}, an unknown dim, in `{phrases.code(evidence)}`"
            yield evidence.finding("ST302", "error", message)
        elif _is_wrong(evidence):
            yield evidence.finding("ST302", "error", f"{phrases.passed(evidence)}, by NumPy{phrases.meant(evidence)}")


def _is_wrong(evidence: Evidence) -> bool:
    """Whether an argument of an op is no int any more, and would be another number at some real size."""
    use = evidence.use
    if not evidence.left_int() or use.raised >= 0 or use.healed or evidence.is_stale():
        return False
    return not evidence.constant()


def texts(trace: Trace) -> Iterator[Finding]:
    """ST303: an unknown dim became a key, or text; a message for people is but a note."""
    asked = _asked(trace)
    for evidence in of_uses(trace, "hash", "text"):
        if evidence.use.kind == "hash":
            if (evidence.use.dim, evidence.use.site) in asked:
                continue
            yield evidence.finding(
                "ST303", "warning", f"{evidence.dim.value}, an unknown dim, is a key in `{phrases.code(evidence)}`"
            )
        else:
            severity: Severity = "note" if evidence.use.context == "message" else "warning"
            yield evidence.finding(
                "ST303", severity, f"{evidence.dim.value}, an unknown dim, became text in `{phrases.code(evidence)}`"
            )


def _asked(trace: Trace) -> set[tuple[int, int]]:
    """The lookups that found an entry for -1: dim and site. They ask whether the dim is unknown, as `n == -1` does."""
    return {
        (use.dim, use.site)
        for use in trace.uses
        if use.kind == "compare"
        and use.op == "=="
        and use.result == "True"
        and use.arguments == ("-1",)
        and use.other < 0
    }


def _is_number(result: object) -> bool:
    try:
        complex(str(result))
    except ValueError:
        return False
    return True


register(Rule("ST301", "an unknown dim became a float, or was put through math", "error", floats))
register(Rule("ST302", "NumPy got an unknown dim", "error", arrays))
register(Rule("ST303", "an unknown dim became a key or text", "warning", texts))
