"""Paddle Inference cannot load a model with an `if` on a parameter, as PP-YOLOE is."""

import tempfile
from pathlib import Path

import numpy
import paddle
from paddle import inference
from paddle.static import InputSpec


class Scaled(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.alpha = self.create_parameter([1], default_initializer=paddle.nn.initializer.Constant(2.0))

    def forward(self, x):
        y = x * 1.0
        if self.alpha:
            y = x * self.alpha
        return y


with tempfile.TemporaryDirectory() as folder:
    paddle.jit.save(Scaled(), f"{folder}/model", input_spec=[InputSpec([None, 4], name="x")])
    program = next(path for end in ("json", "pdmodel") if (path := Path(f"{folder}/model.{end}")).exists())
    try:
        predictor = inference.create_predictor(inference.Config(str(program), f"{folder}/model.pdiparams"))
        predictor.get_input_handle("x").copy_from_cpu(numpy.ones([2, 4], "float32"))
        predictor.run()
        found = predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()
        print("right: it is loaded and runs" if (found == 2).all() else "fault: other values than dygraph")
    except Exception as error:
        print(f"fault: {str(error).strip().splitlines()[-1]}")
