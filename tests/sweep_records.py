"""Records of sweeps, written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import structs

from shapetrace.said import said
from shapetrace.sweep.folder import Folder, Listed
from shapetrace.sweep.records import Axis, Cause, Done, Found, Place, Record, Spent

LINE = Place("net.py", 7, "x.reshape([n, -1])")
LEAK = Found("ST101", "error", "reshape got shape[0] = -8", LINE, "reshape")


def record(model: str = "net", **fields: Any) -> Record:
    """What came of a job, healthy unless a field says otherwise."""
    plain = Record(
        key=f"key-{model}",
        model=model,
        mode="as given",
        environment="this",
        paddle="3.3.1",
        python="3.11.7",
        shapetrace="1.0.0",
        state="healthy",
        spent=Spent(0.0, 9.0, 8.0, 2.0, 1 << 30),
    )
    return structs.replace(plain, **fields)


def failing(model: str = "net", **fields: Any) -> Record:
    """What came of a job whose export fails."""
    cause = Cause(LEAK.says, LEAK.rule, LINE, LEAK.op, stage="export")
    return record(model, **{"state": "export-fails", "cause": cause, "findings": (LEAK,), **fields})


def free(name: str) -> Axis:
    """An axis that takes every size."""
    return Axis(name, "any size", "free", None, 1, (0,), multiple_of=1, said=said("any size"))


def multiple(name: str, of: int) -> Axis:
    """An axis that takes multiples of a number."""
    sentence = said("a multiple of {}", of)
    return Axis(name, str(sentence), "constrained", None, of, (0,), multiple_of=of, said=sentence)


def folder(path: Path, *records: Record) -> Path:
    """The folder of a sweep that has come to these."""
    made = Folder(path)
    made.make()
    made.ask([Listed(each.key, *each.name) for each in records])
    for each in records:
        made.keep(Done(each, {"log.txt": b"said"}))
    return path
