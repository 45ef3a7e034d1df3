"""paddle.unflatten of an axis, with another axis unknown, cannot be converted."""

import paddle
from paddle.static import InputSpec


def split_channels(x):
    return paddle.unflatten(x, 1, [2, 2])


spec = [InputSpec([None, 4, None, None], name="x")]
static = paddle.jit.to_static(split_channels, input_spec=spec, full_graph=True)
try:
    shape = static.concrete_program.outputs[0].shape
    print(f"right: the result is {list(shape)}, as in dygraph")
except Exception as error:
    print(f"fault: {str(error).strip().splitlines()[-1]}")
