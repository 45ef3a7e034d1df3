"""A comprehension over `range` of an unknown size goes on for ever when it is converted."""

import paddle
from paddle.static import InputSpec

turns = 0


class Endless(Exception):
    pass


@paddle.jit.not_to_static
def row(x, i):
    global turns
    turns += 1
    if turns > 200:
        raise Endless
    return x * 2


def rows(x):
    return paddle.stack([row(x, i) for i in range(x.shape[0])])


static = paddle.jit.to_static(rows, input_spec=[InputSpec([None, 3], name="x")], full_graph=True)
try:
    static.concrete_program  # noqa: B018 - it is made when it is asked for
    print("right: it is converted, or refused with a sentence")
except Exception:
    print(f"{'fault: it went on, until it was stopped after 200 turns' if turns > 200 else 'right: it is refused'}")
