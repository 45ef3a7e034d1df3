"""Paddle2ONNX ends the process at an op that it has no mapper for, and does not say which it is."""

import subprocess
import sys
import tempfile
from pathlib import Path

import paddle
from paddle.static import InputSpec

try:
    import paddle2onnx  # noqa: F401 - whether it is there
except ImportError:
    print("absent: Paddle2ONNX is not installed")
    raise SystemExit from None

CONVERT = "import sys, paddle2onnx; paddle2onnx.export(*sys.argv[1:], optimize_tool='None')"


class Logit(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.stem = paddle.nn.Linear(3, 3)

    def forward(self, x):
        return paddle.logit(paddle.nn.functional.sigmoid(self.stem(x)))


with tempfile.TemporaryDirectory() as folder:
    paddle.jit.save(Logit(), f"{folder}/model", input_spec=[InputSpec([1, 3], name="x")])
    program = next(path for end in ("json", "pdmodel") if (path := Path(f"{folder}/model.{end}")).exists())
    paths = [str(program), f"{folder}/model.pdiparams", f"{folder}/model.onnx"]
    done = subprocess.run([sys.executable, "-c", CONVERT, *paths], capture_output=True, text=True, check=False)
told = done.stdout + done.stderr
lines = [line for line in told.splitlines() if "unsupported" in line.lower() or "not support" in line.lower()]
if done.returncode == 0:
    print("right: it is converted")
elif done.returncode > 0 and any("logit" in line for line in lines):
    print("right: an error names the op")
else:
    print(f"fault: exit code {done.returncode}: {lines[-1].strip() if lines else 'no word of it'}")
