"""The ranges of tensors within are those that Paddle Inference collects when it runs the export at the ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from subprocess_run import run_python
from versions import LEGACY

COLLECT = """
import json, re, sys, tempfile
sys.path.insert(0, {tests!r})
import numpy as np
import paddle
import sized_models
from paddle import inference
from shapetrace.proof import asking
from shapetrace.sizes import deriving, extents, ranges
from shapetrace.trace.program import Tensor

ENDS = ("min", "opt", "max")

def collected(layer, spec, asked, folder):
    paddle.jit.save(layer, folder + "/model", input_spec=spec)
    config = inference.Config(folder + "/model.json", folder + "/model.pdiparams")
    config.disable_gpu()
    config.disable_mkldnn()
    config.switch_ir_optim(False)
    config.disable_glog_info()
    config.collect_shape_range_info(folder + "/ranges.pbtxt")
    predictor = inference.create_predictor(config)
    for end in ("min", "opt", "max", "opt"):  # the most frequent shape is the one in the middle
        for each in spec:
            whole = each.dtype == paddle.int64
            predictor.get_input_handle(each.name).copy_from_cpu(np.ones(asked.shapes(end)[each.name], "int64" if whole else "float32"))
        predictor.run()
    del predictor  # which writes the file
    blocks = re.findall(r"shape_range_info \\{{(.*?)\\n\\}}", open(folder + "/ranges.pbtxt").read(), re.S)
    return [[[int(size) for size in re.findall(end + r"_shape: (\\d+)", block)] for end in ENDS] for block in blocks]

def derived(asked):
    written = {{Tensor(asked.conversion, index).name for index in asked.conversion.outputs}}  # Paddle collects no outputs
    yield from ([asked.shapes(end)[name] for end in ENDS] for name in asked.shapes("min"))
    for extent in extents.tensors(asked):
        if extent.name not in written:
            yield [[axis[end] for axis in extent.axes] for end in range(3)]

for name, text, usual in {models!r}:
    layer, spec = sized_models.MODELS[name]()
    layer.eval()
    trace = asking.exported(layer, spec)
    asked = ranges.of_conversion(trace, deriving.derived(trace)[-1], ranges.read([text]), usual)
    with tempfile.TemporaryDirectory() as folder:
        told = [sorted(ranges for ranges in found if ranges[0] != ranges[2]) for found in (collected(layer, spec, asked, folder), derived(asked))]
    print("@" + json.dumps(told))
"""
MODELS = [
    ("pyramid of 2, concat", "B=1..4,H=32*k:32..96,W=32*k:64..128", {"H": 64, "B": 2}),
    ("encoder", "ids[0]=1..4,ids[1]=2..24", {"ids[1]": 8}),
    ("focus", "B=1..4,H=8..64,W=8..64", {"W": 30, "H": 8}),
]


@pytest.mark.paddle
@pytest.mark.skipif(LEGACY, reason="symbolic shapes of resizes are those of Paddle 3")
def test_they_are_what_paddle_collects() -> None:
    done = run_python(["-c", COLLECT.format(tests=str(Path(__file__).parent.parent), models=MODELS)])
    assert done.returncode == 0, done.stderr
    found = [json.loads(line[1:]) for line in done.stdout.splitlines() if line.startswith("@")]
    assert len(found) == len(MODELS)
    for paddles, ours in found:
        assert ours == paddles
        assert len(ours) > 5
