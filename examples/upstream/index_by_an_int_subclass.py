"""A tensor cannot be indexed with a subclass of int: `variable_index.py` asks for `type(...) is int`."""

import paddle


class Size(int):
    pass


x = paddle.arange(6).reshape([2, 3])
try:
    x[:, Size(1)]
    paddle.enable_static()
    with paddle.static.program_guard(paddle.static.Program()):
        paddle.static.data("x", [2, 3])[:, Size(1)]
    print("right: it is taken as the int that it is")
except Exception as error:
    print(f"fault: {type(error).__name__}: {str(error).strip().splitlines()[-1]}")
