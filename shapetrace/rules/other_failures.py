"""ST809: an exception that ended a conversion, which no other finding explains."""

from __future__ import annotations

from collections.abc import Iterator

from shapetrace.plugin import Rule
from shapetrace.rules import paddle_words
from shapetrace.rules.misfits import shape_text
from shapetrace.rules.registry import LAST_RESORT, register
from shapetrace.trace import Conversion, FailedCall, Failure, Finding, Given, Said, Sink, Site, Trace
from shapetrace.trace.said import said

_ASKED_FOR = frozenset({"KeyboardInterrupt", "SystemExit", "GeneratorExit"})
"""What ends a conversion because somebody wanted it to end."""
_PIECES_OF_SOT = "compile_sir"
"""SOT goes on in dygraph where a piece cannot be converted: nothing has ended."""
_TEMPORARY = "to_static_tmp"
"""Directory of what dy2static writes."""
_MOST_TENSORS = 4
_MOST_CODE = 60


def failures(trace: Trace) -> Iterator[Finding]:
    """ST809: every exception that ended a conversion. The registry leaves out those that other rules explain."""
    for index, conversion in enumerate(trace.conversions):
        failure = conversion.failure
        if failure is None or failure.type in _ASKED_FOR or conversion.function.startswith(_PIECES_OF_SOT):
            continue
        yield _finding(trace, index, failure)


def _finding(trace: Trace, index: int, failure: Failure) -> Finding:
    conversion, call = trace.conversions[index], failure.call
    site = _users_line(trace, conversion, failure)
    called = _called(trace, conversion, call) if call is not None else None
    return Finding(
        rule=LAST_RESORT,
        severity="error",
        said=_said(trace, conversion, failure),
        expression=" ".join(site.code.split()) if site is not None else conversion.function,
        sink=None if site is None else Sink.at(site, call.api.rpartition(".")[2] if call is not None else ""),
        conversion=index,
        layers=(call.layer if call is not None else failure.layer,),
        notes=(called,) if called is not None else (),
    )


def _said(trace: Trace, conversion: Conversion, failure: Failure) -> Said:
    words = paddle_words.sentence(failure.message).replace("`", "'")
    raised = f"{failure.type}: {words}" if words else failure.type
    if failure.call is not None:
        return said("{} ended the conversion with `{}`", _name(trace, failure.call), raised)
    if failure.stack:
        return said("this line ended the conversion with `{}`", raised)
    return said("the conversion of {} ended before or after its lines ran, with `{}`", conversion.function, raised)


def _name(trace: Trace, call: FailedCall) -> str:
    """The function that was called; the user's expression where it is an operator."""
    if call.api.replace(".", "").isidentifier() or call.site < 0:
        return call.api
    return f"`{' '.join(trace.sites[call.site].code.split())}`"


def _users_line(trace: Trace, conversion: Conversion, failure: Failure) -> Site | None:
    """The innermost line of the user's; that of the function where none of its lines has run."""
    call = failure.call
    indices = [*failure.stack, *((call.site,) if call is not None and call.site >= 0 else ())]
    sites = [trace.sites[index] for index in reversed(indices)]
    written = (site for site in sites if _TEMPORARY not in site.file)
    return next(written, conversion.site_of_function)


def _called(trace: Trace, conversion: Conversion, call: FailedCall) -> Said | None:
    """What was called, with the shapes and dtypes of the tensors that it got."""
    tensors = [item for given in call.arguments or call.operands for item in (given, *given.items)]
    told = [_described(conversion, item) for item in tensors if item.type == "Tensor"]
    if not told:
        return None
    shown, more = ", ".join(told[:_MOST_TENSORS]), len(told) - _MOST_TENSORS
    return said("{} got {}", _name(trace, call), said("{} and {} more", shown, more) if more > 0 else shown)


def _described(conversion: Conversion, given: Given) -> str:
    code = " ".join(given.code.split())
    name = code if 0 < len(code) <= _MOST_CODE else given.name
    dtype = conversion.values[given.value].dtype if given.value >= 0 else ""
    return " ".join(part for part in (name, shape_text(conversion, given), dtype) if part)


register(Rule(LAST_RESORT, "another exception ended the conversion", "error", failures))
