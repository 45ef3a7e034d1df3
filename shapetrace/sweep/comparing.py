"""Two sweeps compared, job by job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import msgspec
from msgspec import Struct, structs

from shapetrace.errors import UsageError
from shapetrace.said import Sentence, joined, said
from shapetrace.sweep import wording
from shapetrace.sweep.records import Axis, Found, Place, Record, cause_key

Kind = Literal[
    "newly broken",
    "repaired",
    "fails otherwise",
    "same failure in other words",
    "new findings",
    "findings gone",
    "sizes lost",
    "sizes gained",
    "slower",
    "added",
    "removed",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
NEW: frozenset[Kind] = frozenset({"newly broken", "fails otherwise", "new findings", "sizes lost"})
"""What `--fail-on new` fails on: trouble that was not there before."""

SLOWER = 1.5
"""How many times as much processor time an export takes that counts as slower."""
_SECONDS = 5.0  # less than so much more is noise
_MOST_SIZE = 4096
_MOST_SIZES = 6


class Change(Struct, frozen=True):
    """One difference."""

    kind: Kind
    model: str
    mode: str
    environment: str
    before: Sentence
    after: Sentence


def compare(
    before: Sequence[Record],
    after: Sequence[Record],
    environments: tuple[str | None, str | None] = (None, None),
    slower: float = SLOWER,
) -> list[Change]:
    """What differs, in the order of the kinds and then of the jobs.

    Jobs are matched by model, mode and environment; where each side has one environment, they are matched whatever it is called.

    Args:
        before: Records of a sweep.
        after: Records of another.
        environments: The environment to look at on each side; None for all.
        slower: How many times as much processor time counts as slower.

    Raises:
        UsageError: There is no such environment.
    """
    left, right = (_chosen(side, name) for side, name in zip((before, after), environments, strict=True))
    alone = all(len({record.environment for record in side}) == 1 for side in (left, right))
    ours, theirs = _by_name(left, alone), _by_name(right, alone)
    changes: list[Change] = []
    for name in dict.fromkeys((*ours, *theirs)):
        a, b = ours.get(name), theirs.get(name)
        if a is None and b is not None:
            changes.append(_change("added", b, "", _said(b)))
        elif b is None and a is not None:
            changes.append(_change("removed", a, _said(a), ""))
        elif a is not None and b is not None:
            changes += _differences(a, b, slower)
    return sorted(changes, key=lambda change: KINDS.index(change.kind))


def _chosen(records: Sequence[Record], environment: str | None) -> list[Record]:
    chosen = [record for record in records if environment in (None, record.environment)]
    if environment is not None and not chosen:
        names = ", ".join(dict.fromkeys(record.environment for record in records))
        raise UsageError(said("there is no environment {}: there are {}", environment, names))
    return chosen


def _by_name(records: Sequence[Record], alone: bool) -> dict[tuple[str, ...], Record]:
    return {record.name[:2] if alone else record.name: record for record in records}


def _differences(a: Record, b: Record, slower: float) -> Iterator[Change]:
    yield from _state(a, b)
    yield from _findings(a, b)
    yield from _sizes(a, b)
    if _is_slower(a, b, slower):
        yield _change("slower", b, f"{_cpu(a):.1f} s", f"{_cpu(b):.1f} s")


def _state(a: Record, b: Record) -> Iterator[Change]:
    if a.state == b.state == "healthy":
        return
    if a.state == "healthy":
        yield _change("newly broken", b, _said(a), _said(b))
    elif b.state == "healthy":
        yield _change("repaired", b, _said(a), _said(b))
    elif cause_key(a) != cause_key(b):
        yield _change(_otherwise(a, b), b, _said(a), _said(b))
    elif a.cause != b.cause:
        yield _change("same failure in other words", b, _said(a), _said(b))


def _otherwise(a: Record, b: Record) -> Kind:
    """Whether a failure is another one, or stands elsewhere or in other words."""

    def same(record: Record) -> tuple[object, ...]:
        cause = record.cause
        code = cause.place.code if cause is not None and cause.place is not None else ""
        return (record.state, *((cause.rule, code, cause.signal, cause.engine, cause.stage) if cause else ()))

    return "same failure in other words" if same(a) == same(b) else "fails otherwise"


def _findings(a: Record, b: Record) -> Iterator[Change]:
    """Findings besides the one that is the cause, which `_state` tells of."""
    if a.state != b.state and "healthy" in (a.state, b.state):
        return
    ours, theirs = ({_identity(found): found for found in record.findings} for record in (a, b))
    told = {_identity_of_cause(record) for record in (a, b)}
    new = [found for name, found in theirs.items() if name not in ours and name not in told]
    gone = [found for name, found in ours.items() if name not in theirs and name not in told]
    if new:
        yield _change("new findings", b, "", joined("{}; {}", [_worded(found) for found in new]))
    if gone:
        yield _change("findings gone", b, joined("{}; {}", [_worded(found) for found in gone]), "")


def _identity(found: Found) -> tuple[str, str, str, str]:
    """What stays the same when lines move."""
    place = found.place
    return found.rule, place.file if place else "", place.code if place else "", found.op


def _identity_of_cause(record: Record) -> tuple[str, str, str, str] | None:
    cause = record.cause
    if cause is None or not cause.rule:
        return None
    return _identity(Found(cause.rule, "", "", cause.place, cause.op))


def _sizes(a: Record, b: Record) -> Iterator[Change]:
    after = {axis.name: axis for axis in b.takes}
    for axis in a.takes:
        other = after.get(axis.name)
        if other is None:
            continue
        ours, theirs = _taken(axis), _taken(other)
        lost, gained = sorted(ours - theirs), sorted(theirs - ours)
        if lost:
            yield _change("sizes lost", b, _axis(axis), said("{}; lost: {}", _axis(other), _listed(lost)))
        elif gained:
            yield _change("sizes gained", b, _axis(axis), said("{}; gained: {}", _axis(other), _listed(gained)))
    if a.takes and not b.takes and b.state in ("healthy", "finding"):
        before = joined("{}, {}", [_axis(axis) for axis in a.takes])
        yield _change("sizes lost", b, before, b.unknown or said("not derived"))


def _taken(axis: Axis) -> frozenset[int]:
    pattern = axis.pattern
    return frozenset(size for size in range(1, _MOST_SIZE + 1) if size in pattern)


def _axis(axis: Axis) -> Sentence:
    return said("{} {}", axis.name, axis.sentence)


def _listed(sizes: Sequence[int]) -> str:
    shown = ", ".join(map(str, sizes[:_MOST_SIZES]))
    return f"{shown}, …" if len(sizes) > _MOST_SIZES else shown


def _cpu(record: Record) -> float:
    return record.spent.export or record.spent.cpu


def _is_slower(a: Record, b: Record, times: float) -> bool:
    """Whether an export takes more processor time; time on the clock tells of the other jobs of the machine."""
    if a.state != b.state or bool(a.spent.export) != bool(b.spent.export):
        return False
    return _cpu(b) > _cpu(a) * times and _cpu(b) > _cpu(a) + _SECONDS


def _said(record: Record) -> Sentence:
    """The state and its cause on one line."""
    state, cause = wording.STATES[record.state], record.cause
    if cause is None:
        return state
    words = said("{} {}", state, cause.rule) if cause.rule else state
    return said("{}: {}", words, _placed(cause.sentence, cause.place))


def _worded(found: Found) -> Sentence:
    return said("{} {}", found.rule, _placed(found.sentence, found.place))


def _placed(sentence: Sentence, place: Place | None) -> Sentence:
    return sentence if place is None else said("{} ({})", sentence, f"{place.file}:{place.line}")


def _change(kind: Kind, record: Record, before: Sentence, after: Sentence) -> Change:
    return Change(kind, *record.name, before, after)


def json(changes: Sequence[Change]) -> bytes:
    """The changes as one JSON object, in English."""
    english = [structs.replace(change, before=str(change.before), after=str(change.after)) for change in changes]
    return msgspec.json.format(msgspec.json.encode({"version": 1, "changes": english}), indent=2) + b"\n"
