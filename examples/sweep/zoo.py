"""Factories for the models of `paddle.vision.models`: `zoo:resnet18` builds one, with the input spec that all of them take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import paddle
from paddle.static import InputSpec

CHANNELS, SIZE = {"LeNet": 1}, {"LeNet": 28, "inception_v3": 299}


def __getattr__(name: str) -> Callable[[], tuple[Any, list[Any]]]:
    """The factory for a model, made when it is asked for."""
    model = getattr(paddle.vision.models, name)

    def build() -> tuple[Any, list[Any]]:
        size = SIZE.get(name, 224)
        return model(), [InputSpec([1, CHANNELS.get(name, 3), size, size], "float32", name="image")]

    return build
