"""An index that is a tensor after a slice between numbers: it is converted, and every run fails."""

import paddle
from paddle.static import InputSpec


def last_of_some(x):
    return x[1:, x.shape[1] - 1] * 2.0


static = paddle.jit.to_static(last_of_some, input_spec=[InputSpec([4, None, 3], name="x")], full_graph=True)
x = paddle.rand([4, 5, 3])
try:
    same = bool(paddle.allclose(static(x), last_of_some(x)))
    print("right: it gives what dygraph gives" if same else "fault: another result than in dygraph")
except Exception as error:
    print(f"fault: {str(error).strip().splitlines()[-1]}")
