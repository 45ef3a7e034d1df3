"""Paddle2ONNX ends the process at interpolate(scale_factor=...): it does not read the doubles that Paddle 3.3 stores."""

import tempfile
from pathlib import Path

import paddle
import paddle.nn.functional as F
from paddle.static import InputSpec

try:
    import paddle2onnx
except ImportError:
    print("absent: Paddle2ONNX is not installed")
    raise SystemExit from None


class Doubled(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.stem = paddle.nn.Conv2D(3, 3, 1)

    def forward(self, x):
        return F.interpolate(self.stem(x), scale_factor=2)


with tempfile.TemporaryDirectory() as folder:
    paddle.jit.save(Doubled(), f"{folder}/model", input_spec=[InputSpec([1, 3, 8, 8], name="x")])
    program = next(path for end in ("json", "pdmodel") if (path := Path(f"{folder}/model.{end}")).exists())
    paddle2onnx.export(str(program), f"{folder}/model.pdiparams", f"{folder}/model.onnx", optimize_tool="None")
    print("right: it is converted" if Path(f"{folder}/model.onnx").exists() else "fault: nothing is written")
