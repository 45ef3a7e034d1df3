"""PaddleDetection keeps a function of RT-DETRv2's attention as a functools.partial, which Paddle does not rewrite."""

import paddle
from paddle.static import InputSpec

try:
    from ppdet.modeling.transformers import rtdetr_transformerv2
except ImportError as error:
    print(f"absent: PaddleDetection with RT-DETRv2 cannot be imported ({error})")
    raise SystemExit from None

attention = rtdetr_transformerv2.MSDeformableAttention(embed_dim=32, num_heads=8, num_levels=1, num_points=4)


def decoded(query, points, value):
    return attention(query, points, value, [[8, 8]])


spec = [
    InputSpec([None, 5, 32], name="query"),
    InputSpec([None, 5, 1, 4], name="points"),
    InputSpec([None, 64, 32], name="value"),
]
static = paddle.jit.to_static(decoded, input_spec=spec, full_graph=True)
try:
    print(f"right: the result is {list(static.concrete_program.outputs[0].shape)}")
except Exception as error:
    print(f"fault: {str(error).strip().splitlines()[-1]}")
