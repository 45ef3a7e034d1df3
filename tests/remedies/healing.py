"""Pieces of model code that leak a dim, each exported with `heal` and compared with dygraph: prints JSON lines.

    python healing.py [CASE]…

A case is a function below; without any, all are. Each is converted in a forked process of its own.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import Tensor, nn
from paddle import reshape as early  # as user code often holds it
from paddle.static import InputSpec

import forked
import shapetrace
from remedies.healed_numbers import BEYOND, FRACTIONS
from shapetrace import Trace
from shapetrace.trace import OpArgument

SIZES = ((2, 3, 6), (5, 3, 8))
"""Shapes of the input `x`, whose first and last axes are unknown to the conversion."""


def merge(x: Tensor) -> Tensor:
    n, c, w = x.shape
    return x.reshape([n * c, w])


def merge_all(x: Tensor) -> Tensor:
    n, c, w = x.shape
    return x.reshape([n * c * w]) * 2.0


def merge_three_unknown(x: Tensor) -> Tensor:
    n, c, w = x.shape
    return x.reshape([n, c * w // 2, 2]).reshape([n * 2, -1])


def early_reference(x: Tensor) -> Tensor:
    n, c, w = x.shape
    return early(x, [n * c, w])


def tuple_shape(x: Tensor) -> Tensor:
    return x.reshape((x.shape[0] * 3, x.shape[2]))


def loose_numbers(x: Tensor) -> Tensor:
    return x.reshape(x.shape[0] * 3, x.shape[2])


def flatten_by_hand(x: Tensor) -> Tensor:
    n, _, w = x.shape
    return paddle.concat([x.reshape([n * 3, w]), x.transpose([1, 0, 2]).reshape([3 * n, w])])


def unflatten(x: Tensor) -> Tensor:
    return paddle.unflatten(x, 2, [2, x.shape[2] // 2])


def expand_another(x: Tensor) -> Tensor:
    return x.mean(0, keepdim=True).expand([x.shape[0], -1, x.shape[2]])


def broadcast(x: Tensor) -> Tensor:
    return x[:1].broadcast_to([x.shape[0] + 1, 3, x.shape[2]])


def tile(x: Tensor) -> Tensor:
    return x.tile([1, x.shape[0], 2])


def zeros(x: Tensor) -> Tensor:
    return paddle.concat([x, paddle.zeros([x.shape[0], 1, x.shape[2]])], axis=1)


def ones_of_a_number(x: Tensor) -> Tensor:
    return x * paddle.ones([x.shape[2]])


def full(x: Tensor) -> Tensor:
    return x + paddle.full([x.shape[2]], x.shape[0] * 2, "float32")


def full_of_ints(x: Tensor) -> Tensor:
    return paddle.full([2], x.shape[2]) + x.shape[0] * 2


def full_like(x: Tensor) -> Tensor:
    return x + paddle.full_like(x, x.shape[0])


def empty(x: Tensor) -> Tensor:
    return paddle.zeros_like(paddle.empty([x.shape[0], x.shape[2]])) + 1.5


def eye(x: Tensor) -> Tensor:
    return x @ paddle.eye(x.shape[2])


def arange(x: Tensor) -> Tensor:
    return x + paddle.arange(x.shape[2]).astype("float32")


def arange_backwards(x: Tensor) -> Tensor:
    return paddle.arange(x.shape[2] - 1, -1, -1, dtype="float32") * x


def arange_of_floats(x: Tensor) -> Tensor:
    return x * paddle.arange(0, x.shape[2], dtype="float32")


def linspace(x: Tensor) -> Tensor:
    return x + paddle.linspace(0, 1, x.shape[2])


def linspace_to(x: Tensor) -> Tensor:
    return paddle.linspace(0.5, x.shape[2] - 1, 4) + x.mean()


def meshgrid(x: Tensor) -> Tensor:
    n, _, w = x.shape
    rows, columns = paddle.meshgrid(paddle.arange(n), paddle.arange(w))
    return (rows * w + columns).astype("float32") * x.mean()


def slice_end(x: Tensor) -> Tensor:
    return x[:, :, : x.shape[2] // 2] * 2.0


def slice_whole(x: Tensor) -> Tensor:
    return x[:, :, : x.shape[2]] * 2.0


def slice_between(x: Tensor) -> Tensor:
    w = x.shape[2]
    return x[:, 0, w // 4 : w - 1 : 2] * 2.0


def middle(x: Tensor) -> Tensor:
    return x[x.shape[0] // 2, :, x.shape[2] - 1] * 2.0


def last_by_hand(x: Tensor) -> Tensor:
    return x[:, :, x.shape[2] - 1] * 2.0


def slice_op(x: Tensor) -> Tensor:
    return paddle.slice(x, [0, 2], [0, x.shape[2] // 3], [1, x.shape[2]]) * 2.0


def strided_slice_op(x: Tensor) -> Tensor:
    return paddle.strided_slice(x, [2], [0], [x.shape[2] // 2 + 1], [2]) * 2.0


def split(x: Tensor) -> Tensor:
    w = x.shape[2]
    left, right = x.split([w // 2, w - w // 2], axis=2)
    return paddle.concat([right, left], axis=2) * 2.0


def crop(x: Tensor) -> Tensor:
    return paddle.crop(x, [1, 3, x.shape[2] // 2], [0, 0, 1]) * 2.0


def repeat(x: Tensor) -> Tensor:
    return x.mean([1, 2]).repeat_interleave(x.shape[2])


def repeat_along_an_axis(x: Tensor) -> Tensor:
    return x.repeat_interleave(x.shape[2], axis=1) * 2.0


def adaptive_pooling(x: Tensor) -> Tensor:
    return F.adaptive_avg_pool2d(x.unsqueeze(0), [2, x.shape[2] // 2]) * 2.0


def transposed_convolution(x: Tensor) -> Tensor:
    kernel = paddle.ones([3, 2, 1, 2])
    y = F.conv2d_transpose(x.unsqueeze(2), kernel, stride=[1, 2], output_size=[1, x.shape[2] * 2])
    return y * 2.0


def topk(x: Tensor) -> Tensor:
    return x.topk(x.shape[2] // 2, axis=-1)[0] * 2.0


def one_hot(x: Tensor) -> Tensor:
    return F.one_hot(paddle.arange(x.shape[2]), x.shape[2] + 1) * x.mean()


def clip(x: Tensor) -> Tensor:
    return (x * 10).clip(0, x.shape[2] - 1)


def clip_ints(x: Tensor) -> Tensor:
    return (x * 10).astype("int64").clip(0, x.shape[2] - 3) * 2


def to_tensor(x: Tensor) -> Tensor:
    return x * paddle.to_tensor([x.shape[2], 1, x.shape[0]], dtype="float32").sum()


def to_tensor_of_one(x: Tensor) -> Tensor:
    return x * paddle.to_tensor(x.shape[2], dtype="float32")


def to_tensor_of_ints(x: Tensor) -> Tensor:
    return paddle.to_tensor([x.shape[2], 1, 7]) * 2


def times_bools(x: Tensor) -> Tensor:
    return (x > 0.5) * x.shape[2] + 1


def picked(x: Tensor) -> Tensor:
    return x[:, :, [0, x.shape[2] - 1]] * 2.0


def times(x: Tensor) -> Tensor:
    return x * x.shape[2]


def times_reversed(x: Tensor) -> Tensor:
    return x.shape[2] * x


def over(x: Tensor) -> Tensor:
    return x.sum(-1) / x.shape[2]


def over_reversed(x: Tensor) -> Tensor:
    return x.shape[2] / (x + 1.0)


def minus(x: Tensor) -> Tensor:
    return (x - x.shape[2]) + (x.shape[0] - x) * 2.0


def power(x: Tensor) -> Tensor:
    return (x + 0.5) ** x.shape[0]


def ints_over(x: Tensor) -> Tensor:
    return (x * 100).astype("int64") / x.shape[2]


def ints_floordiv(x: Tensor) -> Tensor:
    return (x * 100).astype("int32") // x.shape[2] + (x * 100).astype("int32") % x.shape[0]


def less(x: Tensor) -> Tensor:
    return (x * 10 < x.shape[2]).astype("float32") * 2.0


def interpolate(x: Tensor) -> Tensor:
    return F.interpolate(x.unsqueeze(0), size=[3, x.shape[2] * 2], mode="nearest") * 2.0


def pad(x: Tensor) -> Tensor:
    return F.pad(x.unsqueeze(0), [0, x.shape[2] // 2, 0, 0]) * 2.0


def arithmetic(x: Tensor) -> Tensor:
    n, _, w = x.shape
    number = (w + 3) * n - w // 2 + w % 4 + w**2 + (-w // 3) + abs(-n) + (w << 1) + (w >> 1) + (w & 3) + (w ^ 1) + ~n
    return x.sum() * paddle.ones([number])


def division_with_rest(x: Tensor) -> Tensor:
    quotient, rest = divmod(x.shape[2], 4)
    return x.sum() * paddle.ones([quotient + 1, rest + 1])


def used_twice(x: Tensor) -> Tensor:
    n, c, w = x.shape
    return paddle.zeros([n * c, w]) + x.reshape([n * c, w]) + paddle.zeros([n * c, w])


def written_fraction(x: Tensor) -> Tensor:
    y = x * 1.0
    y[:, 0] = x.shape[2] / 7
    return y


class Partial(nn.Layer):
    """Runs a function the conversion does not rewrite, under no condition, inside an `if`, inside a `while`, or before it."""

    def __init__(self, function: Any, under: str) -> None:
        super().__init__()
        self.function = functools.partial(function)
        self.under = under

    def forward(self, x: Tensor) -> Tensor:
        if self.under == "if":
            if x.mean() > 0.25:  # noqa: SIM108 - the point is the statement
                y = self.function(x) * 2.0
            else:
                y = self.function(x) + 1.0
            return y + self.function(x)
        if self.under == "while":
            step = paddle.zeros([1], "int64")
            total = x.sum() * self.function(x)
            while step < x.shape[0]:
                total = total + self.function(x)
                x = x * 1.5
                step = step + 1
            return total * 1.5
        if self.under == "outgrown":  # the tensor of the `while` has another size at each turn
            step = paddle.zeros([1], "int64")
            while step < 2:
                x = self.function(x)
                step = step + 1
            return x * 1.5
        if self.under == "before":  # the size that the tensor had before the `while`
            width = self.function(x)
            step = paddle.zeros([1], "int64")
            total = x.sum()
            while step < 2:
                total = total + paddle.ones([width]).sum()
                x = paddle.concat([x, x], axis=2)
                step = step + 1
            return total * 1.5 + x.sum()
        return self.function(x)


def doubled(x: Tensor) -> Tensor:
    n, _, w = x.shape
    return paddle.concat([x, paddle.zeros([n, 3, w])], axis=2)


class Together(nn.Layer):
    """Runs several such functions, for one conversion is quicker than many."""

    def __init__(self, functions: Sequence[Any]) -> None:
        super().__init__()
        self.functions = [functools.partial(function) for function in functions]

    def forward(self, x: Tensor) -> list[Tensor]:
        results = []
        for function in self.functions:
            results.append(function(x))
        return results


_TOGETHER = 12
GROUPS = {f"fractions_{at}": FRACTIONS[at : at + _TOGETHER] for at in range(0, len(FRACTIONS), _TOGETHER)}
ALONE = {function.__name__: (function, "") for function in (*FRACTIONS, *BEYOND)}
"""What is run if it is named."""
CASES: dict[str, tuple[Any, str]] = {
    function.__name__: (function, "")
    for function in list(vars().values())
    if callable(function) and getattr(function, "__module__", "") == __name__ and not isinstance(function, type)
} | {
    "in_if": (zeros, "if"),
    "in_while": (used_twice, "while"),
    "in_while_of_another_size": (doubled, "outgrown"),
    "before_while": (lambda x: x.shape[2], "before"),
}


def function_case(name: str) -> tuple[nn.Layer, list[InputSpec], list[Tensor]]:
    """A layer that runs one of the functions above, its spec, and its inputs."""
    layer = Together(GROUPS[name]) if name in GROUPS else Partial(*(CASES | ALONE)[name])
    return layer, [InputSpec([-1, 3, -1], "float32", name="x")], [paddle.rand(shape) for shape in SIZES]


def export_and_compare(name: str) -> dict[str, Any]:
    """Export a case with `heal`, and run it at each size.

    Returns:
        `refused`: what was raised at the conversion, or None. `runs`: for each size `equal`, or what differs.
        `findings`: ids of the rules. `healed`: how many uses were healed. `ops`: names of the program's ops.
    """
    with tempfile.TemporaryDirectory() as directory:
        try:
            with shapetrace.watch(heal=True) as trace:
                paddle.seed(0)
                layer, spec, inputs = function_case(name)
                layer.eval()
                expected = in_dygraph(layer, inputs)
                paddle.jit.save(layer, f"{directory}/model", input_spec=spec)
        except Exception as error:
            return {"refused": f"{type(error).__name__}: {error}"[-600:], "runs": [], "findings": found(trace)}
        loaded = paddle.jit.load(f"{directory}/model")
        runs = [compare(loaded, x, wanted) for x, wanted in zip(inputs, expected, strict=True)] if expected else []
    return {
        "refused": None,
        "runs": runs,
        "findings": found(trace),
        "healed": sum(isinstance(use, OpArgument) and use.healed for use in trace.uses),
        "ops": [op.name.removeprefix("pd_op.") for op in trace.conversions[-1].ops],
        "notes": trace.notes,
    }


def in_dygraph(layer: nn.Layer, inputs: Sequence[Tensor]) -> list[list[np.ndarray[Any, Any]]]:
    """What the model gives for each input; nothing where it fails in dygraph itself."""
    with paddle.no_grad(), contextlib.suppress(ValueError):
        return [outputs(layer(x)) for x in inputs]
    return []


def found(trace: Trace) -> list[str]:
    """The rules that are violated."""
    return sorted({finding.rule for finding in trace.findings})


def compare(loaded: Any, x: Tensor, wanted: list[np.ndarray[Any, Any]]) -> str:
    """Tell how the exported model's output for `x` relates to the one `wanted`."""
    try:
        results = outputs(loaded(x))
    except Exception as error:
        return f"{type(error).__name__}: {error}"[-300:]
    seen = [_compared(got, want) for got, want in zip(results, wanted, strict=True)]
    return next((f"{at}: {each}" for at, each in enumerate(seen) if each != "equal"), "equal")


def outputs(result: Any) -> list[np.ndarray[Any, Any]]:
    """The arrays that a model gives."""
    return [value.numpy() for value in (result if isinstance(result, list | tuple) else [result])]


def _compared(got: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> str:
    if got.shape != wanted.shape or got.dtype != wanted.dtype:
        return f"{got.dtype}{got.shape} instead of {wanted.dtype}{wanted.shape}"
    return "equal" if np.allclose(got, wanted, rtol=1e-6, atol=0) else f"differs by {np.abs(got - wanted).max()}"


if __name__ == "__main__":
    for name in sys.argv[1:] or [*CASES, *GROUPS]:
        forked.run(name, functools.partial(export_and_compare, name))
