"""The recorded data: what a watch saw, as plain structs that save and load without Paddle.

A trace knows nothing of how it was recorded or how it is shown. Sites, expressions and strings that
repeat are kept once and referred to by index, which is what keeps a trace of 50,000 tensors small. What there
are many of is hidden from the garbage collector (`gc=False`): none of it can be part of a cycle, and going through it
again and again took most of the time of loading.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field, structs

from shapetrace import symbolic

if TYPE_CHECKING:
    import networkx

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""Severities, the gravest first."""

TensorUseKind = Literal["lookup", "isinstance", "text", "truth"]
"""How Python can take a tensor for something else. Those who record one and those who read one ask here; so does the file."""


class Site(Struct, frozen=True, omit_defaults=True, gc=False):
    """A range of the user's source.

    Lines count from 1 and columns from 0, both in characters, and `end_column` is one past the last
    one, as in Python's `ast` (which counts UTF-8 bytes instead).
    """

    file: str
    line: int
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    code: str = ""
    function: str = ""


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
    """What the user's `dims` say of each axis (see `shapetrace.dims`); empty where they say nothing of this input."""
    asked: tuple[int, ...] = ()
    """The shape in the spec that the user gave to `jit.save`, where another one took effect."""
    asked_site: int = -1
    """Where it was given."""
    refused: bool = False
    """Whether Paddle raised over it, rather than ignore it."""


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

    by: str
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
    layer: str = ""
    rewritten: bool = True
    """Whether the user's code that made the call had been rewritten by dy2static."""


class Failure(Struct, frozen=True, omit_defaults=True):
    """The exception that ended a conversion."""

    type: str
    message: str
    stack: tuple[int, ...] = ()
    call: FailedCall | None = None
    """The call that raised it, where it is known."""


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


class Sink(Site, frozen=True, omit_defaults=True, kw_only=True):
    """A site together with what was done there."""

    op: str = ""
    argument: str = ""
    index: int | None = None

    @classmethod
    def at(cls, site: Site, op: str, argument: str = "", index: int | None = None) -> Sink:
        """The sink at a site."""
        return cls(**structs.asdict(site), op=op, argument=argument, index=index)


class Root(Struct, frozen=True):
    """An input axis a dim comes from. Both None-able: a dim may be born in a data-dependent op."""

    input: str | None
    axis: int | None
    symbol: str


class Cause(Struct, frozen=True, omit_defaults=True):
    """Why the code that read the dim was not rewritten."""

    kind: str
    callable: str
    site: Site | None = None
    """Where it was called."""
    wrapped: Site | None = None
    """Where it was wrapped, when that is known."""
    defined: Site | None = None


class Step(Struct, frozen=True, omit_defaults=True):
    """One link of the chain from the source to the sink."""

    expression: str
    value: int | float | str
    symbolic: str
    site: Site | None = None


Applicability = Literal["machine", "maybe", "none"]
"""`machine`: applied as it is, the export is right at every size. `maybe`: parses and runs, and a person must judge.
`none`: there are no edits, and the text tells what to do."""


class Edit(Struct, frozen=True):
    """A range of a file, as that of a `Site`, and the text to put there. A range of no length inserts."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Fix(Struct, frozen=True):
    """A change of the user's source that removes the finding."""

    says: str
    applicability: Applicability = "none"
    edits: tuple[Edit, ...] = ()


class Finding(Struct, frozen=True, omit_defaults=False):
    """One violated rule: where the dim was read, where it was consumed, and what to do."""

    rule: str
    severity: Severity
    message: str
    python_value: Any = None
    expression: str = ""
    symbolic: str = ""
    source: Site | None = None
    sink: Sink | None = None
    roots: tuple[Root, ...] = ()
    cause: Cause | None = None
    chain: tuple[Step, ...] = ()
    remedies: tuple[str, ...] = ()
    fix: Fix | None = None
    conversion: int = -1
    count: int = 1
    """How often it happened: six decoder layers are one finding with a count of six."""
    layers: tuple[str, ...] = ()
    """The layer path of each occurrence."""
    notes: tuple[str, ...] = ()
    uses: tuple[int, ...] = ()
    """Indices into `Trace.uses` of the uses it is about, the first one first; empty where it is not about a use."""
    ops: tuple[int, ...] = ()
    """Indices into the `ops` of its conversion, of those that break the rule; empty where it is not about the program."""

    def __repr__(self) -> str:
        site = self.sink or self.source
        place = f" at {site.file}:{site.line}" if site is not None else ""
        return f"<Finding {self.rule} {self.severity}{place}: {self.message}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows."""
        from shapetrace.reports import notebook  # above us in the house, as are the other doors that lead up

        return notebook.finding(self)


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
    failure: Failure | None = None
    outputs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.sites: list[Site] = []
        """The table of sites of the trace this conversion belongs to; `Trace` sets it."""

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


class Repaired(Struct, frozen=True):
    """A finding that is there without the remedies, and is not there with them."""

    rule: str
    message: str
    site: Site | None = None
    """Where the dim was consumed, or else where it was read."""


RemedyOutcome = Literal["unknown", "repaired", "unneeded", "in-vain"]
"""What came of a remedy: `repaired` what it lists; `unneeded`: nothing was left for it to repair; `in-vain`: it was applied,
and what is wrong is still wrong; `unknown`: the conversion was not, or could not be, built without it as well."""


class Applied(Struct, frozen=True, omit_defaults=True):
    """A remedy that was applied during the watch, what it changed, and what that repaired."""

    name: str
    changes: tuple[str, ...] = ()
    outcome: RemedyOutcome = "unknown"
    repaired: tuple[Repaired, ...] = ()


class Verified(Struct, frozen=True):
    """An export that was compared with its model once the script had ended."""

    model: str
    """Name of the layer's class."""
    path: str
    """As given to `paddle.jit.save`."""
    ok: bool | None
    """Whether it gives the same; None where nothing was compared."""
    lines: tuple[str, ...] = ()
    """The result as people read it; the first line is the verdict."""


class Trace(Struct, dict=True):
    """Everything one watch recorded, and the findings its rules made of it."""

    shapetrace: str = ""
    paddle: str = ""
    python: str = ""
    conversions: list[Conversion] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    dims: list[DimRecord] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    tensor_uses: list[TensorUse] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    sources: dict[str, dict[int, str]] = field(default_factory=dict)
    """File to line number to text, for every line that a finding quotes or a fix changes."""
    digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each file that a fix changes, as it was when the watch closed."""
    remedies: list[Applied] = field(default_factory=list)
    tried: tuple[str, ...] = ()
    """Names of remedies that were asked for, whether or not they could be applied: not worth naming to try next."""
    fixed: tuple[Fix, ...] = ()
    """Fixes that the source ran with, put in front of the files in memory."""
    verified: list[Verified] = field(default_factory=list)
    """Exports that were compared with their models."""
    notes: list[str] = field(default_factory=list)
    """What the watch could not do, a sentence each."""

    def __post_init__(self) -> None:
        for conversion in self.conversions:
            conversion.sites = self.sites

    @property
    def foreign(self) -> bool:
        """Whether somebody else may have made it, so that no file that it names is to be opened."""
        return bool(vars(self).get("_foreign"))

    def __repr__(self) -> str:
        from shapetrace.reports import wording

        return f"<Trace: {wording.summary(self)}>"

    def __str__(self) -> str:
        """The diagnosis, as `shapetrace run` prints it."""
        from shapetrace.reports import text

        return text.render(self, all=False, screen=False).rstrip()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows."""
        from shapetrace.reports import notebook

        return notebook.trace(self)

    def add(self, conversion: Conversion) -> int:
        """Append a conversion and return its index."""
        conversion.sites = self.sites
        self.conversions.append(conversion)
        return len(self.conversions) - 1

    def why(self, tensor: Tensor | str, axis: int) -> list[Any]:
        """The chain of one dim back to its input axis or constant. See `shapetrace.graph.why`."""
        from shapetrace import graph  # above us in the house: these doors alone lead up

        return graph.why(self, tensor, axis)

    def graph(self) -> networkx.DiGraph[Any]:
        """The whole provenance as a networkx DiGraph. See `shapetrace.graph.build`."""
        from shapetrace import graph

        return graph.build(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace to `path`, compressed, whole or not at all.

        Args:
            path: The file to write. One that is there already is replaced.

        Raises:
            OSError: The file cannot be written; what was at `path` is still there.
        """
        from shapetrace import trace_file

        trace_file.write(self, path)


def load(path: str | os.PathLike[str], *, own: bool = False) -> Trace:
    """Read a trace that `Trace.save` wrote. Needs no Paddle.

    Args:
        path: The file.
        own: Whether you made it. Only then may rules that are asked anew read the source files that it names, which they make
            fixes of.

    Returns:
        The trace.

    Raises:
        TraceFileError: The file is missing, is no trace, is damaged, or was written by a later version.
    """
    from shapetrace import trace_file  # above us in the house, as are the other doors that lead up

    trace = trace_file.read(path)
    vars(trace)["_foreign"] = not own
    return trace
