"""`Dim`: the int that remembers where it came from.

A dim behaves as the plain int it replaces, down to its type's name in error texts. What it adds is an
`origin`: the read it began as, or the operation and operands it was computed with. Everything done with it
is told to a `Tape`, which decides what is worth keeping; a closed tape turns its dims into plain ints again.

What Python reads from an int in C without asking the object (`range(n)`, `0.5 * n`, `items[n]`) cannot be
seen from here; `shapetrace.capture.steps` sees those.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Origin:
    """Where a dim came from: a read (`op == "read"`), or an operation on `operands`.

    Attributes:
        op: `read`, or the operation as Python writes it (`*`, `//`), or `neg`, `abs`, `pow` (of three), `round` (to tens), ...
        operands: What was combined, in order: dims and plain ints.
        place: Whatever the tape needs to find the place in the source again.
        tensor: Of a read, what the tape needs to find the tensor again.
        axis: Of a read, which axis.
    """

    __slots__ = ("axis", "op", "operands", "place", "tensor")

    def __init__(self, op: str, operands: tuple[Any, ...], place: Any, tensor: Any = None, axis: int = -1) -> None:
        self.op = op
        self.operands = operands
        self.place = place
        self.tensor = tensor
        self.axis = axis


class Tape(Protocol):
    """What a dim reports to. A dim behaves as an int whatever is raised in here."""

    closed: bool

    def derived(self, op: str, operands: tuple[Any, ...], value: int) -> int:
        """A new number was computed from dims: returns it as a dim, or as it is to forget where it came from."""
        ...

    def used(self, kind: str, dim: Dim, op: str, other: Any, result: Any) -> None:
        """`dim` was used in a way that leaves no dim: compared, converted, hashed, printed."""
        ...

    def fault(self, what: str, error: BaseException) -> None:
        """One of the others raised."""
        ...


class _PassesForInt(type):
    """Makes `type(dim) == int` and `type(dim) in (int, float)` as true as they are of the plain int."""

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is int

    def __hash__(cls) -> int:
        return hash(int)


class Dim(int, metaclass=_PassesForInt):
    """An unknown dim as Python code sees it: an int (-1, or what was computed from it) with an origin."""

    origin: Origin
    tape: Tape
    __class__ = property(lambda self: int)

    def __new__(cls, value: int, origin: Origin, tape: Tape) -> Dim:
        """A dim of this value."""
        self = int.__new__(cls, value)
        self.origin = origin
        self.tape = tape
        return self

    def __copy__(self) -> Dim:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Dim:
        return self

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return int, (int.__int__(self),)

    def __divmod__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return _leaves(self, "divmod", other, int.__divmod__(self, other))
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return _leaves(self, "divmod", other, int.__rdivmod__(self, other))
        return other // self, other % self

    def __round__(self, ndigits: Any = None) -> Any:
        value = int.__round__(self) if ndigits is None else int.__round__(self, ndigits)
        if ndigits is None or ndigits >= 0:
            return _derive(self.tape, "pos", value, (self,))
        return _derive(self.tape, "round", value, (self, ndigits if isinstance(ndigits, int) else ndigits.__index__()))

    def __hash__(self) -> int:
        result = int.__hash__(self)
        _tell("hash", self, "hash", None, result)
        return result

    def __format__(self, spec: str) -> str:
        result = int.__format__(value_of(self), spec)  # of the dim itself it would ask for its repr too
        _tell("text", self, "format", spec, result)
        return result


def value_of(dim: int) -> int:
    """The plain int of a dim, without the tape hearing of it."""
    return int.__pos__(dim)


def plain_type(value: Any) -> type:
    """The type that a value would have without a watch."""
    kind = type(value)
    return int if kind is Dim else kind


def _derive(tape: Tape, op: str, value: int, operands: tuple[Any, ...]) -> int:
    if tape.closed:
        return value
    try:
        return tape.derived(op, operands, value)
    except Exception as error:
        tape.fault("a dim could not be followed", error)
        return value


def _tell(kind: str, dim: Dim, op: str, other: Any, result: Any) -> None:
    """Tell the tape of a use."""
    if dim.tape.closed:
        return
    try:
        dim.tape.used(kind, dim, op, other, result)
    except Exception as error:
        dim.tape.fault("a use of a dim could not be followed", error)


def _leaves(dim: Dim, op: str, other: Any, result: Any) -> Any:
    """Tell the tape that an operation took `dim` out of int, and pass the result on."""
    _tell("operand", dim, op, other, result)
    return result


def _binary(method: str, op: str, reflected: bool) -> Callable[[Dim, Any], Any]:
    plain = getattr(int, method)

    def call(self: Dim, other: Any, *modulo: Any) -> Any:
        result = plain(self, other, *modulo)
        if type(result) is int:
            operands = (other, self) if reflected else (self, other)
            if modulo not in ((), (None,)):
                return _derive(self.tape, "pow", result, (*operands, *modulo))
            return _derive(self.tape, op, result, operands)
        return _leaves(self, op, other, result)

    call.__name__ = method
    return call


def _unary(method: str, op: str) -> Callable[[Dim], Any]:
    plain = getattr(int, method)

    def call(self: Dim) -> Any:
        return _derive(self.tape, op, plain(self), (self,))

    call.__name__ = method
    return call


def _comparison(method: str, op: str) -> Callable[[Dim, Any], Any]:
    plain = getattr(int, method)

    def call(self: Dim, other: Any) -> Any:
        result = plain(self, other)
        if result is not NotImplemented:
            _tell("compare", self, op, other, result)
        return result

    call.__name__ = method
    return call


def _conversion(method: str, kind: str, op: str) -> Callable[[Dim], Any]:
    plain = getattr(int, method)

    def call(self: Dim) -> Any:
        result = plain(self)
        _tell(kind, self, op, None, result)
        return result

    call.__name__ = method
    return call


_BINARY = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "lshift": "<<",
    "rshift": ">>",
    "and": "&",
    "or": "|",
    "xor": "^",
    "truediv": "/",
}
_UNARY = {"neg": "neg", "pos": "pos", "abs": "abs", "invert": "~", "trunc": "pos", "floor": "pos", "ceil": "pos"}
_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_CONVERSIONS = {
    "int": ("int", "int"),
    "index": ("index", "index"),
    "float": ("float", "float"),
    "bool": ("truth", "bool"),
    "repr": ("text", "repr"),
}

for _name, _op in _BINARY.items():
    setattr(Dim, f"__{_name}__", _binary(f"__{_name}__", _op, reflected=False))
    setattr(Dim, f"__r{_name}__", _binary(f"__r{_name}__", _op, reflected=True))
for _name, _op in _UNARY.items():
    setattr(Dim, f"__{_name}__", _unary(f"__{_name}__", _op))
for _name, _op in _COMPARISONS.items():
    setattr(Dim, f"__{_name}__", _comparison(f"__{_name}__", _op))
for _name, (_kind, _op) in _CONVERSIONS.items():
    setattr(Dim, f"__{_name}__", _conversion(f"__{_name}__", _kind, _op))

# Error texts of Python and of Paddle's C++ print the type's name: it must read as it does without a watch.
Dim.__name__ = Dim.__qualname__ = "int"
Dim.__module__ = "builtins"
