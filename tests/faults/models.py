"""Models in miniature whose watched conversions run through as much of shapetrace as can be."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

SPEC = ([-1, 4], "float32", "x")


class Net(nn.Layer):
    """Holds a callable, which is run as it stands if it is a partial or a lambda, and keeps a size."""

    def __init__(self, core: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.core = core
        self.kept = 0

    def forward(self, x: Tensor) -> Tensor:
        return self.core(self.linear(x))


def merge(x: Tensor, heads: int) -> Tensor:
    """Fails for its leak."""
    batch = x.shape[0]
    return x.reshape([batch * heads, -1])


def several(x: Tensor, heads: int) -> Tensor:
    """Leaks in all ways that Python offers, and does not fail."""
    batch, width = x.shape
    sizes = [width, batch]
    for _ in range(batch):
        x = x + 1
    if batch > 3 and batch == len(sizes) and {batch: 1}.get(-1):
        x = x * 0.5
    x = x * float(-batch) + 0.5 * batch + sizes[batch]
    x = x + len(sizes[:batch]) + len("%d" % batch) + len(f"{batch}{batch // heads}") + round(abs(batch))  # noqa: UP031  one of the ways
    try:  # noqa: SIM105  as models do
        paddle.zeros([batch * heads, 2]).reshape([3, 5])
    except ValueError:
        pass
    rows = paddle.zeros([batch, 4])
    return (x + rows)[0 : batch + 2].expand([batch, -1, 4]).flatten(1)


class Controlled(nn.Layer):
    """Is healthy but for what it keeps, and has ops that hold blocks of ops."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.kept = 0

    def forward(self, x: Tensor) -> Tensor:
        self.kept = x.shape[0]
        size = paddle.shape(x)[0]
        index = paddle.zeros([1], "int64")
        while index < size:
            x = self.linear(x)
            index += 1
        if x.sum() > 0:  # noqa: SIM108  it is converted as it is written
            x = x * 2
        else:
            x = paddle.nonzero(x > 0)[:1].astype("float32") + 1
        pieces = paddle.split(x, 2, axis=-1)
        return pieces[0] + len({1: "a"}.get(size, "b")) + len({"1": ""}.get(f"{size}", "")) + isinstance(size, int)


class Branching(nn.Layer):
    """Fails without a dim having a part in it: a tensor is taken for a number."""

    def forward(self, x: Tensor) -> Tensor:
        size = paddle.shape(x)[0]
        sizes = [1, 2, 3]
        return x + sizes[size]


class Pair(nn.Layer):
    """Fails where an op refuses its operands: the product, or the sum where Paddle accepts that product."""

    def forward(self, x: Tensor) -> Tensor:
        wide = paddle.concat([x, x], axis=-1)
        return paddle.matmul(wide.reshape([x.shape[0], 8]), paddle.ones([4, 3])) + paddle.ones([2])


def export(layer: nn.Layer, path: Path) -> Any:
    """Save `layer` with an unknown batch."""
    shape, dtype, name = SPEC
    paddle.jit.save(layer, str(path / "model"), input_spec=[InputSpec(shape, dtype, name)])
    return type(getattr(layer, "kept", 0)).__mro__[0] is int


def by_hand(path: Path) -> Any:
    """Build a program without a conversion."""
    shape, dtype, name = SPEC
    paddle.enable_static()
    try:
        program = paddle.static.Program()
        with paddle.static.program_guard(program, paddle.static.Program()):
            x = paddle.static.data(name, shape, dtype)
            y = x.reshape([x.shape[0] * 2, -1]) if x.shape[0] > 9 else x + float(x.shape[0])
            return len(program.global_block().ops), y.ndim
    finally:
        paddle.disable_static()


SCENARIOS: dict[str, tuple[Callable[[Path], Any], dict[str, Any]]] = {
    "fails": (
        lambda path: export(Net(functools.partial(merge, heads=8)), path),
        {"dims": {"x": ("B", 4)}},
    ),
    "leaks": (lambda path: export(Net(functools.partial(several, heads=8)), path), {"dims": {"x": ("B=1..8", -1)}}),
    "lambda": (lambda path: export(Net(lambda x: x.reshape([x.shape[0], 2, 2])), path), {}),
    "controls": (lambda path: export(Controlled(), path), {}),
    "branches": (lambda path: export(Branching(), path), {}),
    "refused": (lambda path: export(Pair(), path), {}),
    "collects": (lambda path: export(Net(functools.partial(merge, heads=8)), path), {"collect": True}),
    "by hand": (by_hand, {}),
}
"""What is done in a directory, and what the watch over it is asked."""
