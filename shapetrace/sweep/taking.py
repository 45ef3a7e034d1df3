"""Derives which sizes an export takes, for a job: `python -m shapetrace.sweep.taking TRACE FILE`, for it may take long."""

from __future__ import annotations

import sys

import msgspec
from msgspec import Struct

from shapetrace import atomic_write
from shapetrace.errors import ShapetraceError
from shapetrace.opened import load
from shapetrace.said import Sentence, of_error
from shapetrace.sizes import Axis as Derived
from shapetrace.sizes.deriving import derived
from shapetrace.sweep.records import Axis


class Taken(Struct, frozen=True):
    """What was derived."""

    axes: tuple[Axis, ...] = ()
    unknown: Sentence = ""
    """Why nothing was."""


def main(trace: str, file: str) -> None:
    """Derive the sizes of the last export of a trace, and write them to a file.

    Args:
        trace: Path of the trace.
        file: Path of the file.
    """
    try:
        taken = Taken(tuple(map(_axis, derived(load(trace))[-1].axes)))
    except ShapetraceError as error:
        taken = Taken(unknown=of_error(error))
    atomic_write.write(file, msgspec.json.encode(taken))


def _axis(axis: Derived) -> Axis:
    found = axis.pattern
    return Axis(
        name=axis.symbol or axis.place,
        says=str(axis.said),
        state=axis.state,
        values=found.values,
        modulus=found.modulus,
        residues=found.residues,
        also=found.also,
        at_least=found.at_least,
        at_most=found.at_most,
        multiple_of=found.multiple_of,
        square_and=found.square_and,
        said=axis.said,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
