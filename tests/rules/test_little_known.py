"""No rule fails, nor what derives sizes, of a trace in which less is known than of most: operands, shapes and places that are not there."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator

import msgspec
import pytest

from recorded_traces import Recordings, every
from shapetrace import Trace, UsageError, rules
from shapetrace.sizes.deriving import derived
from shapetrace.trace import Conversion
from versions import PADDLE

pytestmark = [
    pytest.mark.paddle,
    pytest.mark.skipif(not PADDLE.startswith("3.3."), reason="traces of other Paddles are read in the same way"),
]


def without_an_operand(conversion: Conversion, chosen: random.Random) -> None:
    place = chosen.choice([place for place, op in enumerate(conversion.ops) if op.inputs])
    op = conversion.ops[place]
    absent = chosen.randrange(len(op.inputs))
    inputs = tuple(-1 if each == absent else value for each, value in enumerate(op.inputs))
    conversion.ops[place] = msgspec.structs.replace(op, inputs=inputs)


def without_a_shape(conversion: Conversion, chosen: random.Random) -> None:
    place = chosen.randrange(len(conversion.values))
    conversion.values[place] = msgspec.structs.replace(conversion.values[place], dims=None, data=None)


def without_a_place(conversion: Conversion, chosen: random.Random) -> None:
    place = chosen.randrange(len(conversion.ops))
    conversion.ops[place] = msgspec.structs.replace(conversion.ops[place], stack=())


LESS = [without_an_operand, without_a_shape, without_a_place]


def traces(recorded: Recordings) -> Iterator[tuple[str, Trace]]:
    for name in every():
        if not recorded.recording(name).died:
            trace = recorded.trace(name)
            if trace.conversions and any(op.inputs for op in trace.conversions[-1].ops):
                yield name, trace


@pytest.mark.parametrize("less", LESS, ids=lambda less: less.__name__)
def test_no_rule_fails_and_sizes_are_derived(
    recorded: Recordings, less: Callable[[Conversion, random.Random], None]
) -> None:
    failed = []
    for name, trace in traces(recorded):
        less(trace.conversions[-1], random.Random(name))
        rules.check(trace)
        failed += [(name, note) for note in map(str, trace.remarks) if "failed, and found nothing" in note]
        with contextlib.suppress(UsageError):  # which says why there are none
            derived(trace)
    assert failed == []
