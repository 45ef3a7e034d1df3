"""paddle.jit.save saves an output that is the input plus a constant as the input itself."""

import tempfile

import paddle
from paddle.static import InputSpec


class Plus(paddle.nn.Layer):
    def forward(self, x):
        return x + 1.0


with tempfile.TemporaryDirectory() as folder:
    paddle.jit.save(Plus(), f"{folder}/plus", input_spec=[InputSpec([None, 3], name="x")])
    loaded = paddle.jit.load(f"{folder}/plus")
    value = float(loaded(paddle.ones([2, 3])).max())
print(f"{'right' if value == 2.0 else 'fault'}: 1 + 1 is {value:g} in the export")
