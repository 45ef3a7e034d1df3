"""What an expression of a running frame is, told without running it."""

from __future__ import annotations

import ast
import functools
import math
import sys
from types import SimpleNamespace
from typing import Any

import pytest

import shapetrace
from shapetrace.capture.probes.shadows import Shadows
from shapetrace.capture.source.expressions import UNKNOWN

TAPE: Any = SimpleNamespace(objects={}, shapes={}, computed={})


def value(expression: str) -> Any:
    """What the expression is in the frame that asks."""
    return Shadows(TAPE).value(ast.parse(expression, mode="eval").body, sys._getframe(1))


def answering(file: str) -> Any:
    """A function of a file that answers for `math.log`."""
    made: dict[str, Any] = {}
    exec(compile("def log(x): return x", file, "exec"), made)
    return functools.wraps(math.log)(made["log"])


def test_a_function_is_the_one_that_a_remedy_of_ours_answers_for() -> None:
    healed, own = answering(shapetrace.__file__), answering(__file__)
    assert healed is not own
    assert value("healed(2) + 1") == math.log(2) + 1
    assert value("own(2)") is UNKNOWN


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("-2", -2), ("+2", 2), ("~2", UNKNOWN), ("not 2", UNKNOWN), ("missing", UNKNOWN), ("pow(2, 3)", 8), ("print(2)", UNKNOWN)],
)  # fmt: skip
def test_what_an_expression_of_plain_numbers_is(expression: str, expected: Any) -> None:
    assert value(expression) is expected or value(expression) == expected
