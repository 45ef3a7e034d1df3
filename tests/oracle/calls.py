"""Judges findings by what Paddle's functions do with a dim: each number of each surveyed call is a size of an input in its turn.

    python -m oracle.calls DIRECTORY converted|left [FIRST [STEP]]

The calls are those of `survey`; the others of their inputs have sizes that are known. `converted` puts the call into code that Paddle rewrites, where
the size is a tensor, `left` into a partial, where it is -1. The input is returned as well, so that its size
is part of the export. The export is run at the size that the number had, at which a -1 may be right by chance: `false alarm` says nothing of `left`.

Prints a JSON line a call, with its `verdict`: those of `oracle.judging`, and `last resort` where it is told of, but by ST809 alone.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import paddle

import forked
import shapetrace
from capture import surveyed_calls
from oracle import judging
from survey import paddle_leaks

LARGEST = 4096
"""Size that a number may stand for."""
NOT_JUDGED = ("put(", "array(", "assign_to(")
"""Calls of the survey's own helpers."""
TOLERANCE = 1e-3
_INPUTS = ("x", "y", "m", "v", "q", "ids")
_HEAD = """import functools
import numpy as np
import paddle
from paddle import fft, nn
import paddle.distribution as distribution
import paddle.incubate.nn.functional as fused
import paddle.nn.functional as F
import paddle.vision.ops as ops
import paddle.vision.transforms.functional as transforms

n, t, k = 3, 6, 8
"""
_CONVERTED = """
class Model(nn.Layer):
    def __init__(self):
        super().__init__()
        self.layer = {layer}

    def forward(self, {inputs}):
        _n = s.shape[0]
        return {call}, s * 2.0
"""
_LEFT = """
def call(self, {inputs}):
    _n = s.shape[0]
    return {call}


class Model(nn.Layer):
    def __init__(self):
        super().__init__()
        self.layer = {layer}
        self.call = functools.partial(call)

    def forward(self, {inputs}):
        return self.call(self, {inputs}), s * 2.0
"""


class Call(NamedTuple):
    """A call in which one number is the size of an input."""

    layer: str
    code: str
    size: int

    @property
    def inputs(self) -> list[str]:
        """The tensors that it is given."""
        names = compile(self.code, "", "eval").co_names
        return [name for name in _INPUTS if name in names]

    def source(self, kind: str) -> str:
        """A model that makes it."""
        form = _CONVERTED if kind == "converted" else _LEFT
        call = self.code.replace("layer(", "self.layer(") if self.layer else self.code
        return _HEAD + form.format(layer=self.layer or None, inputs=", ".join([*self.inputs, "s"]), call=call)


def calls() -> Iterator[Call]:
    """All calls, with each of their numbers in turn."""
    done = set()
    for layer, code in surveyed_calls.expressions(1):
        if any(part in code for part in NOT_JUDGED) or paddle_leaks.RANDOM.search(layer + code):
            continue
        for called, number in surveyed_calls.own_numbers(code):
            call = Call(layer, re.sub(r"\b_n\b", _written(number), called), abs(number) or 1)
            if call.size <= LARGEST and call not in done:
                done.add(call)
                yield call


def _written(number: int) -> str:
    """A number as code that computes it of a size."""
    return "_n" if number > 0 else "(-_n)" if number else "(_n - 1)"


def judged(path: Path, call: Call) -> dict[str, Any]:
    """Export a call under a watch, run it in dygraph and as exported, and compare."""
    module = judging.loaded(path)
    known = {**paddle_leaks.tensors(2, ""), "y": paddle_leaks.tensors(2, "")["x"] * 0.5}
    given = [*(known[name] for name in call.inputs), paddle.ones([call.size])]
    try:
        expected = _arrays(judging.model(module)(*given))
    except Exception as error:
        return {"verdict": "uncounted", "why": f"{type(error).__name__}: {error}"[:200]}
    spec = [
        paddle.static.InputSpec([*tensor.shape], str(tensor.dtype).rpartition(".")[2], name)
        for name, tensor in zip(call.inputs, given, strict=False)
    ]
    wrong = ""
    with tempfile.TemporaryDirectory() as directory:
        try:
            with shapetrace.watch() as trace:
                size = paddle.static.InputSpec([-1], "float32", "s")
                paddle.jit.save(judging.model(module), f"{directory}/model", input_spec=[*spec, size])
            wrong = _difference(_arrays(paddle.jit.load(f"{directory}/model")(*given)), expected)
        except Exception as error:
            wrong = f"{type(error).__name__}: {str(error)[-200:]}"
    told = [finding for finding in trace.findings if finding.severity != "note"]
    told = [
        finding for finding in told if wrong or finding.rule not in ("ST503", "ST504")
    ]  # it may well take this size only
    verdict = ("found" if told else "missed") if wrong else ("false alarm" if told else "healthy")
    if wrong and told and all(finding.rule == "ST809" for finding in told):
        verdict = "last resort"
    return {"verdict": verdict, "wrong": wrong, "findings": list(map(judging.said, told))}


def _arrays(output: Any) -> list[np.ndarray[Any, Any]]:
    if isinstance(output, list | tuple):
        return [array for item in output for array in _arrays(item)]
    return [] if output is None else [np.asarray(output)]


def _difference(got: list[np.ndarray[Any, Any]], expected: list[np.ndarray[Any, Any]]) -> str:
    if [array.shape for array in got] != [array.shape for array in expected]:
        return f"shapes {[array.shape for array in got]} for {[array.shape for array in expected]}"
    pairs = [(one, other) for one, other in zip(got, expected, strict=True) if one.dtype.kind in "fiubc"]
    same = all(np.allclose(one, other, TOLERANCE, TOLERANCE, equal_nan=True) for one, other in pairs)
    return "" if same else "other values"


def main(directory: str, kind: str, first: str = "0", step: str = "1") -> None:
    """Run from the command line."""
    warnings.simplefilter("ignore")
    for number, call in enumerate(calls()):
        if number >= int(first) and (number - int(first)) % int(step) == 0:
            path = Path(directory) / f"call_{number}.py"
            path.write_text(call.source(kind), encoding="utf-8")
            answer = forked.ask(partial(judged, path, call))
            print(json.dumps({"number": number, **call._asdict(), **answer}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
