"""`shapetrace verify --engine`: what an engine makes of an export, with the op, the line and the layer."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from subprocess_run import run_python
from versions import LEGACY, PADDLE

pytestmark = [
    pytest.mark.paddle,
    pytest.mark.skipif(LEGACY, reason="the op is not looked for on Paddle 2.6, and paddle2onnx 2 refuses it"),
]
WITH_ONNX = pytest.mark.skipif(
    find_spec("paddle2onnx") is None or find_spec("onnxruntime") is None, reason="no paddle2onnx or onnxruntime"
)

MODELS = """
import paddle
import paddle.nn.functional as F
from paddle import nn
from paddle.static import InputSpec

SPEC = [InputSpec([-1, 3, -1, -1], "float32", name="image")]

class Pooled(nn.Layer):
    def forward(self, image):
        wide = F.relu(image)
        return F.adaptive_avg_pool2d(wide, 7)  # POOL

class Odds(nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, image):
        p = F.sigmoid(self.linear(image.mean(axis=[2, 3])))
        return paddle.logit(p, eps=1e-5) + p  # LOGIT

class Up(nn.Layer):
    def __init__(self):
        super().__init__()
        self.up = nn.Conv2DTranspose(3, 4, 3, stride=2, padding=1)

    def forward(self, image):
        wide = self.up(image, output_size=[image.shape[2] * 2, image.shape[3] * 2])  # UP
        return F.relu(wide)

class Whole(nn.Layer):
    def forward(self, image):
        return F.relu(image), image.max()

class Halves(nn.Layer):
    def forward(self, image):
        left, right = paddle.chunk(F.relu(image), 2, axis=3)  # CHUNK
        return left.mean(axis=3) + right.mean(axis=3)

class Twice(nn.Layer):
    def forward(self, image):
        rows = image.mean(axis=3, keepdim=True)
        first = rows.expand_as(image)  # EXPAND
        return first - rows.max(axis=2, keepdim=True).expand_as(image)

def pooled():
    return Pooled(), SPEC

def halves():
    return Halves(), SPEC

def twice():
    return Twice(), SPEC

def odds():
    return Odds(), SPEC

def up():
    return Up(), SPEC

def whole():
    return Whole(), SPEC
"""


SCRIPT = """
import json
import served
import shapetrace
from shapetrace.verify.document import document

SIZES = [{"batch": 1, "image[2]": 14, "image[3]": 14}, {"batch": 2, "image[2]": 20, "image[3]": 17}]
for name, *engines in json.loads(ASKED):
    layer, spec = getattr(served, name)()
    print(json.dumps(document(shapetrace.verify(layer, spec, SIZES, engines=engines))))
"""


def verified(directory: Path, *asked: tuple[str, ...]) -> list[dict[str, dict[str, Any]]]:
    """For each model and the engines asked of it, what came of each engine, `jit.load` first."""
    (directory / "served.py").write_text(MODELS)
    (directory / "script.py").write_text(SCRIPT.replace("ASKED", repr(json.dumps(asked))))
    done = run_python(["-W", "ignore", directory / "script.py"], cwd=directory)
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    for result, (_, *engines) in zip(results, asked, strict=True):
        assert [engine["name"] for engine in result["engines"]] == ["jit.load", *engines]
        assert result["engines"][0]["ok"] is True
        assert result["ok"] is all(engine["ok"] is not False for engine in result["engines"])
    return [{engine["name"]: engine for engine in result["engines"]} for result in results]


def line(comment: str) -> int:
    return next(number for number, text in enumerate(MODELS.splitlines(), 1) if text.endswith(f"# {comment}"))


@pytest.mark.skipif(not PADDLE.startswith("3.3"), reason="measured on 3.3")
def test_paddle_inference_is_run_at_two_sizes_in_one_predictor_and_once_without_onednn(tmp_path: Path) -> None:
    (engines,) = verified(tmp_path, ("pooled", "inference", "tensorrt"))

    served = engines["inference"]
    assert (served["ok"], served["stage"]) == (False, "compare")
    assert "without oneDNN (config.disable_mkldnn()) it gives the same" in served["says"]
    assert (
        "at batch=2, image[2]=20, image[3]=17 it is wrong only after batch=1, image[2]=14, image[3]=14"
        in served["says"]
    )
    assert "adaptive pooling is wrong under oneDNN" in served["says"]
    assert (served["place"]["op"], served["place"]["line"]) == ("pd_op.pool2d", line("POOL"))
    assert served["sizes"] == [{"batch": 2, "image[2]": 20, "image[3]": 17}]
    assert engines["tensorrt"]["ok"] is None


@WITH_ONNX
def test_what_paddle2onnx_refuses_or_gets_wrong_is_told_at_the_line_of_the_op(tmp_path: Path) -> None:
    odds, up, whole = verified(tmp_path, ("odds", "onnxruntime"), ("up", "onnxruntime"), ("whole", "onnxruntime"))

    served = odds["onnxruntime"]
    assert (served["ok"], served["stage"]) == (False, "convert")
    said = f"Paddle2ONNX has no mapper for pd_op.logit at served.py:{line('LOGIT')} (write paddle.log(p / (1 - p)))"
    assert served["says"].startswith(said)
    assert (served["place"]["op"], served["place"]["line"]) == ("pd_op.logit", line("LOGIT"))

    served = up["onnxruntime"]
    assert (served["ok"], served["stage"]) == (False, "compare")
    assert "ConvTranspose without the model's output_size (2*image[2], 2*image[3])" in served["says"]
    assert (served["place"]["op"], served["place"]["line"]) == ("pd_op.conv2d_transpose", line("UP"))
    assert served["place"]["layer"] == "/Conv2DTranspose/"

    assert whole["onnxruntime"]["ok"] is True, whole


@WITH_ONNX
def test_the_op_is_found_where_it_makes_a_list_or_is_optimized_away_in_the_whole(tmp_path: Path) -> None:
    halves, twice = verified(tmp_path, ("halves", "onnxruntime"), ("twice", "onnxruntime"))

    served = halves["onnxruntime"]
    assert (served["ok"], served["stage"]) == (False, "convert")
    assert (served["place"]["op"], served["place"]["line"]) == ("pd_op.split_with_num", line("CHUNK"))

    served = twice["onnxruntime"]
    assert (served["ok"], served["stage"]) == (False, "compare")
    assert (served["place"]["op"], served["place"]["line"]) == ("pd_op.expand_as", line("EXPAND"))
