"""Models that ask a tensor for its value, spelled in the ways in which people do; each conversion ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from paddle import nn
from paddle.static import InputSpec

from sized_spellings import Spelled


def of_math(net: Any, x: Any, size: Any) -> Any:
    return x * math.sqrt(size[0])


def listed(net: Any, x: Any, size: Any) -> Any:
    return x * len(size.tolist())


def place(net: Any, x: Any, size: Any) -> Any:
    return x * [1.0, 2.0][size[0]]


def formatted(net: Any, x: Any, size: Any) -> Any:
    return x * len(f"{size[0]:.2f}")


def of_numpy(net: Any, x: Any, size: Any) -> Any:
    return x * np.float32(size[0])


def array(net: Any, x: Any, size: Any) -> Any:
    return x * np.asarray(size)[0].item()[0]


def rounded(net: Any, x: Any, size: Any) -> Any:
    return x * round(float(size[0]) * 0.5)


def divided(net: Any, x: Any, size: Any) -> Any:
    return x * divmod(size[0], 4)[0]


def key(net: Any, x: Any, size: Any) -> Any:
    return x * {1: 2.0}[int(size[0])]


def chosen(net: Any, x: Any, size: Any) -> Any:
    return x * len([part for part in x.split(4, -1) if part.mean() > 0])


def _model(function: Callable[[Any, Any, Any], Any]) -> tuple[nn.Layer, list[InputSpec]]:
    return Spelled(function), [InputSpec([-1, 4], name="x"), InputSpec([2], "int64", name="size")]


MODELS: dict[str, Callable[[], tuple[nn.Layer, list[InputSpec]]]] = {
    function.__name__: partial(_model, function)
    for function in (of_math, listed, place, formatted, of_numpy, array, rounded, divided, key, chosen)
}
