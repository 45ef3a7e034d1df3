"""ST809: an exception, or the end of the process, that ended a conversion and that no other finding explains."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapetrace.facts import known_causes
from shapetrace.facts.known_causes import Known
from shapetrace.plugin import Rule
from shapetrace.rules import asked, left_inside, paddle_words
from shapetrace.rules.misfits import shape_text
from shapetrace.rules.registry import LAST_RESORT, register
from shapetrace.said import said
from shapetrace.trace import (
    Conversion,
    Death,
    FailedCall,
    Failure,
    Finding,
    Fix,
    Given,
    Request,
    Said,
    Sink,
    Site,
    Trace,
)

_ASKED_FOR = frozenset({"KeyboardInterrupt", "SystemExit", "GeneratorExit"})
"""What ends a conversion because somebody wanted it to end."""
_PIECES_OF_SOT = "compile_sir"
"""SOT goes on in dygraph where a piece cannot be converted: nothing has ended."""
_TEMPORARY = "to_static_tmp"
"""Directory of what dy2static writes."""
_CRASHES = frozenset({"SIGSEGV", "SIGABRT", "SIGFPE", "SIGBUS", "SIGILL"})
"""How a process ends that nobody wanted to end."""
_UNKNOWN_SIZE = re.compile(r"(?<![\w.-])-1\b")
_IS_ASKED = said("the -1 is a size that the spec leaves unknown: Paddle asks for it when the program is built")
_GIVE_IT = said("give that size in the spec, or use a function that does not ask for it")
_MOST_TENSORS = 4
_MOST_CODE = 60


def failures(trace: Trace) -> Iterator[Finding]:
    """ST809: every exception that ended a conversion. The registry leaves out those that other rules explain."""
    for index, conversion in enumerate(trace.conversions):
        failure = conversion.failure
        if failure is None or failure.type in _ASKED_FOR or conversion.function.startswith(_PIECES_OF_SOT):
            continue
        yield _finding(trace, index, failure)
    for request in trace.requests:
        failure = request.failure or request.unsaved
        if failure is not None and failure.type not in _ASKED_FOR:
            yield _refused(trace, request, failure)
    if (
        trace.death is not None
        and trace.death.conversion < 0
        and trace.death.how in _CRASHES
        and not _frees_too_early(trace)
    ):
        yield _crashed(trace, trace.death)


def _finding(trace: Trace, index: int, failure: Failure) -> Finding:
    conversion, call = trace.conversions[index], failure.call
    site = users_line(trace, index, failure)
    called = _called(trace, conversion, call) if call is not None else None
    death = trace.death if trace.death is not None and trace.death.conversion == index else None
    told, advice = _explained(trace, failure)
    return Finding(
        rule=LAST_RESORT,
        severity="error",
        said=_said(trace, conversion, failure) if death is None else _died(trace, conversion, failure, death),
        expression=" ".join(site.code.split()) if site is not None else conversion.function,
        sink=None if site is None else Sink.at(site, call.api.rpartition(".")[2] if call is not None else ""),
        conversion=index,
        layers=(call.layer if call is not None else failure.layer,),
        fix=Fix(advice) if advice is not None else None,
        remarks=tuple(remark for remark in (called, _memory(death), told) if remark is not None),
    )


def _explained(trace: Trace, failure: Failure) -> tuple[Said | None, Said | None]:
    """What is known of an exception, and what to write."""
    cause = _known(trace, failure)
    if cause is not None:
        return known_causes.told(cause), known_causes.advice(cause)
    return (_IS_ASKED, _GIVE_IT) if _asks_a_size(failure) else (None, None)


def _asks_a_size(failure: Failure) -> bool:
    """Whether a function of Paddle's compared the -1 of an unknown size: the model itself runs, and the message has it."""
    call, tried = failure.call, failure.in_dygraph
    if call is None or call.by != "paddle" or tried is None or not tried.runs:
        return False
    given = [item for argument in (*call.arguments, *call.operands) for item in (argument, *argument.items)]
    unknown = any(item.type == "Tensor" and -1 in item.shape for item in given)
    return unknown and _UNKNOWN_SIZE.search(failure.message) is not None


def _died(trace: Trace, conversion: Conversion, failure: Failure, death: Death) -> Said:
    """Of a process that ended in the middle of a conversion."""
    if failure.call is not None:
        return said("{} ended the process with `{}`", _name(trace, failure.call), death.how)
    if death.op:
        return said("the process ended with `{}` after the op {}", death.how, death.op)
    return said("the process ended with `{}` when the conversion of {} had begun", death.how, conversion.function)


def _memory(death: Death | None) -> Said | None:
    if death is None or death.how != "SIGKILL":
        return None
    return said(
        "SIGKILL is what the system sends where memory runs out: the process had {} GB in use at the most",
        f"{death.memory / 1e9:.1f}",
    )


def _crashed(trace: Trace, death: Death) -> Finding:
    """Of a process that crashed while nothing was being converted."""
    site = trace.sites[death.stack[-1]] if death.stack else None
    return Finding(
        rule=LAST_RESORT,
        severity="error",
        said=said("the process ended with `{}`, outside of any conversion", death.how),
        expression=" ".join(site.code.split()) if site is not None else "",
        sink=Sink.at(site, "") if site is not None else None,
        layers=("",),
    )


def _frees_too_early(trace: Trace) -> bool:
    """Whether there is a program that ends the process when it is saved or freed."""
    conversions = range(len(trace.conversions))
    return (
        trace.death is not None
        and trace.death.how == "SIGABRT"
        and any(left_inside.left(trace, index) for index in conversions)
    )


def _known(trace: Trace, failure: Failure) -> Known | None:
    """What is known of an exception: a fault of Paddle's own."""
    api = failure.call.api if failure.call is not None else ""
    runs = failure.in_dygraph is not None and failure.in_dygraph.runs
    return known_causes.of_failure(trace.paddle, failure.type, failure.message, api, runs=runs)


def _refused(trace: Trace, request: Request, failure: Failure) -> Finding:
    """Of an exception that was raised before anything was converted, or when all was."""
    function, raised = request.function, _raised(failure)
    told = (
        said("nothing of {} was converted: `{}`", function, raised)
        if request.refused
        else said("{} was converted, and not saved: `{}`", function, raised)
    )
    site, defined = asked.at(trace, request.site), asked.at(trace, request.defined)
    cause = _known(trace, failure)
    notes = (known_causes.told(cause),) if cause is not None else ()
    says = known_causes.advice(cause) if cause is not None else None
    return asked.finding(trace, LAST_RESORT, "error", told, request, site or defined, None, notes=notes, says=says)


def _raised(failure: Failure) -> str:
    words = paddle_words.sentence(failure.message).replace("`", "'")
    return f"{failure.type}: {words}" if words else failure.type


def _said(trace: Trace, conversion: Conversion, failure: Failure) -> Said:
    raised = _raised(failure)
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


def users_line(trace: Trace, index: int, failure: Failure) -> Site | None:
    """The innermost line of the user's; that of the function where none of its lines has run."""
    call = failure.call
    places = [*failure.stack, *((call.site,) if call is not None and call.site >= 0 else ())]
    sites = [trace.sites[place] for place in reversed(places)]
    written = (site for site in sites if _TEMPORARY not in site.file and not site.file.startswith("<"))
    innermost = next(written, trace.conversions[index].site_of_function)
    if innermost is not None and not innermost.file.startswith("<"):
        return innermost
    asking = (asked.at(trace, request.site) for request in trace.requests if request.conversion == index)
    return next(asking, innermost)


def _called(trace: Trace, conversion: Conversion, call: FailedCall) -> Said | None:
    """What was called, with the shapes and dtypes of the tensors that it got."""
    tensors = [item for argument in call.arguments or call.operands for item in (argument, *argument.items)]
    told = [_described(conversion, item) for item in tensors if item.type == "Tensor"]
    if not told:
        return None
    shown, more = ", ".join(told[:_MOST_TENSORS]), len(told) - _MOST_TENSORS
    return said("{} got {}", _name(trace, call), said("{} and {} more", shown, more) if more > 0 else shown)


def _described(conversion: Conversion, tensor: Given) -> str:
    code = " ".join(tensor.code.split())
    name = code if 0 < len(code) <= _MOST_CODE else tensor.name
    dtype = conversion.values[tensor.value].dtype if tensor.value >= 0 else ""
    return " ".join(part for part in (name, shape_text(conversion, tensor), dtype) if part)


register(Rule(LAST_RESORT, "another exception ended the conversion", "error", failures))
