"""Adds to the findings of a failed conversion whether the model itself fails at the same line (`shapetrace.trial` has run it)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shapetrace.rules import paddle_words
from shapetrace.said import said
from shapetrace.trace import Failure, Finding, Said, Trace

_OF_CONVERSIONS = "ST8"
_ENDLESS = "ST801"


def unexplained(trace: Trace, findings: Iterable[Finding]) -> list[int]:
    """The conversions that failed, and of which no rule has more to tell than what ended them."""
    errors = [finding for finding in findings if finding.severity == "error"]
    of_conversions = {finding.conversion for finding in errors if _tells_an_end(finding)}
    others = {finding.conversion for finding in errors if not _tells_an_end(finding)}
    return [
        index
        for index, conversion in enumerate(trace.conversions)
        if conversion.failure is not None and index in of_conversions - others
    ]


def told(trace: Trace, findings: Iterable[Finding]) -> list[Finding]:
    """The findings, with what came of running the model."""
    return [_told(trace, finding) for finding in findings]


def _tells_an_end(finding: Finding) -> bool:
    return finding.rule.startswith(_OF_CONVERSIONS) and finding.rule != _ENDLESS


def _told(trace: Trace, finding: Finding) -> Finding:
    failure = trace.conversions[finding.conversion].failure if finding.conversion >= 0 else None
    remark = _remark(failure) if failure is not None and _tells_an_end(finding) else None
    return finding if remark is None else msgspec.structs.replace(finding, remarks=(*finding.remarks, remark))


def _remark(failure: Failure) -> Said | None:
    tried = failure.in_dygraph
    if tried is None:
        return None
    if tried.runs:
        return said("the model itself runs in dygraph, with {}", tried.inputs)
    kind, _, message = tried.raised.partition(": ")
    words = paddle_words.sentence(message).replace("`", "'")
    return said(
        "the model itself fails at this line in dygraph, with {}: `{}`",
        tried.inputs,
        f"{kind}: {words}" if words else kind,
    )
