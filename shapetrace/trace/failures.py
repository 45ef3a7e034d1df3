"""The exception that ended a conversion, and the call that raised it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from shapetrace.trace.control_flow import Placeholder


class Given(Struct, frozen=True, omit_defaults=True):
    """One argument of a call, or one element of it, as it was when the call was made."""

    type: str
    """`Tensor`, or the name of the Python type: `int`, `list`, `NoneType`."""
    name: str = ""
    """The parameter it was given for."""
    text: str = ""
    """A number, a bool or a short text as Python prints it; `parameter` for a tensor that is a weight of the model."""
    code: str = ""
    """The user's expression for it, where it is known."""
    shape: tuple[int, ...] = ()
    """Of a tensor: its shape as Paddle has it."""
    value: int = -1
    """Of a tensor: index into `Conversion.values`; -1 where it is not in the program."""
    items: tuple[Given, ...] = ()
    """Of a list or tuple: its first elements."""
    reads: tuple[int, ...] = ()
    """Of a tensor that holds dims: indices into `Trace.sites` of the places that read them."""


class FailedCall(Struct, frozen=True, omit_defaults=True):
    """The call that raised the exception which ended a conversion."""

    by: Literal["paddle", "python"]
    """`paddle` where Paddle refused the arguments, `python` where Python could not use a tensor."""
    api: str
    """The public function or layer that the user called (`concat`, `Linear`), or for Python `max`, `in`, `[]`, `*`."""
    site: int = -1
    """Index into `Trace.sites`: the user's call."""
    op: str = ""
    """The C op that raised, where it came to that."""
    arguments: tuple[Given, ...] = ()
    """What the user gave to the function."""
    operands: tuple[Given, ...] = ()
    """What the C op got, in order."""
    needed: Given | None = None
    """The tensor whose value Python needed, where it holds no dim (then the arguments say which read it is of)."""
    layer: str = ""
    rewritten: bool = True
    """Whether the user's code that made the call had been rewritten by dy2static."""


class InDygraph(Struct, frozen=True, omit_defaults=True):
    """What came of running the model of a failed conversion as it stands."""

    runs: bool
    """False where it fails at the line at which the conversion failed."""
    inputs: str
    """The names and shapes of what it was given, drawn at random."""
    raised: str = ""
    """The exception, its class first."""


class Failure(Struct, frozen=True, omit_defaults=True):
    """The exception that ended a conversion."""

    type: str
    message: str
    stack: tuple[int, ...] = ()
    """Indices into `Trace.sites`: the user's frames, outermost first; empty where none of them was running."""
    call: FailedCall | None = None
    """The call that raised it, where it is known."""
    layer: str = ""
    """Path of the layers that were running."""
    in_dygraph: InDygraph | None = None
    """What came of running the model itself, where that has been tried."""
    placeholder: Placeholder | None = None
    """What was met in place of a value that one side of an `if` or a loop does not give."""


class Endless(Struct, frozen=True, omit_defaults=True):
    """A place of the user's that was going through a tensor of unknown length when its conversion ended."""

    conversion: int
    site: int
    """Index into `Trace.sites`: the comprehension or call that iterates."""
    iterated: str = ""
    """The expression that is iterated over; empty where it cannot be told."""
    bound: str = ""
    """What the size in that expression is, where it is a variable: `x.shape[0]`."""
    turns: int = 0
    """How many elements it had come to."""
    array: bool = False
    """Whether it goes through what Paddle makes of a list that grows in a loop: an array of tensors."""
    loop: int = -1
    """Index into `Trace.sites`: that loop, where it is known."""
