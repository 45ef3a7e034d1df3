"""What is recorded of a program: its ops with their operands, found again without asking Paddle what could end the process."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

import versions
from shapetrace.capture.recorded import Recorded

RunCode = Callable[..., subprocess.CompletedProcess[str]]


def test_a_result_of_an_op_that_was_erased_is_not_asked_for_it() -> None:
    def ask() -> Any:
        raise AssertionError("Paddle ends the process here")

    recorded = Recorded()
    recorded.pointers["0x1"] = 5
    there, erased = (SimpleNamespace(id=pointer, initialized=ask, get_defining_op=ask) for pointer in ("0x1", "0x2"))
    assert [recorded.position(tensor) for tensor in (there, erased)] == [5, -1]


@pytest.mark.paddle
@pytest.mark.skipif(versions.LEGACY, reason="the ops of Paddle 2.6 do not name absent operands")
def test_an_absent_operand_is_no_record(run_code: RunCode) -> None:
    done = run_code("""
        import paddle
        from shapetrace.capture.recorded import Recorded

        paddle.enable_static()
        dropped = paddle.nn.functional.dropout(paddle.static.data("x", [2, 3]))  # without a seed
        _, seed, _ = dropped.get_defining_op().operands_source()
        assert not seed.initialized()
        assert Recorded().position(seed) == -1
    """)

    assert done.returncode == 0, done.stderr


@pytest.mark.paddle
@pytest.mark.skipif(versions.LEGACY, reason="the ops of Paddle 2.6 do not name absent operands")
def test_an_absent_operand_is_not_the_absent_result_of_another_op(run_code: RunCode) -> None:
    done = run_code("""
        import paddle, shapetrace
        from paddle.static import InputSpec

        class Layer(paddle.nn.Layer):
            def forward(self, x):
                found = paddle.unique(x.flatten())  # neither indices nor counts were asked for
                return paddle.nn.functional.dropout(found, 0.5)  # without a seed

        with shapetrace.watch() as trace:
            paddle.jit.save(Layer(), "out/model", input_spec=[InputSpec([-1, 3], name="x")])
        (conversion,) = trace.conversions
        ops = {op.name: op for op in conversion.ops}
        assert "null" in {conversion.values[index].dtype for index in ops["pd_op.unique"].outputs}
        assert ops["pd_op.dropout"].inputs[:2] == (ops["pd_op.unique"].outputs[0], -1)
    """)

    assert done.returncode == 0, done.stderr


@pytest.mark.paddle
def test_the_op_that_took_an_argument_is_that_of_its_own_call(run_code: RunCode) -> None:
    """A helper that is called twice hands the same dim, on the same line, to an op of each call."""
    done = run_code("""
        import functools
        import paddle, shapetrace
        from paddle.static import InputSpec

        def folded(x, groups):
            n = x.shape[0]
            return x.reshape([n * groups, 4]), paddle.roll(x, n, 0), paddle.full([1], float(n)), paddle.zeros([n * n, 8])

        class Net(paddle.nn.Layer):
            def __init__(self):
                super().__init__()
                self.folded = functools.partial(folded, groups=1)

            def forward(self, x, y):
                return self.folded(x), self.folded(y)

        net = Net()
        spec = [InputSpec([-1, 8], name="x"), InputSpec([-1, 8], name="y")]
        with shapetrace.watch() as trace:
            paddle.jit.to_static(net, input_spec=spec, full_graph=True).forward.concrete_program
        (conversion,) = trace.conversions
        for use in trace.uses:
            taker = conversion.ops[use.taker] if use.taker >= 0 else None
            inputs = [name for value in taker.inputs for name in [conversion.tensors[value].name]] if taker else []
            print(use.op, taker.name.removeprefix("pd_op.") if taker else taker, *inputs[:1])
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        *("reshape reshape x", "roll roll x", "full full", "zeros None"),
        *("reshape reshape y", "roll roll y", "full full", "zeros None"),
    ]
