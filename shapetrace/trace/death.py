"""How a process ended that was being watched, and what it had last said of itself to another one."""

from __future__ import annotations

from typing import Literal

from msgspec import Raw, Struct

Phase = Literal["start", "watching", "converting", "closing", "closed"]
"""`start`: the script runs and has not imported Paddle. `watching`: it has. `closed`: the trace is complete, and is being told or verified."""


class Moment(Struct, array_like=True):
    """Where a process is."""

    phase: Phase
    conversion: int = -1
    """The conversion that is running; -1 between conversions."""
    site: int = -1
    """Index into `Trace.sites`: the user's innermost place."""
    op: str = ""
    """The op that is being made, or was made last in this conversion."""
    layer: str = ""
    shapes: tuple[tuple[int, ...], ...] = ()
    """Those of the tensors that it got."""
    values: tuple[int, ...] = ()
    """Indices of these into the conversion's `values`, where the program was told before the op."""


class Part(Struct, array_like=True):
    """What is to be put into a table of a trace, from a place on, instead of what is there."""

    table: str
    """Name of a field of `Trace`."""
    start: int
    """Index in that table; -1 where the field is no list."""
    items: Raw


class Death(Struct, frozen=True, omit_defaults=True):
    """A process that ended without a word: by a signal, or by an exit that Python does not see."""

    how: str
    """`SIGABRT`, or `exit code 3`."""
    phase: Phase
    conversion: int = -1
    """Index into `Trace.conversions`: the one that was running; -1 for none."""
    op: str = ""
    """The op that was being made, or was made last."""
    inside: bool = False
    """Whether it was being made."""
    stack: tuple[int, ...] = ()
    """Indices into `Trace.sites`: the user's frames, outermost first, where they are known."""
    memory: int = 0
    """Bytes that it had in use at the most (resident)."""
