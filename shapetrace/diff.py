"""What changed between two traces: before and after a repair, or under two versions of Paddle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from msgspec import Struct

from shapetrace.said import Said, Sentence, said
from shapetrace.trace import Finding, Tensor, Trace

_PASSES = "passes"
_MOST_LINES = 50  # of one kind of change, in the text


class Place(Struct, frozen=True, order=True):
    """An op by where it stands rather than by number: the n-th of its kind in its layer."""

    conversion: str
    """The converted function; `f #2` for its second conversion."""
    layer: str
    op: str
    occurrence: int
    """From 0."""


class ShapeChange(Struct, frozen=True):
    """A result whose symbolic shape differs."""

    place: Place
    result: int
    """Which result of the op."""
    before: str
    after: str


class Diff(Struct, frozen=True):
    """The differences of two traces. Empty lists mean that there are none."""

    findings_gone: tuple[Finding, ...] = ()
    findings_new: tuple[Finding, ...] = ()
    shapes: tuple[ShapeChange, ...] = ()
    ops_added: tuple[tuple[str, str, int], ...] = ()
    """Layer, op, and how many more of it there are."""
    ops_removed: tuple[tuple[str, str, int], ...] = ()
    outcomes: tuple[tuple[str, str, str], ...] = ()
    """Converted function, how its conversion ended before, and how it ends after: `passes`, or the exception's type."""

    @property
    def empty(self) -> bool:
        """Whether the traces agree in all of this."""
        return self == Diff()


def diff(a: Trace, b: Trace) -> Diff:
    """Compare two traces.

    Findings are the same if rule, source, sink and value are. Ops are matched by conversion, layer, kind and occurrence;
    one that moved between layers counts as removed and added.

    Args:
        a: The trace before.
        b: The trace after.
    """
    counted_a, counted_b = Counter(map(_identity, a.findings)), Counter(map(_identity, b.findings))
    shapes_a, shapes_b = dict(_shapes(a)), dict(_shapes(b))
    changes = [
        ShapeChange(place, result, before, shapes_b[place, result])
        for (place, result), before in shapes_a.items()
        if shapes_b.get((place, result), before) != before
    ]
    ops_a, ops_b = _ops(a), _ops(b)
    outcomes_a, outcomes_b = _outcomes(a), _outcomes(b)
    return Diff(
        findings_gone=tuple(item for item in a.findings if not counted_b[_identity(item)]),
        findings_new=tuple(item for item in b.findings if not counted_a[_identity(item)]),
        shapes=tuple(changes),
        ops_added=tuple((*key, count) for key, count in sorted((ops_b - ops_a).items())),
        ops_removed=tuple((*key, count) for key, count in sorted((ops_a - ops_b).items())),
        outcomes=tuple(
            (name, before, outcomes_b[name])
            for name, before in outcomes_a.items()
            if outcomes_b.get(name, before) != before
        ),
    )


def text(diff: Diff, say: Callable[[Sentence], str] = str) -> str:
    """The differences for people: a line each, `-` for what is gone, `+` for what is new, `~` for what changed.

    Args:
        diff: The differences.
        say: Words a sentence; in English without it.
    """
    return "\n".join(map(say, _lines(diff))) + "\n"


def _lines(diff: Diff) -> Iterator[Sentence]:
    if diff.empty:
        yield said("no differences: the same findings, ops and symbolic shapes")
    yield from _section(
        said("conversions"), [_change(name, _outcome(before), _outcome(after)) for name, before, after in diff.outcomes]
    )
    findings = [("-", item) for item in diff.findings_gone] + [("+", item) for item in diff.findings_new]
    told = [said("{} {} {}{}", sign, item.rule, item.said, _where(item)) for sign, item in findings]
    yield from _section(said("findings"), told)
    ops = [("-", *row) for row in diff.ops_removed] + [("+", *row) for row in diff.ops_added]
    yield from _section(said("ops"), [_counted(*row) for row in ops])
    shapes = [
        _change(f"{change.place.layer}{change.place.op} ({change.place.occurrence + 1})", change.before, change.after)
        for change in diff.shapes
    ]
    yield from _section(said("symbolic shapes"), shapes)


def _section(title: Said, lines: list[Said]) -> Iterator[Said]:
    if lines:
        yield said("{}: {}", title, f"{len(lines):,}")
        yield from (said("  {}", line) for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield said("  ... and {} more", f"{len(lines) - _MOST_LINES:,}")


def _change(name: str, before: Sentence, after: Sentence) -> Said:
    return said("~ {}: {} -> {}", name, before, after)


def _outcome(ending: str) -> Sentence:
    return said("passes") if ending == _PASSES else ending


def _counted(sign: str, layer: str, op: str, count: int) -> Said:
    return said("{} {} {} in {}", sign, f"{count:,}", op, layer or said("the top level"))


def _identity(finding: Finding) -> tuple[object, ...]:
    sink = finding.sink
    place = (sink.file, sink.line, sink.column, sink.op, sink.argument, sink.index) if sink is not None else None
    return finding.rule, finding.source, place, repr(finding.python_value), finding.roots, finding.conversion


def _where(finding: Finding) -> str:
    site = finding.sink or finding.source
    return f" ({site.file}:{site.line})" if site is not None else ""


def _conversions(trace: Trace) -> Iterator[tuple[str, int]]:
    """A name for each conversion that stays the same from trace to trace, and its index."""
    counts: Counter[str] = Counter()
    for index, conversion in enumerate(trace.conversions):
        counts[conversion.function] += 1
        count = counts[conversion.function]
        yield conversion.function + (f" #{count}" if count > 1 else ""), index


def _outcomes(trace: Trace) -> dict[str, str]:
    outcomes = {}
    for name, index in _conversions(trace):
        failure = trace.conversions[index].failure
        outcomes[name] = _PASSES if failure is None else failure.type
    return outcomes


def _ops(trace: Trace) -> Counter[tuple[str, str]]:
    return Counter((op.layer, op.name) for conversion in trace.conversions for op in conversion.ops)


def _shapes(trace: Trace) -> Iterator[tuple[tuple[Place, int], str]]:
    for name, index in _conversions(trace):
        conversion = trace.conversions[index]
        counts: Counter[tuple[str, str]] = Counter()
        for op in conversion.ops:
            key = op.layer, op.name
            place = Place(name, op.layer, op.name, counts[key])
            counts[key] += 1
            for result, value in enumerate(op.outputs):
                tensor = Tensor(conversion, value)
                symbolic = tensor.symbolic
                shape = symbolic if symbolic is not None else tuple(map(str, tensor.shape))
                yield (place, result), f"[{', '.join(shape)}]"
