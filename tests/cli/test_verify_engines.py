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

class Steps(nn.Layer):
    def forward(self, image):
        grown = paddle.exp(F.relu(image))  # EXP
        return F.sigmoid(grown)

def steps():
    return Steps(), SPEC

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


def written(path: Path, middle: str, name: str = "image") -> Path:
    """An ONNX file of `Steps` as Paddle2ONNX names its tensors, with another op in the middle."""
    import onnx
    from onnx import helper

    kinds = (("Relu", "p2o.pd_op.relu.0.0"), (middle, "p2o.pd_op.exp.0.0"), ("Sigmoid", "fetch_name_0"))
    before = [name, *(made for _, made in kinds)]
    nodes = [helper.make_node(kind, [given], [made]) for (kind, made), given in zip(kinds, before, strict=False)]
    ends = [helper.make_tensor_value_info(each, onnx.TensorProto.FLOAT, [None] * 4) for each in (name, "fetch_name_0")]
    made = helper.make_model(
        helper.make_graph(nodes, "steps", ends[:1], ends[1:]), opset_imports=[helper.make_opsetid("", 17)]
    )
    made.ir_version = 8
    onnx.save(made, str(path))
    return path


def of_file(file: Path) -> tuple[int, dict[str, Any], str]:
    """What `verify --onnx` says of a file of `Steps` in ONNX Runtime, and its exit code."""
    (file.parent / "served.py").write_text(MODELS)
    command = ["-W", "ignore", "-m", "shapetrace", "verify", "--json", "--size", "batch=2", "--onnx", file.name]
    done = run_python([*command, "served.py:steps"], cwd=file.parent)
    engines = json.loads(done.stdout)["engines"] if done.stdout else [{}]
    return done.returncode, engines[-1], done.stderr


@pytest.mark.skipif(find_spec("onnxruntime") is None or find_spec("onnx") is None, reason="no onnx or onnxruntime")
def test_the_values_of_a_file_that_is_there_already_are_held_against_the_model(tmp_path: Path) -> None:
    code, served, _ = of_file(written(tmp_path / "right.onnx", "Exp"))
    assert (code, served["name"], served["ok"]) == (0, "onnxruntime", True)

    code, served, _ = of_file(written(tmp_path / "wrong.onnx", "Softplus"))
    assert (code, served["ok"], served["stage"]) == (3, False, "compare")
    assert (served["place"]["op"], served["place"]["line"]) == ("pd_op.exp", line("EXP"))

    code, _, error = of_file(written(tmp_path / "other.onnx", "Exp", name="pixels"))
    assert code == 2 and "the model has no input pixels, which other.onnx wants" in error
