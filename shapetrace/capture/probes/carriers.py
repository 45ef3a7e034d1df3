"""Functions that give what they get, in another container: `dict(zip("hw", sizes))`, `sorted(sizes)`, `items.append(n)`."""

from __future__ import annotations

import ast
from typing import Any

from shapetrace.capture.source.stands import flat, plain_value
from shapetrace.dim import REMEMBERING

_IN_ORDER = (list, tuple, iter)
_SOMEHOW = (set, frozenset)
"""Of these it is known what is in them, and not where."""
_KEEPING = frozenset({"append", "appendleft", "extend", "insert", "add", "update", "setdefault"})
"""Methods that put what they get into a container."""


def shadow(function: Any, node: ast.Call, values: list[Any]) -> Any:
    """The shadow of what a call gives; None for a function that is none of these.

    Args:
        function: What is called.
        node: The call.
        values: Shadows of its arguments: those by position, then those by name.
    """
    if function is dict:
        return _dict(node, values)
    if function is zip and all(isinstance(value, list | tuple | str) for value in values):
        return [list(pair) for pair in zip(*values, strict=False)]
    if len(values) != 1 or not isinstance(values[0], list | tuple):
        return None
    if any(function is kind for kind in _IN_ORDER):
        return list(values[0])
    if function is enumerate:
        return [[place, item] for place, item in enumerate(values[0])]
    if function is reversed:
        return values[0][::-1]
    if function is sorted:
        numbers = all(isinstance(plain_value(item), int | float) for item in values[0])
        return sorted(values[0], key=plain_value) if numbers else None
    if any(function is kind for kind in _SOMEHOW):
        return [item for item in values[0] if isinstance(item, REMEMBERING) and item.origin.lost]
    return None


def _dict(node: ast.Call, values: list[Any]) -> dict[Any, Any] | None:
    by_position = len(values) - len(node.keywords)
    pairs = values[0] if by_position == 1 else []
    made = dict(pairs) if isinstance(pairs, dict) else {}
    if isinstance(pairs, list):
        for pair in pairs:
            if not isinstance(pair, list | tuple) or len(pair) != 2 or not isinstance(pair[0], str | int):
                return None
            made[pair[0]] = pair[1]
    return made | {word.arg: value for word, value in zip(node.keywords, values[by_position:], strict=True) if word.arg}


def kept(node: ast.Call, values: list[Any]) -> list[Any]:
    """What a method puts into what it is a method of, and will not remember."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in _KEEPING:
        return []
    return [
        item for value in values for item in flat(value, depth=3) if isinstance(item, REMEMBERING) and item.origin.lost
    ]
