"""Checks the shapes of inputs against the contract of an export. Needs Python alone: copy this file beside your server.

    from checking import check

    check("out/model.shapes.json", image=image.shape)

A shape that the export does not take raises `ValueError: image[2] is 500, and must be a multiple of 32 (net.py:22)`.

The contract is written by `shapetrace sizes --contract out/model.shapes.json`; what stands in it is in `docs/how-to/sizes.md`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
        if place not in broadcast and not takes(axes[place], size):
            raise ValueError(f"{place} is {size}, and must be {axes[place]['says']}{_line(axes[place])}")
        _check_range(known, axes[place], place, size)


def _broadcast(known: Mapping[str, Any], sizes: Mapping[str, int]) -> list[str]:
    """The axes that are 1 where those that they are equal to are not, and may be."""
    found: list[str] = []
    for places, ones in zip(known["equal"], known["or_one"]):  # noqa: B905 - they are of one length
        given = {place: sizes[place] for place in places if place in sizes}
        single = [place for place, size in given.items() if size == 1 and place in ones]
        others = {size for place, size in given.items() if place not in single}
        if len(others) > 1:
            told = ", ".join(f"{place} is {size}" for place, size in given.items())
            raise ValueError(f"{' and '.join(given)} must be equal: {told}")
        found += single if others - {1} else []
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
    least, most = axis["at_least"] or 1, axis["at_most"]
    between = size >= least and (most is None or size <= most)
    return size in axis["also"] or (between and size % axis["modulus"] in axis["residues"])


def _line(axis: Mapping[str, Any]) -> str:
    places = [
        f"{each['file'].replace(chr(92), '/').split('/')[-1]}:{each['line']}"
        for each in axis["because"]
        if each["file"]
    ]
    return f" ({places[0]})" if places else ""
