"""Which op in the blocks of an `if` or a loop raises. Paddle's exception names the `if` or the loop alone, and a block cannot be cut.

The executor writes more to stderr than it raises: `Instruction OP id: 41, Ir OP id: 325, pd_op.expand raises …`, the first of these lines being that of the op
itself, with its number in its block (`pir_interpreter.cc` in `paddle/fluid/framework/new_executor`).
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from shapetrace.verify.engines import process
from shapetrace.verify.engines.process import Request
from shapetrace.verify.pieces import within

_LINE = re.compile(r"Instruction OP id: (\d+), Ir OP id: \d+, (\w+\.\w+) raises")


class Raised(NamedTuple):
    """What the executor wrote."""

    number: int
    """Of the op in its block."""
    name: str


def told(path: str, arrays: Mapping[str, Any], index: int) -> Raised | None:
    """The op that the executor says raised; None where it says nothing.

    Asked in a process of its own: in that of the user Paddle may have been told to be quiet, and stderr is the user's.

    Args:
        path: The export, as given to `paddle.jit.save`.
        arrays: The inputs, by name.
        index: Of the op at the top of the program that fails.
    """
    import numpy

    with tempfile.TemporaryDirectory(prefix="shapetrace-raised-") as directory:
        case = os.path.join(directory, "case.npz")
        numpy.savez(case, **arrays)
        export = os.path.abspath(path)
        answer = process.ask(Request(step="raise", export=export, cases=(case,), op=index), Path(directory))
    return written(answer.output)


def written(text: str) -> Raised | None:
    """The op that raised, by what the executor wrote; None where it wrote of none."""
    found = _LINE.search(text)
    return Raised(int(found[1]), found[2]) if found else None


def number(op: Any, raised: Raised) -> int | None:
    """Which of the ops `within` an op has raised; None where that cannot be told, as of blocks that have such an op at the same place."""
    ids = [each.id() for each in within(op)]
    blocks = [block for each in (op, *within(op)) for block in each.blocks()]
    fitting = [block.ops[raised.number] for block in blocks if raised.number < len(block.ops)]
    found = [each for each in fitting if each.name() == raised.name]
    return ids.index(found[0].id()) if len(found) == 1 else None
