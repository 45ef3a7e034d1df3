"""`Dim`: the int that remembers where it came from; `Real` and `Complex`: what a float or power makes of one.

Each behaves as the plain number it replaces, down to its type's name in error texts. What it adds is an
`origin`: the read it began as, or the operation and operands it was computed with. Everything done with it
is told to a `Tape`, which decides what is worth keeping; a closed tape turns its numbers into plain ones again.

What Python reads from a number in C without asking the object (`range(n)`, `0.5 * n`, `items[n]`, `math.sqrt(n)`)
cannot be seen from here; `shapetrace.capture.probes.bytecode` sees those.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any, ClassVar, Literal, Protocol, TypeVar


class Origin:
    """Where a number came from: a read (`op == "read"`), or an operation on `operands`.

    Attributes:
        op: `read`, or the operation as Python writes it (`*`, `//`), or `neg`, `abs`, `round`, `sqrt`, ...
        operands: What was combined, in order: numbers that remember, and plain ones.
        place: Whatever the tape needs to find the place in the source again.
        tensor: Of a read, what the tape needs to find the tensor again.
        axis: Of a read, which axis.
        library: Of a function of somebody else's, the package it is in: `math`, `numpy`.
        lost: Whether the program holds a plain number in its place, so that only the tape knows.
    """

    __slots__ = ("axis", "library", "lost", "op", "operands", "place", "tensor")

    def __init__(
        self, op: str, operands: tuple[Any, ...], place: Any, tensor: Any = None, axis: int = -1, library: str = ""
    ) -> None:
        self.op = op
        self.operands = operands
        self.place = place
        self.tensor = tensor
        self.axis = axis
        self.library = library
        self.lost = False


UseKind = Literal[
    "compare", "truth", "range", "operand", "subscript", "hash", "text", "int", "index", "float", "refused", "stored"
]
"""What can be done with a dim that leaves no dim; the records of `shapetrace.trace.python` tell of each."""


class Tape(Protocol):
    """What a number reports to. It behaves as a plain one whatever is raised in here."""

    closed: bool

    def derived(self, op: str, operands: tuple[Any, ...], value: Any) -> Any:
        """A new int, float or complex was computed: returns one that remembers, or itself to forget where it came from."""
        ...

    def made(self, op: str, operands: tuple[Any, ...], value: Any) -> Any:
        """Something that cannot remember by itself was computed, such as a number of NumPy's: returns what to pass on."""
        ...

    def used(self, kind: UseKind, dim: AnyDim, op: str, other: Any, result: Any) -> None:
        """`dim` was used in a way that leaves no dim: compared, converted, hashed, printed."""
        ...

    def fault(self, what: str, error: BaseException) -> None:
        """One of the others raised."""
        ...


class _PassesFor(type):
    """Makes `type(dim) == int`, `type(dim) in (int, float)` and `type(dim)(5)` what they are of the plain number.

    A number that remembers is made by `remember`.
    """

    plain: type

    def __call__(cls, *arguments: Any, **more: Any) -> Any:
        if len(arguments) == 1 and type(arguments[0]) is cls and not more:
            return arguments[0]
        return cls.plain(*arguments, **more)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.plain

    def __hash__(cls) -> int:
        return hash(cls.plain)


class Dim(int, metaclass=_PassesFor):
    """An unknown dim as Python code sees it: an int (-1, or what was computed from it) with an origin."""

    plain: ClassVar[type] = int
    origin: Origin
    tape: Tape
    __class__ = property(lambda self: int)

    def __new__(cls, value: int, origin: Origin, tape: Tape) -> Dim:
        """A dim of this value."""
        self = int.__new__(cls, value)
        self.origin = origin
        self.tape = tape
        return self


class Real(float, metaclass=_PassesFor):
    """A float that was computed from unknown dims."""

    plain: ClassVar[type] = float
    origin: Origin
    tape: Tape
    __class__ = property(lambda self: float)

    def __new__(cls, value: float, origin: Origin, tape: Tape) -> Real:
        """A float of this value."""
        self = float.__new__(cls, value)
        self.origin = origin
        self.tape = tape
        return self


class Complex(complex, metaclass=_PassesFor):
    """A complex number that was computed from unknown dims, as `(-1) ** 0.5` is."""

    plain: ClassVar[type] = complex
    origin: Origin
    tape: Tape
    __class__ = property(lambda self: complex)

    def __new__(cls, value: complex, origin: Origin, tape: Tape) -> Complex:
        """A complex number of this value."""
        self = complex.__new__(cls, value)
        self.origin = origin
        self.tape = tape
        return self


class Stand:
    """Stands for what was computed from unknown dims and cannot remember by itself, such as an array.

    Attributes:
        value: The thing itself.
        origin: Where it came from.
        tape: The tape that it was told to.
    """

    def __init__(self, value: Any, origin: Origin, tape: Tape) -> None:
        self.value = value
        self.origin = origin
        self.tape = tape


_Told = Dim | Real | Complex
AnyDim = Dim | Real | Complex | Stand
NUMBERS = (Dim, Real, Complex)
"""The types of numbers that remember, for `isinstance`."""
REMEMBERING = (*NUMBERS, Stand)
"""The same, and what stands for other things."""
_MAKERS: dict[type, Callable[..., Any]] = {
    int: functools.partial(Dim.__new__, Dim),
    float: functools.partial(Real.__new__, Real),
    complex: functools.partial(Complex.__new__, Complex),
}
_PLAIN_TYPES: dict[int, type] = {id(kind): kind.plain for kind in NUMBERS}
_EXACT = frozenset(map(id, (int, float, complex, bool, *NUMBERS)))
"""Ids of the types of numbers that Python's operators combine in C; to look the types up would compare them in Python."""
Number = TypeVar("Number", int, float, complex)


def value_of(number: Number) -> Number:
    """The plain number, without the tape hearing of it."""
    plain: Any = _PLAIN_TYPES.get(id(type(number)))
    result: Number = number if plain is None else plain.__pos__(number)
    return result


def plain_type(value: Any) -> type:
    """The type that a value would have without a watch."""
    kind = type(value)
    return _PLAIN_TYPES.get(id(kind), kind)


def remember(value: Any, origin: Origin, tape: Tape) -> Any:
    """A number that remembers its origin, of the kind that `value` is; what stands for any other thing."""
    make = _MAKERS.get(type(value), Stand)
    return make(value_of(value), origin, tape)


def _plainly(value: Any) -> Any:
    return value_of(value) if id(type(value)) in _PLAIN_TYPES else value


def _derive(tape: Tape, op: str, value: Any, operands: tuple[Any, ...]) -> Any:
    if tape.closed:
        return value
    try:
        return tape.derived(op, operands, value)
    except Exception as error:
        tape.fault("a dim could not be followed", error)
        return value


def _tell(kind: UseKind, dim: _Told, op: str, other: Any, result: Any) -> None:
    """Tell the tape of a use."""
    if dim.tape.closed:
        return
    try:
        dim.tape.used(kind, dim, op, other, result)
    except Exception as error:
        dim.tape.fault("a use of a dim could not be followed", error)


def _made(dim: _Told, op: str, operands: tuple[Any, ...], result: Any) -> Any:
    """Tell the tape of something that was computed and cannot remember by itself, and pass it on."""
    if not dim.tape.closed:
        try:
            return dim.tape.made(op, operands, result)
        except Exception as error:
            dim.tape.fault("a dim could not be followed", error)
    return result


def _leaves(dim: _Told, op: str, other: Any, result: Any) -> Any:
    """Tell the tape that an operation took `dim` out of Python's numbers, and pass the result on."""
    _tell("operand", dim, op, other, result)
    return result


def _is_numpys(value: Any) -> bool:
    return type(value).__module__ == "numpy"


def _binary(plain: type, method: str, op: str, reflected: bool) -> Callable[..., Any]:
    own = getattr(plain, method)
    combine: Callable[..., Any] = getattr(operator, _OPERATORS[op])

    def call(self: _Told, other: Any, *modulo: Any) -> Any:
        operands = (other, self) if reflected else (self, other)
        if modulo not in ((), (None,)):
            return _derive(self.tape, "pow", own(value_of(self), _plainly(other), *modulo), (*operands, *modulo))
        if id(type(other)) in _EXACT:
            result = combine(*map(value_of, operands))
            return _derive(self.tape, op, result, operands)
        if _is_numpys(other):
            return _made(self, op, operands, combine(*map(_plainly, operands)))
        return _leaves(self, op, other, own(value_of(self), other))

    call.__name__ = method
    return call


def _divmod(method: str, reflected: bool) -> Callable[..., Any]:
    def call(self: _Told, other: Any) -> Any:
        operands = (other, self) if reflected else (self, other)
        if id(type(other)) not in _EXACT:
            return _leaves(self, "divmod", other, getattr(self.plain, method)(value_of(self), other))
        left, right = map(value_of, operands)
        whole, rest = divmod(left, right)
        return _derive(self.tape, "//", whole, operands), _derive(self.tape, "%", rest, operands)

    call.__name__ = method
    return call


def _unary(plain: type, method: str, op: str) -> Callable[..., Any]:
    own = getattr(plain, method)

    def call(self: _Told, *digits: Any) -> Any:
        places = [operator.index(digits[0])] if digits and digits[0] is not None else []
        same = op == "round" and plain is int and (not places or places[0] >= 0)
        return _derive(self.tape, "pos" if same else op, own(self, *digits), (self, *(() if same else places)))

    call.__name__ = method
    return call


def _comparison(plain: type, method: str, op: str) -> Callable[..., Any]:
    own, compare = getattr(plain, method), getattr(operator, method.strip("_"))

    def call(self: _Told, other: Any) -> Any:
        plainly = id(type(other)) in _EXACT or _is_numpys(other)
        result = compare(value_of(self), _plainly(other)) if plainly else own(self, other)
        if result is not NotImplemented:
            _tell("compare", self, op, other, result)
        return result

    call.__name__ = method
    return call


def _conversion(plain: type, method: str, kind: UseKind, op: str) -> Callable[..., Any]:
    own = getattr(plain, method)

    def call(self: _Told) -> Any:
        result = own(self)
        _tell(kind, self, op, None, result)
        return result

    call.__name__ = method
    return call


def _format(plain: Any) -> Callable[..., Any]:
    def __format__(self: _Told, spec: str) -> str:
        result: str = plain.__format__(value_of(self), spec)  # of the dim itself it would ask for its repr too
        _tell("text", self, "format", spec, result)
        return result

    return __format__


def _ufunc(self: _Told, ufunc: Any, method: str, *inputs: Any, **more: Any) -> Any:
    """What NumPy's functions and operators ask: a subclass of a Python number would not adapt to a float32."""
    result = getattr(ufunc, method)(*map(_plainly, inputs), **more)
    return _made(self, _UFUNCS.get(ufunc.__name__, ufunc.__name__), inputs, result)


def _itself(self: _Told, *memo: Any) -> _Told:
    return self


def _part(plain: type, name: str) -> Any:
    """A part of a number: of an int or float, the number itself is the real one."""
    own = getattr(plain, name)
    if plain is not complex:
        return property(_itself)
    return property(lambda self: _derive(self.tape, name, own.__get__(self), (self,)))


def _ratio(self: _Told) -> tuple[Any, int]:
    return self, 1


def _reduced(self: _Told, protocol: Any) -> tuple[Any, ...]:
    return self.plain, (_components(self) if isinstance(self, complex) else (value_of(self),))


def _components(number: complex) -> tuple[float, float]:
    plain = value_of(number)
    return plain.real, plain.imag


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
_OPERATORS = {op: {"and": "and_", "or": "or_"}.get(name, name) for name, op in _BINARY.items()}
_UFUNCS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "floor_divide": "//",
    "remainder": "%",
    "power": "**",
    "float_power": "**",
    "negative": "neg",
    "absolute": "abs",
    "maximum": "max",
    "minimum": "min",
    "rint": "round",
}
"""What functions of NumPy's are called that Python has an operator or function for."""
_UNARY = {"neg": "neg", "pos": "pos", "abs": "abs", "invert": "~", "round": "round"}
_ROUNDING = {"trunc": "trunc", "floor": "floor", "ceil": "ceil"}
_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_CONVERSIONS = {
    "int": ("int", "int"),
    "index": ("index", "index"),
    "float": ("float", "float"),
    "complex": ("float", "complex"),
    "bool": ("truth", "bool"),
    "repr": ("text", "repr"),
    "hash": ("hash", "hash"),
}


def _methods(plain: type) -> dict[str, Any]:
    """The methods of a number that remembers, for those that the plain type has."""
    methods: dict[str, Any] = {}
    for name, op in _BINARY.items():
        methods[f"__{name}__"] = (_binary, op, False)
        methods[f"__r{name}__"] = (_binary, op, True)
    methods |= {f"__{name}__": (_unary, op) for name, op in _UNARY.items()}
    methods |= {f"__{name}__": (_unary, "pos" if plain is int else op) for name, op in _ROUNDING.items()}
    methods |= {f"__{name}__": (_comparison, op) for name, op in _COMPARISONS.items()}
    methods |= {f"__{name}__": (_conversion, kind, op) for name, (kind, op) in _CONVERSIONS.items()}
    own = {name for kind in plain.__mro__ for name in vars(kind)}  # `hasattr` would also find `type.__or__`
    made = {name: make(plain, name, *more) for name, (make, *more) in methods.items() if name in own}
    parts = ("real", "imag") if plain is complex else ("real", "numerator")
    made |= {name: _part(plain, name) for name in parts if name in own}
    made |= {name: _unary(plain, name, name) for name in ("bit_length", "bit_count") if name in own}
    if plain is int:
        made["as_integer_ratio"] = _ratio
    if plain is not complex:
        made["conjugate"] = _itself
    if "__divmod__" in own:
        made |= {"__divmod__": _divmod("__divmod__", False), "__rdivmod__": _divmod("__rdivmod__", True)}
    return made


_COMMON: dict[str, Any] = {
    "__array_ufunc__": _ufunc,
    "__copy__": _itself,
    "__deepcopy__": _itself,
    "__reduce_ex__": _reduced,
}

for _kind in NUMBERS:
    for _name, _method in (_methods(_kind.plain) | _COMMON | {"__format__": _format(_kind.plain)}).items():
        setattr(_kind, _name, _method)
    # Error texts of Python and of Paddle's C++ print the type's name: it must read as it does without a watch.
    _kind.__name__ = _kind.__qualname__ = _kind.plain.__name__
    _kind.__module__ = "builtins"
