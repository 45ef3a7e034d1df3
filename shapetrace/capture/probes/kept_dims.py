"""Puts plain ints in the place of the dims that the user's objects keep, so that nothing of a watch outlives it.

A model may keep what it read of a shape: in an attribute, in a list or dict in one, in a module. Such a dim is an int to all that asks it,
but not to `type(n) is int`. Python's garbage collector knows who refers to it. That takes a tenth of a second in a large process, so it is
asked only where a dim is left.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

from shapetrace.dim import NUMBERS, value_of

_KINDS = frozenset(map(id, NUMBERS))
"""Ids of the types of numbers that remember."""


def counts() -> tuple[int, ...]:
    """How many refer to each type of number that remembers: one more for each such number that there is."""
    return tuple(map(sys.getrefcount, NUMBERS))


def replace() -> None:
    """Replace all dims in dicts, lists, and tuples in these. The records of the watch are none of them, and keep theirs."""
    dims = [item for item in gc.get_referrers(*NUMBERS) if id(type(item)) in _KINDS]  # an object refers to its type
    if not dims:
        return
    spared = {id(dims)}
    holders = [holder for holder in gc.get_referrers(*dims) if id(holder) not in spared]
    spared.add(id(holders))
    ours = {id(dim.origin.operands) for dim in dims}
    tuples = [holder for holder in holders if type(holder) is tuple and id(holder) not in ours]
    for holder in holders:
        _replace_in(holder, lambda value: value_of(value) if id(type(value)) in _KINDS else value)
    if tuples:
        plain = {
            id(item): tuple(value_of(part) if id(type(part)) in _KINDS else part for part in item) for item in tuples
        }
        spared.add(id(tuples))
        for holder in gc.get_referrers(*tuples):
            if id(holder) not in spared:
                _replace_in(holder, lambda value: plain.get(id(value), value) if type(value) is tuple else value)


def _replace_in(holder: Any, plain: Any) -> None:
    attributes = holder if type(holder) is dict else _attributes(holder)
    if attributes is not None:
        for key, value in list(attributes.items()):
            if (now := plain(value)) is not value:
                attributes[key] = now
    elif isinstance(holder, list):  # Paddle's `Size` among them
        for index, value in enumerate(list(holder)):
            if (now := plain(value)) is not value:
                holder[index] = now


def _attributes(holder: Any) -> dict[str, Any] | None:
    """The attributes of an object of the user's: since Python 3.13 it may be that itself that refers to them, not its dict."""
    if sys.version_info < (3, 13) or isinstance(holder, list | tuple) or _is_ours(type(holder)):
        return None
    try:
        attributes = object.__getattribute__(holder, "__dict__")
    except AttributeError:
        return None
    return attributes if type(attributes) is dict else None


def _is_ours(kind: type) -> bool:
    return str(kind.__module__).partition(".")[0] == __name__.partition(".")[0]
