"""Which op in the block of an `if` or a loop is to blame, where cutting the program found the `if` or the loop.

A block cannot be cut. What is known of the ops in there is what the converter wrote for them, and which of them it said something of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from shapetrace.facts import ops
from shapetrace.onnx_file import lint
from shapetrace.onnx_file.names import Aligned
from shapetrace.trace import Conversion
from shapetrace.verify import locating
from shapetrace.verify.results import Place

_NAMED = re.compile(r"\[OP: (pd_op\.\w+)\]")

File = tuple[Aligned, Sequence[lint.Problem]]


def narrowed(
    place: Place, trouble: str, conversion: Conversion | None, file: File | None, known: Callable[[str], bool]
) -> Place:
    """The place of an op in the block; the place itself where it is none of a block, or nothing tells which.

    Args:
        place: The op that was found.
        trouble: What was said.
        conversion: That of the export, where there is one.
        file: The ONNX file and what is wrong with it, where there is one.
        known: Whether an op of a name is known to end in what was said.
    """
    if place.op not in (ops.IF, ops.WHILE) or conversion is None:
        return place
    outer = next((index for index in _tops(conversion, place.op) if locating.site(conversion, index) == place.site), -1)
    inner = [index for index in range(len(conversion.ops)) if outer >= 0 and outer in _around(conversion, index)]
    found = next(_suspects(conversion, inner, trouble, file, known), None)
    return locating.of_trace(conversion, found) if found is not None else place


def _suspects(
    conversion: Conversion, inner: Sequence[int], trouble: str, file: File | None, known: Callable[[str], bool]
) -> Iterator[int]:
    """Ops in the block, the likeliest first."""
    if file is not None:
        aligned, problems = file
        yield from (each.op for each in problems if each.wrong and each.op is not None and each.op in inner)
        named = aligned.named_in(trouble)
        yield from (op for op in (named,) if op is not None and op in inner)
    said = _NAMED.findall(trouble)
    yield from (index for index in inner if conversion.ops[index].name in said)
    yield from (index for index in inner if known(conversion.ops[index].name))


def _tops(conversion: Conversion, name: str) -> Iterator[int]:
    return (index for index, op in enumerate(conversion.ops) if op.name == name and op.parent < 0)


def _around(conversion: Conversion, index: int) -> Iterator[int]:
    """The ops that an op stands in the blocks of."""
    while (index := conversion.ops[index].parent) >= 0:
        yield index
