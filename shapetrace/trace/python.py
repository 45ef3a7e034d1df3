"""What Python did with dims: numbers read from tensors, what was computed of them, and what used them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from shapetrace.trace.failures import Given

TensorUseKind = Literal["lookup", "isinstance", "text", "truth", "empty", "operand", "operands"]
"""How Python can take a tensor for something else. Those who record one and those who read one ask here; so does the file."""


class TensorUse(Struct, frozen=True, omit_defaults=True):
    """Python did something with a tensor that holds a dim, which means something else than it does with the number."""

    kind: TensorUseKind
    """`lookup` (never found), `isinstance` (no int), `text` (looked up, and no number in it), `truth` (always, on 2.6),
    `empty` (gone through as a list, and nothing in it), `operand` (of an `and` or `or`, which gives the
    wrong one), `operands` (the same of two tensors, which gives a truth)."""
    conversion: int
    site: int
    """Index into `Trace.sites`: the user's expression."""
    tensor: Given
    detail: str = ""
    """Some keys of the container, the types asked for, or `or` and the other operand."""
    layer: str = ""


class DimRecord(Struct, array_like=True, gc=False):
    """One dim seen as a Python number: read from a tensor, or computed from others."""

    value: int | float | str
    """A text for what is neither int nor float, such as a complex number or an array of NumPy's."""
    op: str
    """`read`, or the Python operation: `*`, `//`, `neg`, ..., or the function: `sqrt`, `prod`."""
    operands: tuple[int | float | str | DimRef, ...] = ()
    """Of an operation: a `DimRef`, or the plain number it was combined with; a text as in `value`."""
    conversion: int = -1
    tensor: int = -1
    """Of a read: index into the conversion's `values`; -1 where the tensor is not in the program."""
    axis: int = -1
    site: int = -1
    """Index into `Trace.sites`: the user's expression that read or computed it."""
    skip: int = -1
    """Index into `Trace.skips`: why that code ran without being rewritten; -1 where it was not skipped."""
    internal: bool = False
    """True where Paddle's own code, not the user's, read or computed it."""
    name: str = ""
    """The variable it was bound to at once (`b` in `b, c = x.shape`), if any."""


class DimRef(Struct, frozen=True, tag="d", array_like=True, gc=False):
    """Refers to `Trace.dims[id]` among operands that may also be plain ints."""

    id: int


SkipKind = Literal[
    "partial",
    "lambda",
    "generator",
    "not_to_static",
    "ignored-module",
    "not-global",
    "no-source",
    "c-callable",
    "python",
    "paddle",
    "paddle-api",
    "getattr",
]
"""Why a callable ran as it stood: `python`: called by Python itself, so never seen by the conversion; `paddle`: called by Paddle's own
code; `paddle-api`: it is Paddle's own code; `getattr`: rewritten, but the size was read in a way that rewriting does not see."""


class Skip(Struct, frozen=True, omit_defaults=True):
    """A callable that the conversion ran as it stood, and why."""

    kind: SkipKind
    callable: str
    defined: int = -1
    """Index into `Trace.sites`: where the callable is defined."""
    called: int = -1
    """Where rewritten code called it."""
    wrapped: int = -1
    """Where it was wrapped (the `functools.partial(...)`), when that is known."""


Comparator = Literal["==", "!=", "<", "<=", ">", ">="]
TestContext = Literal["", "loop", "branch", "assert", "check", "guard", "asks", "paddle"]
"""Where a test stands: `check` is an `if` that raises, `guard` a test against a literal, `asks` a `min` that is only asked whether a
dim is unknown, `paddle` a test in Paddle's own code, of a dim that this code has read."""


class Use(Struct, omit_defaults=True, gc=False, tag_field="kind"):
    """Something was done with a dim other than arithmetic: what all kinds of uses have."""

    dim: int
    """Index into `Trace.dims`."""
    conversion: int = -1
    site: int = -1
    """The user's expression that used it."""
    op: str = ""
    """The public API that was called (`reshape`), or the operation (`<`, `float`)."""
    expression: str = ""
    """The dim as the user wrote it."""
    numpy: bool = False
    """Whether NumPy had a part in it."""
    layer: str = ""
    stack: tuple[int, ...] = ()
    """Indices into `Trace.sites`: the user's frames, outermost first."""


class OpArgument(Use, tag="op"):
    """A dim was an argument of one of Paddle's functions, or an element of one."""

    argument: str = ""
    index: int | None = None
    """Position inside a list argument; None for a scalar one."""
    arguments: tuple[str, ...] = ()
    """Of an argument that is a list: its elements as printed, a number, or `?` for a tensor."""
    operand: tuple[int, ...] = ()
    """Shape of the tensor that the function works on, where it has one."""
    tensor: int = -1
    """That tensor: index into the conversion's `values`; -1 where it is not in the program."""
    written: tuple[str, ...] = ()
    """The elements as the user wrote them, where the list stands in the call itself."""
    list_code: str = ""
    """Source of that list, in `written` form."""
    operation: str = ""
    """The C op it reached, or empty where Paddle's Python code took it."""
    taker: int = -1
    """The op that took it: index into the conversion's `ops`; -1 where that is not in the program, or not known."""
    raised: int = -1
    """Index into `Trace.conversions` of the conversion this use ended; -1 where it ended none."""
    refused: bool = False
    """Whether Paddle raised over it, and the model's own code caught that."""
    healed: bool = False
    """Whether a remedy handed over the tensor that the dim stands for."""


class Comparison(Use, tag="compare"):
    """A dim was compared."""

    op: Comparator = "=="
    against: str = ""
    """The other operand: a number, or the name of its type."""
    other: int = -1
    """Index into `Trace.dims` of the other operand, where that is a dim too; -1 where it is none."""
    result: str | None = None
    context: TestContext = ""


class Truth(Use, tag="truth"):
    """A dim was asked for its truth."""

    result: str | None = None
    context: TestContext = ""


class Loop(Use, tag="range"):
    """A dim was the argument of `range()`."""

    result: str | None = None
    """How many turns that makes."""


class Arithmetic(Use, tag="operand"):
    """A dim was computed with, and what came out is no number that remembers."""

    against: str = ""
    """The other operand: a number, or the name of its type."""
    result: str | None = None


class Subscript(Use, tag="subscript"):
    """A container was indexed with a dim."""

    container: str = ""
    """Name of its type."""


class Key(Use, tag="hash"):
    """A dim was looked up in a dict or set, or made a key of one."""


class Text(Use, tag="text"):
    """A dim became text."""

    message: bool = False
    """Whether the text is for people."""


class Float(Use, tag="float"):
    """A dim became a float that does not remember."""

    result: str | None = None


class PlainInt(Use, tag="int"):
    """A dim became an int that does not remember, by `int()`."""


class PlainIndex(Use, tag="index"):
    """The same, where C code asked for an index."""


class Refused(Use, tag="refused"):
    """Python, or a library that knows nothing of Paddle, raised over a dim."""

    error: str = ""
    """Name of the exception's type."""
    raised: int = -1
    """Index into `Trace.conversions` of the conversion this use ended; -1 where it ended none."""


class Stored(Use, tag="stored"):
    """A dim is kept in an attribute of a layer, such as `Detector.batch`, which is in `op`."""


AnyUse = (
    OpArgument
    | Comparison
    | Truth
    | Loop
    | Arithmetic
    | Subscript
    | Key
    | Text
    | Float
    | PlainInt
    | PlainIndex
    | Refused
    | Stored
)
"""Every kind of use that a trace can hold."""


def kind_of(use: Use) -> str:
    """What a use is called in files and graphs: `op`, `compare`, `truth`, ..."""
    return str(type(use).__struct_config__.tag)
