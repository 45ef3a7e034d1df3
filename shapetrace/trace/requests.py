"""What was asked for: the program of a function, and the specs that were given for its parameters."""

from __future__ import annotations

from msgspec import Struct

from shapetrace.trace.failures import Failure


class Parameter(Struct, frozen=True, omit_defaults=True):
    """A parameter of the function that was to be converted."""

    name: str
    required: bool = True
    """Whether it has no default."""


class Asked(Struct, frozen=True, omit_defaults=True):
    """One spec, or what stands in the place of one. Unknown dims are -1."""

    parameter: str
    """The parameter that it goes to; empty where there is none left."""
    path: str = ""
    """Where in that parameter: `["image"]`, `[0]`; empty for the parameter itself."""
    kind: str = "InputSpec"
    """`InputSpec`, or the name of the Python type: `int`, `dict`."""
    name: str = ""
    """The name that the user gave it."""
    shape: tuple[int, ...] = ()
    dtype: str = ""
    text: str = ""
    """A plain value as Python prints it, or its beginning."""
    site: int = -1
    """Index into `Trace.sites`: where it was made; -1 where that was not seen."""


class Request(Struct, omit_defaults=True):
    """A program that was asked for, by `jit.save` or otherwise."""

    function: str
    defined: int = -1
    """Index into `Trace.sites`: where the function is defined."""
    site: int = -1
    """Index into `Trace.sites`: the user's call that asked."""
    saves: bool = False
    """Whether the program is to be saved."""
    parameters: tuple[Parameter, ...] = ()
    takes_more: bool = False
    """Whether the function takes any number of arguments."""
    declared: tuple[Asked, ...] | None = None
    """The specs that the function itself has, from `to_static`; None where it has none. They count."""
    given: tuple[Asked, ...] | None = None
    """The specs that were given with the request; None where none were."""
    instead: str = ""
    """The type of what was given in the place of a list of specs; empty for a list."""
    conversion: int = -1
    """Index into `Trace.conversions` of what was built, now or for an earlier call; -1 where nothing was."""
    cached: bool = False
    """Whether it was built for an earlier call."""
    called: int = -1
    """Index into `Trace.sites`: that call."""
    failure: Failure | None = None
    """What was raised before anything was built."""
    unsaved: Failure | None = None
    """What was raised when all was built, and was to be saved."""

    @property
    def effective(self) -> tuple[Asked, ...]:
        """The specs that counted."""
        return self.declared if self.declared is not None else self.given or ()

    @property
    def refused(self) -> bool:
        """Whether Paddle refused before anything was built."""
        return self.failure is not None
