"""More models that take some sizes and not others: what `sized_models` has, spelled in the other ways that people write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import paddle
import paddle.nn.functional as F
from paddle import nn
from paddle.static import InputSpec


class Levels(nn.Layer):
    """Maps joined to one row, and taken apart by a table of their sizes, as deformable attention does (Deformable DETR).

    Args:
        apart: Whether the smaller map has the place of the larger one, twice as high and wide.
    """

    def __init__(self, apart: bool = False) -> None:
        super().__init__()
        self.apart = apart

    def forward(self, image: Any) -> Any:
        maps = [image, F.max_pool2d(image, 3, 2, 1)]
        table = paddle.stack([paddle.concat([paddle.shape(x)[2:3], paddle.shape(x)[3:4]]) for x in maps])
        row = paddle.concat([x.flatten(2) for x in maps], axis=2)
        assert int(table.prod(1).sum()) == row.shape[2]
        large, small = row.split([int(height * width) for height, width in table], axis=2)
        if self.apart:
            small = small.reshape([0, 0, table[0][0] // 2, table[0][1] // 2])
            return large.reshape([0, 0, table[0][0], table[0][1]]) + F.interpolate(small, scale_factor=2)
        return large.reshape([0, 0, table[0][0], table[0][1]]).mean([2, 3]) + small.mean(2)


class Spelled(nn.Layer):
    """A function of one tensor or two.

    Args:
        function: Called with this layer and the tensors.
        parts: Layers that it uses, or shapes of its parameters.
    """

    def __init__(self, function: Callable[[Any, Any, Any], Any], **parts: Any) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part if isinstance(part, nn.Layer) else self.create_parameter(part))

    def forward(self, x: Any, y: Any = None) -> Any:
        return self.function(self, x, y)


# One size


def by_a_product(net: Any, x: Any, y: Any) -> Any:
    return paddle.matmul(x.transpose([0, 2, 1]), net.table)


def by_a_vector(net: Any, x: Any, y: Any) -> Any:
    return paddle.matmul(x.transpose([0, 2, 1]), net.table)


def by_a_mask(net: Any, x: Any, y: Any) -> Any:
    return paddle.where(net.table > 0, x, paddle.zeros_like(x))


def by_a_stack(net: Any, x: Any, y: Any) -> Any:
    return paddle.stack([x, net.table.unsqueeze(0).expand([x.shape[0], -1, -1])], 0)


def by_two_axes(net: Any, x: Any, y: Any) -> Any:
    return net.last(x.reshape([x.shape[0], -1]))


def by_a_sum(net: Any, x: Any, y: Any) -> Any:
    return net.last(paddle.concat([x.mean(3), x.mean(2)], 2))


# Multiples


def third(net: Any, x: Any, y: Any) -> Any:
    larger = F.interpolate(F.avg_pool2d(x, 3, 3), scale_factor=3)
    return paddle.where(larger > 0, x, larger)


def multiplied(net: Any, x: Any, y: Any) -> Any:
    small = net.first(x)
    return small * net.larger(net.second(small))


def rounded_up(net: Any, x: Any, y: Any) -> Any:
    small = F.max_pool2d(F.max_pool2d(x, 3, 2, ceil_mode=True), 3, 2, ceil_mode=True)
    return paddle.concat([x, F.interpolate(small, scale_factor=4)], 1)


def halved(net: Any, x: Any, y: Any) -> Any:
    return x + F.interpolate(net.first(x), scale_factor=2)


def widened(net: Any, x: Any, y: Any) -> Any:
    return x + net.larger(net.first(x))


def resized_to_half(net: Any, x: Any, y: Any) -> Any:
    return net.first(x) + F.interpolate(x, size=[x.shape[2] // 2, x.shape[3] // 2])


def moved(net: Any, x: Any, y: Any) -> Any:
    return paddle.roll(x, [-2, -2], axis=[2, 3]).reshape([0, 3, x.shape[2] // 4, 4, -1]).sum(3)


def grouped(net: Any, x: Any, y: Any) -> Any:
    return F.group_norm(x, 4)


def in_films(net: Any, x: Any, y: Any) -> Any:
    return F.temporal_shift(x, 2, 0.25)


# At least


def reflected(net: Any, x: Any, y: Any) -> Any:
    return F.pad(x, [3, 5], mode="reflect", data_format="NLC")


def cropped(net: Any, x: Any, y: Any) -> Any:
    return paddle.crop(x, shape=[-1, 4, 8], offsets=[0, 1, 0])


def convolved(net: Any, x: Any, y: Any) -> Any:
    return net.first(x)


def spectrum(net: Any, x: Any, y: Any) -> Any:
    return paddle.signal.stft(x, 16, hop_length=4).abs()


def fifth(net: Any, x: Any, y: Any) -> Any:
    return paddle.kthvalue(x, 5, axis=1)[0]


def chosen(net: Any, x: Any, y: Any) -> Any:
    return x[:, [0, 3, 6]]


def chosen_of_each(net: Any, x: Any, y: Any) -> Any:
    rows = paddle.arange(x.shape[0])
    return paddle.gather_nd(x, paddle.stack([rows, paddle.full_like(rows, 5)], -1))


def selected(net: Any, x: Any, y: Any) -> Any:
    return paddle.index_select(x, paddle.to_tensor([1, 4]), axis=1)


def smallest(net: Any, x: Any, y: Any) -> Any:
    return paddle.take_along_axis(x, paddle.argsort(x, 1)[:, :3], 1)


def put_at_an_index(net: Any, x: Any, y: Any) -> Any:
    x = x * 1
    x[:, 5] = 0.0
    return x


def put_first(net: Any, x: Any, y: Any) -> Any:
    x = x * 1
    x[:, :4] = paddle.ones([4, 8])
    return x


def from_the_end(net: Any, x: Any, y: Any) -> Any:
    return x + net.table[-x.shape[1] :]


def in_whole_windows(net: Any, x: Any, y: Any) -> Any:
    high, wide = (x.shape[2] + 7) // 8 * 8, -(-x.shape[3] // 8) * 8
    return F.avg_pool2d(F.pad(x, [0, wide - x.shape[3], 0, high - x.shape[2]]), 8, 8)


# At most


def every_second(net: Any, x: Any, y: Any) -> Any:
    return x + paddle.index_select(net.table, paddle.arange(0, x.shape[1] * 2, 2), axis=0)


def scaled_places(net: Any, x: Any, y: Any) -> Any:
    return x + paddle.gather(net.table, paddle.arange(x.shape[1]) * 2 + 1)


def halved_places(net: Any, x: Any, y: Any) -> Any:
    return x + net.places(paddle.arange(x.shape[1]) // 2)


def squared_places(net: Any, x: Any, y: Any) -> Any:
    places = paddle.arange(x.shape[1])
    return x + paddle.gather(net.table, places * places)


def rows_and_columns(net: Any, x: Any, y: Any) -> Any:
    rows, columns = net.rows(paddle.arange(x.shape[2])), net.columns(paddle.arange(x.shape[3]))
    return x + (rows.unsqueeze(1) + columns.unsqueeze(0)).transpose([2, 0, 1])


def causal(net: Any, x: Any, y: Any) -> Any:
    length = x.shape[1]
    return F.softmax(paddle.matmul(x, x, transpose_y=True) + net.table[:length, :length]) @ x


def by_a_root(net: Any, x: Any, y: Any) -> Any:
    root = paddle.sqrt(paddle.shape(x)[1].astype("float32")).astype("int32")
    return net.table.reshape([root, -1]).sum() + x.sum()


# Of two inputs, or two axes


def attended(net: Any, x: Any, y: Any) -> Any:
    return net.attention(x, y, y)


def until(net: Any, x: Any, y: Any) -> Any:
    kept = paddle.arange(x.shape[1]).unsqueeze(0) < y.unsqueeze(1)
    return (x * kept.unsqueeze(-1).astype("float32")).sum(1)


def batches(net: Any, x: Any, y: Any) -> Any:
    return paddle.bmm(paddle.bmm(x, y), x)


def summed_products(net: Any, x: Any, y: Any) -> Any:
    return paddle.einsum("bid,bjd->bij", x, y).max(-1).unsqueeze(-1) * x


def attention_by_letters(net: Any, x: Any, y: Any) -> Any:
    batch, length, width = x.shape
    heads = x.reshape([batch, length, 2, 4])
    weights = F.softmax(paddle.einsum("bihd,bjhd->bhij", heads, heads))
    return paddle.einsum("bhij,bjhd->bihd", weights, heads).reshape([batch, length, width]) + x


def dotted(net: Any, x: Any, y: Any) -> Any:
    return paddle.dot(x, y)


def masked(net: Any, x: Any, y: Any) -> Any:
    return paddle.masked_fill(x, y.unsqueeze(-1) > 0.5, 0.0)


def between(net: Any, x: Any, y: Any) -> Any:
    return paddle.lerp(x, y, 0.3)


def labelled(net: Any, x: Any, y: Any) -> Any:
    return F.cross_entropy(x, y)


def resized(net: Any, x: Any, y: Any) -> Any:
    return F.interpolate(x, size=paddle.shape(y)[2:]) + y


def turned(net: Any, x: Any, y: Any) -> Any:
    return x + x.transpose([0, 1, 3, 2])


# Under an `if`


def within(net: Any, x: Any, y: Any) -> Any:
    high = x.shape[2]
    if high > 16:
        if high < 32:
            x = x.reshape([0, 3, high // 2, 2, -1]).mean(3)
    else:
        x = x * 2
    return x


def small_ones_enlarged(net: Any, x: Any, y: Any) -> Any:
    if x.shape[2] < 8 or x.shape[3] < 8:
        x = F.interpolate(x, size=[8, 8])
    return F.avg_pool2d(x, 8)


def _images(height: int = -1, width: int = -1, name: str = "image") -> list[InputSpec]:
    return [InputSpec([None, 3, height, width], "float32", name)]


def _of(*shape: int | None, name: str = "x", dtype: str = "float32") -> list[InputSpec]:
    return [InputSpec(list(shape), dtype, name)]


_WORDS, _MORE = _of(None, -1, 8), _of(None, -1, 8, name="y")
MODELS: dict[str, Callable[[], tuple[nn.Layer, list[InputSpec]]]] = {
    "levels": lambda: (Levels(), _images()),
    "levels, doubled": lambda: (Levels(True), _images()),
    "by a product": lambda: (Spelled(by_a_product, table=[24, 4]), _WORDS),
    "by a vector": lambda: (Spelled(by_a_vector, table=[15]), _WORDS),
    "by a mask": lambda: (Spelled(by_a_mask, table=[1, 16, 1]), _WORDS),
    "by a stack": lambda: (Spelled(by_a_stack, table=[9, 8]), _WORDS),
    "by two axes": lambda: (Spelled(by_two_axes, last=nn.Linear(48, 4)), _of(None, -1, -1, 4)),
    "by a sum": lambda: (Spelled(by_a_sum, last=nn.Linear(20, 4)), _images()),
    "third": lambda: (Spelled(third), _images()),
    "multiplied": lambda: (
        Spelled(multiplied, first=nn.Conv2D(3, 4, 3, 2, 1), second=nn.Conv2D(4, 4, 3, 2, 1), larger=nn.Conv2DTranspose(4, 4, 2, 2)),
        _images(),
    ),
    "rounded up": lambda: (Spelled(rounded_up), _images()),
    "padded at the end": lambda: (Spelled(halved, first=nn.Conv2D(3, 3, 3, 2, padding=[0, 1, 0, 1])), _images()),
    "padded alike": lambda: (Spelled(halved, first=nn.Conv2D(3, 3, 3, 2, padding="SAME")), _images()),
    "dilated": lambda: (Spelled(halved, first=nn.Conv2D(3, 3, 3, 2, padding=2, dilation=2)), _images()),
    "odd again": lambda: (
        Spelled(widened, first=nn.Conv2D(3, 3, 3, 2, 1), larger=nn.Conv2DTranspose(3, 3, 3, 2, 1)),
        _images(),
    ),
    "wave, longer": lambda: (
        Spelled(widened, first=nn.Conv1D(1, 4, 4, 4), larger=nn.Conv1DTranspose(4, 1, 5, 4, output_padding=1)),
        _of(None, 1, -1),
    ),
    "resized to half": lambda: (Spelled(resized_to_half, first=nn.Conv2D(3, 3, 3, 2)), _images()),
    "moved": lambda: (Spelled(moved), _images()),
    "grouped": lambda: (Spelled(grouped), _of(None, -1, 4, 4)),
    "in films": lambda: (Spelled(in_films), _of(-1, 4, 8, 8)),
    "reflected, channels last": lambda: (Spelled(reflected), _of(None, -1, 3)),
    "cropped": lambda: (Spelled(cropped), _WORDS),
    "convolved": lambda: (Spelled(convolved, first=nn.Conv1D(1, 4, 5, dilation=3)), _of(None, 1, -1)),
    "spectrum": lambda: (Spelled(spectrum), _of(None, -1)),
    "fifth": lambda: (Spelled(fifth), _WORDS),
    "chosen": lambda: (Spelled(chosen), _WORDS),
    "chosen of each": lambda: (Spelled(chosen_of_each), _WORDS),
    "selected": lambda: (Spelled(selected), _WORDS),
    "smallest": lambda: (Spelled(smallest), _WORDS),
    "put at an index": lambda: (Spelled(put_at_an_index), _WORDS),
    "put first": lambda: (Spelled(put_first), _WORDS),
    "from the end": lambda: (Spelled(from_the_end, table=[12, 8]), _WORDS),
    "in whole windows": lambda: (Spelled(in_whole_windows), _images()),
    "every second": lambda: (Spelled(every_second, table=[20, 8]), _WORDS),
    "scaled places": lambda: (Spelled(scaled_places, table=[20, 8]), _WORDS),
    "halved places": lambda: (Spelled(halved_places, places=nn.Embedding(8, 8)), _WORDS),
    "squared places": lambda: (Spelled(squared_places, table=[20, 8]), _WORDS),
    "rows and columns": lambda: (
        Spelled(rows_and_columns, rows=nn.Embedding(12, 3), columns=nn.Embedding(9, 3)),
        _images(),
    ),
    "causal": lambda: (Spelled(causal, table=[12, 12]), _WORDS),
    "by a root": lambda: (Spelled(by_a_root, table=[64]), _WORDS),
    "attended": lambda: (Spelled(attended, attention=nn.MultiHeadAttention(8, 2)), [*_WORDS, *_MORE]),
    "until": lambda: (Spelled(until), [*_WORDS, *_of(None, name="y", dtype="int64")]),
    "batches": lambda: (Spelled(batches), [*_WORDS, *_of(None, 8, -1, name="y")]),
    "summed products": lambda: (Spelled(summed_products), [*_WORDS, *_MORE]),
    "attention by letters": lambda: (Spelled(attention_by_letters), _WORDS),
    "dotted": lambda: (Spelled(dotted), [*_of(-1, -1), *_of(-1, -1, name="y")]),
    "masked": lambda: (Spelled(masked), [*_WORDS, *_of(None, -1, name="y")]),
    "between": lambda: (Spelled(between), [*_WORDS, *_MORE]),
    "labelled": lambda: (Spelled(labelled), [*_of(None, 5), *_of(None, name="y", dtype="int64")]),
    "resized": lambda: (Spelled(resized), [*_images(), *_images(name="y")]),
    "turned": lambda: (Spelled(turned), _images()),
    "within": lambda: (Spelled(within), _images()),
    "small ones enlarged": lambda: (Spelled(small_ones_enlarged), _images()),
}  # fmt: skip
"""By name."""
