"""What functools.partial wraps is run as it is, so that its `x.shape` holds -1: RT-DETRv2 cannot be exported for that."""

import functools

import paddle
from paddle.static import InputSpec


def heads(x, count):
    return x.reshape([x.shape[0] * count, -1])


class Attention(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.split = functools.partial(heads, count=8)

    def forward(self, x):
        return self.split(x)


static = paddle.jit.to_static(Attention(), input_spec=[InputSpec([None, 64], name="x")], full_graph=True)
try:
    print(f"right: the result is {list(static.forward.concrete_program.outputs[0].shape)}")
except Exception as error:
    print(f"fault: {str(error).strip().splitlines()[-1]}")
