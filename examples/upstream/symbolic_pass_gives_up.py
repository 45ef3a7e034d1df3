"""Paddle's symbolic pass gives up over a program with an `if` that has no result, as a print under a condition is."""

import paddle
from paddle.base import libpaddle
from paddle.static import InputSpec


def doubled(x):
    if x.shape[0] > 1:
        print("more than one")
    return x * 2.0


if not hasattr(getattr(libpaddle, "pir", None), "infer_symbolic_shape_pass"):
    print("absent: this Paddle has no symbolic pass")
    raise SystemExit
from paddle.pir import PassManager  # noqa: E402 - 2.6 has none

static = paddle.jit.to_static(doubled, input_spec=[InputSpec([None, 3], name="x")], full_graph=True)
program, manager = static.concrete_program.main_program.clone(), PassManager()
libpaddle.pir.infer_symbolic_shape_pass(manager, program)
try:
    manager.run(program)
    print("right: it tells the shapes")
except Exception as error:
    print(f"fault: {str(error).strip().splitlines()[0]}")
