"""The trace of a process that died, made of what it had told until then."""

from __future__ import annotations

import faulthandler
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from shapetrace import opened
from shapetrace.black_box import BlackBox
from shapetrace.cli import crash_stack
from shapetrace.cli.recorder import Ended
from shapetrace.facts import operators
from shapetrace.reports.printable import relative
from shapetrace.said import Said, Sentence, said
from shapetrace.trace import Conversion, Death, FailedCall, Failure, Given, Site, Trace, Verified
from shapetrace.trace.death import Moment, Part

_TYPES = {field.name: field.type for field in msgspec.structs.fields(Trace)}
_TRACE = "trace"
_REPORTED = "reported"
_WHEN = {
    "start": said("before the script had imported Paddle"),
    "watching": said("while nothing was being converted"),
    "closing": said("while the watch was being closed"),
    "closed": said("when the watch was closed already"),
}

_LOOK = said("Paddle2ONNX has ended the process: `shapetrace verify --engine onnxruntime` looks for the op")


class Told(NamedTuple):
    """What a process has told."""

    trace: opened.Trace
    moment: Moment
    inside: bool
    """Whether an op was being made."""
    whole: bool
    """Whether the trace is complete, with its findings."""
    reported: bool
    """Whether the process has made the reports itself."""
    stack: tuple[Site, ...]
    """The user's frames when it crashed, outermost first, where they are known."""
    in_converter: bool = False
    """Whether it crashed in Paddle2ONNX."""


# In the process that runs the script


@contextmanager
def told(box: BlackBox | None) -> Iterator[None]:
    """Tell that a script begins, in the process that is to run it, and at the end that this process has said what there is to say."""
    if box is None:
        yield
        return
    box.take()
    box.mark(msgspec.msgpack.encode(Moment("start")))
    try:
        yield
    finally:
        _append(box, _REPORTED, True)


def keep_stack(box: BlackBox) -> None:
    """Have Python tell the stack of a crash or of SIGTERM, once Paddle's own handlers are there: they still get the signal afterwards."""
    if not faulthandler.is_enabled():  # else it is the script's
        faulthandler.enable(box.stack, all_threads=False)
    keep_stack_at_sigterm(box)


def keep_stack_at_sigterm(box: BlackBox) -> None:
    """Have Python tell the stack at SIGTERM, and hand it on to who handles it by now; again where another handler has come and gone."""
    leave_sigterm()
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        faulthandler.register(signal.SIGTERM, box.stack, all_threads=False, chain=True)


def leave_sigterm() -> None:
    """Tell nothing at SIGTERM any more, which goes to who handled it before; a handler of the script's stays."""
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        faulthandler.unregister(signal.SIGTERM)


def conclude(box: BlackBox, trace: Trace) -> None:
    """Tell the whole trace: the watch has closed."""
    _append(box, _TRACE, trace)
    box.mark(msgspec.msgpack.encode(Moment("closed")))


def tell_verified(box: BlackBox, outcomes: list[Verified]) -> None:
    """Tell what is known of exports, while they are still being verified."""
    _append(box, "verified", outcomes)


def _append(box: BlackBox, table: str, content: Any) -> None:
    box.append(msgspec.msgpack.encode(Part(table, -1, msgspec.Raw(msgspec.msgpack.encode(content)))))


# In the process that waits for it


def read(box: BlackBox, ended: Ended) -> Told:
    """What a process has told."""
    trace, whole, done = opened.Trace(), False, False
    for piece in box.log():
        part = msgspec.msgpack.decode(piece, type=Part)
        if part.table == _TRACE:
            trace, whole = msgspec.msgpack.decode(part.items, type=opened.Trace), True
        elif part.table == _REPORTED:
            done = True
        elif part.start < 0:
            setattr(trace, part.table, msgspec.msgpack.decode(part.items, type=_TYPES[part.table]))
        else:
            getattr(trace, part.table)[part.start :] = msgspec.msgpack.decode(part.items, type=_TYPES[part.table])
    for conversion in trace.conversions:
        conversion.sites = trace.sites
    mark = box.last_mark()
    moment = msgspec.msgpack.decode(mark, type=Moment) if mark else Moment("start")
    in_converter = crash_stack.is_in("paddle2onnx", box.stack, ended.code)
    return Told(trace, moment, box.flag, whole, done, crash_stack.read(box.stack, ended.code), in_converter)


def diagnose(told: Told, ended: Ended) -> None:
    """Enter into the trace how the process died, and what there is to find in what was recorded."""
    from shapetrace import rules, suppression
    from shapetrace.capture import record

    trace, moment = told.trace, told.moment
    converting = moment.phase == "converting" and 0 <= moment.conversion < len(trace.conversions)
    trace.death = Death(
        how=ended.how,
        phase=moment.phase,
        conversion=moment.conversion if converting else -1,
        op=moment.op,
        inside=told.inside and converting,
        stack=_stack(told, converting),
        memory=ended.memory,
    )
    if converting and trace.conversions[moment.conversion].failure is None:
        _blame(trace.conversions[moment.conversion], trace.death, moment)
    if not told.whole:
        trace.findings = rules.check(trace)
        record.quote(trace)
        record.keep_files(trace)
        suppression.by_comments(trace)
    trace.remarks.insert(0, sentence(trace, trace.death))
    if told.in_converter and not converting:
        trace.remarks.insert(1, _converter(trace))


def _converter(trace: Trace) -> Sentence:
    """Why Paddle2ONNX ended the process: its own message names no op."""
    from shapetrace.verify import blaming

    lacking = blaming.lacking(trace)
    return lacking.said if lacking is not None else _LOOK


def _stack(told: Told, converting: bool) -> tuple[int, ...]:
    """The user's frames as a trace has them: of the op that was being made, else those of the crash, else of the last op."""
    moment, sites = told.moment, told.trace.sites
    last = (moment.site,) if converting and moment.site >= 0 else ()
    if last and (told.inside or not told.stack):
        return last
    first = len(sites)
    sites += told.stack
    return tuple(range(first, len(sites)))


def _blame(conversion: Conversion, death: Death, moment: Moment) -> None:
    """Have the conversion fail where the process died."""
    call = None
    if death.inside:
        values = moment.values or (-1,) * len(moment.shapes)
        operands = tuple(
            Given("Tensor", shape=shape, value=value) for shape, value in zip(moment.shapes, values, strict=True)
        )
        api = operators.PUBLIC.get(moment.op, moment.op)
        call = FailedCall("paddle", api, moment.site, moment.op, operands=operands, layer=moment.layer)
    conversion.failure = Failure(death.how, "", death.stack, call, moment.layer)


def sentence(trace: Trace, death: Death) -> Said:
    """One line that tells how a process ended, and where it was."""
    place: Sentence = ""
    if death.stack:
        site = trace.sites[death.stack[-1]]
        place = said(" at {}", f"{relative(site.file)}:{site.line}")
    if death.conversion >= 0:
        ended = said("the process ended with {}, {}", death.how, _while_converting(trace, death, place))
    else:
        ended = said("the process ended with {}{}, {}", death.how, place, _WHEN.get(death.phase, ""))
    return ended if death.phase == "start" else said("{}: this is what was recorded until then", ended)


def _while_converting(trace: Trace, death: Death, place: Sentence) -> Said:
    function = trace.conversions[death.conversion].function
    if not death.op:
        return said("while {} was being converted{}", function, said(",{}", place) if place else "")
    if death.inside:
        return said("while {} was being converted, in the op {}{}", function, death.op, place)
    return said("while {} was being converted, after the op {}{}", function, death.op, place)
