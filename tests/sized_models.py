"""Models that take some sizes and not others, each a function that returns the layer and its input spec."""

from __future__ import annotations

from typing import Any

import paddle
import paddle.nn.functional as F
from paddle import nn
from paddle.static import InputSpec

Built = tuple[nn.Layer, list[InputSpec]]


class Pyramid(nn.Layer):
    """Maps that are halved, and added to or joined with the next smaller one, doubled."""

    def __init__(self, levels: int, join: str, pad: int = 1, mode: str = "nearest") -> None:
        super().__init__()
        self.join, self.mode = join, mode
        self.stem = nn.Conv2D(3, 4, 3, padding=1)
        self.down = nn.LayerList([nn.Conv2D(4, 4, 2 + pad, stride=2, padding=pad) for _ in range(levels)])
        self.merge = nn.Conv2D(8, 4, 1)

    def forward(self, image: Any) -> Any:
        maps = [self.stem(image)]
        for layer in self.down:
            maps.append(F.relu(layer(maps[-1])))
        x = maps.pop()
        while maps:
            x = F.interpolate(x, scale_factor=2, mode=self.mode)
            x = x + maps.pop() if self.join == "add" else self.merge(paddle.concat([x, maps.pop()], 1))
        return x


class Transposed(nn.Layer):
    """A map that is halved and doubled by a transposed convolution, and joined with what it was."""

    def __init__(self) -> None:
        super().__init__()
        self.smaller = nn.Conv2D(3, 4, 2, stride=2)
        self.larger = nn.Conv2DTranspose(4, 4, 3, stride=2, padding=1, output_padding=1)

    def forward(self, image: Any) -> Any:
        return paddle.concat([image, self.larger(self.smaller(image))], axis=1)


class Checked(nn.Layer):
    """A model that asserts a size, pads to a multiple of another, and looks positions up where there are few."""

    def __init__(self) -> None:
        super().__init__()
        self.places = nn.Embedding(11, 6)

    def forward(self, x: Any) -> Any:
        length = x.shape[1]
        assert length % 2 == 0
        if length > 4:
            x = x + self.places(paddle.arange(length, dtype="int64"))
        x = F.pad(x, [0, (8 - length % 8) % 8], data_format="NLC")
        return x.reshape([x.shape[0], x.shape[1] // 8, 48])


class Following(nn.Layer):
    """A pyramid that resizes to the size of the other map: it takes every size."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2D(3, 4, 3, padding=1)
        self.down = nn.Conv2D(4, 4, 3, stride=2, padding=1)

    def forward(self, image: Any) -> Any:
        x = self.stem(image)
        return x + F.interpolate(self.down(x), size=x.shape[2:])


class Encoder(nn.Layer):
    """Tokens, a table of positions that ends, a mask, and heads."""

    def __init__(self, length: int = 24, heads: int = 2) -> None:
        super().__init__()
        self.heads = heads
        self.tokens = nn.Embedding(50, 16)
        self.positions = self.create_parameter([1, length, 16])
        self.attention = nn.MultiHeadAttention(16, heads)

    def forward(self, ids: Any, mask: Any) -> Any:
        x = self.tokens(ids) + self.positions[:, : ids.shape[1]]
        x = x * mask.unsqueeze(-1)
        return self.attention(x, x, x)


class Windows(nn.Layer):
    """Attention within windows, without padding, as Swin's."""

    def __init__(self, window: int = 4) -> None:
        super().__init__()
        self.window = window
        self.embed = nn.Conv2D(3, 8, 2, stride=2)
        self.mix = nn.Linear(8, 8)

    def forward(self, image: Any) -> Any:
        x, w = self.embed(image).transpose([0, 2, 3, 1]), self.window
        b, h, v, c = x.shape
        x = x.reshape([b, h // w, w, v // w, w, c]).transpose([0, 1, 3, 2, 4, 5])
        return self.mix(x.reshape([-1, w * w, c]))


class Patches(nn.Layer):
    """A vision transformer: patches, and a position for each patch of one size."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv2D(3, 8, 8, stride=8)
        self.positions = self.create_parameter([1, 16, 8])

    def forward(self, image: Any) -> Any:
        return self.embed(image).flatten(2).transpose([0, 2, 1]) + self.positions


class Doing(nn.Layer):
    """One function of an image, after a convolution."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.stem = nn.Conv2D(3, 4, 3, padding=1)
        self.function = function

    def forward(self, image: Any) -> Any:
        return self.function(self.stem(image))


class Shuffled(Doing):
    def forward(self, image: Any) -> Any:
        return F.pixel_unshuffle(F.pad(self.stem(image), [0, 0, 0, 0]), 2)


class Halves(Doing):
    def forward(self, image: Any) -> Any:
        left, right = paddle.split(self.stem(image), 2, axis=3)
        return left + right


class Focus(Doing):
    def forward(self, image: Any) -> Any:
        x = self.stem(image)
        return paddle.concat([x[:, :, ::2, ::2], x[:, :, 1::2, ::2], x[:, :, ::2, 1::2], x[:, :, 1::2, 1::2]], 1)


class Rows(Doing):
    def forward(self, image: Any) -> Any:
        x = self.stem(image)
        return x[:, :, 6] + x[:, :, -3]


class Reflected(Doing):
    def forward(self, image: Any) -> Any:
        return F.pad(self.stem(image), [2, 2, 5, 1], mode="reflect")


class Pooled(Doing):
    def forward(self, image: Any) -> Any:
        x = self.stem(image)
        return F.adaptive_avg_pool2d(x, 3).flatten(1) + F.max_pool2d(x, 5, 3).mean([2, 3]).tile([1, 9])


class Recognizer(nn.Layer):
    """As a recognizer of text: the height is pooled away, the width is time."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2D(3, 8, 3, stride=2, padding=1)
        self.pool = nn.MaxPool2D((16, 2), (16, 2))
        self.rnn = nn.LSTM(8, 4)

    def forward(self, image: Any) -> Any:
        x = self.pool(self.stem(image)).squeeze(2).transpose([0, 2, 1])
        return self.rnn(x)[0]


class Twin(nn.Layer):
    """Two images, one of which is half the size of the other."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2D(3, 4, 3, stride=2, padding=1)
        self.other = nn.Conv2D(3, 4, 3, padding=1)

    def forward(self, large: Any, small: Any) -> Any:
        return self.stem(large) + self.other(small)


class Topped(nn.Layer):
    """The best of all places, of which there must be enough."""

    def __init__(self) -> None:
        super().__init__()
        self.score = nn.Linear(8, 1)

    def forward(self, x: Any) -> Any:
        return self.score(x).squeeze(-1).topk(7)[0]


class Mixed(nn.Layer):
    """A linear layer over the length: one size only."""

    def __init__(self) -> None:
        super().__init__()
        self.over = nn.Linear(12, 12)

    def forward(self, x: Any) -> Any:
        return self.over(x.transpose([0, 2, 1]))


class UNet(nn.Layer):
    """Maps that are halved by pooling, and doubled by transposed convolutions."""

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.stem = nn.Conv2D(3, 4, 3, padding=1)
        self.down = nn.LayerList([nn.Conv2D(4, 4, 3, padding=1) for _ in range(levels)])
        self.up = nn.LayerList([nn.Conv2DTranspose(4, 4, 2, stride=2) for _ in range(levels)])
        self.merge = nn.LayerList([nn.Conv2D(8, 4, 3, padding=1) for _ in range(levels)])

    def forward(self, image: Any) -> Any:
        maps = [self.stem(image)]
        for layer in self.down:
            maps.append(layer(F.max_pool2d(maps[-1], 2)))
        x = maps.pop()
        for level, up in enumerate(self.up):
            x = self.merge[level](paddle.concat([up(x), maps.pop()], axis=1))
        return x


class FPN(nn.Layer):
    """Maps at strides of 4, 8 and 16, each with what the smaller ones have seen, and scores at every place of all."""

    def __init__(self, *, sized: bool) -> None:
        super().__init__()
        self.sized = sized
        self.stem = nn.Sequential(nn.Conv2D(3, 4, 7, stride=2, padding=3), nn.MaxPool2D(3, 2, 1))
        self.down = nn.LayerList([nn.Conv2D(4, 4, 3, stride=2, padding=1) for _ in range(2)])
        self.lateral = nn.LayerList([nn.Conv2D(4, 4, 1) for _ in range(3)])
        self.score = nn.Conv2D(4, 2, 3, padding=1)

    def forward(self, image: Any) -> Any:
        maps = [self.stem(image)]
        for layer in self.down:
            maps.append(F.relu(layer(maps[-1])))
        maps = [layer(maps[level]) for level, layer in enumerate(self.lateral)]
        for smaller in (2, 1):
            larger = maps[smaller - 1]
            x = maps[smaller]
            x = F.interpolate(x, size=larger.shape[2:]) if self.sized else F.interpolate(x, scale_factor=2)
            maps[smaller - 1] = larger + x
        return paddle.concat([self.score(x).flatten(2) for x in maps], axis=2).transpose([0, 2, 1])


class Pooling(nn.Layer):
    """What the whole image has seen is resized to each place of it, beside holes of several widths."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2D(3, 4, 3, stride=2, padding=1)
        self.holes = nn.LayerList([nn.Conv2D(4, 4, 3, padding=width, dilation=width) for width in (1, 6)])
        self.merge = nn.Conv2D(12, 2, 1)

    def forward(self, image: Any) -> Any:
        x = self.stem(image)
        whole = F.interpolate(F.adaptive_avg_pool2d(x, 1), x.shape[2:], mode="bilinear", align_corners=True)
        x = self.merge(paddle.concat([*(layer(x) for layer in self.holes), whole], axis=1))
        return F.interpolate(x, image.shape[2:], mode="bilinear", align_corners=True)


class PaddedWindows(nn.Layer):
    """Attention within windows, with padding that is cut off again, as Swin's."""

    def __init__(self, window: int = 4) -> None:
        super().__init__()
        self.window = window
        self.embed = nn.Conv2D(3, 8, 2, stride=2)
        self.attention = nn.MultiHeadAttention(8, 2)

    def forward(self, image: Any) -> Any:
        x, w = self.embed(image).transpose([0, 2, 3, 1]), self.window
        batch, height, width, channels = x.shape
        x = F.pad(x, [0, (w - width % w) % w, 0, (w - height % w) % w], data_format="NHWC")
        high, wide = x.shape[1], x.shape[2]
        x = x.reshape([batch, high // w, w, wide // w, w, channels]).transpose([0, 1, 3, 2, 4, 5])
        x = self.attention(x.reshape([-1, w * w, channels]))
        x = x.reshape([-1, high // w, wide // w, w, w, channels]).transpose([0, 1, 3, 2, 4, 5])
        return x.reshape([-1, high, wide, channels])[:, :height, :width]


class ResizedPositions(nn.Layer):
    """A vision transformer whose positions are resized to the patches that there are."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv2D(3, 8, 8, stride=8)
        self.positions = self.create_parameter([1, 8, 4, 4])

    def forward(self, image: Any) -> Any:
        x = self.embed(image)
        x = x + F.interpolate(self.positions, x.shape[2:], mode="bicubic")
        return x.flatten(2).transpose([0, 2, 1])


class Enlarged(Doing):
    """As super-resolution: channels become places, beside the image itself, enlarged."""

    def forward(self, image: Any) -> Any:
        return F.pixel_shuffle(self.stem(image), 2) + F.interpolate(image, scale_factor=2, mode="bilinear").mean(
            1, True
        )


class Wave(nn.Layer):
    """A sound that is made shorter, and as long again."""

    def __init__(self) -> None:
        super().__init__()
        self.shorter = nn.Conv1D(1, 4, 8, stride=4, padding=2)
        self.longer = nn.Conv1DTranspose(4, 1, 8, stride=4, padding=2)

    def forward(self, sound: Any) -> Any:
        return sound + self.longer(F.relu(self.shorter(sound)))


class Film(nn.Layer):
    """Frames of a film, each an image of a larger batch, and their mean over three at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2D(3, 4, 3, stride=2, padding=1)

    def forward(self, film: Any) -> Any:
        batch, frames = film.shape[0], film.shape[1]
        x = self.stem(film.flatten(0, 1)).mean([2, 3])
        return x.reshape([batch, frames // 3, 3, 4]).mean(2)


class Anchors(nn.Layer):
    """A detector without anchors: boxes about each place of two maps, whose places are computed from their sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2D(3, 4, 3, stride=8, padding=1)
        self.down = nn.Conv2D(4, 4, 3, stride=2, padding=1)
        self.box = nn.Conv2D(4, 4, 1)

    def forward(self, image: Any) -> Any:
        maps = [self.stem(image)]
        maps.append(self.down(maps[0]))
        places = paddle.concat([self.places(maps[0]) * 8, self.places(maps[1]) * 16])
        boxes = paddle.concat([self.box(x).flatten(2).transpose([0, 2, 1]) for x in maps], axis=1)
        return paddle.concat([places - boxes[:, :, :2], places + boxes[:, :, 2:]], axis=-1)

    def places(self, x: Any) -> Any:
        height, width = x.shape[2], x.shape[3]
        y, x = paddle.meshgrid(paddle.arange(height, dtype="float32"), paddle.arange(width, dtype="float32"))
        return paddle.stack([x, y], axis=-1).reshape([-1, 2])


def _images(height: int = -1, width: int = -1) -> list[InputSpec]:
    return [InputSpec([None, 3, height, width], "float32", "image")]


MODELS: dict[str, Any] = {
    **{
        f"pyramid of {levels}, {join}": (lambda levels=levels, join=join: (Pyramid(levels, join), _images()))
        for levels in (1, 2, 3, 4, 5)
        for join in ("add", "concat")
    },
    "pyramid of 3, unpadded": lambda: (Pyramid(3, "add", pad=0), _images()),
    "pyramid of 2, bilinear": lambda: (Pyramid(2, "concat", mode="bilinear"), _images()),
    "transposed": lambda: (Transposed(), _images()),
    "checked": lambda: (Checked(), [InputSpec([None, -1, 6], "float32", "x")]),
    "resized to the other map": lambda: (Following(), _images()),
    "encoder": lambda: (
        Encoder(),
        [InputSpec([None, -1], "int64", "ids"), InputSpec([None, -1], "float32", "mask")],
    ),
    "windows": lambda: (Windows(), _images()),
    "patches": lambda: (Patches(), _images()),
    "pixel_unshuffle": lambda: (Shuffled(None), _images(8, 8)),
    "halves": lambda: (Halves(None), _images(8, -1)),
    "focus": lambda: (Focus(None), _images()),
    "rows": lambda: (Rows(None), _images()),
    "reflected": lambda: (Reflected(None), _images()),
    "pooled": lambda: (Pooled(None), _images()),
    "recognizer": lambda: (Recognizer(), _images()),
    "two images": lambda: (
        Twin(),
        [InputSpec([None, 3, -1, width], "float32", name) for name, width in (("large", 32), ("small", 16))],
    ),
    "topk": lambda: (Topped(), [InputSpec([None, -1, 8], "float32", "x")]),
    "mixed over the length": lambda: (Mixed(), [InputSpec([None, -1, 6], "float32", "x")]),
    "U-Net of 3": lambda: (UNet(3), _images()),
    "U-Net of 4": lambda: (UNet(4), _images()),
    "FPN": lambda: (FPN(sized=False), _images()),
    "FPN, to the other map": lambda: (FPN(sized=True), _images()),
    "pooled over the image": lambda: (Pooling(), _images()),
    "windows, padded": lambda: (PaddedWindows(), _images()),
    "positions, resized": lambda: (ResizedPositions(), _images()),
    "enlarged": lambda: (Enlarged(None), _images()),
    "wave": lambda: (Wave(), [InputSpec([None, 1, -1], "float32", "sound")]),
    "film": lambda: (Film(), [InputSpec([None, -1, 3, 16, 16], "float32", "film")]),
    "anchors": lambda: (Anchors(), _images()),
    "convolution of 3": lambda: (nn.Conv2D(3, 4, 3), _images()),
}  # fmt: skip
"""By name."""
