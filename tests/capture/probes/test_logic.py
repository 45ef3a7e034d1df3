"""Where an `and` or an `or` is asked for a number, and where only for whether it is so. Needs no Paddle."""

from __future__ import annotations

import ast

import pytest

from shapetrace.capture.probes import logic

TRUTHS = [
    "if n or 1: pass",
    "while n or 1: pass",
    "assert n or 1",
    "y = 2 if n or 1 else 3",
    "y = not (n or 1)",
    "y = bool(n or 1)",
    "y = [i for i in a if n or 1]",
    "if (n or 1) and b: pass",
]
NUMBERS = [
    "y = n or 1",
    "y = -(n or 1)",
    "y = int(n or 1)",
    "if (n or 1) > 2: pass",
    "y = (n or 1) if b else 3",
    "y = [n or 1 for i in a]",
    "y = (n or 1) and b",
]


def asked(code: str) -> bool:
    tree = ast.parse(code)
    for node in ast.walk(tree):
        for part in ast.iter_child_nodes(node):
            part.parent = node  # type: ignore[attr-defined]  as `executing` has it
    (node,) = (each for each in ast.walk(tree) if isinstance(each, ast.BoolOp) and isinstance(each.op, ast.Or))
    return logic.is_truth(node)


@pytest.mark.parametrize("code", TRUTHS)
def test_a_condition_asks_for_no_number(code: str) -> None:
    assert asked(code)


@pytest.mark.parametrize("code", NUMBERS)
def test_all_else_takes_what_comes_out(code: str) -> None:
    assert not asked(code)
