"""The remedy `fast-norm`: lets the layers of acme_norms be exported with an unknown batch.

`fast_norm` multiplies the batch with the number of groups to reshape, which is wrong where an unknown batch is the int
-1. The repaired function has reshape infer it, and computes the same bits. Its code is exchanged and not the function:
the layers hold the function in partials that were made before a watch opens.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from shapetrace.plugin import Finding, Probe, Remedy, Transaction, hookimpl, probing


class FastNorm(Remedy):
    """See the module."""

    name = "fast-norm"
    summary = "acme_norms.fast_norm has reshape infer the batch in place of computing with it"
    versions = "acme_norms 1.0"
    requires = ("acme_norms",)
    specificity = 100
    rules = frozenset({"ST101", "ST102"})

    def probe(self) -> Probe:
        """Call what a layer holds with an unknown batch, in a program that is thrown away."""
        import acme_norms
        import paddle
        from paddle.jit.dy2static.convert_call_func import convert_call

        with probing.untouched():
            held = acme_norms.FastNorm(groups=2).norm
            held(paddle.zeros([1, 4]))  # must work with a known batch, or the probe tells nothing
            with probing.tiny_program():
                try:
                    shape = convert_call(held)(probing.unknown([-1, 4])).shape
                except Exception as error:
                    return Probe("present", f"a FastNorm fails with an unknown batch: {type(error).__name__}")
        if probing.wrong_shape(shape):
            return Probe("present", f"a FastNorm makes [-1, 4] a tensor of the shape {shape}")
        return Probe("absent", "a FastNorm takes an unknown batch")

    def apply(self, transaction: Transaction) -> None:
        """Exchange the code of the function."""
        import acme_norms

        function: FunctionType = acme_norms.fast_norm
        # Paddle keeps what it has converted by function: forget it now, and again when the code is back.
        transaction.callback(functools.partial(probing.forget_conversion, function))
        transaction.set(function, "__code__", fast_norm.__code__)
        probing.forget_conversion(function)

    def answers(self, finding: Finding) -> bool:
        """Only what went wrong inside `fast_norm`."""
        return super().answers(finding) and finding.cause is not None and finding.cause.callable == "fast_norm"


def fast_norm(x: Any, groups: int, epsilon: float = 1e-5) -> Any:
    """`acme_norms.fast_norm`, repaired. Uses nothing but its arguments, since it runs among the names of acme_norms."""
    channels = x.shape[1]
    rows = x.reshape([-1, channels // groups])
    centred = rows - rows.mean(axis=-1, keepdim=True)
    scale = (centred.square().mean(axis=-1, keepdim=True) + epsilon).rsqrt()
    return (centred * scale).reshape([-1, channels])


@hookimpl
def shapetrace_remedies() -> Sequence[Remedy]:
    """The remedy of this plugin."""
    return [FastNorm()]
