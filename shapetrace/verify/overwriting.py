"""Whether an export gives something else because Paddle writes over a tensor that is still needed.

`x.detach()` is an op of an export whose result has the memory of `x`. Paddle has an op write over an operand that nothing else needs
(`paddle/fluid/pir/transforms/general/inplace_pass.cc`), takes these two for tensors of their own, and runs what needs the one beside what needs the
other. So the export gives now this and now that. Seen on 3.0 to 3.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from shapetrace.facts import ops
from shapetrace.reports.printable import relative
from shapetrace.said import Said, said
from shapetrace.trace import Conversion, Site, Trace
from shapetrace.verify import locating
from shapetrace.verify.results import Place

FLAG = "FLAGS_pir_apply_inplace_pass"
"""Whether ops may write over their operands, in programs that are made ready to run from then on."""


def without(path: str, fed: Mapping[str, Any]) -> Any:
    """What an export returns where no op writes over its operand.

    Args:
        path: The export, as given to `paddle.jit.save`.
        fed: Its inputs, by name and in order.
    """
    import paddle

    before = paddle.get_flags([FLAG])
    paddle.set_flags({FLAG: False})
    try:
        loaded = paddle.jit.load(path)
        loaded.eval()
        return loaded(*fed.values())
    finally:
        paddle.set_flags(before)


def shared(trace: Trace) -> list[Place]:
    """The ops whose result has the memory of a tensor that something else needs as well, one for each line, those of no known line last."""
    conversion = next((each for each in reversed(trace.conversions) if each.failure is None), None)
    if conversion is None:
        return []
    needing = Counter(value for op in conversion.ops for value in set(op.inputs))
    needing.update(set(conversion.outputs))
    places: dict[Site | None, Place] = {}
    for index, op in enumerate(conversion.ops):
        if op.name in ops.SHARING and needing[op.inputs[0]] > 1:
            place = replace(locating.of_trace(conversion, index), site=_line(conversion, index))
            places.setdefault(place.site, place)
    return sorted(places.values(), key=lambda place: place.site is None)


def _line(conversion: Conversion, index: int) -> Site | None:
    """The line with a `detach`, of which Paddle keeps no stack: among those of the op that takes its result, else of the one that made its operand."""
    op = conversion.ops[index]
    taker = next((each for each in conversion.ops if not set(op.outputs).isdisjoint(each.inputs)), None)
    maker = conversion.ops[conversion.values[op.inputs[0]].op]
    stacks = (each.stack for each in (taker, maker) if each is not None)
    sites = (conversion.sites[number] for stack in stacks for number in reversed(stack))
    return next((site for site in sites if "detach" in site.code), None)


def told(places: Sequence[Place]) -> Said:
    """What is to be said of these ops, of which one makes the difference."""
    what = said(
        "with {} it gives what the model gives: `detach` shares the memory of its tensor, and Paddle writes over one of the two while the other is "
        "needed; write x.clone().detach()",
        f"{FLAG}=0",
    )
    lines = [f"{relative(place.site.file)}:{place.site.line}" for place in places if place.site is not None]
    return said("{} ({})", what, ", ".join(lines)) if len(lines) > 1 else what
