"""Layers whose export differs from them, each in one way."""

from __future__ import annotations

import paddle
from paddle import Tensor, nn


class Same(nn.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"scores": self.dropout(self.linear(x)) * 2.0, "count": (x > 0).sum()}


class AddingFourRows(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x + paddle.ones([4, 1])


class FailsWhenRun(nn.Layer):
    """Its export adds four rows, whatever the batch; in dygraph it does not."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.rows = AddingFourRows()

    def forward(self, x: Tensor) -> Tensor:
        y = self.linear(x)
        if not paddle.in_dynamic_mode():
            y = self.rows(y)
        return y * 2.0


class SplitsFirst(nn.Layer):
    """Takes a list of tensors apart before the op that differs."""

    def forward(self, x: Tensor) -> Tensor:
        left, right = paddle.split(x, 2, axis=1)
        return left + right * (1.0 if paddle.in_dynamic_mode() else 3.0)


class OtherValue(nn.Layer):
    def forward(self, x: Tensor) -> list[Tensor]:
        scale = 2.0 if paddle.in_dynamic_mode() else 3.0
        return [x * 2.0, x * scale]


class OtherOrder(nn.Layer):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2.0 if paddle.in_dynamic_mode() else x.flip([0]) * 2.0


class TwoInputs(nn.Layer):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return (x + y) * 2.0


class Scaled(nn.Layer):
    def forward(self, x: Tensor, factor: float, bias: Tensor | None) -> Tensor:
        return x * factor if bias is None else x * factor + bias


class WantsTwoHundred(nn.Layer):
    """As a detector that picks the best of 200 places does."""

    def forward(self, x: Tensor) -> Tensor:
        return paddle.topk(x, 200, axis=-1)[0] * 2.0


class TransposesFourOfFive(nn.Layer):
    """Dygraph takes an order that leaves out the last axis; the exported program does not."""

    def forward(self, x: Tensor) -> Tensor:
        y = x.unsqueeze([2, 3, 4]) * 2.0
        return y.transpose([0, 2, 1, 3]) * 2.0


class SmallValue(nn.Layer):
    """Wrong by a factor, where its values are small."""

    def forward(self, x: Tensor) -> Tensor:
        scale = 2.0 if paddle.in_dynamic_mode() else -4.0
        return x * scale * 1e-12


class SumOfNothing(nn.Layer):
    """All that its output holds is rounding; the export adds in another order."""

    def forward(self, x: Tensor) -> Tensor:
        y = paddle.sin(x.unsqueeze(-1) * paddle.arange(1, 1000, dtype="float32"))
        y = y - y.mean(axis=-1, keepdim=True)
        return (y if paddle.in_dynamic_mode() else y.flip([-1])).sum(axis=-1) * 1.0


class HowMany(nn.Layer):
    """Returns a number that is a tensor in the export."""

    def forward(self, x: Tensor) -> tuple[Tensor, int]:
        return x * 2.0, x.shape[0] * 2


class Pyramid(nn.Layer):
    """Adds a map to one that was halved and doubled: heights and widths must be multiples of 4."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2D(3, 4, 3, stride=2, padding=1)
        self.second = nn.Conv2D(4, 4, 3, stride=2, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        fine = self.first(image)
        return fine + nn.functional.interpolate(self.second(fine), scale_factor=2)


class Masked(nn.Layer):
    """Takes a sentence and its mask, which are of one length."""

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return (ids * mask).sum(axis=1) * 2


class JoinsAList(nn.Layer):
    """Joins tensors of several sizes out of a list that a loop fills."""

    def forward(self, x: Tensor) -> Tensor:
        parts = []
        for row in range(x.shape[0]):
            parts.append(paddle.nonzero(x[row] > x.mean()))
        return paddle.concat(parts) * 2


class JoinsInTheLoop(nn.Layer):
    """The same in the way that shapetrace advises."""

    def forward(self, x: Tensor) -> Tensor:
        joined = paddle.nonzero(x[0] > x.mean())
        for row in range(1, x.shape[0]):
            joined = paddle.concat([joined, paddle.nonzero(x[row] > x.mean())])
        return joined * 2


class FillsInALoop(nn.Layer):
    """Its export writes three rows where one is; in dygraph it does not."""

    def forward(self, x: Tensor) -> Tensor:
        filled = paddle.zeros_like(x)
        for row in range(x.shape[0]):
            if x[row].max() < 9:
                rows = x[row : row + 1] if paddle.in_dynamic_mode() else x[:3]
                filled[row : row + 1] = rows
            else:
                filled[row : row + 1] = x[row : row + 1]
        return filled


class CutsToEight(nn.Layer):
    """Its export is right at multiples of 8 only."""

    def forward(self, x: Tensor) -> Tensor:
        length = x.shape[1] if paddle.in_dynamic_mode() else x.shape[1] // 8 * 8
        return x[:, :length] * 2.0


class ReturnsOneTwice(nn.Layer):
    """Returns one tensor in two places; its export has it once."""

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        positive = paddle.nn.functional.relu(x)
        return {"a": positive, "b": positive * 2, "c": positive}
