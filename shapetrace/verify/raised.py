"""Which op in the blocks of an `if` or a loop raises. Paddle's exception names the `if` or the loop alone, and a block cannot be cut.

The executor writes more to stderr than it raises: `Instruction OP id: 41, Ir OP id: 325, pd_op.expand raises …`, the first of these lines being that of the op
itself, with its number in its block (`pir_interpreter.cc` in `paddle/fluid/framework/new_executor`).
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple

from shapetrace.verify.pieces import within

_LINE = re.compile(rb"Instruction OP id: (\d+), Ir OP id: \d+, (\w+\.\w+) raises")

_TRIES = 3


class Raised(NamedTuple):
    """What the executor wrote."""

    number: int
    """Of the op in its block."""
    name: str


def told(run: Callable[[], object]) -> Raised | None:
    """The op that the executor says raised; None where it says nothing, however often it is asked.

    Args:
        run: Runs the program, and raises nothing itself. A program with an `if` may raise at one run, and not at another.
    """
    written = (_LINE.search(_written(run)) for _ in range(_TRIES))
    found = next(filter(None, written), None)
    return Raised(int(found[1]), found[2].decode()) if found else None


def number(op: Any, raised: Raised) -> int | None:
    """Which of the ops `within` an op has raised; None where that cannot be told, as of blocks that have such an op at the same place."""
    ids = [each.id() for each in within(op)]
    blocks = [block for each in (op, *within(op)) for block in each.blocks()]
    fitting = [block.ops[raised.number] for block in blocks if raised.number < len(block.ops)]
    found = [each for each in fitting if each.name() == raised.name]
    return ids.index(found[0].id()) if len(found) == 1 else None


def _written(run: Callable[[], object]) -> bytes:
    """What comes to stderr while `run` runs. It is handed on afterwards, since other threads may write there too."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        stderr = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            run()
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
        file.seek(0)
        written = file.read()
    with open(2, "wb", closefd=False) as again:
        again.write(written)
    return written
