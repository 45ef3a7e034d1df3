"""The records of a sweep in the forms that other programs read: JSON Lines, Parquet and JUnit."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import msgspec

from shapetrace.reports.printable import visible
from shapetrace.sweep.folder import Listed
from shapetrace.sweep.records import Record

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def json_lines(records: Sequence[Record]) -> bytes:
    """A record a line."""
    return b"".join(msgspec.json.encode(record) + b"\n" for record in records)


def parquet(records: Sequence[Record]) -> bytes:
    """A row a record: what is one value has a column of its own, the rest is JSON."""
    import pyarrow
    from pyarrow import parquet as writer

    table = pyarrow.Table.from_pylist([_row(record) for record in records], schema=_schema(pyarrow))
    file = io.BytesIO()
    writer.write_table(table, file)
    return file.getvalue()


_TEXTS = (
    *("key", "model", "mode", "environment", "paddle", "python", "shapetrace", "state"),
    *("rule", "says", "file", "code", "op", "layer", "signal", "engine", "stage"),
    *("findings", "engines", "takes"),
)


def _schema(pyarrow: Any) -> Any:
    numbers = [("line", pyarrow.int64()), ("memory", pyarrow.int64())]
    numbers += [(name, pyarrow.float64()) for name in ("began", "seconds", "cpu", "export")]
    return pyarrow.schema([*((name, pyarrow.string()) for name in _TEXTS), *numbers])


def _row(record: Record) -> dict[str, Any]:
    plain = msgspec.to_builtins(record)
    cause = plain.get("cause", {})
    place = cause.get("place", {})
    row = {**plain["spent"], **place, **cause, **plain}
    for name in ("findings", "engines", "takes"):
        row[name] = msgspec.json.encode(plain.get(name, ())).decode()
    return {name: row.get(name) for name in (*_TEXTS, "line", *plain["spent"])}


def junit(jobs: Sequence[Listed], records: Sequence[Record]) -> bytes:
    """A test case a job; what is not healthy fails, and what was not done is an error."""
    by_key = {record.key: record for record in records}
    wrong = sum(record.state != "healthy" for record in records)
    suite = ElementTree.Element(
        "testsuite",
        name="shapetrace sweep",
        tests=str(len(jobs)),
        failures=str(wrong),
        errors=str(len(jobs) - len(by_key)),
    )
    for job in jobs:
        _case(suite, job, by_key.get(job.key))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode").encode()


def _case(suite: ElementTree.Element, job: Listed, record: Record | None) -> None:
    name = _clean(f"{job.model} [{job.mode}]")
    case = ElementTree.SubElement(suite, "testcase", classname=f"sweep.{_clean(job.environment)}", name=name)
    if record is None:
        ElementTree.SubElement(case, "error", type="not done", message="the sweep ended before it was done")
        return
    case.set("time", f"{record.spent.seconds:.3f}")
    if record.cause is None:
        return
    failure = ElementTree.SubElement(case, "failure", type=record.state, message=_clean(record.cause.says))
    place = record.cause.place
    if place is not None:
        failure.text = _clean(f"{place.file}:{place.line}: {place.code}")


def _clean(value: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", visible(value, lines=True))
