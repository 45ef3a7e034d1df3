"""What fails while something is told outside the process costs one note, and no op."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from shapetrace.black_box import BlackBox
from shapetrace.capture.witness import Witness
from shapetrace.trace import Conversion, Trace
from shapetrace.trace.death import Moment, Part
from shapetrace.trace.program import Op, Value


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


@pytest.mark.parametrize(
    ("op", "axis", "told"),
    [("unbind", 0, True), ("unstack", -2, True), ("unbind", 1, False), ("unbind", 7, False), ("split", 0, False)],
)
def test_the_program_is_told_before_an_op_that_will_end_the_process(op: str, axis: int, told: bool) -> None:
    box, faults = BlackBox(1 << 16), list[str]()
    box.take()
    watched = session(faults)
    tensor = SimpleNamespace(shape=(-1, 4), get_defining_op=None)
    recorded = SimpleNamespace(position=lambda value: 5 if value is tensor else -1)
    watched.until_here = lambda: SimpleNamespace(conversion=Conversion("so far"), recorded=recorded)
    Witness(watched, box).op(op, (tensor, axis), sys._getframe())
    moment = msgspec.msgpack.decode(box.last_mark(), type=Moment)
    functions = [each.function for each in conversions(box)]
    assert (moment.shapes, moment.values, functions) == (((-1, 4),), (5,) if told else (), ["so far"] if told else [])
    assert faults == []


@pytest.mark.parametrize(("outputs", "waits"), [((2,), 1), ((1,), 0)])
def test_the_shapes_of_a_program_that_ends_the_process_where_it_is_saved_are_waited_for(
    outputs: tuple[int, ...], waits: int
) -> None:
    box, faults, waited = BlackBox(1 << 16), list[str](), list[int]()
    box.take()
    watched = session(faults)
    watched.wait_for_shapes = lambda: waited.append(1)
    witness = Witness(watched, box)
    witness.begins()
    conversion = watched.trace.conversions[0]
    conversion.ops += [
        Op("pd_op.data", (), (0,)),
        Op("pd_op.while", (0,), (1,)),
        Op("pd_op.scale", (0,), (2,), parent=1),
    ]
    conversion.values += [Value(place, "float32", (4,)) for place in range(3)]
    conversion.outputs = outputs
    witness.ended()
    assert (len(waited), faults) == (waits, [])


def conversions(box: BlackBox) -> list[Conversion]:
    parts = [msgspec.msgpack.decode(piece, type=Part) for piece in box.log()]
    told = [msgspec.msgpack.decode(part.items, type=list[Conversion]) for part in parts if part.table == "conversions"]
    return [each for part in told for each in part]


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
