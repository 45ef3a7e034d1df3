"""What fails while something is told outside the process costs one note, and no op."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import msgspec

from shapetrace.black_box import BlackBox
from shapetrace.capture.witness import Witness
from shapetrace.trace import Conversion, Trace
from shapetrace.trace.death import Moment


def session(faults: list[str], *, site: int = 0) -> Any:
    """As much of a session as a witness asks, in a conversion."""

    def of(place: object) -> int:
        return [site][0 if site >= 0 else 1]

    return SimpleNamespace(
        trace=Trace(conversions=[Conversion("forward")]),
        tape=SimpleNamespace(conversion=0, closed=False, arguments=[], events=[]),
        sites=SimpleNamespace(of=of),
        fault=lambda what, error: faults.append(f"{what}: {type(error).__name__}"),
        paused=nullcontext,
    )


def test_the_last_op_is_known() -> None:
    box, faults = BlackBox(1 << 16), list[str]()
    box.take()
    witness = Witness(session(faults, site=3), box)
    witness.begins()
    witness.op("relu", (), sys._getframe())
    moment = msgspec.msgpack.decode(box.last_mark(), type=Moment)
    assert (moment.phase, moment.conversion, moment.op, moment.site) == ("converting", 0, "relu", 3)
    assert (box.flag, faults) == (True, [])
    witness.made()
    assert not box.flag


def test_a_fault_is_a_note() -> None:
    box, faults = BlackBox(1 << 16), list[str]()
    box.take()
    witness = Witness(session(faults, site=-1), box)
    witness.op("relu", (), sys._getframe())
    assert faults == ["an op could not be told outside the process: IndexError"]


def test_a_fork_tells_nothing() -> None:
    box, faults = BlackBox(1 << 16), list[str]()
    witness = Witness(session(faults), box)
    witness.begins()
    witness.op("relu", (), sys._getframe())
    witness.made()
    witness.ended()
    assert (box.last_mark(), [*box.log()], faults) == (b"", [], [])
