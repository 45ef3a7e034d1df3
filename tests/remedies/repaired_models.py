"""Watches small exports with remedies, and prints what is said to have been repaired, as JSON lines.

    python -m remedies.repaired_models

Each in a forked process.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from typing import Any

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

import forked
import shapetrace
from shapetrace.reports import text


def halves(x: Tensor) -> Tensor:
    return x.reshape([x.shape[0] * 2, 2]) * 2.0


def counted(x: Tensor) -> Tensor:
    return x * len(range(x.shape[0]))


def scaled(x: Tensor) -> Tensor:
    return x * (x.shape[0] + 3)


class Model(nn.Layer):
    """Calls what it holds, in partials or as it is."""

    def __init__(self, *held: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.held = list(held)

    def forward(self, x: Tensor) -> Tensor:
        y = self.linear(x)
        for call in self.held:
            y = call(y)
        return y.exp()


def save(model: nn.Layer) -> str:
    model.eval()
    with tempfile.TemporaryDirectory() as folder:
        try:
            paddle.jit.save(model, f"{folder}/model", input_spec=[InputSpec([-1, 4], "float32", name="x")])
        except Exception as error:
            return type(error).__name__
    return ""


def repaired(remedies: Any, *models: nn.Layer) -> dict[str, Any]:
    with shapetrace.watch(remedies=remedies) as trace:
        raised = [save(model) for model in models]
    return {
        "raised": raised,
        "remedies": {
            applied.name: [applied.outcome, *((each.rule, each.site and each.site.line) for each in applied.repaired)]
            for applied in trace.remedies
        },
        "named": [finding.remedies for finding in trace.findings],
        "text": text.render(trace, all=False),
    }


def main() -> None:
    partial = functools.partial
    works: dict[str, tuple[Any, list[nn.Layer]]] = {
        "auto": ("auto", [Model(partial(halves))]),
        "callables": ("callables", [Model(partial(halves))]),
        "symbolic-dims": ("symbolic-dims", [Model(partial(halves))]),
        "silent": ("callables", [Model(partial(scaled))]),
        "two kinds": ("callables", [Model(partial(scaled), partial(halves))]),
        "two exports": ("callables", [Model(partial(scaled)), Model(partial(halves))]),
        "healthy": ("auto", [Model(halves)]),
        "healthy and healed": ("symbolic-dims", [Model()]),
        "one of two is healthy": ("callables", [Model(), Model(partial(scaled))]),
        "beyond it": ("symbolic-dims", [Model(partial(counted))]),
        "half of it beyond": ("symbolic-dims", [Model(partial(counted), partial(scaled))]),
        "never imported": ("rtdetrv2", [Model(partial(halves))]),
        "nothing converted": ("callables", []),
    }
    for name, (remedies, models) in works.items():
        forked.run(name, functools.partial(repaired, remedies, *models))


if __name__ == "__main__":
    main()
