"""paddle.tensor_split of an unknown axis gives an empty part, in silence."""

import paddle
from paddle.static import InputSpec


def first_third(x):
    return paddle.tensor_split(x, 3, axis=1)[0] * 2.0


if not hasattr(paddle, "tensor_split"):
    print("absent: this Paddle has no tensor_split")
    raise SystemExit
static = paddle.jit.to_static(first_third, input_spec=[InputSpec([2, None], name="x")], full_graph=True)
x = paddle.ones([2, 6])
try:
    shape, expected = static(x).shape, first_third(x).shape
    print(
        f"{'right' if list(shape) == list(expected) else 'fault'}: {list(shape)} exported, {list(expected)} in dygraph"
    )
except Exception as error:
    print(f"fault: {str(error).strip().splitlines()[-1]}")
