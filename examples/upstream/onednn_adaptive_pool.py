"""Paddle Inference on a CPU: adaptive pooling is wrong at the second size, where the first was a multiple of the output's."""

import tempfile
from pathlib import Path

import numpy
import paddle
import paddle.nn.functional as F
from paddle import inference
from paddle.static import InputSpec


class Pooled(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.stem = paddle.nn.Conv2D(3, 3, 1)

    def forward(self, x):
        return F.adaptive_avg_pool2d(self.stem(x), 4)


model, right = Pooled(), True
with tempfile.TemporaryDirectory() as folder:
    paddle.jit.save(model, f"{folder}/model", input_spec=[InputSpec([None, 3, None, None], name="x")])
    program = next(path for end in ("json", "pdmodel") if (path := Path(f"{folder}/model.{end}")).exists())
    predictor = inference.create_predictor(inference.Config(str(program), f"{folder}/model.pdiparams"))
    for size in (8, 10):
        image = numpy.random.default_rng(0).random([1, 3, size, size], dtype="float32")
        handle = predictor.get_input_handle(predictor.get_input_names()[0])
        handle.reshape(list(image.shape))
        handle.copy_from_cpu(image)
        predictor.run()
        came = predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()
        right = right and numpy.allclose(came, model(paddle.to_tensor(image)).numpy(), atol=1e-5)
print("right: the same as dygraph" if right else "fault: at the second size other values than dygraph")
