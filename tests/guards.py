"""Questions about unknown dims in code that is not rewritten, and of programs that are finished. Prints the rules that each calls forth.

python -m guards
"""

from __future__ import annotations

import functools
import json
import operator
import unittest
from collections.abc import Callable
from typing import Any

import paddle
from paddle.static import InputSpec

import shapetrace

EXPECTED = [-1, 7]
KEPT: list[Any] = []

GUARDS: dict[str, Callable[[Any], Any]] = {
    "list": lambda x: list(x.shape) == [-1, 7],
    "tuple": lambda x: tuple(x.shape) == (-1, 7),
    "no list at hand": lambda x: list(x.shape) == EXPECTED,
    "part": lambda x: x.shape[:1] == [-1],
    "member": lambda x: x.shape[0] in (-1, None),
    "member of the shape": lambda x: -1 in list(x.shape),
    "index": lambda x: list(x.shape).index(-1) == 0,
    "count": lambda x: list(x.shape).count(-1) == 1,
    "operator": lambda x: operator.eq(x.shape[0], -1),
    "any": lambda x: any(n == -1 for n in x.shape),
    "zip": lambda x: all(a == b for a, b in zip(x.shape, EXPECTED, strict=True)),
    "negative": lambda x: x.shape[0] < 0,
    "unittest": lambda x: unittest.TestCase().assertListEqual(list(x.shape), [-1, 7]),
    "comprehension": lambda x: [n for n in x.shape if n != -1] == [7],
    "kept": lambda x: KEPT.append(x.shape),
}
DECISIONS: dict[str, Callable[[Any], Any]] = {
    "another size": lambda x: list(x.shape) == [2, 7],
    "large": lambda x: x.shape[0] > 3,
    "one of two": lambda x: x.shape[0] in (1, 2),
}


def asserts_it(x: Any) -> None:
    assert x.shape[0] == -1


def asserts_the_contrary(x: Any) -> None:
    assert list(x.shape) == [2, 7]


def refuses_the_unknown(x: Any) -> None:
    assert x.shape[0] != -1, "the batch must be known"


GUARDS["assert"] = asserts_it
DECISIONS |= {"failed assert": asserts_the_contrary, "refused": refuses_the_unknown}


def converted(ask: Callable[[Any], Any]) -> Any:
    asked = functools.partial(ask)  # so that it is not rewritten

    def forward(x):
        if asked(x):
            return x * 2
        return x * 3

    static = paddle.jit.to_static(forward, input_spec=[InputSpec([-1, 7], name="x")], full_graph=True)
    return static, static.concrete_program.inputs[0]


def rules(ask: Callable[[Any], Any]) -> list[str]:
    try:
        with shapetrace.watch() as trace:
            _kept, finished = converted(ask)
            for sizes in (finished.shape, *KEPT):
                assert list(sizes) == [-1, 7]
                assert type(finished.shape[0]) is int
                unittest.TestCase().assertListEqual(list(sizes), [-1, 7])
            KEPT.clear()
    except AssertionError:
        pass
    return sorted({finding.rule for finding in trace.findings} | set(trace.notes))


if __name__ == "__main__":
    for name, ask in (GUARDS | DECISIONS).items():
        print(json.dumps({"name": name, "healthy": name in GUARDS, "rules": rules(ask)}), flush=True)
