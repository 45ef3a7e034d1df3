"""What a use of a dim proves: its source, the chain to the sink, its roots, its symbolic form, the cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from math import isclose
from typing import Generic, TypeVar, overload

from shapetrace import symbolic
from shapetrace.facts import operators
from shapetrace.rules import draws, fixes, paddle_apis
from shapetrace.trace import (
    Cause,
    Comparison,
    Conversion,
    DimRecord,
    DimRef,
    Finding,
    OpArgument,
    Root,
    Said,
    Severity,
    Sink,
    Site,
    Step,
    Trace,
    Use,
)
from shapetrace.trace.dims import UNKNOWN, DimExpressions

U = TypeVar("U", bound=Use, covariant=True)
A = TypeVar("A", bound=Use)
B = TypeVar("B", bound=Use)
C = TypeVar("C", bound=Use)
D = TypeVar("D", bound=Use)

_MOST_STEPS = 100
"""Of a chain: half of them from its start, half up to its end."""


@overload
def of_uses(trace: Trace, first: type[A], /) -> Iterator[Evidence[A]]: ...
@overload
def of_uses(trace: Trace, first: type[A], second: type[B], /) -> Iterator[Evidence[A | B]]: ...
@overload
def of_uses(trace: Trace, first: type[A], second: type[B], third: type[C], /) -> Iterator[Evidence[A | B | C]]: ...
@overload
def of_uses(
    trace: Trace, first: type[A], second: type[B], third: type[C], fourth: type[D], /
) -> Iterator[Evidence[A | B | C | D]]: ...
def of_uses(trace: Trace, *kinds: type[Use]) -> Iterator[Evidence[Use]]:
    """The evidence of each use of these kinds, in order."""
    shared = _Known(trace)
    for index, use in enumerate(trace.uses):
        if isinstance(use, kinds):
            yield Evidence(trace, index, use, shared)


class _Known:
    """What is known of a trace for all of its uses: its dims as expressions, and the equal dims of each conversion."""

    def __init__(self, trace: Trace) -> None:
        self.dims = DimExpressions(trace)
        self._equal: dict[int, draws.Equal] = {}

    def equal(self, conversion: Conversion) -> draws.Equal:
        equalities = self._equal.get(id(conversion))
        if equalities is None:
            equalities = self._equal[id(conversion)] = draws.Equal(conversion)
        return equalities


class Evidence(Generic[U]):
    """One use of a dim, seen from every side.

    Args:
        trace: The trace.
        index: Index of one of its uses.
        use: That use.
        known: What is known of the trace, where several uses share it.
    """

    def __init__(self, trace: Trace, index: int, use: U, shared: _Known | None = None) -> None:
        self.trace = trace
        self._known = shared or _Known(trace)
        self.index = index
        self.use = use
        self.dim: DimRecord = trace.dims[self.use.dim]

    def site(self, index: int) -> Site | None:
        """The site with an index; None for -1."""
        return self.trace.sites[index] if index >= 0 else None

    @property
    def read(self) -> DimRecord:
        """The first read the dim goes back to: one of the user's where there is one."""
        reads = self._reads(self.use.dim)
        return next((read for read in reads if not read.internal), reads[0])

    def _reads(self, dim: int) -> list[DimRecord]:
        return [self.trace.dims[index] for index in self._known.dims.reads(dim)]

    @property
    def _dims(self) -> tuple[int, ...]:
        """The dim, and the one that it was compared with."""
        other = self.use.other if isinstance(self.use, Comparison) else -1
        return (self.use.dim, other) if other >= 0 else (self.use.dim,)

    @property
    def source(self) -> Site | None:
        """Where the user's code read the dim."""
        return self.site(self.read.site)

    @property
    def sink(self) -> Sink | None:
        """Where it was consumed."""
        site = self.site(self.use.site)
        if site is None:
            return None
        sign = operators.sign(self.use.op)
        if sign:
            return Sink.at(site, sign, index=self.use.index if isinstance(self.use, OpArgument) else None)
        if isinstance(self.use, OpArgument):
            return Sink.at(site, self.use.op, self.use.argument, self.use.index)
        return Sink.at(site, self.use.op)

    @property
    def roots(self) -> tuple[Root, ...]:
        """The input axes the dim comes from, and the one it was used with; or the data-dependent symbols."""
        origins: dict[Root, None] = {}
        for index in (index for dim in self._dims for index in self._known.dims.lineage(dim)):
            read = self.trace.dims[index]
            conversion = self._known.dims.conversion(read) if read.op == "read" else None
            if conversion is None:
                continue
            by_key = {symbol.key: symbol for symbol in conversion.symbols}
            for key in sorted(symbolic.symbols(self._known.dims.expression(index))):
                if key in by_key:
                    origins[Root(by_key[key].input, by_key[key].axis, by_key[key].name)] = None
        return tuple(origins)

    @property
    def symbolic(self) -> str:
        """The dim over input axes, such as `8*image[0]`; empty where Paddle's pass did not tell."""
        return self._known.dims.text(self.use.dim)

    @property
    def expression(self) -> str:
        """The dim in the form of `Conversion.expressions`."""
        return self._known.dims.expression(self.use.dim)

    @property
    def chain(self) -> tuple[Step, ...]:
        """The steps from the read to the dim that was used, each with its value and symbolic form."""
        if self.api:  # what Paddle's own code did is no expression of the user's
            return ()
        steps: list[Step] = []
        lineage = self._known.dims.lineage(self.use.dim)
        if len(lineage) > _MOST_STEPS:  # a loop computed it; nobody reads thousands of steps
            lineage = lineage[: _MOST_STEPS // 2] + lineage[-_MOST_STEPS // 2 :]
        for index in lineage:
            record = self.trace.dims[index]
            site = self.site(record.site)
            if site is None or record.internal:
                continue
            expression = f"{site.code}[{record.axis}]" if record.op == "read" else site.code
            step = Step(expression=expression, value=record.value, symbolic=self._known.dims.text(index), site=site)
            if step not in steps:
                steps.append(step)
        return tuple(steps)

    @property
    def cause(self) -> Cause | None:
        """Why the code that read the dim was not rewritten."""
        if self.read.skip < 0:
            return None
        skip = self.trace.skips[self.read.skip]
        return Cause(
            kind=skip.kind,
            callable=skip.callable,
            site=self.site(skip.called),
            wrapped=self.site(skip.wrapped),
            defined=self.site(skip.defined),
        )

    @property
    def api(self) -> str:
        """The function of Paddle's that read the dim by itself; empty where the user's code did."""
        skip = self.trace.skips[self.read.skip] if self.read.skip >= 0 else None
        return skip.callable if skip is not None and skip.kind == "paddle-api" else ""

    def finding(self, rule: str, severity: Severity, sentence: Said) -> Finding:
        """The finding that this use violates `rule`."""
        reads = tuple(dict.fromkeys(index for dim in self._dims for index in self._known.dims.reads(dim)))
        skips = dict.fromkeys(self.trace.dims[index].skip for index in reads)
        return Finding(
            rule=rule,
            severity=severity,
            said=sentence,
            python_value=self.dim.value,
            expression="" if self.api else self.use.expression,
            symbolic=self.symbolic,
            source=self.source,
            sink=self.sink,
            roots=self.roots,
            cause=self.cause,
            chain=self.chain,
            fix=fixes.of_use(self.trace, self.use),
            conversion=self.use.conversion,
            layers=(self.use.layer,),
            remarks=(paddle_apis.instead(self.api),) if self.api else (),
            reads=reads,
            skips=tuple(skip for skip in skips if skip >= 0),
            uses=(self.index,),
        )

    def written(self, dim: int) -> str:
        """The user's expression for a dim of the trace; empty where its place is not known."""
        record = self.trace.dims[dim]
        site = self.site(record.site)
        if site is None:
            return ""
        return f"{site.code}[{record.axis}]" if record.op == "read" else site.code

    def draws(self, *others: int, near: float | None = None) -> Iterator[dict[str, int]]:
        """Sizes to try the unknown dims at that this one, and others, come from. See `shapetrace.rules.draws`.

        Args:
            others: Indices of further dims of the trace.
            near: A number that the dim is compared with: sizes at which it may be equal are tried too.
        """
        dims = (self.use.dim, *others)
        keys = {key for dim in dims for key in symbolic.symbols(self._known.dims.expression(dim))}
        reads = [read for dim in dims for read in self._reads(dim)]
        conversion = self._known.dims.conversion(reads[0])
        sizes = self._sizes(conversion, keys)
        yield from draws.draws(self._groups(conversion, keys, reads), sizes)
        if near is not None:
            yield from draws.draws(self._groups(conversion, keys, reads), draws.near(near, min(sizes)))

    def at(self, sizes: Mapping[str, int]) -> float | None:
        """What the dim would really be if the unknown dims had these sizes."""
        return self.value_at(self.use.dim, sizes)

    def value_at(self, dim: int, sizes: Mapping[str, int]) -> float | None:
        """The same for any dim of the trace; None where the symbolic form is not known, or has no value there."""
        expression = self._known.dims.expression(dim)
        return None if UNKNOWN in symbolic.symbols(expression) else _number(expression, sizes)

    def constant(self) -> bool:
        """Whether the dim is what Python computed whatever the sizes, as `h - h` is, and `np.arange(h - h + 3)`."""
        pending = [self.use.dim]
        while pending:
            dim = pending.pop()
            same = self._same(dim)
            operands = self.trace.dims[dim].operands
            if same is None and operands and not any(isinstance(operand, str) for operand in operands):
                pending += [operand.id for operand in operands if isinstance(operand, DimRef)]
            elif not same:
                return False
        return True

    def _same(self, dim: int) -> bool | None:
        """Whether a dim is what Python computed at all sizes; None where it cannot be computed of sizes, but of its operands alone."""
        value = self.trace.dims[dim].value
        expression = self._known.dims.expression(dim)
        if self._one_unknown(dim):
            reals = [_number(expression, {UNKNOWN: size}) for size in draws.SIZES]
        else:
            reals = [self.value_at(dim, sizes) for sizes in self.draws()]
        if isinstance(value, str) or all(real is None for real in reals):
            return None
        return all(real is not None and isclose(real, value) for real in reals)

    def _one_unknown(self, dim: int) -> bool:
        """Whether a dim is computed from a single one, of which no symbolic form is known: it has a size all the same."""
        dims = self._known.dims
        return symbolic.symbols(dims.expression(dim)) == {UNKNOWN} and len(dims.reads(dim)) == 1

    def is_stale(self) -> bool:
        """Whether the dim is from another conversion, which is another rule's business (ST401)."""
        return 0 <= self.read.conversion != self.use.conversion

    def operand(self) -> tuple[int, ...]:
        """Shape of the tensor that the function worked on: `x[:1]` has 1 where Paddle infers an unknown dim."""
        use = self.use
        if not isinstance(use, OpArgument):
            return ()
        if use.tensor < 0 or use.conversion < 0:
            return use.operand
        conversion = self.trace.conversions[use.conversion]
        dims = conversion.values[use.tensor].dims or ()
        if len(dims) != len(use.operand):
            return use.operand
        pairs = zip(use.operand, (conversion.expressions[dim] for dim in dims), strict=True)
        return tuple(self._size(text) if size < 0 else size for size, text in pairs)

    @staticmethod
    def _size(expression: str) -> int:
        """The size that an expression has at all sizes of its symbols; -1 where it has several."""
        keys = sorted(symbolic.symbols(expression))
        try:
            results = {
                symbolic.evaluate(expression, sizes) for sizes in draws.draws([[key] for key in keys], draws.SIZES)
            }
        except (ValueError, ArithmeticError):
            return -1
        return int(results.pop()) if len(results) == 1 else -1

    def ended(self) -> bool:
        """Whether the conversion ended in the call in which the dim was used, before that came to an op."""
        conversion = self.trace.conversions[self.use.conversion] if self.use.conversion >= 0 else None
        call = conversion.failure.call if conversion is not None and conversion.failure is not None else None
        failed, used = self.site(call.site) if call is not None else None, self.site(self.use.site)
        return call is not None and not call.op and failed is not None and failed == used

    def left_int(self) -> bool:
        """Whether the dim is no int any more: a float, a complex number, or something of NumPy's."""
        return not isinstance(self.dim.value, int) or self.use.numpy

    def _groups(self, conversion: Conversion | None, keys: Set[str], reads: list[DimRecord]) -> list[list[str]]:
        if conversion is None or len(keys) < 2:
            return [[key] for key in sorted(keys)]
        at = max((conversion.values[read.tensor].op for read in reads if read.tensor >= 0), default=-1)
        return self._known.equal(conversion).groups(keys, at)

    def _sizes(self, conversion: Conversion | None, keys: Set[str]) -> tuple[int, ...]:
        """An axis of an input has at least 1, a data-dependent dim (of `nonzero`) may be 0."""
        symbols = conversion.symbols if conversion is not None else ()
        return draws.SIZES if all(item.input is not None for item in symbols if item.key in keys) else (0, *draws.SIZES)


def _number(expression: str, sizes: Mapping[str, int]) -> float | None:
    try:
        return symbolic.number(expression, sizes)
    except (ValueError, ArithmeticError):
        return None
