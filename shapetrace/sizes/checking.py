"""Checks the shapes of inputs against the contract of an export. Needs Python alone: copy this file beside your server.

    from checking import check

    check("out/model.shapes.json", image=image.shape)

A shape that the export does not take raises `ValueError: image[2] is 500, and must be a multiple of 32 (net.py:22)`.

The contract is written by `shapetrace sizes --contract out/model.shapes.json`; what stands in it is in `docs/how-to/sizes.md`.
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def check(contract: str | Mapping[str, Any], **shapes: Sequence[int]) -> None:
    """Raise where inputs have sizes that the export does not take.

    Args:
        contract: The path of the contract, or what stands in it: a server reads it once.
        shapes: The shape of each input, by its name. Inputs that are left out are not looked at.

    Raises:
        ValueError: A size is not taken, axes differ that must be equal, or there is no such input.
    """
    known = _read(contract) if isinstance(contract, str) else contract
    axes = {f"{axis['input']}[{axis['axis']}]": axis for axis in known["axes"]}
    sizes: dict[str, int] = {}
    for name, shape in shapes.items():
        rank = sum(axis["input"] == name for axis in known["axes"])
        if rank != len(shape):
            raise ValueError(f"{name} has {len(shape)} axes, and must have {rank}")
        sizes.update({f"{name}[{axis}]": size for axis, size in enumerate(shape)})
    broadcast = _broadcast(known, sizes)
    for place, size in sizes.items():
        taken = axes[place]["alone"] or axes[place]
        if place not in broadcast and not takes(taken, size):
            raise ValueError(f"{place} is {size}, and must be {_says(taken)}{_line(axes[place]['because'])}")
        _check_range(known, axes[place], place, size)
    for tie in known["together"]:
        _check_tie(known, tie, sizes)


def _says(axis: Mapping[str, Any]) -> str:
    """Which sizes an axis takes at best: what is not decided of it may leave fewer."""
    said: str = axis["says"]
    return said.rpartition("; at best ")[2]


def _check_tie(known: Mapping[str, Any], tie: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
    """See that what ties several axes holds; equal axes count as the one that is not 1."""
    given = dict(sizes)
    for places in known["equal"]:
        together = [sizes[place] for place in places if place in sizes]
        given.update({place: max(together) for place in places if together})
    of_tie = _places([tie["left"], tie["right"], *(part for condition in tie["when"] for part in condition)])
    of_tie = [place for place in dict.fromkeys(of_tie) if place in known["at"]]
    if all(place in given for place in of_tie) and not _holds(tie, given):
        told = ", ".join(f"{place} is {given[place]}" for place in of_tie)
        raise ValueError(f"{told}, and {tie['says']}{_line([tie])}")


def _places(tree: Any) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    return [place for part in tree for place in _places(part)] if isinstance(tree, (list, tuple)) else []


def _holds(tie: Mapping[str, Any], sizes: Mapping[str, int]) -> bool:
    try:
        if not all(_SIGNS[sign](_value(a, sizes), _value(b, sizes)) for a, sign, b in tie["when"]):
            return True
        left, right = _value(tie["left"], sizes), _value(tie["right"], sizes)
    except (ArithmeticError, ValueError):  # they differ, or a root of a number below zero
        return False
    except KeyError:  # a function of which nothing is known
        return True
    if tie["kind"] == "at_least":
        return bool(left >= right)
    if tie["kind"] == "differ":
        return bool(left != right)
    return bool(left == right) or (tie["kind"] == "broadcast" and 1 in (left, right))


def _value(tree: Any, sizes: Mapping[str, int]) -> Any:
    """What a dim is at sizes: a number, a place, or a list of the name of a function and its operands."""
    if isinstance(tree, str):
        return sizes[tree]
    return _FUNCTIONS[tree[0]](*(_value(each, sizes) for each in tree[1:])) if isinstance(tree, (list, tuple)) else tree


def _broadcasted(*dims: int) -> int:
    larger = {dim for dim in dims if dim != 1}
    if len(larger) > 1:
        raise ArithmeticError("they differ")
    return larger.pop() if larger else 1


_SIGNS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Add": lambda *dims: sum(dims),
    "Sub": operator.sub,
    "Mul": lambda *dims: math.prod(dims),
    "Div": operator.floordiv,
    "Mod": operator.mod,
    "TrueDiv": operator.truediv,
    "Max": lambda *dims: max(dims),
    "Min": lambda *dims: min(dims),
    "Broadcast": _broadcasted,
    "Pow": operator.pow,
    "Root": math.sqrt,
    "IfEqual": lambda left, right, first, second: first if left == right else second,
    "IfLeast": lambda left, right, first, second: first if left >= right else second,
    "Neg": operator.neg,
    "Abs": abs,
    "Float": float,
    "Floor": math.floor,
    "Ceil": math.ceil,
    "Int": int,
    "Trunc": math.trunc,
}
"""The functions of what ties axes; `Div` rounds down."""


def _broadcast(known: Mapping[str, Any], sizes: Mapping[str, int]) -> list[str]:
    """The axes that are 1 where those that they are equal to are not, and may be."""
    found: list[str] = []
    for places, ones in zip(known["equal"], known["ones"]):  # noqa: B905 - they are of one length
        given = {place: sizes[place] for place in places if place in sizes}
        single = {place for place, size in given.items() if size == 1}
        others = {size for size in given.values() if size != 1}
        if len(others) > 1 or (others and single and all(single != given.keys() & set(choice) for choice in ones)):
            told = ", ".join(f"{place} is {size}" for place, size in given.items())
            raise ValueError(f"{' and '.join(given)} must be equal: {told}")
        found += single if others else ()
    return found


def _check_range(known: Mapping[str, Any], axis: Mapping[str, Any], place: str, size: int) -> None:
    shapes = known.get("ranges", {}).get("inputs", {}).get(axis["input"])
    if shapes is not None:
        least, most = (shapes[end][axis["axis"]] for end in ("min", "max"))
        if not least <= size <= most:
            raise ValueError(f"{place} is {size}, and the engine is built for {least} to {most}")


def _read(path: str) -> Mapping[str, Any]:
    with open(path, encoding="utf-8") as file:
        contract: Mapping[str, Any] = json.load(file)
    return contract


def takes(axis: Mapping[str, Any], size: int) -> bool:
    """Whether an axis of a contract takes a size."""
    if axis["values"] is not None:
        return size in axis["values"]
    if axis.get("square_and") is not None:
        square = size - axis["square_and"]
        if square < 0 or math.isqrt(square) ** 2 != square:
            return False
    least, most = axis["at_least"] or 1, axis["at_most"]
    between = size >= least and (most is None or size <= most)
    return size in axis["also"] or (between and size % axis["modulus"] in axis["residues"])


def _line(reasons: Sequence[Mapping[str, Any]]) -> str:
    places = [f"{each['file'].replace(chr(92), '/').split('/')[-1]}:{each['line']}" for each in reasons if each["file"]]
    return f" ({places[0]})" if places else ""
