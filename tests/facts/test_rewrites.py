"""What is advised for ops without a mapper gives what the op does. As it stands in the table, run in dygraph."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from shapetrace.facts import known_clashes
from subprocess_run import run_python, told
from versions import LEGACY

pytestmark = [pytest.mark.paddle, pytest.mark.skipif(LEGACY, reason="Paddle 2.6 has not all of these ops")]

SCRIPT = """
import json, sys
import numpy, paddle, paddle.nn.functional as F
from shapetrace.facts.known_clashes import in_place_of

def close(one, other):
    return one.shape == other.shape and numpy.allclose(one.astype("float64"), other.astype("float64"), 1e-4, 1e-5)

for name, (call, names) in json.loads(sys.argv[1]).items():
    paddle.seed(0)
    here = {"paddle": paddle, "F": F, "x": paddle.randn([4, 5])}
    for own, made in names.items():
        here[own] = eval(made, here)
    written = str(in_place_of(f"pd_op.{name}")).removeprefix("write ").partition(", with ")[0]
    result = eval(written, here)
    print(json.dumps({"op": name, "same": bool(close(eval(call, here).numpy(), result.numpy()))}))
"""
TWO = {"y": "x.flip(0) * 2"}
CALLS: dict[str, tuple[str, dict[str, str]]] = {
    "logit": ("paddle.logit(p)", {"p": "F.sigmoid(x)"}),
    "stanh": ("paddle.stanh(x, scale_a, scale_b)", {"scale_a": "0.5", "scale_b": "1.3"}),
    "celu": ("F.celu(x, alpha)", {"alpha": "0.7"}),
    "expm1": ("paddle.expm1(x)", {}),
    "trunc": ("paddle.trunc(x)", {}),
    "lerp": ("paddle.lerp(x, y, weight)", {**TWO, "weight": "0.3"}),
    "cumprod": ("paddle.cumprod(x, -1)", {"x": "paddle.rand([4, 5]) + 0.5"}),
    "logcumsumexp": ("paddle.logcumsumexp(x, axis=-1)", {}),
    "median": ("paddle.median(x, axis=-1)", {"n": "5"}),
    "fmax": ("paddle.fmax(x, y)", TWO),
    "fmin": ("paddle.fmin(x, y)", TWO),
    "crop": ("paddle.crop(x, [-1, 4, 5, 6], [0, 0, 2, 1])", {"x": "paddle.randn([2, 4, 9, 9])"}),
    "kron": ("paddle.kron(a, b)", {"a": "x", "b": "x[:2, :3]"}),
    "lp_pool2d": ("F.lp_pool2d(x, 2.0, 2, 2)", {"x": "paddle.randn([2, 4, 8, 6])"}),
    "kthvalue": ("paddle.kthvalue(x, k)[0]", {"k": "3"}),
    "cummax": ("paddle.cummax(x, axis=-1)[0]", {"n": "5"}),
    "searchsorted": ("paddle.searchsorted(edges, values)", {"edges": "paddle.to_tensor([0.1, 0.4])", "values": "x"}),
    "heaviside": ("paddle.heaviside(x, y)", {"x": "paddle.to_tensor([-1.0, 0, 2])", "y": "paddle.full([3], 0.5)"}),
    "diagonal": ("paddle.diagonal(x, axis1=-2, axis2=-1)", {"x": "paddle.randn([2, 5, 5])", "n": "5"}),
    "trace": ("paddle.trace(x, axis1=-2, axis2=-1)", {"x": "paddle.randn([2, 5, 5])", "n": "5"}),
    "diag": ("paddle.diag(x)", {"x": "paddle.randn([5])", "n": "5"}),
    "diag_embed": ("paddle.diag_embed(x)", {"n": "5"}),
    "maxout": (
        "F.maxout(x, groups)",
        {
            "x": "paddle.randn([2, 6, 3, 4])",
            **dict(zip(("batch", "channels", "groups", "height", "width"), "22334", strict=True)),
        },
    ),
    "multiplex": (
        "paddle.multiplex([first, second], index)",
        {"first": "x", "second": "x * 2", "index": "paddle.to_tensor([[0], [1], [1], [0]], 'int32')"},
    ),
    "cross": ("paddle.cross(x, y, axis)", {"x": "paddle.randn([4, 3])", "y": "x.flip(0) * 2", "axis": "1"}),
    "bitwise_left_shift": (
        "paddle.bitwise_left_shift(x, paddle.to_tensor(n))",
        {"x": "paddle.arange(5)", "n": "2"},
    ),
    "isclose": ("paddle.isclose(x, y, rtol, atol)", {"y": "x + 1e-6", "rtol": "1e-5", "atol": "1e-8"}),
    "allclose": ("paddle.allclose(x, y, rtol, atol)", {"y": "x * 1.0", "rtol": "1e-5", "atol": "1e-8"}),
    "equal_all": ("paddle.equal_all(x, y)", {"y": "x * 1.0"}),
    "copysign": ("paddle.copysign(x, y)", TWO),
    "sequence_mask": ("F.sequence_mask(x, maxlen)", {"x": "paddle.to_tensor([2, 0, 5])", "maxlen": "6"}),
    "sigmoid_cross_entropy_with_logits": (
        "F.binary_cross_entropy_with_logits(x, label, reduction='none')",
        {"label": "(x > 0.3).astype('float32')"},
    ),
    "huber_loss": (
        "F.smooth_l1_loss(x, label, reduction='none')",
        {"label": "x.flip(0)", "d": "(x - label).abs()"},
    ),
    "bilinear": ("F.bilinear(x, y, weight)", {**TWO, "weight": "paddle.randn([3, 5, 5])"}),
    "rrelu": ("F.rrelu(x, 0.1, 0.3, training=False)", {"slope": "0.2"}),
    "asinh": ("paddle.asinh(x)", {}),
    "acosh": ("paddle.acosh(x)", {"x": "paddle.rand([4]) + 1.1"}),
    "atanh": ("paddle.atanh(x)", {"x": "paddle.rand([4]) - 0.5"}),
    "renorm": (
        "paddle.renorm(x, 2.0, 0, most)",
        {"norms": "x.square().sum(axis=1, keepdim=True).sqrt()", "most": "1.0"},
    ),
}
"""An op as it is called, and what the names in the advice are."""


def test_what_is_advised_gives_the_same() -> None:
    done = run_python(["-W", "ignore", "-c", SCRIPT, json.dumps(CALLS)])
    assert done.returncode == 0, done.stderr[-2000:]
    results = {each["op"]: each["same"] for each in told(done)}
    assert results == dict.fromkeys(CALLS, True)


def test_what_cannot_be_written_is_said_otherwise() -> None:
    do: Callable[[str], Any] = known_clashes.in_place_of
    assert str(do("pd_op.svd")) == "let the model return what goes into it, and compute it outside"
    assert str(do("pd_op.randint")) == "give the model its random numbers as an input"
    assert str(do("pd_op.prior_box")) == "compute it in __init__, and register it as a buffer"
    assert do("pd_op.conv2d") is None
