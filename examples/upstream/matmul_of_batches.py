"""matmul of batches -1 and 1 is inferred to have a batch of 1: the unknown batch is lost from there on."""

import paddle
from paddle.static import InputSpec


def product(x, y):
    return paddle.matmul(x, y)


spec = [InputSpec([None, 3, 4], name="x"), InputSpec([1, 4, 5], name="y")]
static = paddle.jit.to_static(product, input_spec=spec, full_graph=True)
batch = static.concrete_program.outputs[0].shape[0]
print(f"{'right' if batch == -1 else 'fault'}: a batch of {batch} is inferred, and may be any")
