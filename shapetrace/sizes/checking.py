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
    ranges = known.get("ranges", {}).get("inputs", {})
    sizes: dict[str, int] = {}
    for name, shape in shapes.items():
        axes = [axis for axis in known["axes"] if axis["input"] == name]
        if len(axes) != len(shape):
            raise ValueError(f"{name} has {len(shape)} axes, and must have {len(axes)}")
        for axis, size in zip(axes, shape):  # noqa: B905 - they are of one length
            sizes[f"{name}[{axis['axis']}]"] = size
            if not takes(axis, size):
                raise ValueError(f"{name}[{axis['axis']}] is {size}, and must be {axis['says']}{_line(axis)}")
            if name in ranges:
                least, most = (ranges[name][end][axis["axis"]] for end in ("min", "max"))
                if not least <= size <= most:
                    raise ValueError(f"{name}[{axis['axis']}] is {size}, and the engine is built for {least} to {most}")
    for places in known["equal"]:
        given = {place: sizes[place] for place in places if place in sizes}
        if len(set(given.values()) - {1}) > 1:
            told = ", ".join(f"{place} is {size}" for place, size in given.items())
            raise ValueError(f"{' and '.join(given)} must be equal: {told}")


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
