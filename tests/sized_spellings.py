"""More models that take some sizes and not others: what `sized_models` has, spelled in the other ways that people write it."""

from __future__ import annotations

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


def _images(height: int = -1, width: int = -1) -> list[InputSpec]:
    return [InputSpec([None, 3, height, width], "float32", "image")]


MODELS: dict[str, Any] = {
    "levels": lambda: (Levels(), _images()),
    "levels, doubled": lambda: (Levels(True), _images()),
}
"""By name."""
