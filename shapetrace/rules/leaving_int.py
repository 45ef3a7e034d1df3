"""ST3xx: an unknown dim left int, where nothing can follow it: to float, to NumPy, to text."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.plugin import Rule
from shapetrace.rules import phrases, refused
from shapetrace.rules.evidence import Evidence, of_uses
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import (
    Arithmetic,
    Comparison,
    Finding,
    Float,
    Key,
    OpArgument,
    PlainIndex,
    PlainInt,
    Severity,
    Text,
    Trace,
)


def floats(trace: Trace) -> Iterator[Finding]:
    """ST301: a float computed from an unknown dim is in the program, or went where it cannot be followed."""
    for evidence in of_uses(trace, OpArgument):
        if not evidence.use.numpy and _is_wrong(evidence):
            yield evidence.finding("ST301", "error", phrases.meant(phrases.passed(evidence), evidence))
    yield from refused.findings(trace, "ST301")
    nothing = refused.places(trace)
    for left in of_uses(trace, Float, Arithmetic, PlainInt, PlainIndex):
        use = left.use
        if use.numpy or (use.conversion, use.site) in nothing or left.constant():
            continue
        if isinstance(use, PlainInt | PlainIndex):
            sentence = said(
                "`{}` makes a plain int of an unknown dim: it cannot be followed from here", phrases.code(left)
            )
            yield left.finding("ST301", "note", sentence)
        elif isinstance(use, Float) or _is_number(use.result):
            sentence = said("`{}` is {}, computed from an unknown dim", phrases.code(left), use.result)
            yield left.finding("ST301", "error", sentence)


def arrays(trace: Trace) -> Iterator[Finding]:
    """ST302: what NumPy computed from an unknown dim is in the program, or NumPy got one and cannot be followed."""
    yield from refused.findings(trace, "ST302")
    nothing = refused.places(trace)
    for taken in of_uses(trace, Arithmetic, PlainInt, PlainIndex):
        if taken.use.numpy and (taken.use.conversion, taken.use.site) not in nothing and not taken.constant():
            sentence = said("NumPy got {}, an unknown dim, in `{}`", taken.dim.value, phrases.code(taken))
            yield taken.finding("ST302", "error", sentence)
    for evidence in of_uses(trace, OpArgument):
        if evidence.use.numpy and (evidence.use.conversion, evidence.use.site) not in nothing and _is_wrong(evidence):
            sentence = phrases.meant(said("{}, by NumPy", phrases.passed(evidence)), evidence)
            yield evidence.finding("ST302", "error", sentence)


def _is_wrong(evidence: Evidence[OpArgument]) -> bool:
    """Whether an argument of an op is no int any more, and would be another number at some real size."""
    use = evidence.use
    if not evidence.left_int() or use.raised >= 0 or use.healed or evidence.is_stale():
        return False
    return not evidence.constant()


def texts(trace: Trace) -> Iterator[Finding]:
    """ST303: an unknown dim became a key, or text; a message for people is but a note."""
    asked = _asked(trace)
    for evidence in of_uses(trace, Key, Text):
        use = evidence.use
        if evidence.constant():  # `str(n - n)`: the same text whatever the size
            continue
        if isinstance(use, Key):
            if (use.dim, use.site) in asked:
                continue
            sentence = said("{}, an unknown dim, is a key in `{}`", evidence.dim.value, phrases.code(evidence))
            yield evidence.finding("ST303", "warning", sentence)
        else:
            severity: Severity = "note" if use.message else "warning"
            sentence = said("{}, an unknown dim, became text in `{}`", evidence.dim.value, phrases.code(evidence))
            yield evidence.finding("ST303", severity, sentence)


def _asked(trace: Trace) -> set[tuple[int, int]]:
    """The lookups that found an entry for -1: dim and site. They ask whether the dim is unknown, as `n == -1` does."""
    return {
        (use.dim, use.site)
        for use in trace.uses
        if isinstance(use, Comparison)
        and use.op == "=="
        and use.result == "True"
        and use.against == "-1"
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
