"""What Python did with dims: numbers read from tensors, what was computed of them, and what used them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from shapetrace.trace.failures import Given

TensorUseKind = Literal["lookup", "isinstance", "text", "truth"]
"""How Python can take a tensor for something else. Those who record one and those who read one ask here; so does the file."""


class TensorUse(Struct, frozen=True, omit_defaults=True):
    """Python did something with a tensor that holds a dim, which means something else than it does with the number."""

    kind: TensorUseKind
    """`lookup` (never found), `isinstance` (no int), `text` (looked up, and no number in it), `truth` (always, on 2.6)."""
    conversion: int
    site: int
    """Index into `Trace.sites`: the user's expression."""
    tensor: Given
    detail: str = ""
    """Some keys of the container, or the types asked for."""
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


class Skip(Struct, frozen=True, omit_defaults=True):
    """A callable that the conversion ran as it stood, and why."""

    kind: str
    """`partial`, `lambda`, `generator`, `not_to_static`, `ignored-module`, `not-global`, `no-source`,
    `c-callable`, `python` (called by Python itself, so never seen by the conversion), `paddle` (called by Paddle's own
    code), `paddle-api` (Paddle's own code), `getattr` (rewritten, but the size was read in a way rewriting does not see)."""
    callable: str
    defined: int = -1
    """Index into `Trace.sites`: where the callable is defined."""
    called: int = -1
    """Where rewritten code called it."""
    wrapped: int = -1
    """Where it was wrapped (the `functools.partial(...)`), when that is known."""


class Use(Struct, omit_defaults=True, gc=False):
    """Something was done with a dim other than arithmetic."""

    kind: str
    """`op` (argument of an op), `compare`, `truth` (its bool), `range`, `operand` (of arithmetic that leaves int),
    `subscript` (index of a container), `hash` (a key), `text`, `int`, `index`, `float`, `refused` (Python, or a library that knows
    nothing of Paddle, raised over it), or `stored` (kept on a layer)."""
    dim: int
    """Index into `Trace.dims`."""
    conversion: int = -1
    site: int = -1
    """The user's expression that used it."""
    op: str = ""
    """For `op`: the public API called (`reshape`), else the operation (`<`, `float`)."""
    argument: str = ""
    index: int | None = None
    """Position inside a list argument; None for a scalar one."""
    expression: str = ""
    """The argument as the user wrote it."""
    arguments: tuple[str, ...] = ()
    """Of an op argument that is a list: its elements as printed, a number, or `?` for a tensor. Of any other kind: one
    text, the other operand (a number, or the name of its type), or what was raised."""
    operand: tuple[int, ...] = ()
    """Shape of the tensor that the function works on, where it has one."""
    tensor: int = -1
    """That tensor: index into the conversion's `values`; -1 where it is not in the program."""
    written: tuple[str, ...] = ()
    """The same as the user wrote them, where the list stands in the call itself."""
    list_code: str = ""
    """Source of that list, in `written` form."""
    raised: int = -1
    """Index into `Trace.conversions` of the conversion this use ended; -1 where it ended none."""
    result: str | None = None
    """What Python got, as text: the truth of a branch, the float."""
    other: int = -1
    """Index into `Trace.dims` of the other operand, where that is a dim too; -1 where it is none."""
    context: str = ""
    """Where the expression stands: `loop`, `branch`, `assert`, `check` (an `if` that raises), `guard` (a test against a
    literal), `asks` (a `min` that is only asked whether a dim is unknown), `numpy`, `message` (a text for people), or `paddle` (a test
    in Paddle's own code, of a dim that this code has read)."""
    operation: str = ""
    """Of an op argument: the C op it reached, or empty where Paddle's Python code took it."""
    layer: str = ""
    stack: tuple[int, ...] = ()
    refused: bool = False
    """Whether Paddle raised over it, and the model's own code caught that."""
    healed: bool = False
    """Of an op argument: whether a remedy handed over the tensor that the dim stands for."""
