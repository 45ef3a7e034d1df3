"""Still more models that take some sizes and not others: of ops that look rows up or put them, of arithmetic that is no straight line, and of what an `if` chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import paddle
import paddle.nn.functional as F
from paddle import nn
from paddle.static import InputSpec
from paddle.vision import ops as vision

from sized_spellings import Spelled

MODELS: dict[str, Callable[[], tuple[nn.Layer, list[InputSpec]]]] = {}
"""By name."""


def model(spec: list[InputSpec], **parts: Any) -> Callable[[Any], Any]:
    """Have a function be one of `MODELS`.

    Args:
        spec: Of its inputs.
        parts: Shapes of parameters that it uses, or what makes a layer.
    """

    def named(function: Callable[[Any, Any, Any], Any]) -> Callable[[Any, Any, Any], Any]:
        def built() -> tuple[nn.Layer, list[InputSpec]]:
            made = {name: part() if callable(part) else part for name, part in parts.items()}
            return Spelled(function, **made), spec

        MODELS[function.__name__.replace("_", " ")] = built
        return function

    return named


def _of(*shape: int | None, name: str = "x", dtype: str = "float32") -> list[InputSpec]:
    return [InputSpec(list(shape), dtype, name)]


_WORDS, _MORE = _of(None, -1, 8), _of(None, -1, 8, name="y")
_IMAGES = _of(None, 3, -1, -1, name="image")


# Roots, squares and products of two sizes


@model(_WORDS)
def grid_of_tokens(net: Any, x: Any, y: Any) -> Any:
    n = x.shape[1]
    side = int(n**0.5)
    return x.transpose([0, 2, 1]).reshape([0, 8, side, side])


@model(_WORDS)
def root_of_tokens(net: Any, x: Any, y: Any) -> Any:
    side = paddle.sqrt(paddle.shape(x)[1].astype("float32")).astype("int32")
    return x.transpose([0, 2, 1]).reshape([0, 8, side, side])


@model(_WORDS)
def power_of_tokens(net: Any, x: Any, y: Any) -> Any:
    side = (paddle.shape(x)[1].astype("float32") ** 0.5).astype("int32")
    return x.transpose([0, 2, 1]).reshape([0, 8, side, side])


@model(_WORDS)
def grid_and_class(net: Any, x: Any, y: Any) -> Any:
    side = int((x.shape[1] - 1) ** 0.5)
    return x[:, 1:].transpose([0, 2, 1]).reshape([0, 8, side, side])


@model(_WORDS)
def grid_of_windows(net: Any, x: Any, y: Any) -> Any:
    side = int(x.shape[1] ** 0.5)
    return x.reshape([0, side // 2, 2, side // 2, 2, 8]).transpose([0, 1, 3, 2, 4, 5]).reshape([0, -1, 4, 8])


@model(_WORDS, table=[40, 8])
def grid_of_few_tokens(net: Any, x: Any, y: Any) -> Any:
    side = int(x.shape[1] ** 0.5)
    return (x + net.table[: x.shape[1]]).transpose([0, 2, 1]).reshape([0, 8, side, side])


@model(_WORDS)
def at_least_a_root(net: Any, x: Any, y: Any) -> Any:
    side = int(x.shape[1] ** 0.5)
    assert side >= 3
    return x.mean(1)


@model(_IMAGES, table=[1, 16, 4], proj=lambda: nn.Conv2D(3, 4, 4, 4))
def table_resized(net: Any, x: Any, y: Any) -> Any:
    m = net.proj(x)
    t = net.table.transpose([0, 2, 1]).reshape([1, 4, 4, 4])
    t = F.interpolate(t, size=[m.shape[2], m.shape[3]], mode="bilinear")
    return m + t


@model(_IMAGES, table=[1, 17, 4], proj=lambda: nn.Conv2D(3, 4, 4, 4))
def table_of_tokens(net: Any, x: Any, y: Any) -> Any:
    m = net.proj(x).flatten(2).transpose([0, 2, 1])
    cls, t = net.table[:, :1], net.table[:, 1:]
    side = paddle.sqrt(paddle.shape(m)[1].astype("float32")).astype("int32")
    t = F.interpolate(t.transpose([0, 2, 1]).reshape([1, 4, 4, 4]), size=[side, side], mode="bilinear")
    t = t.flatten(2).transpose([0, 2, 1])
    return m + t + cls


@model(_IMAGES, table=[1, 4, 4, 4], proj=lambda: nn.Conv2D(3, 4, 4, 4))
def table_scaled(net: Any, x: Any, y: Any) -> Any:
    m = net.proj(x)
    t = F.interpolate(net.table, scale_factor=2.0, mode="bilinear")
    return m + t


@model(_of(None, -1))
def squared_length(net: Any, x: Any, y: Any) -> Any:
    n = x.shape[1]
    return (x.unsqueeze(1) * x.unsqueeze(2)).reshape([0, n * n // 4, 4])


@model(_of(None, -1))
def triangle(net: Any, x: Any, y: Any) -> Any:
    n = x.shape[1]
    return (x.unsqueeze(1) * x.unsqueeze(2)).reshape([0, -1])[:, : n * (n - 1) // 2].reshape([0, -1, 3])


@model(_IMAGES)
def area(net: Any, x: Any, y: Any) -> Any:
    n = x.shape[2] * x.shape[3]
    return x.flatten(2)[:, :, : n // 2] + x.flatten(2)[:, :, n // 2 :]


@model(_IMAGES, pos=[30, 4], proj=lambda: nn.Conv2D(3, 4, 4, 4))
def table_of_a_product(net: Any, x: Any, y: Any) -> Any:
    m = net.proj(x)
    n = m.shape[2] * m.shape[3]
    return m.flatten(2).transpose([0, 2, 1]) + net.pos[:n]


@model(_IMAGES)
def dividing_each_other(net: Any, x: Any, y: Any) -> Any:
    return x.reshape([0, 3, -1, x.shape[2] * 2])


@model(_IMAGES)
def ratio(net: Any, x: Any, y: Any) -> Any:
    return F.interpolate(x, size=[x.shape[3], x.shape[2]]) + x


@model(_IMAGES)
def assert_square(net: Any, x: Any, y: Any) -> Any:
    assert x.shape[2] == x.shape[3]
    return x * 2


# Slices


@model(_WORDS, table=[12, 12])
def last_n_columns(net: Any, x: Any, y: Any) -> Any:
    n = x.shape[1]
    return x.transpose([0, 2, 1]) @ net.table[-n:, -n:]


@model(_WORDS)
def last_three(net: Any, x: Any, y: Any) -> Any:
    return x[:, -3:].reshape([0, 24])


@model(_WORDS)
def all_but_last_two(net: Any, x: Any, y: Any) -> Any:
    return x[:, :-2] + x[:, 2:]


@model(_WORDS)
def even_and_odd(net: Any, x: Any, y: Any) -> Any:
    return paddle.concat([x[:, ::2], x[:, 1::2]], -1)


@model(_WORDS)
def space_to_depth(net: Any, x: Any, y: Any) -> Any:
    return paddle.concat([x[:, 0::3], x[:, 1::3], x[:, 2::3]], -1)


@model(_WORDS)
def reversed(net: Any, x: Any, y: Any) -> Any:
    return x[:, ::-1] + x


@model(_WORDS)
def fifth_from_the_end(net: Any, x: Any, y: Any) -> Any:
    return x[:, -5]


@model(_WORDS)
def middle(net: Any, x: Any, y: Any) -> Any:
    return x[:, x.shape[1] // 2]


@model(_WORDS)
def second_half(net: Any, x: Any, y: Any) -> Any:
    h = x.shape[1] // 2
    return x[:, h:] + x[:, :h]


@model(_WORDS)
def tensor_chunks(net: Any, x: Any, y: Any) -> Any:
    a, b, c = paddle.chunk(x, 3, axis=1)
    return a * b + c


@model(_WORDS, table=[16, 8])
def table_slice_offset(net: Any, x: Any, y: Any) -> Any:
    return x + net.table[2 : x.shape[1] + 2]


@model(_WORDS, table=[16, 8])
def table_slice_half(net: Any, x: Any, y: Any) -> Any:
    return x[:, ::2] + net.table[: (x.shape[1] + 1) // 2]


@model(_IMAGES, pos=[1, 4, 6, 5], proj=lambda: nn.Conv2D(3, 4, 4, 4))
def table_cut_to_map(net: Any, x: Any, y: Any) -> Any:
    m = net.proj(x)
    return m + net.pos[:, :, : m.shape[2], : m.shape[3]]


@model(_WORDS)
def cropped_at_the_middle(net: Any, x: Any, y: Any) -> Any:
    start = (x.shape[1] - 16) // 2
    return x[:, start : start + 16].reshape([0, 128])


@model(_IMAGES)
def image_cropped(net: Any, x: Any, y: Any) -> Any:
    top, left = (x.shape[2] - 16) // 2, (x.shape[3] - 16) // 2
    return x[:, :, top : top + 16, left : left + 16]


@model(_WORDS)
def last_sixteen(net: Any, x: Any, y: Any) -> Any:
    return x[:, x.shape[1] - 16 :] + x[:, :16]


@model([*_WORDS, *_MORE])
def longest_context(net: Any, x: Any, y: Any) -> Any:
    z = paddle.concat([x, y], 1)
    return z[:, z.shape[1] - 32 :]


@model(_WORDS)
def fifth_from_a_computed_end(net: Any, x: Any, y: Any) -> Any:
    return x[:, x.shape[1] - 5]


@model(_WORDS)
def all_but_five_computed(net: Any, x: Any, y: Any) -> Any:
    return x[:, : x.shape[1] - 5].reshape([0, -1, 2, 8])


@model(_WORDS, table=[20, 8])
def middle_of_a_table(net: Any, x: Any, y: Any) -> Any:
    start = (20 - x.shape[1]) // 2
    return x + net.table[start : start + x.shape[1]]


# Places


@model(_WORDS, table=[20, 8])
def power_of_places(net: Any, x: Any, y: Any) -> Any:
    p = paddle.arange(x.shape[1])
    return x + paddle.gather(net.table, p**2)


@model(_WORDS, table=[16, 8])
def wrapped_places(net: Any, x: Any, y: Any) -> Any:
    return x + paddle.gather(net.table, paddle.arange(x.shape[1]) % 16)


@model(_WORDS, table=[16, 8])
def shifted_places(net: Any, x: Any, y: Any) -> Any:
    return x + F.embedding(paddle.arange(x.shape[1]) + 2, net.table)


@model(_WORDS, table=[16, 8])
def clipped_places(net: Any, x: Any, y: Any) -> Any:
    return x + F.embedding(paddle.clip(paddle.arange(x.shape[1]), max=15), net.table)


@model(_WORDS, table=[31, 2])
def relative_places(net: Any, x: Any, y: Any) -> Any:
    p = paddle.arange(x.shape[1])
    r = p.unsqueeze(0) - p.unsqueeze(1) + 15
    return F.embedding(r, net.table).sum() + x


@model(_WORDS, table=[31, 2])
def relative_places_clipped(net: Any, x: Any, y: Any) -> Any:
    p = paddle.arange(x.shape[1])
    r = paddle.clip(p.unsqueeze(0) - p.unsqueeze(1), -15, 15) + 15
    return F.embedding(r, net.table).sum() + x


@model(_WORDS, table=[40, 8])
def cumulated_places(net: Any, x: Any, y: Any) -> Any:
    return x + F.embedding(paddle.cumsum(paddle.ones([x.shape[1]], "int64")) + 1, net.table)


@model(_WORDS, table=[10, 8])
def scattered(net: Any, x: Any, y: Any) -> Any:
    return paddle.scatter(net.table, paddle.arange(x.shape[1]), x[0])


@model(_WORDS, table=[10, 8])
def scattered_added(net: Any, x: Any, y: Any) -> Any:
    return paddle.scatter_nd_add(net.table, paddle.arange(x.shape[1]).unsqueeze(-1), x[0])


@model(_WORDS)
def put_along(net: Any, x: Any, y: Any) -> Any:
    idx = paddle.to_tensor([[[0], [4]]]).expand([1, 2, 8])
    return paddle.put_along_axis(x[:1], idx, 0.0, 1)


@model([*_WORDS, *_of(-1, name="y", dtype="int64")])
def put_values(net: Any, x: Any, y: Any) -> Any:
    return paddle.scatter(x[0], y * 0, paddle.ones([3, 8]))


@model(_WORDS)
def index_added(net: Any, x: Any, y: Any) -> Any:
    return paddle.index_add(x, paddle.to_tensor([1, 6]), 1, paddle.ones([1, 2, 8]).expand([x.shape[0], -1, -1]))


@model(_WORDS)
def put_by_a_mask(net: Any, x: Any, y: Any) -> Any:
    x = x * 1
    x[x.sum(-1) > -1] = paddle.zeros([8])
    return x


@model([*_WORDS, *_of(None, -1, name="y")])
def put_by_another_mask(net: Any, x: Any, y: Any) -> Any:
    return paddle.index_put(x, (y > -1,), paddle.zeros([1]))


@model([*_WORDS, *_of(-1, 8, name="y")])
def put_rows(net: Any, x: Any, y: Any) -> Any:
    return paddle.index_put(paddle.concat([x[0], x[0], x[0]]), (paddle.arange(3),), y)


@model(_WORDS)
def put_on_the_diagonal(net: Any, x: Any, y: Any) -> Any:
    places = paddle.arange(x.shape[1])
    return paddle.index_put((x @ x.transpose([0, 2, 1]))[0], (places, places), paddle.zeros([1]))


# Ops


@model(_of(None, -1))
def gated(net: Any, x: Any, y: Any) -> Any:
    return F.glu(x)


@model([*_WORDS, *_MORE])
def distances(net: Any, x: Any, y: Any) -> Any:
    return paddle.cdist(x, y)


@model(_of(-1, 8), b=lambda: nn.Bilinear(8, 8, 3))
def bilinear(net: Any, x: Any, y: Any) -> Any:
    return net.b(x, x)


@model(_of(None, -1, 3))
def traced(net: Any, x: Any, y: Any) -> Any:
    return paddle.trace(x, axis1=1, axis2=2) + paddle.diagonal(x, axis1=1, axis2=2)[:, 1]


@model(_WORDS)
def differences(net: Any, x: Any, y: Any) -> Any:
    return paddle.diff(x, axis=1) + x[:, 1:]


@model(_of(-1, 8), edges=[6])
def searched(net: Any, x: Any, y: Any) -> Any:
    return paddle.searchsorted(net.edges.sort(), x)


@model(_IMAGES)
def regions(net: Any, x: Any, y: Any) -> Any:
    boxes = paddle.to_tensor([[0.0, 0.0, 4.0, 4.0]]).expand([x.shape[0], 4])
    return vision.roi_align(x, boxes, paddle.ones([x.shape[0]], "int32"), 2)


@model(_IMAGES, offsets=lambda: nn.Conv2D(3, 18, 3, 2, 1), weight=[4, 3, 3, 3])
def deformed(net: Any, x: Any, y: Any) -> Any:
    return vision.deform_conv2d(x, net.offsets(x), net.weight, stride=2, padding=1)


@model(_IMAGES, offsets=lambda: nn.Conv2D(3, 18, 3, 1, 0), weight=[4, 3, 3, 3])
def deformed_apart(net: Any, x: Any, y: Any) -> Any:
    return vision.deform_conv2d(x, net.offsets(x), net.weight, stride=1, padding=1)


@model(_IMAGES)
def adaptive(net: Any, x: Any, y: Any) -> Any:
    return F.interpolate(F.adaptive_avg_pool2d(x, [6, 6]), size=[x.shape[2], x.shape[3]]) + x


@model(_IMAGES)
def replicated(net: Any, x: Any, y: Any) -> Any:
    return F.pad(x, [2, 2, 3, 3], mode="replicate")


@model(_IMAGES)
def circular(net: Any, x: Any, y: Any) -> Any:
    return F.pad(x, [2, 4, 3, 3], mode="circular")


@model([*_of(None, -1, 8), *_of(None, 8, name="y")], cell=lambda: nn.LSTM(8, 8))
def recurrent_state(net: Any, x: Any, y: Any) -> Any:
    s = y.unsqueeze(0)
    return net.cell(x, (s, s))[0]


@model([*_of(None, -1), *_of(None, -1, name="y")])
def compared(net: Any, x: Any, y: Any) -> Any:
    return F.binary_cross_entropy_with_logits(x, y)


@model([*_of(-1, -1, 4), *_of(-1, 4, name="y")])
def expanded(net: Any, x: Any, y: Any) -> Any:
    return y.unsqueeze(0).expand_as(x)


@model(_of(-1, -1))
def inverted(net: Any, x: Any, y: Any) -> Any:
    return paddle.linalg.inv(x + paddle.eye(x.shape[0]) * 100)


@model(_WORDS)
def repeated(net: Any, x: Any, y: Any) -> Any:
    return paddle.repeat_interleave(x, 2, axis=1) + paddle.tile(x, [1, 2, 1])


@model(_WORDS)
def repeats_given(net: Any, x: Any, y: Any) -> Any:
    return paddle.repeat_interleave(x, paddle.to_tensor([1, 2, 3, 1]), axis=1)


@model(_WORDS)
def top_half(net: Any, x: Any, y: Any) -> Any:
    return paddle.topk(x, x.shape[1] // 2, axis=1)[0]


@model([*_WORDS, *_of(None, -1, 8, name="y")])
def cross_twice(net: Any, x: Any, y: Any) -> Any:
    return x @ y.transpose([0, 2, 1]) @ (y + y[:, :1]) + x[:, -1:]


@model(_of(None, 4, -1, -1, name="image"), conv=lambda: nn.Conv2D(4, 8, 3, 2, 1, groups=2))
def group_conv(net: Any, x: Any, y: Any) -> Any:
    z = net.conv(x)
    return (
        z.reshape([0, 2, 4, z.shape[2], z.shape[3]])
        .transpose([0, 2, 1, 3, 4])
        .reshape([0, 8, z.shape[2] * z.shape[3] // 2, 2])
    )


@model([*_WORDS, *_MORE])
def similar_along_the_length(net: Any, x: Any, y: Any) -> Any:
    return F.cosine_similarity(x, y, axis=1)


@model([*_WORDS, *_MORE])
def similar_along_the_width(net: Any, x: Any, y: Any) -> Any:
    return F.cosine_similarity(x, y, axis=2)


@model(_WORDS, table=[1, 1, 8])
def similar_to_one(net: Any, x: Any, y: Any) -> Any:
    return F.cosine_similarity(x, net.table, axis=1)


@model(_of(None, 16, -1))
def overlapped(net: Any, x: Any, y: Any) -> Any:
    return paddle.signal.overlap_add(x, 4).reshape([0, -1, 8])


@model(_of(None, -1))
def spectrum_and_back(net: Any, x: Any, y: Any) -> Any:
    return paddle.fft.irfft(paddle.fft.rfft(x)) + x


@model(_of(None, 16, -1))
def spectrum_of_one_size(net: Any, x: Any, y: Any) -> Any:
    return paddle.fft.irfft(paddle.fft.rfft(x, axis=1), axis=1) + x


@model(_of(None, 9, -1))
def spectra_joined(net: Any, x: Any, y: Any) -> Any:
    return paddle.fft.irfft(paddle.complex(x, x), axis=1)[:, :16] + x[:, :1]


# Larger and smaller


@model(_IMAGES, up=lambda: nn.Conv2DTranspose(3, 3, 4, 2, 1))
def unet_by_crop(net: Any, x: Any, y: Any) -> Any:
    u = net.up(F.max_pool2d(x, 2, 2))
    dh = x.shape[2] - u.shape[2]
    return F.pad(u, [0, x.shape[3] - u.shape[3], 0, dh]) + x


@model(_IMAGES, up=lambda: nn.Conv2DTranspose(3, 3, 2, 2))
def output_size_given(net: Any, x: Any, y: Any) -> Any:
    s = F.max_pool2d(x, 2, 2)
    return net.up(s, output_size=[x.shape[2], x.shape[3]]) + x


@model(_IMAGES)
def unpooled(net: Any, x: Any, y: Any) -> Any:
    small, places = F.max_pool2d(x, 2, 2, return_mask=True)
    return F.max_unpool2d(small, places, 2, 2, output_size=[x.shape[2], x.shape[3]]) + x


@model(_IMAGES)
def unpooled_larger(net: Any, x: Any, y: Any) -> Any:
    small, places = F.max_pool2d(x, 3, 3, return_mask=True)
    return F.max_unpool2d(small, places, 3, 3, output_size=[x.shape[2] + 1, x.shape[3] + 1])


@model(_IMAGES)
def align_corners(net: Any, x: Any, y: Any) -> Any:
    return F.interpolate(F.avg_pool2d(x, 4, 4), scale_factor=4, mode="bilinear", align_corners=True) + x


@model(_IMAGES)
def scale_half(net: Any, x: Any, y: Any) -> Any:
    return F.interpolate(F.interpolate(x, scale_factor=0.5), scale_factor=2) + x


@model(_IMAGES)
def scale_three_quarters(net: Any, x: Any, y: Any) -> Any:
    return F.interpolate(x, scale_factor=0.75) * F.interpolate(x, scale_factor=[0.75, 0.75], mode="bilinear")


@model(_IMAGES)
def scale_third(net: Any, x: Any, y: Any) -> Any:
    return F.interpolate(F.interpolate(x, scale_factor=1 / 3), scale_factor=3) + x


# Reshapes


@model(_IMAGES)
def patches_by_reshape(net: Any, x: Any, y: Any) -> Any:
    b, c, h, w = x.shape
    return x.reshape([b, c, h // 4, 4, w // 4, 4]).transpose([0, 2, 4, 1, 3, 5]).reshape([b, -1, c * 16])


@model(_IMAGES)
def folded_back(net: Any, x: Any, y: Any) -> Any:
    b, c, h, w = x.shape
    t = x.reshape([b, c, -1]).transpose([0, 2, 1])
    return t.reshape([b, h // 2, 2, w // 2, 2, c]).sum([2, 4])


@model(_of(None, -1, 6))
def heads_twice(net: Any, x: Any, y: Any) -> Any:
    return x.reshape([0, -1, 4, 6]).reshape([0, 3, -1, 6]).sum(1)


@model(_of(-1, 6))
def micro_batches(net: Any, x: Any, y: Any) -> Any:
    return x.reshape([2, -1, 6]).mean(0)


@model(_of(-1, -1, 6))
def batch_and_length(net: Any, x: Any, y: Any) -> Any:
    return x.reshape([-1, 10, 6]).sum(1)


@model(_WORDS)
def padded_up(net: Any, x: Any, y: Any) -> Any:
    p = (4 - x.shape[1] % 4) % 4
    return F.pad(x, [0, p], data_format="NLC").reshape([0, -1, 4, 8])


@model(_WORDS)
def padded_by_a_remainder(net: Any, x: Any, y: Any) -> Any:
    return F.pad(x, [0, 4 - x.shape[1] % 4], data_format="NLC").reshape([0, -1, 4, 8])


@model(_WORDS)
def window_mask(net: Any, x: Any, y: Any) -> Any:
    high = x.shape[1]
    whole_high = int(-(-high // 7)) * 7
    m = paddle.zeros([1, whole_high, 1])
    b, h, c = m.shape
    return m.reshape([b, h // 7, 7, c]).sum() + x


@model(_WORDS)
def window_mask_put(net: Any, x: Any, y: Any) -> Any:
    high = x.shape[1]
    whole_high = int(-(-high // 7)) * 7
    m = paddle.zeros([1, whole_high, 1])
    for number, rows in enumerate((slice(0, -7), slice(-7, -3), slice(-3, None))):
        m[:, rows] = number
    return m.sum() + x


# Under an `if`, or an `assert`


@model(_WORDS)
def even_only(net: Any, x: Any, y: Any) -> Any:
    assert x.shape[1] % 2 == 0
    return x * 2


@model(_WORDS)
def at_most_by_assert(net: Any, x: Any, y: Any) -> Any:
    assert x.shape[1] <= 30, "too long"
    return x * 2


@model(_WORDS)
def odd_asserted(net: Any, x: Any, y: Any) -> Any:
    assert x.shape[1] % 2 != 0
    return x * 2


@model(_WORDS)
def or_asserted(net: Any, x: Any, y: Any) -> Any:
    assert x.shape[1] < 5 or x.shape[1] > 10
    return x * 2


@model(_WORDS)
def if_even(net: Any, x: Any, y: Any) -> Any:
    if x.shape[1] % 2 == 1:
        x = F.pad(x, [0, 1], data_format="NLC")
    return x.reshape([0, -1, 2, 8]).sum(2)


@model(_WORDS)
def if_long(net: Any, x: Any, y: Any) -> Any:
    if x.shape[1] > 20:
        x = x[:, :20]
    return x.reshape([0, -1, 4, 8]).sum(2)


@model(_IMAGES)
def pad_if(net: Any, x: Any, y: Any) -> Any:
    _, _, high, wide = x.shape
    if wide % 4 != 0:
        x = F.pad(x, [0, 4 - wide % 4, 0, 0])
    if high % 4 != 0:
        x = F.pad(x, [0, 0, 0, 4 - high % 4])
    return x.reshape([0, 3, x.shape[2] // 4, 4, x.shape[3] // 4, 4])


@model(_IMAGES)
def windows_and_back(net: Any, x: Any, y: Any) -> Any:
    _, _, high, wide = x.shape
    pr, pb = (7 - wide % 7) % 7, (7 - high % 7) % 7
    z = F.pad(x, [0, pr, 0, pb])
    _, _, whole_high, whole_wide = z.shape
    w = (
        z.transpose([0, 2, 3, 1])
        .reshape([-1, whole_high // 7, 7, whole_wide // 7, 7, 3])
        .transpose([0, 1, 3, 2, 4, 5])
        .reshape([-1, 7, 7, 3])
    )
    z = (
        w.reshape([-1, whole_high // 7, whole_wide // 7, 7, 7, 3])
        .transpose([0, 1, 3, 2, 4, 5])
        .reshape([-1, whole_high, whole_wide, 3])
    )
    if pr > 0 or pb > 0:
        z = z[:, :high, :wide, :]
    return z.reshape([-1, high * wide, 3]).transpose([0, 2, 1]) + x.flatten(2)


def _windows(x: Any, high: Any, wide: Any) -> Any:
    """Windows of 4 by 4, one after the other."""
    x = x.reshape([-1, high // 4, 4, wide // 4, 4, x.shape[-1]]).transpose([0, 1, 3, 2, 4, 5])
    return x.reshape([-1, 16, x.shape[-1]])


def _joined(x: Any, high: Any, wide: Any) -> Any:
    """The map that windows were cut out of."""
    x = x.reshape([-1, high // 4, wide // 4, 4, 4, x.shape[-1]]).transpose([0, 1, 3, 2, 4, 5])
    return x.reshape([-1, high, wide, x.shape[-1]])


def _marks(high: Any, wide: Any) -> Any:
    """What keeps places apart that meet in a window by being rolled only."""
    marks = paddle.zeros([1, high, wide, 1])
    parts = (slice(0, -4), slice(-4, -2), slice(-2, None))
    for number, (rows, columns) in enumerate((rows, columns) for rows in parts for columns in parts):
        marks[:, rows, columns, :] = number
    marks = _windows(marks, high, wide).squeeze(-1)
    apart = marks.unsqueeze(1) - marks.unsqueeze(2)
    return paddle.where(apart != 0, paddle.full_like(apart, -100.0), paddle.zeros_like(apart))


def _block(net: Any, x: Any, shift: int) -> Any:
    """Attention within windows, which are shifted, as Swin's."""
    _, high, wide, _ = x.shape
    x = F.pad(x, [0, (4 - wide % 4) % 4, 0, (4 - high % 4) % 4], data_format="NHWC")
    _, whole_high, whole_wide, _ = x.shape
    if shift > 0:
        x = paddle.roll(x, [-shift, -shift], axis=[1, 2])
    x = net.query(_windows(x, whole_high, whole_wide))
    scores = x @ x.transpose([0, 2, 1])
    if shift > 0:
        marks = _marks(whole_high, whole_wide)
        scores = (scores.reshape([-1, marks.shape[0], 16, 16]) + marks.unsqueeze(0)).reshape([-1, 16, 16])
    x = _joined(F.softmax(scores) @ x, whole_high, whole_wide)
    if shift > 0:
        x = paddle.roll(x, [shift, shift], axis=[1, 2])
    return x[:, :high, :wide]


@model(_IMAGES, embed=lambda: nn.Conv2D(3, 8, 2, 2), query=lambda: nn.Linear(8, 8))
def shifted_windows(net: Any, x: Any, y: Any) -> Any:
    x = net.embed(x).transpose([0, 2, 3, 1])
    for shift in (0, 2):
        x = x + _block(net, x, shift)
    return x.flatten(1, 2)


# Of several of these


@model(_IMAGES)
def pad_to_max(net: Any, x: Any, y: Any) -> Any:
    h, w = x.shape[2], x.shape[3]
    s = paddle.maximum(paddle.shape(x)[2], paddle.shape(x)[3])
    z = F.pad(x, [0, s - w, 0, s - h])
    return z + z.transpose([0, 1, 3, 2])


@model(_IMAGES, conv=lambda: nn.Conv2D(3, 4, 3, 2, 1), up=lambda: nn.Conv2DTranspose(4, 3, 4, 2, 1))
def skip_cropped(net: Any, x: Any, y: Any) -> Any:
    u = net.up(net.conv(x))
    return u[:, :, : x.shape[2], : x.shape[3]] + x


@model(_IMAGES)
def nested_if(net: Any, x: Any, y: Any) -> Any:
    h = x.shape[2]
    if h > 32:
        x = F.avg_pool2d(x, 2, 2) if h % 2 == 0 else F.max_pool2d(x, 3, 2, 1)
    return x.reshape([0, 3, x.shape[2] // 2, 2, -1])


@model(_WORDS)
def bucketed(net: Any, x: Any, y: Any) -> Any:
    n = x.shape[1]
    b = (n + 15) // 16 * 16
    z = paddle.zeros([x.shape[0], b, 8])
    z[:, :n] = x
    return z.reshape([0, -1, 16, 8]).mean(2)


@model(_of(None, -1, 6, 6))
def split_dynamic(net: Any, x: Any, y: Any) -> Any:
    a, b = paddle.split(x, [x.shape[1] // 2, x.shape[1] - x.shape[1] // 2], axis=1)
    return a.mean([1]) + b.mean([1])


@model(_of(-1, 3, 8, 8))
def moved_in_time(net: Any, x: Any, y: Any) -> Any:
    b = x.shape[0]
    z = x.reshape([b // 4, 4, 3, 8, 8])
    return paddle.concat([z[:, 1:], z[:, :1]], 1).reshape([b, 3, 8, 8])


@model(_of(-1, 6))
def contrastive(net: Any, x: Any, y: Any) -> Any:
    z = F.normalize(x, axis=1)
    return F.cross_entropy(z @ z.t(), paddle.arange(x.shape[0]))


@model([*_of(-1, 6), *_of(-1, 6, name="y")])
def clip_loss(net: Any, x: Any, y: Any) -> Any:
    return F.cross_entropy(x @ y.t(), paddle.arange(x.shape[0]))


@model([*_WORDS, *_MORE])
def prefix(net: Any, x: Any, y: Any) -> Any:
    return x[:, -y.shape[1] :] + y


@model([*_WORDS, *_MORE])
def cached(net: Any, x: Any, y: Any) -> Any:
    k = paddle.concat([y, x], 1)
    n, t = x.shape[1], k.shape[1]
    m = paddle.tril(paddle.ones([t, t]))[t - n :, :]
    return (x @ k.transpose([0, 2, 1]) * m) @ k


@model([*_WORDS, *_of(None, -1, name="y", dtype="int64")])
def labels_shifted(net: Any, x: Any, y: Any) -> Any:
    return F.cross_entropy(x[:, :-1], y[:, 1:])


@model(_WORDS, e=lambda: nn.Embedding(25, 8))
def position_reversed(net: Any, x: Any, y: Any) -> Any:
    n = x.shape[1]
    return x + net.e(n - 1 - paddle.arange(n))


@model(_WORDS, e=lambda: nn.Embedding(9, 8))
def position_blocks(net: Any, x: Any, y: Any) -> Any:
    n = x.shape[1]
    return x + net.e(paddle.arange(n) // 4 + 1)


@model(_WORDS, e=lambda: nn.Embedding(25, 8))
def position_min(net: Any, x: Any, y: Any) -> Any:
    n = x.shape[1]
    return x + net.e(paddle.minimum(paddle.arange(n), paddle.full_like(paddle.arange(n), 24)))


@model(_WORDS, e=lambda: nn.Embedding(25, 8))
def position_distance(net: Any, x: Any, y: Any) -> Any:
    p = paddle.arange(x.shape[1])
    return net.e((p.unsqueeze(0) - p.unsqueeze(1)).abs()).mean(0) + x


@model(_IMAGES)
def ratio_if(net: Any, x: Any, y: Any) -> Any:
    if x.shape[2] < x.shape[3]:
        x = x.transpose([0, 1, 3, 2])
    return x.reshape([0, 3, x.shape[2] // 4, 4, -1])


@model(_of(-1, -1, -1))
def two_products(net: Any, x: Any, y: Any) -> Any:
    b, n, c = x.shape
    return x.reshape([b * n, c]).reshape([-1, n * c])
