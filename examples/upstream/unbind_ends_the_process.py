"""unbind of an axis of unknown size ends the process, in place of raising an error."""

import paddle
from paddle.static import InputSpec


def rows(x):
    return paddle.unbind(x)[0]


static = paddle.jit.to_static(rows, input_spec=[InputSpec([None, 3], name="x")], full_graph=True)
try:
    static.concrete_program  # noqa: B018 - it is made when it is asked for
    print("right: it is converted")
except Exception as error:
    print(f"right: it is refused: {str(error).strip().splitlines()[-1]}")
