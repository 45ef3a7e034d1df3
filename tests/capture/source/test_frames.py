"""Whose code a file holds."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from shapetrace.capture.source import frames


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="who asks for the variables of a frame changes nothing there")
@pytest.mark.parametrize(
    ("code", "keeps"),
    [
        ("kept = locals()", True),
        ("f(locals())", True),
        ("f(**locals())", False),
        ("'n' in locals()", False),
        ("n.locals", False),
    ],
)
def test_what_keeps_the_dict_of_its_variables(code: str, keeps: bool) -> None:
    made: dict[str, Any] = {}
    exec(f"def function(f, n):\n    {code}\n", made)
    assert frames.keeps_locals(made["function"].__code__) is keeps


def test_a_function_whose_asserts_pytest_has_rewritten_keeps_nothing() -> None:
    n = 1
    assert n
    variables = frames.variables(sys._getframe())
    assert variables["n"] == 1


@pytest.mark.paddle
def test_models_that_ship_with_paddle_are_read_as_a_users_and_its_functions_are_not() -> None:
    import paddle

    vision = Path(paddle.__file__).parent / "vision"
    assert importlib.util.find_spec("paddle.vision.models.shufflenetv2") is not None
    assert frames.kind(str(vision / "models" / "shufflenetv2.py")) == frames.USER
    assert frames.kind(str(vision / "ops.py")) == frames.PADDLE
