"""A healthy export under watch is the plain export, byte for byte; no finding; every tensor has its symbolic shape.

`SHAPETRACE_ALL_MODELS=1` tries one constructor of every family in `paddle.vision.models` instead of two.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from shapetrace import symbolic
from subprocess_run import run_python

SCRIPT = Path(__file__).parent / "healthy" / "export.py"
FEW = ["resnet18", "mobilenet_v3_small", "encoder", "looping"]
MORE = """
LeNet alexnet vgg11 mobilenet_v1 mobilenet_v2 mobilenet_v3_large squeezenet1_0 squeezenet1_1 shufflenet_v2_x0_25
googlenet inception_v3 densenet121 resnext50_32x4d wide_resnet50_2 resnet34 resnet50 resnet101
"""
MODELS = FEW + (MORE.split() if os.environ.get("SHAPETRACE_ALL_MODELS") else [])
SIZED = [name for name in MODELS if name not in ("encoder", "looping")]  # these build other ops for a known batch
pytestmark = pytest.mark.paddle


def export(tmp_path: Path, name: str, *options: str) -> dict[str, Any]:
    done = run_python([str(SCRIPT), name, str(tmp_path / f"{name}{'-'.join(options)}"), *options], seconds=300)
    assert done.returncode == 0, done.stderr[-2000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("name", MODELS)
def test_files_are_the_same_and_nothing_is_found(tmp_path: Path, name: str) -> None:
    watched = export(tmp_path, name, "--watch")
    assert watched["findings"] == []
    assert watched["notes"] == []
    assert watched["files"] == export(tmp_path, name)["files"]
    assert all(dims or not shape for _, shape, dims in watched["tensors"])


@pytest.mark.parametrize("name", SIZED)
@pytest.mark.parametrize("batch", [2, 3])
def test_symbolic_shapes_equal_those_paddle_infers_for_a_batch(tmp_path: Path, name: str, batch: int) -> None:
    unknown = export(tmp_path, name, "--watch")
    known = export(tmp_path, name, "--watch", "--batch", str(batch))
    sizes = dict.fromkeys(unknown["symbols"], batch)
    assert len(unknown["tensors"]) == len(known["tensors"])
    for (op, _, dims), (same_op, shape, _) in zip(unknown["tensors"], known["tensors"], strict=True):
        assert op == same_op
        for expression, size in zip(dims, shape, strict=True):
            assert size in (-1, symbolic.evaluate(expression, sizes)), (op, expression)
