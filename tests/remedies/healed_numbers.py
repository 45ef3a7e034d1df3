"""Pieces of model code that compute numbers with a fraction of dims, choose among dims, or have NumPy compute: see `healing.py`."""

from __future__ import annotations

import math
from collections.abc import Callable
from math import sqrt
from types import SimpleNamespace
from typing import Any

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import Tensor


def by_a_power(x: Tensor) -> Tensor:
    return x * x.shape[2] ** -0.5


def by_a_power_kept(x: Tensor) -> Tensor:
    scale = (x.shape[2] * x.shape[0]) ** -0.5
    return x * scale + scale


def by_pow(x: Tensor) -> Tensor:
    return pow(x.shape[2], 0.25) * x


def over_an_area(x: Tensor) -> Tensor:
    n, _, w = x.shape
    area = n * w
    return x / (area + 1e-5)


def over_a_half(x: Tensor) -> Tensor:
    scale = 0.5
    return scale * x.shape[2] / 2.0 + x


def half_at_once(x: Tensor) -> Tensor:
    return x * (0.5 * x.shape[2])


def float_at_once(x: Tensor) -> Tensor:
    return x.sum(-1) / float(x.shape[2])


def float_kept(x: Tensor) -> Tensor:
    w = float(x.shape[2])
    w /= 3
    return x * w - w


def float_by_a_negative_power(x: Tensor) -> Tensor:
    return x * float(x.shape[2]) ** -0.5


def root(x: Tensor) -> Tensor:
    return x / math.sqrt(x.shape[2])


def root_kept(x: Tensor) -> Tensor:
    scale = 1.0 / math.sqrt(x.shape[2] * 2)
    return x * scale


def root_by_name(x: Tensor) -> Tensor:
    return x / sqrt(0.5 * x.shape[2])


def logarithms(x: Tensor) -> Tensor:
    w = x.shape[2]
    return x * math.log(w) + math.log2(w) + math.log(w, 10) - math.log1p(w) * math.pow(w, 0.5)


def exponentials(x: Tensor) -> Tensor:
    w = x.shape[2]
    return x * math.exp(-w / 4) + math.sin(w) * math.cos(w) + math.tanh(w / 10)


def root_of_a_number_over_a_dim(x: Tensor) -> Tensor:
    return x * (math.sqrt(3) / x.shape[2]) + (math.log(2) + x.shape[2])


def numpy_root(x: Tensor) -> Tensor:
    return x / np.sqrt(x.shape[2])


def numpy_logarithm(x: Tensor) -> Tensor:
    w = np.log(x.shape[2]) / np.log(2)
    return x * w


def numpy_product(x: Tensor) -> Tensor:
    return x / np.prod(x.shape[1:])


def numpy_product_to_reshape(x: Tensor) -> Tensor:
    return x.reshape([x.shape[0], np.prod(x.shape[1:])]) * 2.0


def numpy_product_to_a_number(x: Tensor) -> Tensor:
    count = int(np.prod(x.shape))
    return paddle.ones([count]) * x.mean()


def numpy_ceil(x: Tensor) -> Tensor:
    rows = int(np.ceil(x.shape[2] / 4)) * 4
    return paddle.ones([rows]) * x.mean()


def numpy_mean_and_max(x: Tensor) -> Tensor:
    return x * np.mean([x.shape[0], x.shape[2]]) + float(np.max(x.shape))


def numpy_float32(x: Tensor) -> Tensor:
    return x * np.float32(x.shape[2]) ** np.float32(-0.5)


def kept_by_an_object(x: Tensor) -> Tensor:
    settings = SimpleNamespace()
    settings.scale = x.shape[2] ** -0.5
    return x * settings.scale


def handed_on_by_name(x: Tensor) -> Tensor:
    limits = {"min": x.shape[2] * 0.1, "max": x.shape[2] * 0.5}
    return (x * 9).clip(**limits)


def product_of_a_shape(x: Tensor) -> Tensor:
    return x / math.prod(x.shape[1:])


def side_of_a_square(x: Tensor) -> Tensor:
    side = int(x.shape[2] ** 0.5)
    return paddle.ones([side, side]) * x.mean()


def side_by_root(x: Tensor) -> Tensor:
    side = int(math.sqrt(x.shape[2]))
    return x[:, :, :side] * 2.0


def side_by_whole_root(x: Tensor) -> Tensor:
    return x[:, :, : math.isqrt(x.shape[2])] * 2.0


def side_by_numpy(x: Tensor) -> Tensor:
    side = int(np.sqrt(x.shape[2]))
    return x[:, :, :side] * 2.0


def three_quarters(x: Tensor) -> Tensor:
    return x[:, :, : int(x.shape[2] * 0.75)] * 2.0


def rounded(x: Tensor) -> Tensor:
    return paddle.ones([round(x.shape[2] / 4), math.ceil(x.shape[2] / 4), math.floor(x.shape[2] / 4)]) * x.mean()


def at_least_one(x: Tensor) -> Tensor:
    return x.sum(-1) / max(x.shape[2], 1)


def at_most(x: Tensor) -> Tensor:
    k = min(x.shape[2], 7)
    return x[:, :, :k] * 2.0


def largest(x: Tensor) -> Tensor:
    n, _, w = x.shape
    return x[:, :, : max(n, w // 2, 2)] * min([n, w])


def largest_of_a_quotient(x: Tensor) -> Tensor:
    return x[:, :, : max(1, int(x.shape[2] / 3))] * (1.0 / max(1.0, x.shape[0] * 0.5))


def rolled(x: Tensor) -> Tensor:
    return paddle.roll(x, x.shape[2] // 2, 2) * 2.0


def rolled_along_two(x: Tensor) -> Tensor:
    n, _, w = x.shape
    return x.roll(shifts=(-(w // 2), n - 1), axis=(2, 0)) * 2.0


def full_of_a_fraction(x: Tensor) -> Tensor:
    return paddle.full([2], x.shape[2] / 4) + x.mean()


def linspace_to_a_fraction(x: Tensor) -> Tensor:
    w = x.shape[2]
    return paddle.linspace(-1.0, 0.5 * w, w) * x


def linspace_from_a_half(x: Tensor) -> Tensor:
    w = x.shape[2]
    return paddle.linspace(0.5, w - 0.5, w, dtype="float32") / w + x


def arange_of_halves(x: Tensor) -> Tensor:
    return paddle.arange(0.5, x.shape[2] + 0.5, 1.0) * x


def clip_to_a_fraction(x: Tensor) -> Tensor:
    return (x * 10).clip(min=x.shape[2] / 5, max=x.shape[2] * 0.9)


def clip_to_equal_numbers(x: Tensor) -> Tensor:
    return (x * 10 - 5).clip(-0.5, 0.5 * abs(x.shape[2]))


def to_tensor_of_fractions(x: Tensor) -> Tensor:
    return x * paddle.to_tensor([x.shape[2] / 2, 1, x.shape[0]]).sum()


def to_tensor_of_an_array(x: Tensor) -> Tensor:
    return x * paddle.to_tensor(np.array([x.shape[2], x.shape[0]])).sum().astype("float32")


def ints_times_a_fraction(x: Tensor) -> Tensor:
    return (x * 100).astype("int64") * (x.shape[2] / 4) - 1.5


def less_than_a_fraction(x: Tensor) -> Tensor:
    return (x * 10 < x.shape[2] / 3).astype("float32") + (x.shape[2] * 0.1 < (x * 10).astype("int32")).astype("float32")


def power_of_a_fraction(x: Tensor) -> Tensor:
    return (x + 0.5) ** (1 / x.shape[0]) + 2.0 ** -x.shape[2] + paddle.pow(x + 1.0, 0.5 * x.shape[0])


def scale_of_a_fraction(x: Tensor) -> Tensor:
    return paddle.scale(x, scale=1 / x.shape[2], bias=1.0)


def half_floor(x: Tensor) -> Tensor:
    return (x * 100) // (x.shape[2] / 4) + (x * 100) % (x.shape[0] * 1.5)


def returned_fraction(x: Tensor) -> Tensor:
    def scale(width: int) -> float:
        return 1.0 / float(width)

    return x * scale(x.shape[2])


def interpolate_by_a_fraction(x: Tensor) -> Tensor:
    return F.interpolate(x.unsqueeze(0), scale_factor=12 / x.shape[2], mode="nearest") * 2.0


def mask_of_lengths(x: Tensor) -> Tensor:
    return F.sequence_mask(paddle.to_tensor([1, 3]), maxlen=x.shape[2], dtype="float32") * x.mean()


def counts(x: Tensor) -> Tensor:
    return paddle.bincount(paddle.to_tensor([1, 3, 3]), minlength=x.shape[2]).astype("float32") * x.mean()


def grid(x: Tensor) -> Tensor:
    return F.affine_grid(paddle.ones([1, 2, 3]), [1, 1, x.shape[0], x.shape[2]]) * x.mean()


FRACTIONS: list[Callable[[Tensor], Any]] = [
    function
    for function in list(vars().values())
    if callable(function) and getattr(function, "__module__", "") == __name__
]


# --- what Python decides all the same, or Paddle wants as a number


def branch_on_the_largest(x: Tensor) -> Tensor:
    return x * 2.0 if max(x.shape[2], 1) > 4 else x + 1.0


def loop_of_the_smallest(x: Tensor) -> Tensor:
    for _ in range(min(x.shape[2], 3)):
        x = x * 1.5
    return x


def list_of_the_largest(x: Tensor) -> Tensor:
    return x * float(len([0] * max(x.shape[2], 2)))


def loop_of_a_half(x: Tensor) -> Tensor:
    for _ in range(math.ceil(x.shape[2] / 2)):
        x = x * 1.5
    return x


def element_by_a_fifth(x: Tensor) -> Tensor:
    return x * [1.0, 2.0, 3.0, 4.0][math.floor(x.shape[2] / 5) % 4]


def largest_by_a_key(x: Tensor) -> Tensor:
    return x * max(x.shape[0], x.shape[2], key=lambda size: size % 5)


def rounded_to_a_tenth(x: Tensor) -> Tensor:
    return x * round(x.shape[2] / 3, 1)


def branch_on_a_root(x: Tensor) -> Tensor:
    return x * 2.0 if math.sqrt(x.shape[2]) > 2.5 else x + 1.0


def pad_value(x: Tensor) -> Tensor:
    return F.pad(x.unsqueeze(0), [1, 0, 0, 0], value=x.shape[2] * 0.5) * 2.0


def negative_slope(x: Tensor) -> Tensor:
    return F.leaky_relu(x - 0.5, 1 / x.shape[2])


def two_equal_numbers(x: Tensor) -> Tensor:
    return (x - 2.0).clip(-1.0, float(x.shape[2]))


def table(x: Tensor) -> Tensor:
    return x * [1.0, 2.0, 3.0, 4.0][min(x.shape[0], 2)]


BEYOND = (
    *(branch_on_the_largest, loop_of_the_smallest, list_of_the_largest, loop_of_a_half, element_by_a_fifth),
    *(largest_by_a_key, rounded_to_a_tenth),
    *(branch_on_a_root, pad_value, negative_slope, two_equal_numbers, table),
)
"""What is not healed, and must be told."""
