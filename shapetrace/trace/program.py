"""The program that a conversion built: its inputs, ops and values, and what people ask of them as tensors."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from msgspec import Struct, field

from shapetrace import symbolic
from shapetrace.trace.failures import Failure
from shapetrace.trace.sites import Site


class Symbol(Struct, frozen=True, omit_defaults=True):
    """The name of an unknown dim: an axis of an input, or (with `op` set) born in a data-dependent op."""

    key: str
    """The symbol in `Conversion.expressions`, such as `S0`."""
    name: str
    """What people read: `image[0]`, `B`, or `u0`."""
    input: str | None = None
    axis: int | None = None
    op: int | None = None
    """Index into `Conversion.ops` of the op the symbol was born in, for data-dependent ones."""


class Input(Struct, frozen=True, omit_defaults=True):
    """One input of a conversion, as it took effect. Unknown dims are -1."""

    name: str
    shape: tuple[int, ...]
    dtype: str = ""
    site: int = -1
    """Index into `Trace.sites`: where its spec was made; -1 where that was not seen."""
    claims: tuple[str, ...] = ()
    """What the user's `dims` say of each axis (see `shapetrace.claims`); empty where they say nothing of this input."""


class Value(Struct, array_like=True, gc=False):
    """One result of an op, as stored. `Conversion.tensors` shows these as `Tensor`s."""

    op: int
    dtype: str
    shape: tuple[int, ...]
    dims: tuple[int, ...] | None = None
    """For each axis an index into `Conversion.expressions`; None where no symbolic shape is known."""
    data: tuple[int, ...] | None = None
    """The same for the elements of a small integer tensor that holds dims; None otherwise."""
    name: str = ""


class Op(Struct, array_like=True, gc=False):
    """One operation of a program."""

    name: str
    inputs: tuple[int, ...]
    """Indices into `Conversion.values`; -1 for an operand that is absent."""
    outputs: tuple[int, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    layer: str = ""
    stack: tuple[int, ...] = ()
    """Indices into `Trace.sites`: the user's frames, outermost first. Line-level only."""
    parent: int = -1
    """Index of the op whose block this one stands in; -1 at the top."""
    block: int = 0
    """Which block of the parent."""
    api: str = ""
    """The function of Paddle's that the user called (`where`), where it goes by another name than the op (`add`)."""


class Conversion(Struct, dict=True):
    """One build of one program."""

    function: str
    site: int = -1
    """Where the converted function is defined."""
    inputs: list[Input] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    expressions: list[str] = field(default_factory=list)
    symbols: list[Symbol] = field(default_factory=list)
    symbolic_error: str = ""
    """Why there are no symbolic shapes; empty where there are."""
    fitted: bool = False
    """Whether the symbolic shapes are fitted to shapes at several sizes, and not those of Paddle's symbolic pass."""
    failure: Failure | None = None
    outputs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.sites: list[Site] = []
        """The table of sites of the trace this conversion belongs to; `Trace` sets it."""

    def __repr__(self) -> str:
        inputs = ", ".join(f"{one.name} {list(one.shape)}" for one in self.inputs)
        ended = f"; failed with {self.failure.type}" if self.failure is not None else ""
        return f"<Conversion of {self.function}({inputs}): {len(self.ops):,} ops, {len(self.values):,} tensors{ended}>"

    @property
    def site_of_function(self) -> Site | None:
        """Where the converted function is defined; None where that is not known."""
        return self.sites[self.site] if 0 <= self.site < len(self.sites) else None

    @property
    def tensors(self) -> list[Tensor]:
        """Every tensor of the program, in the order it was built."""
        return [Tensor(self, index) for index in range(len(self.values))]

    @cached_property
    def names(self) -> dict[str, str]:
        """What each key in `expressions` is called."""
        return {symbol.key: symbol.name for symbol in self.symbols}

    def site_of(self, op: int) -> Site | None:
        """The user's line that made an op; of one that Paddle made by itself, for an argument of another one, that one's line.

        Args:
            op: Its index.
        """
        seen = set[int]()
        while op >= 0 and op not in seen:
            if stack := self.ops[op].stack:
                return self.sites[stack[-1]]
            seen.add(op)
            op = self._taking.get(op, -1)
        return None

    @cached_property
    def _taking(self) -> dict[int, int]:
        """For each op the first one that takes what it makes."""
        takers: dict[int, int] = {}
        for index, op in enumerate(self.ops):
            for value in op.inputs:
                if value >= 0:
                    takers.setdefault(self.values[value].op, index)
        return takers

    def printed(self, dims: tuple[int, ...] | None) -> tuple[str, ...] | None:
        """The expressions with these indices, simplified and under the names people know."""
        if dims is None:
            return None
        return tuple(symbolic.text(self.expressions[index], self.names) for index in dims)


class Tensor:
    """One tensor of a conversion, as people ask about it."""

    __slots__ = ("conversion", "index")

    def __init__(self, conversion: Conversion, index: int) -> None:
        self.conversion = conversion
        self.index = index

    @property
    def _value(self) -> Value:
        return self.conversion.values[self.index]

    @property
    def name(self) -> str:
        """Its name: that of the input or parameter, else `%12` after its place in the program."""
        return self._value.name or f"%{self.index}"

    @property
    def op(self) -> str:
        """Name of the op that made it, such as `pd_op.reshape`."""
        return self.conversion.ops[self._value.op].name

    @property
    def dtype(self) -> str:
        """Its dtype as Paddle prints it: `float32`, `int64`."""
        return self._value.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape as Paddle has it; anything negative is unknown, or already wrong."""
        return self._value.shape

    @property
    def symbolic(self) -> tuple[str, ...] | None:
        """Its symbolic shape (`("8*B", "32", "u0")`), or None where none is known."""
        return self.conversion.printed(self._value.dims)

    @property
    def data(self) -> tuple[str, ...] | None:
        """The dims it holds, for a small integer tensor such as the result of `paddle.shape`."""
        return self.conversion.printed(self._value.data)

    @property
    def layer(self) -> str:
        """Path of layer classes, such as `/Decoder/Linear/`; empty at the top."""
        return self.conversion.ops[self._value.op].layer

    @property
    def site(self) -> Site | None:
        """The user's line that made it, or None where Paddle made it by itself."""
        stack = self.conversion.ops[self._value.op].stack
        return self.conversion.sites[stack[-1]] if stack else None

    def __repr__(self) -> str:
        shape = self.symbolic if self.symbolic is not None else tuple(map(str, self.shape))
        return f"<Tensor {self.name} [{', '.join(shape)}] {self.dtype} of {self.op}>"
