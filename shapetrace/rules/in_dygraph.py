"""Adds to the findings of a failed conversion whether the model itself fails at the same line (`shapetrace.trial` has run it)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shapetrace.rules import paddle_words
from shapetrace.said import said
from shapetrace.trace import Failure, Finding, Said, Trace

_MISFIT = "ST7"
_NOT_OF_DIMS = (_MISFIT, "ST8")  # what does not fit, and what ends a conversion: it may well be so in dygraph
_ENDLESS = "ST801"


def unexplained(trace: Trace, findings: Iterable[Finding]) -> list[int]:
    """The conversions that failed, and of which no rule tells that a dim was the fault."""
    errors = [finding for finding in findings if finding.severity == "error"]
    without = {finding.conversion for finding in errors if _of_no_dim(finding)}
    others = {finding.conversion for finding in errors if not _of_no_dim(finding)}
    return [
        index
        for index, conversion in enumerate(trace.conversions)
        if conversion.failure is not None and index in without - others
    ]


def told(trace: Trace, findings: Iterable[Finding]) -> list[Finding]:
    """The findings, with what came of running the model."""
    return [_told(trace, finding) for finding in findings]


def _of_no_dim(finding: Finding) -> bool:
    return finding.rule.startswith(_NOT_OF_DIMS) and finding.rule != _ENDLESS


def _told(trace: Trace, finding: Finding) -> Finding:
    failure = trace.conversions[finding.conversion].failure if finding.conversion >= 0 else None
    if failure is None or not (_of_no_dim(finding) and _is_at(trace, failure, finding)):
        return finding
    remark = _remark(failure, worded=not finding.rule.startswith(_MISFIT))  # those say what it is in words of their own
    return finding if remark is None else msgspec.structs.replace(finding, remarks=(*finding.remarks, remark))


def _is_at(trace: Trace, failure: Failure, finding: Finding) -> bool:
    """Whether a finding is of the line at which the conversion failed. What does not fit may be told of other lines too."""
    if not finding.rule.startswith(_MISFIT):
        return True
    if finding.sink is None or not failure.stack:
        return False
    site = trace.sites[failure.stack[-1]]
    return (site.file, site.line) == (finding.sink.file, finding.sink.line)


def _remark(failure: Failure, *, worded: bool) -> Said | None:
    tried = failure.in_dygraph
    if tried is None:
        return None
    if tried.runs:
        return said("the model itself runs in dygraph, with {}", tried.inputs)
    if not worded:
        return said("the model itself fails at this line in dygraph, with {}", tried.inputs)
    kind, _, message = tried.raised.partition(": ")
    words = paddle_words.sentence(message).replace("`", "'")
    return said(
        "the model itself fails at this line in dygraph, with {}: `{}`",
        tried.inputs,
        f"{kind}: {words}" if words else kind,
    )
