"""Where it matters that `isinstance(n, int)` is False of a tensor. Needs no Paddle."""

from __future__ import annotations

import ast

import pytest

from shapetrace.capture.source import type_checks

MATTERS = [
    "y = isinstance(n, int)",
    "y = n if isinstance(n, int) else 1",
    "y = 1 if isinstance(n, int) else int(n)",
    "y = n if isinstance(n, int) else int(m)",
    "y = n if isinstance(n, int) else paddle.to_tensor(n, dtype='float32')",
    "y = n if isinstance(n, int) else n.item(0)",
    "if isinstance(n, int): n = n + 1",
    "if isinstance(n, int): m = int(n)",
    "if isinstance(n, int): print(n)",
    "if isinstance(n, int):\n    assert n > 0\n    n = 2",
    "if isinstance(n, int):\n    if n > 4: m = 1",
    "if isinstance(n, int): pass\nelse: raise ValueError",
    "if not isinstance(n, int): raise ValueError",
    "if isinstance(n, int) or m: raise ValueError",
    "assert isinstance(n, int)",
    "while isinstance(n, int): n = int(n)",
]
MAKES_NO_DIFFERENCE = [
    "y = n if isinstance(n, int) else int(n)",
    "y = n if not isinstance(n, int) else paddle.to_tensor(n)",
    "y = x.shape[0] if isinstance(x.shape[0], int) else x.shape[0].item()",
    "if isinstance(n, int): n = paddle.to_tensor(n)",
    "if not isinstance(n, int): n = int(n)",
    "if isinstance(n, int): assert n > 0, n",
    "if isinstance(n, int):\n    if n < 4: raise ValueError(n)",
    "if isinstance(n, int) and n < 4: raise ValueError(n)",
    "y = n if isinstance(n, (int, paddle.Tensor)) else 1",
    "y = n if isinstance(n, str) else 1",
]


def matters(code: str) -> bool:
    tree = ast.parse(code)
    parents = {part: node for node in ast.walk(tree) for part in ast.iter_child_nodes(node)}
    return any(type_checks.wants_an_int(node, parents.get) for node in ast.walk(tree))


@pytest.mark.parametrize("code", MATTERS)
def test_another_number_comes_of_it(code: str) -> None:
    assert matters(code)


@pytest.mark.parametrize("code", MAKES_NO_DIFFERENCE)
def test_either_way_gives_the_same(code: str) -> None:
    assert not matters(code)
