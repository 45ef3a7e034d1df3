"""A list that a converted loop fills cannot be joined where its tensors differ in size, not even along the axis of concat."""

import paddle
from paddle.static import InputSpec


def counted(x):
    parts = []
    for row in range(x.shape[0]):
        parts.append(paddle.nonzero(x[row] > 0))
    return paddle.concat(parts)


static = paddle.jit.to_static(counted, input_spec=[InputSpec([None, 3], name="x")], full_graph=True)
x = paddle.to_tensor([[1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]])
try:
    shape, expected = static(x).shape, counted(x).shape
    print(
        f"{'right' if list(shape) == list(expected) else 'fault'}: {list(shape)} exported, {list(expected)} in dygraph"
    )
except Exception as error:
    print(f"fault: {str(error).strip().splitlines()[-1]}")
