"""A healthy export is the plain export, byte for byte, watched or with every remedy; no finding; symbolic shapes hold.

`SHAPETRACE_ALL_MODELS=1` tries every constructor of `paddle.vision.models` instead of two.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from shapetrace import symbolic
from subprocess_run import run_python, told
from versions import LEGACY

FEW = ["resnet18", "mobilenet_v3_small", "encoder", "looping"]
MORE = """
LeNet alexnet densenet121 densenet161 densenet169 densenet201 densenet264 googlenet inception_v3 mobilenet_v1 mobilenet_v2
mobilenet_v3_large resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext50_64x4d resnext101_32x4d resnext101_64x4d
resnext152_32x4d resnext152_64x4d shufflenet_v2_x0_25 shufflenet_v2_x0_33 shufflenet_v2_x0_5 shufflenet_v2_x1_0
shufflenet_v2_x1_5 shufflenet_v2_x2_0 shufflenet_v2_swish squeezenet1_0 squeezenet1_1 vgg11 vgg13 vgg16 vgg19
wide_resnet50_2 wide_resnet101_2
"""
MODELS = FEW + (MORE.split() if os.environ.get("SHAPETRACE_ALL_MODELS") else [])
SIZED = [name for name in MODELS if name not in ("encoder", "looping")]  # these build other ops for a known batch
BATCHES = (2, 3)
pytestmark = pytest.mark.paddle


@pytest.fixture(scope="module")
def exported() -> dict[str, Any]:
    """What became of each export, by `name:how:batch`."""
    asked = [f"{name}:{how}:-1" for name in MODELS for how in ("plain", "watched", "remedied")]
    asked += [f"{name}:watched:{batch}" for name in SIZED for batch in BATCHES]
    done = run_python(["-W", "ignore", "-m", "healthy.export", *asked], items=len(asked))
    results = told(done)
    assert [result["name"] for result in results if "died" not in result] == asked, done.stderr[-2000:]
    return {result["name"]: result for result in results}


@pytest.mark.parametrize("name", MODELS)
def test_files_are_the_same_and_nothing_is_found(exported: dict[str, Any], name: str) -> None:
    watched = exported[f"{name}:watched:-1"]
    assert (watched["findings"], watched["notes"]) == ([], [])
    assert watched["files"] == exported[f"{name}:plain:-1"]["files"]
    assert all(dims or not shape for _, shape, dims in watched["tensors"])


@pytest.mark.parametrize("name", MODELS)
def test_remedies_leave_the_files_as_they_are(exported: dict[str, Any], name: str) -> None:
    remedied = exported[f"{name}:remedied:-1"]
    assert remedied["files"] == exported[f"{name}:plain:-1"]["files"]
    assert ({"callables"} if LEGACY else {"callables", "symbolic-dims"}) <= set(remedied["remedies"])
    assert remedied["findings"] == []


@pytest.mark.parametrize("name", SIZED)
@pytest.mark.parametrize("batch", BATCHES)
def test_symbolic_shapes_equal_those_paddle_infers_for_a_batch(exported: dict[str, Any], name: str, batch: int) -> None:
    unknown = exported[f"{name}:watched:-1"]
    known = exported[f"{name}:watched:{batch}"]
    sizes = dict.fromkeys(unknown["symbols"], batch)
    assert len(unknown["tensors"]) == len(known["tensors"])
    for (op, _, dims), (same_op, shape, _) in zip(unknown["tensors"], known["tensors"], strict=True):
        assert op == same_op
        for expression, size in zip(dims, shape, strict=True):
            assert size in (-1, symbolic.evaluate(expression, sizes)), (op, expression)
