"""Finds the op whose value in an ONNX file is not the one it should be, by the names of the tensors in the file.

The K-th op of a kind in such a name is that of the exported program, where Paddle's plain executor gives the value that it should have. So the file needs not be
made again, as cutting the program would: it may come from another version of the converter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shapetrace.facts import ops
from shapetrace.onnx_file import names
from shapetrace.verify import tolerance
from shapetrace.verify.pieces import Pieces, Slot


def op(pieces: Pieces, name: str) -> int | None:
    """The index, in the exported program, of the op that a tensor of the file is a result of; None where it is of none."""
    slot = _slot(pieces, name)
    return slot[0] if slot is not None else None


def differing(
    pieces: Pieces, arrays: Mapping[str, Any], alike: Callable[[Any, Any], bool] = tolerance.served_alike
) -> int | None:
    """The first op of the exported program that gives something else in the file.

    Args:
        pieces: The program, opened with the inputs that the file was run with.
        arrays: Values of tensors of the file, by name.
        alike: Whether the value that an op should have and that of the file are alike.

    Returns:
        None where all are the same.
    """
    overwritten = pieces.overwritten()
    slots = {slot: name for name in arrays if (slot := _slot(pieces, name)) is not None and slot not in overwritten}
    for slot in [slot for slot in slots if pieces.named[slot[0]][0] == ops.FULL_INTS]:
        del slots[slot]  # OpenVINO has an empty list of numbers as one number
    for together in pieces.portions(list(slots)):
        expected = pieces.run(together[-1][0], together)
        for slot, value in zip(together, expected, strict=True):
            if not alike(value, arrays[slots[slot]]):
                return slot[0]
    return None


def read(tensors: Sequence[str], path: str) -> dict[str, Any]:
    """Values that the process of an engine wrote, by the name of the tensor."""
    import numpy

    with numpy.load(path) as arrays:
        return dict(zip(tensors, (arrays[name] for name in arrays.files), strict=True))


def _slot(pieces: Pieces, name: str) -> Slot | None:
    place = names.place(name)
    if place is None:
        return None
    kind, number, result = place
    if kind == names.FETCHED:
        return pieces.fetched(number)
    of_kind: Sequence[int] = [index for index, (own, _) in enumerate(pieces.named) if own == kind]
    if number >= len(of_kind) or not pieces.is_tensor(of_kind[number], result):
        return None
    return of_kind[number], result
