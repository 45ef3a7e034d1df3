"""An index that is a tensor beside a slice between numbers: the result is inferred to be empty, and what is added to it is refused."""

import paddle
from paddle.static import InputSpec


def last_two(x):
    last = x[:, x.shape[1] - 1, :2]
    return last + x[:, 0, :2]


static = paddle.jit.to_static(last_two, input_spec=[InputSpec([4, None, 3], name="x")], full_graph=True)
x = paddle.rand([4, 5, 3])
try:
    same = bool(paddle.allclose(static(x), last_two(x)))
    print("right: it gives what dygraph gives" if same else "fault: another result than in dygraph")
except Exception as error:
    print(f"fault: {str(error).strip().splitlines()[-1]}")
