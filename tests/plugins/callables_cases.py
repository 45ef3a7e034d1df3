"""Ways of keeping a function where Paddle's conversion does not rewrite it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import paddle
from paddle import Tensor, nn


class Holding(nn.Layer):
    """Calls what it holds."""

    def __init__(self, held: Callable[..., Any]) -> None:
        super().__init__()
        self.held = held

    def forward(self, x: Tensor) -> Tensor:
        """Call it."""
        return self.held(x) * 2.0


def merge(x: Tensor, heads: int, width: int = 4, *, scale: float = 1.0) -> Tensor:
    batch = x.shape[0]
    return x.reshape([batch * heads, width]) * scale


class Merger:
    heads = 8

    def merge(self, x: Tensor, width: int) -> Tensor:
        return x.reshape([x.shape[0] * self.heads, width])


class MergingLayer(nn.Layer):
    def forward(self, x: Tensor, heads: int) -> Tensor:
        return merge(x, heads, scale=1.0)


def nested_partial() -> nn.Layer:
    return Holding(functools.partial(functools.partial(merge, heads=8), scale=3.0))


def partial_of_bound_method() -> nn.Layer:
    return Holding(functools.partial(Merger().merge, width=4))


def partial_of_layer() -> nn.Layer:
    return Holding(functools.partial(MergingLayer(), heads=8))


def partial_of_lambda() -> nn.Layer:
    return Holding(functools.partial(lambda x, heads: x.reshape([x.shape[0] * heads, 4]), heads=8))


def lambda_with_default_and_closure() -> nn.Layer:
    width = 4
    return Holding(lambda x, heads=width * 2: x.reshape([x.shape[0] * heads, width]))


def two_lambdas_on_one_line() -> nn.Layer:
    first, second = (lambda x: x + 1.0), (lambda x: x.reshape([x.shape[0] * 8, 4]))
    return Holding(functools.partial(call_both, first=first, second=second))


def call_both(x: Tensor, first: Callable[[Tensor], Tensor], second: Callable[[Tensor], Tensor]) -> Tensor:
    return second(first(x))


def lambda_over_several_lines() -> nn.Layer:
    return Holding(
        lambda x: x.reshape(
            [
                x.shape[0] * 8,  # the batch and the heads
                4,
            ]
        )
    )


def closure_over_a_variable_that_changes() -> nn.Layer:
    offset = 1.0

    def add(x: Tensor) -> Tensor:
        return x.reshape([x.shape[0] * 8, 4]) + offset

    layer = Holding(add)
    offset = 2.0
    return layer


def wrapped_by_hand() -> nn.Layer:
    @functools.wraps(merge)
    def tripled(x: Tensor) -> Tensor:
        return merge(x, 8) * 3.0

    return Holding(tripled)


def generator() -> nn.Layer:
    def parts(x: Tensor) -> Iterator[Tensor]:
        yield x.reshape([x.shape[0] * 8, 4])

    return Holding(functools.partial(first_of, parts))


def first_of(parts: Callable[[Tensor], Iterator[Tensor]], x: Tensor) -> Tensor:
    return next(parts(x))


def marked_not_to_static() -> nn.Layer:
    return Holding(functools.partial(left_alone, heads=8))


@paddle.jit.not_to_static
def left_alone(x: Tensor, heads: int) -> Tensor:
    return x.reshape([x.shape[0] * heads, 4])


def assigns_nonlocals() -> nn.Layer:
    calls = 0

    def counting(x: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return x.reshape([x.shape[0] * 8, 4])

    return Holding(counting)
