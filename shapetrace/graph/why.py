"""Follows one dim of one tensor back to where it came from."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from shapetrace import symbolic
from shapetrace.errors import UsageError
from shapetrace.graph.operands import Lookup, Origin, Slot
from shapetrace.said import Sentence, joined, said
from shapetrace.trace import Conversion, Said, Site, Tensor, Trace

_TURNED = {
    "constant": "turned constant here: {} became {}",
    "dynamic": "turned dynamic here: {} became {}",
}


@dataclass(frozen=True)
class WhyStep:
    """One tensor on the way of a dim, the asked one first."""

    tensor: Tensor
    axis: int
    """The axis, from 0; where `held`, which element of the tensor."""
    held: bool
    """The dim is a number that the tensor holds (the result of `paddle.shape`), not one of its axes."""
    op: str
    """The op that made the tensor, such as `pd_op.reshape`."""
    symbolic: str
    """The dim there under the names people know: `8*image[0]`; a bare `-1` where only Paddle's shape is known."""
    site: Site | None
    """The user's line that made the tensor."""
    origin: Origin = ""
    """Where the way ends: `input` (an axis of an input), `constant` (a number in the program), `parameter` (the shape
    of a weight), `data` (known only when the model runs), `unknown` (nothing recorded explains it). Empty before."""
    before: str = ""
    """The dim at the same axis of the operand, where it was dynamic and is constant now, or the other way round."""
    via: tuple[int, ...] = field(default=())
    """Indices, in the list of steps, of those this one comes from. Two or more where dims were merged, or where
    both branches of an `if` give the tensor."""

    def __repr__(self) -> str:
        place = f" at {self.site.file}:{self.site.line}" if self.site is not None else ""
        kind = "element" if self.held else "axis"
        return f"<WhyStep {self.symbolic}, {kind} {self.axis} of {self.tensor.name} {shown(self.tensor)}, by {self.op}{place}>"

    @property
    def turned(self) -> Literal["", "constant", "dynamic"]:
        """Whether this step made a dynamic dim constant, or a constant one dynamic."""
        if not self.before:
            return ""
        return "constant" if _is_number(self.symbolic) else "dynamic"

    @property
    def remark(self) -> Said:
        """What there is to say about the step, in a few words; often nothing."""
        if self.turned:
            return said(_TURNED[self.turned], self.before, self.symbolic)
        if self.origin == "input":
            if _is_number(self.symbolic):
                return said("axis {} of the input {}, fixed by the input spec", self.axis, self.tensor.name)
            return said("axis {} of the input {}", self.axis, self.tensor.name)
        if self.origin == "constant":
            return said("the constant {}", self.symbolic)
        if self.origin == "parameter":
            return said("the shape of the parameter {}", self.tensor.name)
        if self.origin == "data":
            return said("known only when the model runs: {} makes it", self.op)
        return said("nothing recorded explains this dim") if self.origin == "unknown" else said("")

    @property
    def note(self) -> str:
        """The same in English."""
        return str(self.remark)


def _is_number(text: str) -> bool:
    return text.isdigit()


def why(trace: Trace, tensor: Tensor | str | int, axis: int) -> list[WhyStep]:
    """The chain of one dim back to its input axis or constant.

    At each op the operand that explains the dim is chosen: one with an equal expression at the same axis, then at
    another axis, then the number in the operand that holds the shape, then those axes whose symbols occur in it. The
    chain goes through the blocks of `if` and `while`. It branches (see `WhyStep.via`) where several dims were merged.

    Args:
        trace: The trace.
        tensor: A `Tensor`, its name (`%12`, `image`), or its index in the conversion. A name or an index means the last
            conversion that has it.
        axis: The axis; negative ones count from the end.

    Returns:
        The steps, the asked dim first.

    Raises:
        UsageError: There is no such tensor or axis.
    """
    asked = find(trace, tensor)
    rank = len(asked.shape)
    if not -rank <= axis < rank:
        axes = said("axes 0 to {}", rank - 1) if rank > 1 else said("one axis, 0" if rank else "no axes")
        raise UsageError(said("{} {} has no axis {}: it has {}", asked.name, shown(asked), axis, axes))
    return chain(asked.conversion, Slot(asked.index, axis % rank))


def find(trace: Trace, tensor: Tensor | str | int) -> Tensor:
    """The tensor that is meant by a name, an index or itself.

    Raises:
        UsageError: There is none; the sentence names some that are spelled alike.
    """
    if isinstance(tensor, Tensor):
        return tensor
    names: list[str] = []
    for conversion in reversed(trace.conversions):
        if isinstance(tensor, int):
            if 0 <= tensor < len(conversion.values):
                return Tensor(conversion, tensor)
            continue
        tensors = conversion.tensors
        for candidate in tensors:
            if candidate.name == tensor or f"%{candidate.index}" == tensor:
                return candidate
        names += [candidate.name for candidate in tensors]
    if not trace.conversions:
        raise UsageError(said("the trace holds no conversion, so it has no tensors"))
    if isinstance(tensor, int):
        last = max(len(conversion.values) for conversion in trace.conversions) - 1
        raise UsageError(said("there is no tensor {}: they are numbered from 0 to {}", tensor, last))
    near = difflib.get_close_matches(tensor, dict.fromkeys(names))
    raise UsageError(said("there is no tensor {} in the trace; {}", repr(tensor), _hint(near, names)))


def _hint(near: Sequence[str], names: Sequence[str]) -> Sentence:
    if near:
        return said("did you mean {}?", joined("{} or {}", near))
    return said("the last one is {}", names[-1]) if names else said("it has none")


def shown(tensor: Tensor) -> str:
    """A tensor's shape as people read it: `[8*B, 32]`."""
    shape = tensor.symbolic if tensor.symbolic is not None else tuple(map(str, tensor.shape))
    return f"[{', '.join(shape)}]"


def chain(conversion: Conversion, start: Slot) -> list[WhyStep]:
    """The way back from one slot of one conversion. See `why`."""
    lookup = Lookup(conversion)
    order: dict[Slot, int] = {}
    sources: dict[Slot, tuple[tuple[Slot, ...], Origin, str]] = {}
    pending = [start]
    while pending:
        slot = pending.pop()
        if slot in order:
            continue
        order[slot] = len(order)
        sources[slot] = lookup.sources(slot)
        pending += reversed(sources[slot][0])
    steps = []
    for slot, (operands, origin, before) in sources.items():
        tensor = Tensor(conversion, slot.value)
        steps.append(
            WhyStep(
                tensor=tensor,
                axis=slot.axis,
                held=slot.held,
                op=lookup.op_of(slot),
                symbolic=symbolic.text(lookup.expression(slot), conversion.names),
                site=tensor.site,
                origin=origin,
                before=symbolic.text(before, conversion.names) if before else "",
                via=tuple(order[operand] for operand in operands),
            )
        )
    return steps
