"""Paddle Inference on a CPU: interpolate fails under oneDNN, which is on by default."""

import tempfile
from pathlib import Path

import numpy
import paddle
import paddle.nn.functional as F
from paddle import inference
from paddle.static import InputSpec


class Doubled(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.stem = paddle.nn.Conv2D(3, 3, 1)

    def forward(self, x):
        return F.interpolate(self.stem(x), scale_factor=2, mode="bilinear")


def served(folder, image):
    program = next(path for end in ("json", "pdmodel") if (path := Path(f"{folder}/model.{end}")).exists())
    predictor = inference.create_predictor(inference.Config(str(program), f"{folder}/model.pdiparams"))
    predictor.get_input_handle(predictor.get_input_names()[0]).copy_from_cpu(image)
    predictor.run()
    return predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()


model, image = Doubled(), numpy.arange(192, dtype="float32").reshape([1, 3, 8, 8])
with tempfile.TemporaryDirectory() as folder:
    paddle.jit.save(model, f"{folder}/model", input_spec=[InputSpec([None, 3, None, None], name="x")])
    try:
        same = numpy.allclose(served(folder, image), model(paddle.to_tensor(image)).numpy(), atol=1e-3)
        print("right: the same as dygraph" if same else "fault: other values than dygraph")
    except Exception as error:
        print(f"fault: {str(error).strip().splitlines()[-1]}")
