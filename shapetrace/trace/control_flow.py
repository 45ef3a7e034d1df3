"""Statements that dy2static made part of the program, and what each of their variables was on either side."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class State(Struct, frozen=True, omit_defaults=True):
    """What a variable was at one point of a conversion."""

    type: str
    """`Tensor`, `TensorArray` (what a list that grows becomes), `unset` (nothing was assigned), or the name of the Python type."""
    text: str = ""
    """A number or a short text as Python prints it."""
    shape: tuple[int, ...] = ()
    """Of a tensor: its shape as Paddle has it."""
    dtype: str = ""
    items: tuple[State, ...] = ()
    """Of a list, tuple or dict: its first elements."""
    keys: tuple[str, ...] = ()
    """Of a dict: the keys of these elements."""


class Variable(Struct, frozen=True, omit_defaults=True):
    """A variable that a statement assigns."""

    name: str
    """As Paddle's code has it: `x`, `self.cache`, `__return_value_0`, `__break_0`; empty for a conditional expression."""
    before: State
    after: tuple[State, ...] = ()
    """Of an `if`: what the true side leaves, and the false side, as far as these ran. Of a loop: what one turn leaves."""
    assigned: int = -1
    """Index into `Trace.sites`: the first assignment inside, or the `break` or `return`."""


class Placeholder(Struct, frozen=True):
    """What Paddle puts where one side of an `if` assigns nothing, and what met it."""

    name: str
    """The variable; Paddle may say `padding`."""
    code: str
    """The user's expression that was the placeholder; empty where that is not known."""


class ControlFlow(Struct, frozen=True, omit_defaults=True):
    """An `if`, a conditional expression or a loop that became part of the program, or a loop that Python counts and that failed."""

    kind: Literal["if", "loop"]
    conversion: int
    site: int = -1
    """Index into `Trace.sites`: its head, `if x.shape[0] > 1`."""
    condition: str = ""
    """The expression it asks or goes through."""
    last_line: int = 0
    """Where it ends in the source."""
    dims: tuple[int, ...] = ()
    """Indices into the conversion's `values`: the dims that the condition asks for."""
    reads: tuple[int, ...] = ()
    """Indices into `Trace.sites` of the places that read them."""
    data: bool = False
    """Whether it asks for what the model computes."""
    variables: tuple[Variable, ...] = ()
    grows: tuple[int, ...] = ()
    """Indices into `Trace.sites` of the calls in it that put something into a list, and that Paddle leaves to Python: `outs.extend(...)`.
    Told where the code after it takes a tensor that is only there in it."""
    ended: Literal["", "inside", "here"] = ""
    """Whether the conversion ended in one of its lines, or where Paddle put its sides together."""
    counted: bool = False
    """Whether it is a loop that Python counts."""
    parent: int = -1
    """Index into `Trace.control_flow` of the statement that it stands in, if that is kept."""
