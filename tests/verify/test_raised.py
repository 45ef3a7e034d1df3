"""What Paddle's executor writes of an op in a block that raises. Needs no Paddle: blocks and their ops are stand-ins."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from shapetrace.verify import raised

WRITTEN = (
    "W1127 22:25:06.243165 17039 pir_interpreter.cc:2028] Instruction OP id: 1, Ir OP id: 325, pd_op.expand raises an "
    "EnforceNotMet exception common::enforce::EnforceNotMet\n"
    "W1127 22:25:06.243386 17033 pir_interpreter.cc:2034] Instruction OP id: 25, Ir OP id is null, while_instruction raises an "
    "EnforceNotMet exception common::enforce::EnforceNotMet\n"
)


def op(name: str, *blocks: list[Any]) -> Any:
    """One of a program; that of Paddle makes another object for it each time, with the same id."""
    made = SimpleNamespace(name=lambda: name, blocks=lambda: [SimpleNamespace(ops=ops) for ops in blocks])
    made.id = lambda: id(made)
    return made


def test_what_is_written_first_is_the_op_itself() -> None:
    assert raised.written(WRITTEN) == (1, "pd_op.expand")
    assert raised.written("") is None


def test_an_op_is_known_by_its_name_and_its_place_in_its_block() -> None:
    branch = op("pd_op.if", [op("pd_op.full"), op("pd_op.expand")], [op("pd_op.expand"), op("pd_op.add")])
    loop = op("pd_op.while", [op("pd_op.scale"), op("pd_op.slice"), branch])
    assert raised.number(loop, raised.Raised(1, "pd_op.expand")) == 4
    assert raised.number(loop, raised.Raised(0, "pd_op.expand")) == 5


def test_of_two_that_it_may_be_it_is_neither() -> None:
    branch = op("pd_op.if", [op("pd_op.expand")], [op("pd_op.expand")])
    assert raised.number(op("pd_op.while", [branch]), raised.Raised(0, "pd_op.expand")) is None
    assert raised.number(branch, raised.Raised(7, "pd_op.expand")) is None
