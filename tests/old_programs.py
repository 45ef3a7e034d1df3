"""Leaks in the programs of Paddle 2 that Paddle 3 builds where it is told to. Prints what a watch makes of each as a line of JSON.

`python -m old_programs` tells them by guards, in the middle of a watch; with `FLAGS_enable_pir_api=0` all of them are of Paddle 2.
"""

from __future__ import annotations

import contextlib
import functools
import json
import tempfile
from collections.abc import Iterator
from typing import Any

import paddle
from paddle import nn
from paddle.static import InputSpec

import shapetrace
from shapetrace.capture import identity


def fold(x: Any, times: int) -> Any:
    batch = x.shape[0]
    return x.reshape([batch * times, -1])


def scaled(x: Any) -> Any:
    return x * x.shape[0]


class Net(nn.Layer):
    def __init__(self, core: Any) -> None:
        super().__init__()
        self.linear = nn.Linear(10, 10)
        self.core = core

    def forward(self, x):
        return self.core(self.linear(x)) * 2.0


class Sound(Net):
    def forward(self, x):
        y = self.linear(x)
        return y.reshape([x.shape[0] * 5, -1])


LOUD = functools.partial(fold, times=5)
QUIET = functools.partial(scaled)


@contextlib.contextmanager
def as_it_is() -> Iterator[None]:
    yield


@contextlib.contextmanager
def old() -> Iterator[None]:
    with paddle.pir_utils.OldIrGuard():
        paddle.disable_static()  # the guard turns it on
        yield


def export(layer: nn.Layer) -> str:
    layer.eval()
    with tempfile.TemporaryDirectory() as directory:
        try:
            paddle.jit.save(layer, f"{directory}/m", input_spec=[InputSpec([None, 10], "float32", name="x")])
        except AssertionError as error:
            return type(error).__name__
    return ""


def told(name: str, *exports: tuple[Any, Any], **options: Any) -> None:
    raised = []
    with shapetrace.watch(**options) as trace:
        for kind, layer in exports:
            with kind():
                raised.append(export(layer))
    findings = [[finding.rule, finding.conversion, finding.symbolic, finding.sink.op] for finding in trace.findings]
    print(
        json.dumps(
            {
                "name": name,
                "pir": identity.is_pir(),
                "raised": raised,
                "findings": sorted(findings),
                "notes": trace.notes,
                "ops": [
                    sorted({op.name for op in conversion.ops} - {"pd_op.full"}) for conversion in trace.conversions
                ],
                "symbolic": [conversion.tensors[-1].symbolic for conversion in trace.conversions],
                "fitted": [conversion.fitted for conversion in trace.conversions],
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    told("loud", (as_it_is, Net(LOUD)))
    told("quiet", (as_it_is, Net(QUIET)))
    told("sound", (as_it_is, Sound(None)))
    if identity.is_pir():
        told("by turns", (as_it_is, Net(LOUD)), (old, Net(LOUD)), (as_it_is, Net(QUIET)), (old, Net(QUIET)))
        told("healed by turns", (as_it_is, Net(LOUD)), (old, Net(LOUD)), heal=True)
    else:
        told("healed", (as_it_is, Net(LOUD)), heal=True)
