"""Sizes are derived of a model however it is spelled, and are those that it runs at."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from recorded_traces import Recordings
from shapetrace.proof.asking import of_forward
from subprocess_run import told
from versions import LEGACY

pytestmark = [
    pytest.mark.paddle,
    pytest.mark.skipif(LEGACY, reason="shapes that are fitted to a few sizes are refused"),
]

CODE = """
import sys
from functools import partial
from importlib import import_module
import paddle
import forked, recorded_traces
from shapetrace.proof.asking import of_forward

def runs(layer, spec, at):
    given = []
    for each in spec:
        shape = [at.get(f"{each.name}[{axis}]", size) for axis, size in enumerate(each.shape)]
        given.append(paddle.ones(shape, each.dtype))
    try:
        layer(*given)
    except Exception:
        return False
    return True

def told(model):
    module, _, name = model.partition(":")
    layer, spec = import_module(module).MODELS[name]()
    layer.eval()
    found = of_forward(recorded_traces.of_this_run().trace(model))
    wrong = []
    decided = name != "chosen" and not any(axis.undecided for axis in found.axes)  # dygraph reads beyond a tensor there
    for axis in found.axes:
        alike = found.together_with(axis)
        looked_at = decided and not axis.fixed_by_spec and axis.place == alike[0]
        for size in range(1, 45) if looked_at else ():
            ran = runs(layer, spec, {**found.at, **dict.fromkeys(alike, size)})
            if ran != (size in axis.pattern) and not (ran and size not in axis.filled):
                wrong.append(f"{axis.place}={size} {'runs' if ran else 'fails'}")
    return {"wrong": wrong}

for model in sys.argv[1:]:
    forked.run(model, partial(told, model))
"""
SPELLINGS: dict[str, list[str]] = {
    "levels": [],
    "levels, doubled": ["image[2]: a multiple of 2", "image[3]: a multiple of 2"],
    "by a product": ["x[1]: only 24"],
    "by a vector": ["x[1]: only 15"],
    "by a mask": ["x[1]: only 1 or 16"],
    "by a stack": ["x[1]: only 9"],
    "by two axes": ["x[1]: only 2, with x[2]=6", "x[2]: only 6, with x[1]=2"],
    "by a sum": ["image[2]: only 10, with image[3]=10", "image[3]: only 10, with image[2]=10"],
    "third": ["image[2]: a multiple of 3", "image[3]: a multiple of 3"],
    "multiplied": ["image[2]: a multiple of 4; exactly, any size that leaves 0 or 3 when divided by 4, and 1 and 2", "image[3]: a multiple of 4; exactly, any size that leaves 0 or 3 when divided by 4, and 1 and 2"],
    "rounded up": ["image[2]: a multiple of 4", "image[3]: a multiple of 4"],
    "padded at the end": ["image[2]: a multiple of 2", "image[3]: a multiple of 2"],
    "padded alike": ["image[2]: a multiple of 2; exactly, 1 too", "image[3]: a multiple of 2; exactly, 1 too"],
    "dilated": ["image[2]: a multiple of 2; exactly, 1 too", "image[3]: a multiple of 2; exactly, 1 too"],
    "odd again": ["image[2]: any size that leaves 1 when divided by 2; exactly, 2 too", "image[3]: any size that leaves 1 when divided by 2; exactly, 2 too"],
    "wave, longer": ["x[2]: any size that leaves 2 when divided by 4 from 6 on"],
    "resized to half": ["image[2]: any size that leaves 1 when divided by 2 from 3 on; exactly, 4 too", "image[3]: any size that leaves 1 when divided by 2 from 3 on; exactly, 4 too"],
    "moved": ["image[2]: a multiple of 4; exactly, 5, 6, 7, 9, 10, 11, 15, 17, 18, 19, 27, 33, … and 195 too, with image[3]=64"],
    "grouped": ["x[1]: a multiple of 4"],
    "in films": ["x[0]: a multiple of 2"],
    "reflected, channels last": ["x[1]: any size from 6 on"],
    "cropped": ["x[1]: any size from 5 on"],
    "convolved": ["x[2]: any size from 13 on"],
    "spectrum": ["x[1]: any size from 16 on"],
    "fifth": ["x[1]: any size from 5 on"],
    "chosen": ["x[1]: any size from 7 on"],
    "chosen of each": ["x[1]: any size from 6 on"],
    "selected": ["x[1]: any size from 5 on"],
    "smallest": [],
    "put at an index": ["x[1]: any size from 6 on"],
    "put first": ["x[1]: any size from 4 on"],
    "from the end": ["x[1]: any size up to 12"],
    "in whole windows": [],
    "every second": ["x[1]: any size up to 10"],
    "scaled places": ["x[1]: any size up to 10"],
    "halved places": ["x[1]: any size up to 16"],
    "squared places": ["x[1]: any size up to 5"],
    "rows and columns": ["image[2]: any size up to 12", "image[3]: any size up to 9"],
    "causal": ["x[1]: any size up to 12"],
    "by a root": ["x[1]: only 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, … or 4224"],
    "attended": ["x[0] and y[0] are equal; x[0] or y[0] may be 1 too"],
    "until": ["x[0] and y[0] are equal; x[0] or y[0] may be 1 too"],
    "batches": ["x[0] and y[0] are equal", "x[1] and y[2] are equal"],
    "summed products": ["x[0] and y[0] are equal; x[0] or y[0] may be 1 too"],
    "attention by letters": [],
    "dotted": ["x[0] and y[0] are equal", "x[1] and y[1] are equal"],
    "masked": ["x[0] and y[0] are equal; x[0] or y[0] may be 1 too", "x[1] and y[1] are equal; x[1] or y[1] may be 1 too"],
    "between": ["x[0] and y[0] are equal; x[0] or y[0] may be 1 too", "x[1] and y[1] are equal; x[1] or y[1] may be 1 too"],
    "labelled": ["x[0] and y[0] are equal"],
    "resized": ["image[0] and y[0] are equal; image[0] or y[0] may be 1 too"],
    "turned": ["image[2] and image[3] are equal; image[2] or image[3] may be 1 too"],
    "within": ["image[2]: any size from 32 on; exactly, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, … and 30 too, with image[3]=64"],
    "small ones enlarged": [],
}  # fmt: skip
OPS: dict[str, list[str]] = {
    "grid of tokens": ["x[1]: any size that is a square"],
    "root of tokens": ["x[1]: any size that is a square"],
    "power of tokens": ["x[1]: any size that is a square"],
    "grid and class": ["x[1]: any size from 2 on that is 1 more than a square"],
    "grid of windows": ["x[1]: not decided; at best any size from 4 on"],
    "grid of few tokens": ["x[1]: only 1, 4, 9, 16, 25 or 36"],
    "at least a root": ["x[1]: any size from 9 on"],
    "table resized": ["image[2]: any size from 4 on", "image[3]: any size from 4 on"],
    "table of tokens": ["image[2]: not decided; at best any size from 4 on", "image[3]: not decided; at best any size from 4 on"],
    "table scaled": ["image[2]: only 4, 5, 6, 7, 32, 33, 34 or 35", "image[3]: only 4, 5, 6, 7, 32, 33, 34 or 35"],
    "squared length": ["x[1]: a multiple of 2"],
    "triangle": ["x[1]: a multiple of 3; exactly, any size that leaves 0 or 1 when divided by 3 from 3 on"],
    "area": [],
    "table of a product": ["image[2]: any size from 4 to 123, with image[3]=4", "image[3]: any size from 4 to 123, with image[2]=4"],
    "dividing each other": ["image[3]: a multiple of 2"],
    "ratio": ["image[2] and image[3] are equal; image[2] or image[3] may be 1 too"],
    "assert square": ["image[2] and image[3] are equal"],
    "last n columns": ["x[1]: any size up to 12"],
    "last three": ["x[1]: any size from 3 on"],
    "all but last two": ["x[1]: any size from 3 on"],
    "even and odd": ["x[1]: a multiple of 2"],
    "space to depth": ["x[1]: a multiple of 3"],
    "reversed": [],
    "fifth from the end": ["x[1]: any size from 5 on"],
    "middle": [],
    "second half": ["x[1]: a multiple of 2; exactly, 3 too"],
    "tensor chunks": ["x[1]: a multiple of 3"],
    "table slice offset": ["x[1]: any size up to 14"],
    "table slice half": ["x[1]: any size up to 32"],
    "table cut to map": ["image[2]: any size from 4 to 27", "image[3]: any size from 4 to 23"],
    "power of places": ["x[1]: any size up to 5"],
    "wrapped places": [],
    "shifted places": ["x[1]: any size up to 14"],
    "clipped places": [],
    "relative places": ["x[1]: any size up to 16"],
    "relative places clipped": [],
    "cumulated places": ["x[1]: any size up to 38"],
    "scattered": ["x[1]: any size up to 10"],
    "scattered added": ["x[1]: any size up to 10"],
    "put along": ["x[1]: any size from 5 on"],
    "put values": ["y[0]: any size up to 3"],
    "index added": ["x[1]: any size from 7 on"],
    "gated": ["x[1]: a multiple of 2"],
    "distances": ["x[0] and y[0] are equal; x[0] or y[0] may be 1 too"],
    "bilinear": [],
    "traced": ["x[1]: any size from 2 on"],
    "differences": ["x[1]: any size from 2 on"],
    "searched": [],
    "regions": [],
    "deformed": [],
    "deformed apart": ["image[0]: not decided", "image[2]: no size", "image[3]: no size"],
    "adaptive": [],
    "replicated": [],
    "circular": [],
    "recurrent state": ["x[0] and y[0] are equal"],
    "compared": ["x[0] and y[0] are equal", "x[1] and y[1] are equal"],
    "expanded": ["x[1] and y[0] are equal; y[0] may be 1 too"],
    "inverted": ["x[0] and x[1] are equal; x[1] may be 1 too"],
    "repeated": [],
    "repeats given": ["x[1]: only 4"],
    "top half": ["x[1]: any size from 2 on"],
    "cross twice": ["x[0] and y[0] are equal; x[0] or y[0] may be 1 too"],
    "group conv": [],
    "unet by crop": ["image[2]: any size from 2 on", "image[3]: any size from 2 on"],
    "output size given": ["image[2]: any size from 2 on", "image[3]: any size from 2 on"],
    "align corners": ["image[2]: a multiple of 4", "image[3]: a multiple of 4"],
    "scale half": ["image[2]: a multiple of 2", "image[3]: a multiple of 2"],
    "scale three quarters": ["image[2]: any size from 2 on", "image[3]: any size from 2 on"],
    "scale third": ["image[2]: a multiple of 3", "image[3]: a multiple of 3"],
    "patches by reshape": ["image[2]: a multiple of 4, with image[3]=64", "image[3]: a multiple of 4, with image[2]=64"],
    "folded back": ["image[2]: a multiple of 2, with image[3]=64", "image[3]: a multiple of 2, with image[2]=64"],
    "heads twice": ["x[1]: a multiple of 12"],
    "micro batches": ["x[0]: a multiple of 2"],
    "batch and length": ["x[1]: a multiple of 10, with x[0]=1"],
    "padded up": [],
    "padded by a remainder": [],
    "window mask": [],
    "window mask put": [],
    "even only": ["x[1]: a multiple of 2"],
    "at most by assert": ["x[1]: any size up to 30"],
    "odd asserted": ["x[1]: any size that leaves 1 when divided by 2"],
    "or asserted": ["x[1]: any size from 11 on; exactly, 1, 2, 3 and 4 too"],
    "if even": [],
    "if long": ["x[1]: any size from 20 on; exactly, 4, 8, 12 and 16 too"],
    "pad if": [],
    "windows and back": [],
    "pad to max": [],
    "skip cropped": [],
    "nested if": ["image[2]: a multiple of 4 from 32 on; exactly, any size that leaves 0 or 3 when divided by 4 from 32 on, and 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 16, 17, … and 66, with image[3]=64", "image[3]: any size from 2 on, with image[2]=64"],
    "bucketed": [],
    "split dynamic": ["x[1]: any size from 2 on"],
    "moved in time": ["x[0]: a multiple of 4"],
    "contrastive": [],
    "clip loss": ["x[0]: only 1, with y[0]=1"],
    "prefix": ["x[1]: any size from 64 on; exactly, 1 too, with y[1]=64", "y[1]: any size up to 64, with x[1]=64", "x[0] and y[0] are equal; x[0] or y[0] may be 1 too"],
    "cached": ["x[0] and y[0] are equal"],
    "labels shifted": ["x[1]: only 64, with y[1]=64", "y[1]: only 64, with x[1]=64", "x[0] and y[0] are equal"],
    "position reversed": ["x[1]: any size up to 25"],
    "position blocks": ["x[1]: any size up to 32"],
    "position min": [],
    "position distance": ["x[1]: any size up to 25"],
    "ratio if": ["image[2]: a multiple of 4; exactly, 1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, … and 195 too, with image[3]=64", "image[3]: a multiple of 4; exactly, 1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, … and 195 too, with image[2]=64"],
    "two products": [],
    "cropped at the middle": ["x[1]: any size from 16 on"],
    "image cropped": [],
    "last sixteen": ["x[1]: any size from 15 on; exactly, 1, 2, 3, 4, 5, 6, 7 and 8 too"],
    "longest context": ["x[0] and y[0] are equal"],
    "fifth from a computed end": ["x[1]: any size from 3 on"],
    "all but five computed": ["x[1]: any size that leaves 1 when divided by 2 from 7 on"],
    "middle of a table": ["x[1]: any size up to 22"],
    "put by a mask": [],
    "put by another mask": ["x[0]: not decided", "x[1]: not decided", "y[0]: not decided", "y[1]: not decided"],
    "put rows": ["y[0]: only 1 or 3"],
    "put on the diagonal": [],
    "similar along the length": ["x[0] and y[0] are equal; x[0] or y[0] may be 1 too", "x[1] and y[1] are equal"],
    "similar along the width": ["x[0] and y[0] are equal; x[0] or y[0] may be 1 too", "x[1] and y[1] are equal; x[1] or y[1] may be 1 too"],
    "similar to one": ["x[0]: not decided", "x[1]: not decided"],
    "overlapped": ["x[2]: any size that leaves 1 when divided by 2"],
    "spectrum and back": ["x[1]: a multiple of 2"],
    "spectrum of one size": [],
    "spectra joined": [],
    "unpooled": ["image[2]: any size from 2 on", "image[3]: any size from 2 on"],
    "unpooled larger": ["image[2]: a multiple of 3; exactly, any size that leaves 0 or 1 when divided by 3 from 3 on", "image[3]: a multiple of 3; exactly, any size that leaves 0 or 1 when divided by 3 from 3 on"],
    "shifted windows": ["image[2]: any size from 2 on", "image[3]: any size from 2 on"],
}  # fmt: skip
SAYS = {
    f"{module}:{name}": says
    for module, all_say in (("sized_spellings", SPELLINGS), ("sized_ops", OPS))
    for name, says in all_say.items()
}
"""Of each model, what is said of the axes that do not take every size, and which are equal."""


@pytest.mark.parametrize("model", SAYS)
def test_what_is_said(recorded: Recordings, model: str) -> None:
    found = of_forward(recorded.trace(model))
    axes = [axis for axis in found.axes if not axis.fixed_by_spec and str(axis.said) != "any size"]
    assert [*(f"{axis.place}: {axis.said}" for axis in axes), *map(str, found.said_equal)] == SAYS[model]


def test_the_sizes_that_are_derived_are_those_that_run(
    recorded: Recordings, run_code: Callable[..., CompletedProcess[str]]
) -> None:
    recorded.record(list(SAYS))
    done = run_code(CODE, *SAYS)
    assert done.returncode == 0, done.stderr[-3000:]
    assert [line for line in told(done) if line["wrong"]] == []
    assert len(told(done)) == len(SAYS)
