"""The report for programs: one JSON object, whose schema is published in `docs/reference/report.schema.json`."""

from __future__ import annotations

from typing import Any

import msgspec

from shapetrace.reports.printable import visible
from shapetrace.trace import Conversion, Finding, Fix, Said, Served, ServedAt, Trace, Verified

VERSION = 1
"""Version of the report's form. It counts up when something is renamed or taken away, not when it is added."""


_NAMES = {"said": "message", "remarks": "notes"}
_SAYING = {"said": "says"}
"""Fields that go by another name here: a sentence is its English text."""
_RECORDS = ("reads", "skips", "uses", "ops")
"""Fields of a finding that lead to tables of the trace, which the report does not hold."""


def render(trace: Trace) -> str:
    """`trace` as JSON, in the form its schema describes."""
    return encode(document(trace))


def encode(value: Any) -> str:
    """Any plain value as indented JSON that every parser takes."""
    try:
        packed = msgspec.json.encode(value)
    except UnicodeEncodeError:  # lone surrogates, as in file names that are no UTF-8
        packed = msgspec.json.encode(_encodable(value))
    return msgspec.json.format(packed, indent=2).decode() + "\n"


def document(trace: Trace) -> dict[str, Any]:
    """The report before it is encoded."""
    from shapetrace.sizes import summary
    from shapetrace.sizes.document import of_export

    sizes = summary.of_trace(trace)
    return {
        "version": VERSION,
        "shapetrace": trace.shapetrace,
        "paddle": trace.paddle,
        "python": trace.python,
        "findings": [finding(found) for found in trace.findings],
        "conversions": [
            {**_conversion(trace, conversion), "sizes": of_export(sizes[number]) if number in sizes else None}
            for number, conversion in enumerate(trace.conversions)
        ],
        "remedies": _plain(trace.remedies),
        "fixed": _plain(trace.fixed),
        "verified": _plain(trace.verified),
        "notes": trace.notes,
        "suppressed": dict(trace.suppressed),
    }


def finding(found: Finding) -> dict[str, Any]:
    """One finding, every field present: the form other tools may rely on."""
    result: dict[str, Any] = _plain(found)
    return {name: value for name, value in result.items() if name not in _RECORDS}


def _conversion(trace: Trace, conversion: Conversion) -> dict[str, Any]:
    failure = conversion.failure
    return {
        "function": conversion.function,
        "site": _site(trace, conversion.site),
        "inputs": [{**_plain(given), "site": _site(trace, given.site)} for given in conversion.inputs],
        "symbols": [{"name": symbol.name, "input": symbol.input, "axis": symbol.axis} for symbol in conversion.symbols],
        "symbolic_error": conversion.symbolic_error,
        "failure": None if failure is None else {"type": failure.type, "message": failure.message},
        "counts": {"ops": len(conversion.ops), "tensors": len(conversion.values)},
        "tensors": _tensors(conversion),
    }


def _site(trace: Trace, index: int) -> Any:
    return _plain(trace.sites[index]) if 0 <= index < len(trace.sites) else None


def _tensors(conversion: Conversion) -> list[dict[str, Any]]:
    rows = []
    for tensor in conversion.tensors:
        site = tensor.site
        rows.append(
            {
                "name": tensor.name,
                "op": tensor.op,
                "dtype": tensor.dtype,
                "shape": tensor.shape,
                "symbolic": tensor.symbolic,
                "layer": tensor.layer,
                "file": site.file if site else None,
                "line": site.line if site else None,
            }
        )
    return rows


def _plain(value: Any) -> Any:
    """A struct as a dict that leaves out nothing; a sentence, or a value that JSON lacks, as its text."""
    if isinstance(value, Said):
        return str(value)
    if isinstance(value, msgspec.Struct):
        names = _SAYING if isinstance(value, Fix | Verified | Served | ServedAt) else _NAMES
        return {names.get(name, name): _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return int(value) if -(1 << 63) <= value < 1 << 63 else str(int(value))  # a Dim is an int too
    if isinstance(value, float) and value - value == 0:
        return value
    return str(value)


def _encodable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _encodable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return visible(value, lines=True) if isinstance(value, str) else value
