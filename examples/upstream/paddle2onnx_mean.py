"""Paddle2ONNX does not convert x.mean() over all axes."""

import tempfile
from pathlib import Path

import paddle
from paddle.static import InputSpec

try:
    import paddle2onnx
except ImportError:
    print("absent: Paddle2ONNX is not installed")
    raise SystemExit from None


class Mean(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.stem = paddle.nn.Linear(8, 8)

    def forward(self, x):
        return self.stem(x).mean()


with tempfile.TemporaryDirectory() as folder:
    paddle.jit.save(Mean(), f"{folder}/model", input_spec=[InputSpec([1, 3, 8], name="x")])
    program = next(path for end in ("json", "pdmodel") if (path := Path(f"{folder}/model.{end}")).exists())
    paddle2onnx.export(str(program), f"{folder}/model.pdiparams", f"{folder}/model.onnx", optimize_tool="None")
    print("right: it is converted" if Path(f"{folder}/model.onnx").exists() else "fault: nothing is written")
