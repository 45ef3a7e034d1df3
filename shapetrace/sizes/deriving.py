"""Derives which sizes an export takes from the trace of its conversion."""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

import msgspec

from shapetrace import symbolic
from shapetrace.errors import UsageError
from shapetrace.facts import ops
from shapetrace.said import Sentence, joined, said
from shapetrace.sizes import broadcasts, groups, ones, resizes, specs
from shapetrace.sizes.demands import LEAST, Demand, Reader
from shapetrace.sizes.pattern import Pattern, pattern
from shapetrace.sizes.results import Axis, Because, Sizes, Tie, TieKind
from shapetrace.sizes.solving import Solution, Solver
from shapetrace.symbolic import form
from shapetrace.symbolic.eventual import EVERY
from shapetrace.symbolic.form import Node
from shapetrace.trace import Site, Symbol, Trace

_CALLED_BY_NOBODY = ("convert_", "conv_nd", "wrapped_func")
"""What functions begin with that Paddle calls itself: those of dy2static (`paddle/jit/dy2static/convert_operators.py`), what all
convolutions end in, and what decorators wrap."""
_LONGEST = 240
"""Characters of a dim that are told; of a longer one its beginning and its end."""
_LEAKS = ("ST1", "ST2", "ST3", "ST4", "ST504", "ST6")
"""Rules whose findings say that the export computes something else than the model at other sizes."""


def derived(trace: Trace) -> list[Sizes]:
    """The sizes that each finished conversion of a trace takes.

    Raises:
        UsageError: None is finished, or of none the symbolic shapes are known.
    """
    return [of_conversion(trace, number) for number in finished(trace)]


def finished(trace: Trace) -> list[int]:
    """The conversions of which something can be derived, by their index.

    Raises:
        UsageError: There is none.
    """
    if not trace.conversions:
        raise UsageError(said("the trace holds no conversion: nothing was exported while it was recorded"))
    found = [
        number
        for number, conversion in enumerate(trace.conversions)
        if conversion.failure is None and not conversion.symbolic_error and not conversion.fitted
    ]
    if not found:
        last = trace.conversions[-1]
        why: Sentence = last.symbolic_error
        if last.failure is not None:
            why = said("it failed with {}", last.failure.type)
        elif not why:
            why = said(
                "its shapes are fitted to a few sizes, and not exact, as those of Paddle 2's programs are (Paddle {})",
                trace.paddle,
            )
        raise UsageError(said("which sizes {} takes cannot be derived: {}", last.function, why))
    return found


def of_forward(trace: Trace) -> int:
    """The index of the conversion of `forward`, where several functions of a layer were exported; of those, the last.

    Raises:
        UsageError: No conversion is finished.
    """
    known = finished(trace)
    named = [number for number in known if trace.conversions[number].function.endswith("forward")]
    return (named or known)[-1]


def of_conversion(trace: Trace, number: int, near: Mapping[str, int] | None = None) -> Sizes:
    """The sizes that one conversion takes.

    Args:
        trace: The trace.
        number: Index of the conversion.
        near: Sizes to hold axes at where they go together, by their places.
    """
    return Derivation(trace, number, near).sizes()


class Derivation:
    """The demands of one conversion, and what follows from them.

    Args:
        trace: The trace.
        number: Index of the conversion.
        near: Sizes to hold axes at where they go together, by their places.
    """

    def __init__(self, trace: Trace, number: int, near: Mapping[str, int] | None = None) -> None:
        self._trace = trace
        self._near = near or {}
        self._number = number
        self._conversion = trace.conversions[number]
        reader = Reader(self._conversion, resizes.resolved(self._conversion))
        self.demands = _once(reader.demands())
        """Each once, at the first op that has it."""
        self.always = [demand for demand in self.demands if demand.when is not None]
        """Those of ops of which it is known at which sizes they run, whatever the inputs hold."""
        self._unclear = reader.unclear
        self._symbols = {symbol.key: symbol for symbol in self._conversion.symbols}
        self._leading: dict[str, str] = {}

    @property
    def length(self) -> int:
        """How long the demands are, in characters: what deriving from them costs grows with it."""
        return sum(len(demand.left) + len(demand.right) for demand in self.demands)

    def sizes(self, *, reasons: bool = True) -> Sizes:
        """The sizes that the conversion takes.

        Args:
            reasons: Whether to say which ops leave an axis fewer sizes; most of the time goes into their words.
        """
        solution = self._solution()
        leading = self._leading
        equal = [keys for keys in groups.members(leading).values() if len(keys) > 1]
        found = Sizes(
            self._conversion.function,
            tuple(self._axes(solution, reasons)),
            tuple(tuple(map(self._place, keys)) for keys in equal),
            together=tuple(self.because(demand) for demand in solution.together if reasons),
            ties=tuple(self._tie(demand) for demand in solution.together if reasons),
            at={self._place(key): solution.at[leader] for key, leader in leading.items() if solution.at},
        )
        return replace(found, ones=tuple(self._ones(found, keys) for keys in equal))

    def _tie(self, demand: Demand) -> Tie:
        """A demand over the places of axes."""
        places = {key: self._place(key) for key in self._leading}

        def of(dim: str) -> Node:
            return form.replaced(form.parse(dim), places)

        when = tuple((of(left), sign, of(right)) for left, sign, right in demand.when or ())
        kind = "at_least" if demand.kind in LEAST else demand.kind
        return Tie(cast("TieKind", kind), of(demand.left), of(demand.right), when, self.because(demand))

    def _ones(self, found: Sizes, keys: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Which of some equal axes may be 1 at once; none that the user says are equal, and none where that is not decided."""
        places = [self._place(key) for key in keys]
        axes = [found.axis(place) for place in places]
        names = [axis.symbol for axis in axes]
        if not found.at or any(axis.undecided for axis in axes) or len(set(names)) < len(names):
            return ()
        sizes = ones.apart(axes[0].pattern, found.at[places[0]])
        return ones.allowed(places, sizes, found.at, self.fits)

    def _solution(self) -> Solution:
        """What is decided once it is known which axes are equal: each that is found may make a demand simpler, and show another."""
        found: list[Demand] = []
        solution = Solution()
        while True:
            leading = groups.leaders(self._conversion, [*self.always, *found])
            if leading == self._leading:
                return solution
            self._leading = leading
            batches = frozenset(leading[key] for key in leading if self._symbols[key].axis == 0)
            near = {leading[key]: self._near[place] for key in leading if (place := self._place(key)) in self._near}
            solver = Solver(list(dict.fromkeys(leading.values())), batches, near)
            led = _once(self._led(demand) for demand in self.demands)
            always = [demand for demand in led if demand.when is not None]
            under = [demand for demand in led if demand.when is None]
            solution = solver.solve(always, under)
            simple = _once(broadcasts.simplified(demand, solution.alone) for demand in always)
            found += simple
            solution = solver.solve(simple, (broadcasts.simplified(demand, solution.alone) for demand in under))

    def _led(self, demand: Demand) -> Demand:
        """A demand over the symbols that stand for all that are equal."""
        replaced = {key: leader for key, leader in self._leading.items() if key != leader}
        if not replaced:
            return demand
        return demand.replaced(
            lambda dim: symbolic.substitute(dim, replaced) if symbolic.symbols(dim) & replaced.keys() else dim
        )

    def fits(self, at: Mapping[str, int]) -> bool:
        """Whether no demand is known to fail at sizes of axes, told by their places."""
        sizes = self.assigned(at)
        return not any(demand.fails(sizes) for demand in self.always)

    def assigned(self, at: Mapping[str, int]) -> dict[str, int]:
        """The sizes of axes, told by their places, by the symbols in demands."""
        return {key: at[place] for key in self._leading if (place := self._place(key)) in at}

    def _place(self, key: str) -> str:
        symbol = self._symbols[key]
        return f"{symbol.input}[{symbol.axis}]"

    def _axes(self, solution: Solution, reasons: bool) -> Iterable[Axis]:
        by_axis = {(symbol.input, symbol.axis): symbol for symbol in self._conversion.symbols}
        for given in self._conversion.inputs:
            for axis, size in enumerate(given.shape):
                symbol = by_axis.get((given.name, axis))
                if symbol is not None and symbol.key in self._leading:
                    yield self._unknown(solution, symbol, reasons)
                else:
                    site = self._with_code(self._trace.sites[given.site]) if given.site >= 0 else None
                    spec = Because(said("the spec says {}", size), "InputSpec", site)
                    only = Pattern((size,), None, None, (), None, None, None)
                    yield Axis(given.name, axis, f"{given.name}[{axis}]", only, only, True, (spec,))

    def _unknown(self, solution: Solution, symbol: Symbol, reasons: bool) -> Axis:
        assert symbol.input is not None
        assert symbol.axis is not None
        leader = self._leading[symbol.key]
        because = tuple(map(self.because, solution.reasons(leader) if reasons else ()))
        undecided = [
            self._undecided(demand, why)
            for about, demand, why in solution.open
            if leader in self._behind(demand) | about
        ]
        unclear = [each for each in self._unclear if leader in self._roots(each.keys)]
        undecided += [Because(each.why, *self._where(each.op)) for each in unclear]
        undecided += self._leaks(symbol.input, symbol.axis)
        if not solution.at:
            undecided.append(Because(said("no sizes of all axes were found that go together"), "", None))
        unique = tuple(dict.fromkeys(undecided))
        known = not any(each.misread for each in unclear)
        because = because if known else ()
        sizes, filled = (pattern(sets[leader] if known else EVERY) for sets in (solution.sets, solution.filled))
        held = tuple(self._held(solution, leader))
        remarks = tuple(specs.remarks(self._trace, self._number, symbol, sizes, tied=bool(held or unique)))
        tied = any(leader in self._behind(demand) for demand in solution.together)
        alone = pattern(solution.alone[leader]) if tied else None
        return Axis(symbol.input, symbol.axis, symbol.name, sizes, filled, False, because, unique, remarks, held, alone)

    def _held(self, solution: Solution, leader: str) -> Iterator[tuple[str, int]]:
        """The axes that demands tie an axis to, which leave it fewer sizes, and what they are held at."""
        tied = {key for demand in solution.reasons(leader) for key in self._behind(demand)} - {leader}
        for key in dict.fromkeys(self._leading.values()):
            if key in tied and key in solution.at:
                yield self._place(key), solution.at[key]

    def _behind(self, demand: Demand) -> frozenset[str]:
        return self._roots(demand.symbols)

    def _roots(self, keys: Iterable[str]) -> frozenset[str]:
        """The axes that symbols stand for, or that what they were born of depends on."""
        found: set[str] = set()
        pending, seen = list(keys), set[str]()
        while pending:
            key = pending.pop()
            if key in seen:
                continue
            seen.add(key)
            if key in self._leading:
                found.add(self._leading[key])
            elif (symbol := self._symbols.get(key)) is not None and symbol.op is not None:
                pending += self._operands_of(symbol.op)
        return frozenset(found)

    def _operands_of(self, place: int) -> Iterable[str]:
        """The symbols that the operands of an op have or hold; of what has no known shape, and of few numbers that are not known, those of its own operands."""
        pending, seen = [place], set[int]()
        while pending:
            op = self._conversion.ops[pending.pop()]
            for index in op.inputs:
                value = self._conversion.values[index] if index >= 0 else None
                if value is None or index in seen:
                    continue
                seen.add(index)
                few = len(value.shape) <= 1 and value.data is None
                if value.dims is None or few:
                    pending.append(value.op)
                for dim in (*(value.dims or ()), *(value.data or ())):
                    yield from symbolic.symbols(self._conversion.expressions[dim])

    def _leaks(self, name: str, axis: int) -> Iterable[Because]:
        """Findings that say that the export is right at some sizes only."""
        for finding in self._trace.findings:
            here = finding.conversion == self._number and finding.severity != "note"
            about = any((root.input, root.axis) == (name, axis) for root in finding.roots)
            if here and about and finding.rule.startswith(_LEAKS):
                site = finding.sink or finding.source
                yield Because(said("{}: {}", finding.rule, finding.said), finding.rule, site)

    # In words

    def _where(self, place: int) -> tuple[str, Site | None, str]:
        op = self._conversion.ops[place]
        stack = op.stack or next(filter(None, map(self._stack_behind, op.inputs)), ())  # an assert has none
        site = self._with_code(self._trace.sites[stack[-1]]) if stack else None
        called = "" if op.api.startswith(_CALLED_BY_NOBODY) else op.api
        return called or ops.bare(op.name), site, op.layer

    def _stack_behind(self, index: int) -> tuple[int, ...]:
        """The call stack of the op that makes a value."""
        return self._conversion.ops[self._conversion.values[index].op].stack if index >= 0 else ()

    def _with_code(self, site: Site) -> Site:
        """A site with its line; files that a foreign trace names are not opened."""
        code = site.code or self._trace.sources.get(site.file, {}).get(site.line, "")
        if not code and not self._trace.foreign:
            code = linecache.getline(site.file, site.line)
        return msgspec.structs.replace(site, code=code.strip())

    def because(self, demand: Demand) -> Because:
        """A demand in words, with its op and line."""
        name, site, layer = self._where(demand.op)
        left, right = map(self._text, (demand.left, demand.right))
        words = said(_WORDS[demand.kind], name, left, right)
        if demand.when:
            conditions = [f"{self._text(a)} {sign} {self._text(b)}" for a, sign, b in demand.when]
            words = said("{}, where {}", words, joined("{} and {}", conditions))
        return Because(words, name, site, layer)

    def _text(self, dim: str) -> str:
        text = symbolic.text(dim, self._conversion.names)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"

    def _undecided(self, demand: Demand, why: str) -> Because:
        because = self.because(demand)
        if why == "if":
            words = said("{}, and it runs under a condition only", because.said)
        elif why:
            words = said("{}, which is not decided: {}", because.said, why)
        else:
            words = said("{}, which depends on what the inputs hold", because.said)
        known = why not in ("", "if") and demand.symbols <= self._leading.keys()
        return Because(words, because.op, because.site, because.layer, known)


_WORDS = {
    "equal": "{} wants {} and {} to be equal",
    "differ": "{} wants {} and {} to differ",
    "broadcast": "{} wants {} and {} to be equal, or one of them 1",
    "at_least": "{} wants {} to be at least {}",
    "rows": "{} has {} rows to look up, and is asked for {}",
    "not_empty": "{} leaves an empty tensor unless {} is at least {}",
}


def _once(demands: Iterable[Demand]) -> list[Demand]:
    """Each demand once, at the first op that has it."""
    found: dict[tuple[object, ...], Demand] = {}
    for demand in demands:
        if demand.left != demand.right and not demand.settled:
            found.setdefault((demand.kind, demand.left, demand.right, demand.when), demand)
    return list(found.values())
