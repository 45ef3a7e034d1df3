"""ST2xx: Python decided on an unknown dim: a branch, a loop, the size of a container."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from shapetrace.facts.operators import COMPARE
from shapetrace.plugin import Rule
from shapetrace.rules import refused
from shapetrace.rules.evidence import Evidence, of_uses
from shapetrace.rules.registry import register
from shapetrace.said import said
from shapetrace.trace import Arithmetic, Comparison, DimRef, Finding, Loop, Said, Sentence, Subscript, Trace, Truth

Tested = Evidence[Comparison | Truth]
"""A test of a dim."""

_LONGEST = 60
_ARRAYS = frozenset({"array", "asarray", "asanyarray"})


def branches(trace: Trace) -> Iterator[Finding]:
    """ST201: a branch or assert was decided on an unknown dim."""
    for evidence in of_uses(trace, Comparison, Truth):
        use = evidence.use
        if use.context in ("loop", "paddle", "asks") or not _wrong(evidence):
            continue
        if use.context in ("assert", "check") and not _failed(evidence):
            sentence = said(
                "`{}` is {} for an unknown dim, and passed: the export does not check it", _test(evidence), use.result
            )
            yield evidence.finding("ST201", "note", sentence)
            continue
        yield evidence.finding("ST201", "error", _was_decided(_decided(evidence), evidence))


def loops(trace: Trace) -> Iterator[Finding]:
    """ST202: a loop was counted by an unknown dim."""
    for counted in of_uses(trace, Loop):
        if not counted.constant():
            sentence = said(
                "range() got {}, an unknown dim: the loop runs {} times", counted.dim.value, counted.use.result
            )
            yield counted.finding("ST202", "error", sentence)
    for evidence in of_uses(trace, Comparison):
        if evidence.use.context == "loop" and _wrong(evidence):
            yield evidence.finding("ST202", "error", _was_decided(said("a loop"), evidence))


def containers(trace: Trace) -> Iterator[Finding]:
    """ST203: the size or index of a container is an unknown dim."""
    yield from refused.findings(trace, "ST203")
    nothing = refused.places(trace)
    for evidence in of_uses(trace, Arithmetic, Subscript):
        use, value = evidence.use, evidence.dim.value
        if (use.conversion, use.site) in nothing:
            continue
        if evidence.constant():  # `sizes[n - n]`: the same element whatever the size
            continue
        if isinstance(use, Subscript):
            sentence = said("a {} was indexed with {}, an unknown dim", use.container, value)
            if not use.container:
                sentence = said("an element was picked by {}, an unknown dim", value)
            elif use.container == "ndarray":
                sentence = said("an array of NumPy's was indexed with {}, an unknown dim", value)
            yield evidence.finding("ST203", "error", sentence)
        elif use.against in ("list", "tuple", "str", "bytes"):
            sentence = said("a {} was repeated {} times, an unknown dim", use.against, value)
            yield evidence.finding("ST203", "error", sentence)


def _wrong(evidence: Tested) -> bool:
    """Whether the decision would be another one for some real size.

    A test of an unmodified dim against a literal that has one answer for all real sizes asks whether the dim is
    unknown (`x.shape[0] == -1`, `> 0`, `list(x.shape) == [-1, 7]`): that is a guard, and healthy, unless it is an assert that
    failed. So is a test whether it equals a negative number wherever that comes from, for no size is one.
    """
    use = evidence.use
    if _asks_whether_unknown(evidence):
        return use.context in ("assert", "check") and _failed(evidence)
    answers = _answers(evidence)
    if None in answers:
        return isinstance(use, Comparison) and use.against != "None"
    if answers == {use.result}:
        return False
    return len(answers) > 1 or use.context != "guard" or not _is_read(evidence)


def differs(evidence: Tested) -> bool:
    """Whether a test gives another answer for some real size than it gave."""
    answers = _answers(evidence)
    return None not in answers and answers != {evidence.use.result}


def _was_decided(what: Sentence, evidence: Tested) -> Said:
    return said("{} was decided by `{}`, which is {} for an unknown dim", what, _test(evidence), evidence.use.result)


def _decided(evidence: Tested) -> Sentence:
    """What a test decided: a branch, an assert, or the result of a call, such as `max(h, w)`."""
    if evidence.use.context == "assert":
        return said("an assert")
    sink = evidence.sink
    code = " ".join(sink.code.split()) if sink is not None else ""
    try:
        node = ast.parse(code, mode="eval").body
    except SyntaxError:
        return said("a branch")
    if not isinstance(node, ast.Call):
        return said("a branch")
    return f"`{code}`" if len(code) <= _LONGEST else f"`{ast.unparse(node.func)}(...)`"


def _failed(evidence: Tested) -> bool:
    """Whether the conversion ended in the function that made the test."""
    failure = evidence.trace.conversions[evidence.use.conversion].failure if evidence.use.conversion >= 0 else None
    if failure is None or not failure.stack:
        return failure is not None
    last, test = evidence.trace.sites[failure.stack[-1]], evidence.site(evidence.use.site)
    return test is None or (last.file, last.function) == (test.file, test.function)


def _asks_whether_unknown(evidence: Tested) -> bool:
    use = evidence.use
    if not isinstance(use, Comparison) or use.other >= 0:
        return False
    other = _other(evidence, use, {})
    if other is None:
        return False
    if evidence.dim.op in _ARRAYS:  # of a whole shape, element by element
        return (use.op in ("==", "!=", "<=", ">") and other < 0) or (use.op in ("<", "<=", ">") and other == 0)
    return _is_read(evidence) and use.op in ("==", "!=") and other < 0


def _is_read(evidence: Tested) -> bool:
    """Whether a dim is one that was read, as it is or made an int: `int(x.shape[0])`."""
    dim = evidence.dim
    while dim.op in ("int", "pos") and len(dim.operands) == 1 and isinstance(dim.operands[0], DimRef):
        dim = evidence.trace.dims[dim.operands[0].id]
    return dim.op == "read"


def _answers(evidence: Tested) -> set[str | None]:
    """What a test says at the sizes tried."""
    use = evidence.use
    if not isinstance(use, Comparison):
        drawn = evidence.draws()
    elif use.other >= 0:
        drawn = evidence.draws(use.other)
    else:
        drawn = evidence.draws(near=_other(evidence, use, {}))
    return {_answer(evidence, sizes) for sizes in drawn}


def _answer(evidence: Tested, sizes: Mapping[str, int]) -> str | None:
    """What the test says where the unknown dims have these sizes; None where that is not known."""
    use = evidence.use
    left = evidence.at(sizes)
    if not isinstance(use, Comparison):
        return None if left is None else str(bool(left))
    right = _other(evidence, use, sizes)
    return None if left is None or right is None else str(COMPARE[use.op](left, right))


def _other(evidence: Tested, use: Comparison, sizes: Mapping[str, int]) -> float | None:
    """What a dim is compared with where the unknown dims have these sizes; None where that is no number, or not known."""
    if use.other >= 0:
        return evidence.value_at(use.other, sizes)
    try:
        return float(use.against)
    except ValueError:
        return None


def _test(evidence: Tested) -> str:
    """The test in the user's words."""
    use = evidence.use
    if not isinstance(use, Comparison):
        return use.expression
    other = evidence.written(use.other) if use.other >= 0 else ""
    return f"{use.expression} {use.op} {other or use.against}"


register(Rule("ST201", "a branch or assert was decided on an unknown dim", "error", branches))
register(Rule("ST202", "a loop was counted by an unknown dim", "error", loops))
register(Rule("ST203", "the size or index of a container is an unknown dim", "error", containers))
