"""Whose code a file holds."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from shapetrace.capture.source import frames

pytestmark = pytest.mark.paddle


def test_models_that_ship_with_paddle_are_read_as_a_users_and_its_functions_are_not() -> None:
    import paddle

    vision = Path(paddle.__file__).parent / "vision"
    assert importlib.util.find_spec("paddle.vision.models.shufflenetv2") is not None
    assert frames.kind(str(vision / "models" / "shufflenetv2.py")) == frames.USER
    assert frames.kind(str(vision / "ops.py")) == frames.PADDLE
