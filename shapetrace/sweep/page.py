"""The page of a sweep: the matrix of models, modes and environments, and the failures by their causes. One file, without network."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple
from urllib.parse import quote

import jinja2

from shapetrace.reports.palette import PALETTES
from shapetrace.reports.printable import short, visible
from shapetrace.reports.translations import current, worded
from shapetrace.said import Said, said
from shapetrace.sweep import wording
from shapetrace.sweep.commands import LOG, PAGE
from shapetrace.sweep.folder import Listed
from shapetrace.sweep.records import STATES, Record, State, groups
from shapetrace.version import __version__

_SHORT: dict[State, Said] = {
    **wording.STATES,
    "export-fails": said("fails"),
    "differs-at-a-size": said("differs"),
    "fails-at-inference": said("inference"),
    "fails-in-an-engine": said("engine"),
    "over-memory": said("memory"),
    "dygraph-fails": said("dygraph"),
    "could-not-be-built": said("not built"),
}
_MOST_SLOW = 10


class Cell(NamedTuple):
    """A job in the matrix."""

    state: str
    """Empty where it has not been done."""
    label: str
    title: str
    link: str
    """To its report, else to what it printed."""
    group: int
    """Number of its cause; -1 for none."""


class Row(NamedTuple):
    """A model."""

    model: str
    cells: list[Cell | None]
    """One for each column, None where there is no such job."""


class Group(NamedTuple):
    """Failures of one cause."""

    number: int
    first: Record
    jobs: list[tuple[str, str]]
    """Name and link of each."""


Column = tuple[str, str]
"""An environment and a mode."""


def render(jobs: Sequence[Listed], records: Sequence[Record]) -> str:
    """The page. All text of models in it is escaped, and its content security policy admits no script but its own."""
    by_key = {record.key: record for record in records}
    causes = groups(records)
    number = {record.key: index for index, group in enumerate(causes) for record in group}
    columns = list(dict.fromkeys((job.environment, job.mode) for job in jobs))
    columns.sort(key=lambda column: [job.environment for job in jobs].index(column[0]))
    script = _asset("page.js")
    counted = Counter(record.state for record in records)
    return (
        _environment()
        .get_template("index.html")
        .render(
            columns=columns,
            environments=_spans(columns),
            modes=list(dict.fromkeys(mode for _, mode in columns)),
            rows=_rows(jobs, by_key, columns, number),
            groups=[_group(index, group) for index, group in enumerate(causes)],
            states=[(state, counted[state]) for state in STATES if counted[state]],
            lang="zh-Hans" if current().language == "zh" else "en",
            missing=len(jobs) - len(by_key),
            total=len(jobs),
            slow=sorted(records, key=lambda record: -record.spent.seconds)[:_MOST_SLOW],
            versions=_versions(records),
            version=__version__,
            palettes=PALETTES,
            style=_asset("page.css"),
            script=script,
            digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            link=_link,
        )
    )


def _rows(
    jobs: Sequence[Listed], by_key: dict[str, Record], columns: Sequence[Column], number: dict[str, int]
) -> list[Row]:
    by_model: dict[str, dict[Column, Cell]] = {}
    for job in jobs:
        cell = _cell(by_key.get(job.key), number)
        by_model.setdefault(job.model, {})[job.environment, job.mode] = cell
    return [Row(model, [cells.get(column) for column in columns]) for model, cells in by_model.items()]


def _cell(record: Record | None, number: dict[str, int]) -> Cell:
    if record is None:
        return Cell("", worded("not done"), worded("the sweep ended before this was done"), "", -1)
    cause, say = record.cause, current().say
    label = say(_SHORT[record.state])
    if cause is not None and (why := cause.rule or cause.signal or cause.engine):
        label = f"{label} {why}"
    if record.state == "healthy" and record.unverified:
        label = worded("{}, not compared", label)
    words = [worded("{}, {} s", wording.STATES[record.state], f"{record.spent.seconds:.1f}")]
    words += [say(cause.sentence)] if cause is not None else []
    words += [worded("not compared: {}", say(record.unverified))] if record.unverified else []
    words += [worded("{} {}", axis.name, axis.sentence) for axis in record.takes]
    words += [
        worded("{}: {}", engine.name, said("right") if engine.ok else engine.said or engine.says)
        for engine in record.engines
    ]
    title = "\n".join(map(short, words))
    return Cell(record.state, label, title, _link(record), number.get(record.key, -1))


def _link(record: Record) -> str:
    """The report of a job; what it printed where that is all there is, as of one that has converted nothing."""
    names = (LOG,) if record.state == "could-not-be-built" else (PAGE, LOG)
    name = next((name for name in names if name in record.files), "")
    return f"reports/{quote(record.key)}/{name}" if name else ""


def _group(index: int, group: Sequence[Record]) -> Group:
    return Group(index, group[0], [(" · ".join(record.name), _link(record)) for record in group])


def _spans(columns: Sequence[Column]) -> list[tuple[str, int]]:
    """Each environment, and how many columns it has."""
    return list(Counter(environment for environment, _ in columns).items())


def _versions(records: Sequence[Record]) -> dict[str, str]:
    """What each environment has."""
    return {
        record.environment: worded("Paddle {}, Python {}", record.paddle or said("not installed"), record.python)
        for record in records
    }


def _asset(name: str) -> str:
    return resources.files("shapetrace.sweep").joinpath("templates", name).read_text("utf-8")


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("shapetrace.sweep"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # What the i18n extension adds is not known to type checkers.
    environment.install_gettext_translations(current(), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["visible"] = lambda text: visible(str(text))
    environment.filters["words"] = lambda state: current().say(wording.STATES[state])
    environment.filters["say"] = lambda cause: visible(current().say(cause.sentence))
    return environment
