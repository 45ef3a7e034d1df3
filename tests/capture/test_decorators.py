"""Sizes given loosely to Paddle's methods: its decorators must take a dim for the int it is."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.paddle

CODE = """
import contextlib, functools
import paddle
from paddle.static import InputSpec
import shapetrace

def loose(x): return x.reshape(x.shape[0] * 3, 2)

class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.loose = functools.partial(loose)
    def forward(self, x): return self.loose(x)

def last_line(watch):
    net = Net()
    try:
        with watch: paddle.jit.to_static(net, input_spec=[InputSpec([-1, 4])], full_graph=True).forward.concrete_program
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[-1]}"

plain = last_line(contextlib.nullcontext())
assert plain
assert last_line(shapetrace.watch()) == plain
"""


def test_a_watch_does_not_change_what_is_refused(run_code: Callable[..., CompletedProcess[str]]) -> None:
    done = run_code(CODE)
    assert done.returncode == 0, done.stderr[-2000:]
