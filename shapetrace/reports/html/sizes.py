"""What the page says of the sizes that exports take, as plain data for the template."""

from __future__ import annotations

from dataclasses import dataclass

from shapetrace.reports.printable import relative, short
from shapetrace.reports.translations import Catalog
from shapetrace.sizes import Because, Sizes
from shapetrace.trace import Trace

_FEW = 4  # reasons of an axis


@dataclass(frozen=True)
class Reason:
    """An op that leaves an axis fewer sizes."""

    said: str
    place: str
    code: str
    undecided: bool = False


@dataclass(frozen=True)
class Row:
    """One unknown axis."""

    place: str
    said: str
    reasons: list[Reason]
    remarks: list[str]


@dataclass(frozen=True)
class SizesView:
    """The sizes that one export takes, ready to be shown. None of the text is escaped."""

    function: str
    rows: list[Row]
    beside: list[str]
    together: list[Reason]


def views(trace: Trace, catalog: Catalog) -> list[SizesView]:
    """The sizes of each export of which there is something to say.

    Args:
        trace: The trace.
        catalog: The language.
    """
    from shapetrace.sizes import summary  # brings in the rules

    return [_view(found, catalog) for found in summary.of_trace(trace).values() if summary.telling(found)]


def _view(found: Sizes, catalog: Catalog) -> SizesView:
    rows = []
    for axis in found.axes:
        if not axis.fixed_by_spec:
            reasons = [_reason(because, catalog) for because in axis.because[:_FEW]]
            reasons += [_reason(because, catalog, undecided=True) for because in axis.undecided[:_FEW]]
            remarks = [short(catalog.say(remark), 400) for remark in axis.remarks]
            rows.append(Row(short(axis.place), short(catalog.say(axis.said)), reasons, remarks))
    known = {because for axis in found.axes for because in axis.because}
    together = [_reason(because, catalog) for because in found.together if because not in known][:_FEW]
    return SizesView(short(found.function), rows, [short(catalog.say(line)) for line in found.said_equal], together)


def _reason(because: Because, catalog: Catalog, *, undecided: bool = False) -> Reason:
    site = because.site
    place = f"{short(relative(site.file))}:{site.line}" if site is not None else ""
    return Reason(short(catalog.say(because.said), 400), place, short(site.code) if site is not None else "", undecided)
