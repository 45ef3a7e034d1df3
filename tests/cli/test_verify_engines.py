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

def pooled():
    return Pooled(), SPEC

def odds():
    return Odds(), SPEC

def up():
    return Up(), SPEC

def whole():
    return Whole(), SPEC
"""


def verified(tmp_path: Path, factory: str, *engines: str) -> tuple[int, dict[str, dict[str, Any]]]:
    (tmp_path / "served.py").write_text(MODELS)
    sizes = ("batch=1,image[2]=14,image[3]=14", "batch=2,image[2]=20,image[3]=17")
    asked = [part for size in sizes for part in ("--size", size)]
    asked += [part for engine in engines for part in ("--engine", engine)]
    done = run_python(["-m", "shapetrace", "verify", "--json", *asked, f"served.py:{factory}"], cwd=tmp_path)
    assert done.returncode in (0, 3), done.stderr
    result = json.loads(done.stdout)
    assert [engine["name"] for engine in result["engines"]] == ["jit.load", *engines]
    assert result["engines"][0]["ok"] is True
    assert result["ok"] is (done.returncode == 0)
    return done.returncode, {engine["name"]: engine for engine in result["engines"]}


def line(comment: str) -> int:
    return next(number for number, text in enumerate(MODELS.splitlines(), 1) if text.endswith(f"# {comment}"))


@pytest.mark.skipif(not PADDLE.startswith("3.3"), reason="measured on 3.3")
def test_paddle_inference_is_run_at_two_sizes_in_one_predictor_and_once_without_onednn(tmp_path: Path) -> None:
    code, engines = verified(tmp_path, "pooled", "inference", "tensorrt")

    assert code == 3
    served = engines["inference"]
    assert (served["ok"], served["stage"]) == (False, "compare")
    assert "without oneDNN (config.disable_mkldnn()) it gives the same" in served["says"]
    assert (
        "at batch=2, image[2]=20, image[3]=17 it is wrong only after batch=1, image[2]=14, image[3]=14"
        in served["says"]
    )
    assert (served["place"]["op"], served["place"]["line"]) == ("pd_op.pool2d", line("POOL"))
    assert served["sizes"] == [{"batch": 2, "image[2]": 20, "image[3]": 17}]
    assert engines["tensorrt"]["ok"] is None


@WITH_ONNX
def test_an_op_without_a_mapper_is_named_with_its_line(tmp_path: Path) -> None:
    code, engines = verified(tmp_path, "odds", "onnxruntime")

    assert code == 3
    served = engines["onnxruntime"]
    assert (served["ok"], served["stage"]) == (False, "convert")
    assert served["says"] == f"Paddle2ONNX has no mapper for pd_op.logit at served.py:{line('LOGIT')}"
    assert (served["place"]["op"], served["place"]["line"]) == ("pd_op.logit", line("LOGIT"))


@WITH_ONNX
def test_the_op_whose_onnx_node_gives_another_shape_is_found(tmp_path: Path) -> None:
    _, engines = verified(tmp_path, "up", "onnxruntime")

    served = engines["onnxruntime"]
    assert (served["ok"], served["stage"]) == (False, "compare")
    assert (served["place"]["op"], served["place"]["line"]) == ("pd_op.conv2d_transpose", line("UP"))
    assert served["place"]["layer"] == "/Conv2DTranspose/"


@WITH_ONNX
def test_engines_that_agree_are_said_to(tmp_path: Path) -> None:
    code, engines = verified(tmp_path, "whole", "onnxruntime", "inference")

    assert code == 0, engines
    assert [engine["ok"] for engine in engines.values()] == [True, True, True]
