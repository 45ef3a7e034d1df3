"""paddle.tensordot computes a shape from the -1 of an unknown batch, and the conversion fails."""

import paddle
from paddle.static import InputSpec


def products(x, y):
    return paddle.tensordot(x, y, [[2, 3], [2, 3]])


spec = [InputSpec([None, 4, 6, 6], name="x"), InputSpec([None, 4, 6, 6], name="y")]
static = paddle.jit.to_static(products, input_spec=spec, full_graph=True)
try:
    print(f"right: the result is {list(static.concrete_program.outputs[0].shape)}, as in dygraph")
except Exception as error:
    print(f"fault: {str(error).strip().splitlines()[-1]}")
