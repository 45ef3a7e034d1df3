"""Models with a size baked in at a known line, by Python, by Paddle or by what converts and serves the export.

    python seeded_sizes.py GROUP ENGINE

verifies a group of them in an engine, and prints of each a line of JSON. The line of a model at which its size is baked in ends with its name.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import Tensor, nn
from paddle.static import InputSpec

SIZES = ({"batch": 2, "image[2]": 14, "image[3]": 14}, {"batch": 3, "image[2]": 20, "image[3]": 17})


class Seed(NamedTuple):
    """A model, and the op that has the size; any op where a function of Paddle makes several at the line."""

    forward: Callable[[Tensor], Tensor]
    op: str = ""

    @property
    def name(self) -> str:
        return self.forward.__name__


def rows(x: Tensor, more: int) -> int:
    return x.shape[0] + more


@paddle.jit.not_to_static
def without_the_last(x: Tensor) -> Tensor:
    return x[:, :, : x.shape[2] - 1]  # sliced


# dy2static rewrites none of these
rows_and_two = partial(rows, more=2)
columns = partial(lambda x: max(x.shape[3], 1))
area = partial(lambda x: np.prod(x.shape[2:]).item())
half = partial(lambda x: -(-x.shape[2] // 2) or 1)


def expanded(image: Tensor) -> Tensor:
    mean = F.relu(image).mean(axis=[0, 2, 3], keepdim=True)
    wide = mean.expand([rows_and_two(image), 4, 1, 1])  # expanded
    return wide * 2.0


def filled(image: Tensor) -> Tensor:
    ones = paddle.full([rows_and_two(image), 4], 1.0)  # filled
    return ones + image.mean(axis=[0, 2, 3])


def sliced(image: Tensor) -> Tensor:
    return without_the_last(F.relu(image)) * 2.0


def divided(image: Tensor) -> Tensor:
    total = image.sum(axis=[2, 3])
    mean = total / area(image)  # divided
    return F.relu(mean)


def counted(image: Tensor) -> Tensor:
    steps = paddle.arange(rows_and_two(image) + 3)  # counted
    return steps.astype("float32").unsqueeze(1) + image.mean(axis=[0, 2, 3])


def cropped(image: Tensor) -> Tensor:
    return F.relu(image)[:, :, :, : columns(image)].exp()  # cropped


def folded(image: Tensor) -> Tensor:
    flat = F.relu(image).reshape([half(image), -1])  # folded
    return flat.sum(axis=1)


def resized(image: Tensor) -> Tensor:
    spectrum = paddle.fft.rfft(image, 8)  # resized
    return spectrum.abs()


def integrated(image: Tensor) -> Tensor:
    area = paddle.trapezoid(F.relu(image))  # integrated
    return area * 2.0


def batch_mean(image: Tensor) -> Tensor:
    scores = F.log_softmax(image.mean(axis=[2, 3]))
    return F.kl_div(scores, scores.exp() * 0.5, "batchmean") + 1.0  # batch_mean


def covariance(image: Tensor) -> Tensor:
    return paddle.linalg.cov(image.mean(axis=2).mean(axis=0)) + 1.0  # covariance


def wrapped(image: Tensor) -> Tensor:
    taken = paddle.take(image, paddle.to_tensor([70, 300]), "wrap")  # wrapped
    return taken * 2.0


def table(image: Tensor) -> Tensor:
    product = paddle.matmul(image.mean(axis=3).transpose([0, 2, 1]), paddle.ones([1, 4, 5]))
    return product.reshape([product.shape[0], -1]) * 2.0  # table


def alike(image: Tensor) -> Tensor:
    gate = F.sigmoid(image.mean(axis=[2, 3], keepdim=True))
    return gate.expand_as(image) + gate.expand_as(F.relu(image)) * image  # alike


def asked_for(image: Tensor) -> Tensor:
    size = [image.shape[2] * 2, image.shape[3] * 2]
    wide = F.conv2d_transpose(image, paddle.ones([4, 3, 3, 3]), stride=2, padding=1, output_size=size)  # asked_for
    return F.relu(wide)


def halved(image: Tensor) -> Tensor:
    top, bottom = paddle.chunk(F.relu(image), 2, axis=2)  # halved
    return top.mean(axis=2) + bottom.mean(axis=2)


def first_and_rest(image: Tensor) -> Tensor:
    first, rest = paddle.split(F.relu(image), [1, -1], axis=2)  # first_and_rest
    return first.mean(axis=2) + rest.mean(axis=2)


def repeated(image: Tensor) -> Tensor:
    return F.relu(paddle.repeat_interleave(image, 3, axis=0))  # repeated


def rolled(image: Tensor) -> Tensor:
    return F.relu(paddle.roll(image, image.shape[2] // 2, axis=2))  # rolled


def pooled(image: Tensor) -> Tensor:
    return F.adaptive_avg_pool2d(F.relu(image), 7) * 2.0  # pooled


def in_a_branch(image: Tensor) -> Tensor:
    gate = image.mean(axis=[2, 3], keepdim=True)
    if image.sum() > 0:
        gate = F.sigmoid(gate)
        image = image + gate.expand_as(image)  # in_a_branch
    else:
        image = image * 1.0
    return F.relu(image)


SEEDS = {
    "python": (
        Seed(expanded, "pd_op.expand"),
        Seed(filled, "pd_op.full"),
        Seed(sliced, "pd_op.slice"),
        Seed(divided, "pd_op.scale"),
        Seed(counted, "pd_op.arange"),
        Seed(cropped, "pd_op.slice"),
        Seed(folded, "pd_op.reshape"),
    ),
    "paddle": (
        Seed(resized),
        Seed(integrated),
        Seed(batch_mean),
        Seed(covariance),
        Seed(wrapped),
        Seed(table, "pd_op.reshape"),
    ),
    "converter": (
        Seed(alike, "pd_op.expand_as"),
        Seed(asked_for, "pd_op.conv2d_transpose"),
        Seed(halved, "pd_op.split_with_num"),
        Seed(first_and_rest, "pd_op.split"),
        Seed(repeated, "pd_op.repeat_interleave"),
        Seed(rolled, "pd_op.roll"),
        Seed(pooled, "pd_op.pool2d"),
        Seed(in_a_branch, "pd_op.expand_as"),
    ),
}
"""By who bakes the size in."""


class Net(nn.Layer):
    def __init__(self, forward: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.way = forward

    def forward(self, image: Tensor) -> Tensor:
        return self.way(image)


def main(group: str, engine: str) -> None:
    import shapetrace
    from shapetrace.verify.document import document

    for seed in SEEDS[group]:
        spec = [InputSpec([-1, 4, -1, -1], "float32", name="image")]
        result = document(shapetrace.verify(Net(seed.forward), spec, SIZES, engines=[engine]))
        print(json.dumps({"name": seed.name, "op": seed.op, "engines": result["engines"]}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
