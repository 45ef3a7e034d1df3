"""Says of every dim which dim of the op's inputs it comes from, so that the page can walk back from any tensor."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shapetrace.trace import Conversion, Value

_WORD = re.compile(r"[A-Za-z_]\w*")
_NOWHERE = (-1, 0)


def origins(conversion: Conversion) -> list[int | list[int]]:
    """For each value, where each of its dims comes from.

    Args:
        conversion: The conversion.

    Returns:
        For each value 0 where no dim of it comes from an input of its op. Else a flat list of pairs, one for each axis
        and then one for each dim that it holds as data: the input value, and its axis, which is -1 - n for element n
        of the dims it holds as data. (-1, 0) stands for a dim that starts here.
    """
    keys = conversion.names.keys()
    symbols = [keys & set(_WORD.findall(text)) for text in conversion.expressions]
    result: list[int | list[int]] = []
    for value in conversion.values:
        inputs = [i for i in conversion.ops[value.op].inputs if i >= 0] if value.op >= 0 else []
        made_of = [conversion.values[i] for i in inputs]
        known = value.dims if value.dims is not None and len(value.dims) == len(value.shape) else None
        data = value.data or ()
        places = [
            _unknown(made_of, value.shape, axis) if known is None else _symbolic(made_of, symbols, known, axis)
            for axis in range(len(value.shape))
        ]
        places += [_symbolic(made_of, symbols, data, element) for element in range(len(data))]
        found = [number for i, axis in places for number in (inputs[i] if i >= 0 else -1, axis)]
        result.append(found if any(i >= 0 for i in found[::2]) else 0)
    return result


def _symbolic(inputs: list[Value], symbols: list[set[str]], dims: tuple[int, ...], axis: int) -> tuple[int, int]:
    """The input dim that is the same expression, else one with a symbol in common; the same place breaks a tie."""
    mine = dims[axis]
    if not symbols[mine]:  # a constant comes from the unknown dim that stood in its place, where one did
        for i, value in enumerate(inputs):
            theirs = value.dims
            if theirs and len(theirs) == len(dims) and symbols[theirs[axis]]:
                return i, axis
        return _NOWHERE
    best, most = _NOWHERE, 0
    for i, value in enumerate(inputs):
        for place, dim in _held(value):
            if symbols[dim].isdisjoint(symbols[mine]):
                continue
            points = 2 + 4 * (dim == mine) + (place == axis)
            if points > most:
                best, most = (i, place), points
    return best


def _held(value: Value) -> Iterator[tuple[int, int]]:
    yield from enumerate(value.dims or ())
    for element, dim in enumerate(value.data or ()):
        yield -1 - element, dim


def _unknown(inputs: list[Value], shape: tuple[int, ...], axis: int) -> tuple[int, int]:
    """Without symbolic shapes: an unknown dim in the same place, else the only unknown one there is."""
    if shape[axis] >= 0:
        return _NOWHERE
    for i, value in enumerate(inputs):
        if len(value.shape) == len(shape) and value.shape[axis] < 0:
            return i, axis
    unknown = [(i, place) for i, value in enumerate(inputs) for place, size in enumerate(value.shape) if size < 0]
    return unknown[0] if len(unknown) == 1 else _NOWHERE
