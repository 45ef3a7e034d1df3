"""Functions of Paddle that take an unknown dim for a number by themselves, each with what to write instead.

    python tests/rules/paddle_apis.py NAME...

Prints a JSON line for each: what a watch says of either export, and whether the second equals dygraph at two sizes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import paddle
from paddle.nn import functional as F
from paddle.static import InputSpec
from paddle.vision.transforms import functional as transforms

import shapetrace


def kl_div(x):
    return F.kl_div(x, x.exp() + 1, reduction="batchmean")


def kl_div_instead(x):
    return F.kl_div(x, x.exp() + 1, reduction="sum") / x.shape[0]


def hsplit(x):
    return paddle.hsplit(x, 2)


def hsplit_instead(x):
    half = (x.shape[1] + 1) // 2
    return x[:, :half], x[:, half:]


def tensor_split(x):
    return paddle.tensor_split(x, [1, 3], 1)


def tensor_split_instead(x):
    return x[:, :1], x[:, 1:3], x[:, 3:]


def center_crop(x):
    return transforms.center_crop(x.unsqueeze(0), (2, 2))


def center_crop_instead(x):
    top, left = (x.shape[0] - 2) // 2, (x.shape[1] - 2) // 2
    return x.unsqueeze(0)[:, top : top + 2, left : left + 2]


def unflatten(x):
    return paddle.unflatten(x, 0, [2, -1])


def unflatten_instead(x):
    return x.reshape([2, -1, x.shape[1]])


def inner(x):
    return paddle.inner(x, x)


def inner_instead(x):
    return paddle.matmul(x, x, transpose_y=True)


def tensordot(x):
    return paddle.tensordot(x, x, [[1], [1]])


def tensordot_instead(x):
    return paddle.einsum("ab,cb->ac", x, x)


def take(x):
    return paddle.take(x, paddle.to_tensor([[0, 3], [2, 1]]), mode="wrap")


def take_instead(x):
    index = paddle.to_tensor([[0, 3], [2, 1]])
    return paddle.gather(x.flatten(), index.flatten()).reshape(index.shape)


def trapezoid(x):
    return paddle.trapezoid(x, dx=0.5)


def trapezoid_instead(x):
    return ((x[..., 1:] + x[..., :-1]) * 0.5 / 2).sum(-1)


def cumulative_trapezoid(x):
    return paddle.cumulative_trapezoid(x, dx=0.5)


def cumulative_trapezoid_instead(x):
    return ((x[..., 1:] + x[..., :-1]) * 0.5 / 2).cumsum(-1)


def cov(x):
    return paddle.linalg.cov(x)


def cov_instead(x):
    c = x - x.mean(1, keepdim=True)
    return c @ c.T / (x.shape[1] - 1)


def corrcoef(x):
    return paddle.linalg.corrcoef(x)


def corrcoef_instead(x):
    c = F.normalize(x - x.mean(1, keepdim=True), axis=1)
    return c @ c.T


def isin(x):
    return paddle.isin(x, x[:1, :2].flatten())


def isin_instead(x):
    values = x[:1, :2].flatten()
    return (x.unsqueeze(-1) == values.flatten()).any(-1)


def cosine_similarity(x):
    return F.cosine_similarity(x, x.mean(1, keepdim=True))


def cosine_similarity_instead(x):
    return F.cosine_similarity(*paddle.broadcast_tensors([x, x.mean(1, keepdim=True)]))


def cosine_along_the_batch(x):
    return F.cosine_similarity(x.mean(0, keepdim=True), x, axis=0)


def cosine_along_the_batch_instead(x):
    return F.cosine_similarity(*paddle.broadcast_tensors([x.mean(0, keepdim=True), x]), axis=0)


def fold(x):
    return F.fold(x.reshape([1, 4, -1]), [3, 3], 2)


def pca_lowrank(x):
    return paddle.linalg.pca_lowrank(x, 2)[1]


def nll_loss(x):
    return F.nll_loss(x, (x[:, 0] * 0).astype("int64"))


def sampled(x):
    return paddle.distribution.Normal(x, x + 9.0).sample([3])


def block_diag(x):
    return paddle.block_diag([x, x])  # which reads in a comprehension, in a function of its own


def of_a_layer(x):
    return paddle.nn.KLDivLoss(reduction="batchmean")(x, x.exp() + 1)


SPEC = [InputSpec([-1, -1], "float32", "x")]


def said(function: Callable[..., Any]) -> list[list[Any]]:
    with shapetrace.watch() as trace:
        try:
            converted = paddle.jit.to_static(function, input_spec=SPEC, full_graph=True)
            converted.concrete_program  # noqa: B018 - builds the program
        except Exception:
            print(f"{function.__name__} raised", file=sys.stderr)
    lines = {finding.sink.line for finding in trace.findings if finding.sink is not None}
    first = function.__code__.co_firstlineno if hasattr(function, "__code__") else 0
    assert all(line > first for line in lines)
    return [[found.rule, found.severity, found.message, list(found.notes)] for found in trace.findings] + [
        ["note", note] for note in trace.notes
    ]


def equal(function: Callable[..., Any], truth: Callable[..., Any]) -> bool:
    """Whether the export of one function computes what the other does in dygraph."""
    converted = paddle.jit.to_static(function, input_spec=SPEC, full_graph=True)
    for sizes in ((4, 6), (6, 8)):
        x = paddle.sin(paddle.arange(float(sizes[0] * sizes[1]))).reshape(sizes)
        results = [values if isinstance(values, list | tuple) else [values] for values in (converted(x), truth(x))]
        pairs = zip(*results, strict=True)
        if not all(a.shape == b.shape and np.allclose(a.numpy(), b.numpy(), atol=1e-5) for a, b in pairs):
            return False
    return True


def main(names: list[str]) -> None:
    for name in names or [each for each in globals() if f"{each}_instead" in globals()]:
        function, instead = globals()[name], globals().get(f"{name}_instead")
        result = {"name": name, "said": said(function)}
        if instead is not None:
            result |= {"instead": said(instead), "equal": equal(instead, function)}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
