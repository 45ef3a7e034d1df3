"""interpolate takes a scale_factor that is an int tensor, as a size in converted code is, and every run fails."""

import paddle
import paddle.nn.functional as F
from paddle.static import InputSpec


def widened(x):
    return F.interpolate(x, scale_factor=x.shape[3] // 4)


static = paddle.jit.to_static(widened, input_spec=[InputSpec([1, 2, 4, None], name="x")], full_graph=True)
x = paddle.rand([1, 2, 4, 8])
try:
    same = bool(paddle.allclose(static(x), widened(x)))
    print("right: it gives what dygraph gives" if same else "fault: another result than in dygraph")
except Exception as error:
    print(f"fault: {str(error).strip().splitlines()[-1]}")
