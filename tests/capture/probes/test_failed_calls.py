"""What is recorded of the call that ended a conversion."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

import versions

RunCode = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.paddle
def test_an_op_says_which_argument_it_refuses_also_where_that_is_a_dim(run_code: RunCode) -> None:
    """The variable of a converted loop holds a dim. Python would need its number, and here it is an op that does."""
    done = run_code("""
        import paddle, shapetrace
        import paddle.nn.functional as F
        from paddle.static import InputSpec

        def numbered(x):
            total = x[0] * 0
            for sample in range(x.shape[0]):
                total = total + F.pad(x[sample].unsqueeze(0), [1, 0], value=sample, data_format="NCL")[0, :, 1:]
            return total

        with shapetrace.watch() as trace:
            try:
                spec = [InputSpec([-1, 5, 3], name="x")]
                paddle.jit.to_static(numbered, input_spec=spec, full_graph=True).concrete_program
            except Exception:
                pass
        print(*(f"{finding.rule} {finding.message}" for finding in trace.findings if finding.severity == "error"), sep="\\n")
    """)
    assert done.returncode == 0, done.stderr
    wants = (
        "cannot take a tensor (sample) for value"
        if versions.LEGACY
        else "wants a number for value, and got a tensor (sample)"
    )
    assert done.stdout.splitlines() == [f"ST703 pad {wants}"]


@pytest.mark.paddle
@pytest.mark.parametrize(
    ("call", "told"),
    [
        (
            "np.mean(x.shape)",
            "ST601 `np.mean(x.shape)` needs a number, and in rewritten code a dim in x.shape is a tensor",
        ),
        ("np.reshape(np.arange(6), (4, 4))[0, 0]", "ST809"),
    ],
)
def test_numpy_says_of_a_dim_what_it_likes(run_code: RunCode, call: str, told: str) -> None:
    """NumPy asks the dtype of a tensor for what its own have; of a call without a dim nothing is made up."""
    done = run_code(f"""
        import contextlib
        import numpy as np
        import paddle, shapetrace
        from paddle.static import InputSpec

        def scaled(x):
            return x[: x.shape[0]] * {call}

        with contextlib.suppress(Exception), shapetrace.watch() as trace:
            paddle.jit.to_static(scaled, input_spec=[InputSpec([-1, 5], name="x")], full_graph=True).concrete_program
        print(*(f"{{finding.rule}} {{finding.message}}" for finding in trace.findings if finding.severity == "error"), sep="\\n")
    """)
    assert done.returncode == 0, done.stderr
    assert [line.startswith(told) for line in done.stdout.splitlines()] == [True]


@pytest.mark.paddle
@pytest.mark.parametrize("joined", ["rows + [x[0]]", "[x[0]] + rows"])
def test_an_operator_of_an_array_of_tensors_has_the_array_for_an_operand(run_code: RunCode, joined: str) -> None:
    """Paddle refuses the list, and what the list is added to is a list of the user's that a loop made an array."""
    done = run_code(f"""
        import paddle, shapetrace
        from paddle.static import InputSpec

        def joined(x):
            rows = []
            for i in range(x.shape[0]):
                rows.append(x[i])
            return paddle.stack({joined})

        with shapetrace.watch() as trace:
            try:
                paddle.jit.to_static(joined, input_spec=[InputSpec([-1, 5], name="x")], full_graph=True).concrete_program
            except Exception:
                pass
        print(*(f"{{finding.rule}} {{finding.message}}" for finding in trace.findings if finding.severity == "error"), sep="\\n")
    """)
    assert done.returncode == 0, done.stderr
    head = "for i in range(x.shape[0])"
    assert done.stdout.splitlines() == [
        f"ST803 `{joined}` takes `rows` for a list, and in `{head}` it became an array of tensors"
    ]


@pytest.mark.paddle
def test_lists_that_are_written_in_a_call_are_taken_apart(run_code: RunCode) -> None:
    """What an element is, is not known beforehand: it is made while the call is."""
    done = run_code("""
        import numpy as np, paddle, shapetrace
        from paddle.static import InputSpec

        def sizes(x):
            return x * paddle.to_tensor(np.array([x.shape[3], x.shape[2]], dtype="float32")).sum()

        def joined(x):
            return paddle.concat([x, paddle.ones([1, 4, 1, 1], "int64").expand_as(x)], 1)

        for function in (sizes, joined):
            with shapetrace.watch() as trace:
                try:
                    spec = [InputSpec([-1, 4, -1, -1], name="x")]
                    paddle.jit.to_static(function, input_spec=spec, full_graph=True).concrete_program
                except Exception:
                    pass
            print(*(f"{finding.rule} {finding.message}" for finding in trace.findings if finding.severity == "error"), sep="\\n")
    """)
    assert done.returncode == 0, done.stderr
    numbers, dtypes = done.stdout.splitlines()
    assert numbers.startswith('ST601 `np.array([x.shape[3], x.shape[2]], dtype="float32")` needs a number')
    assert dtypes.startswith('ST806 concat got x (float32) and paddle.ones([1, 4, 1, 1], "int64").expand_as(x) (int64)')


@pytest.mark.paddle
def test_an_argument_is_what_the_user_gave_and_not_what_paddle_has_made_of_it(run_code: RunCode) -> None:
    """Of a dim `adaptive_avg_pool2d` makes a list without elements; the default of `axes` is no list of the user's."""
    done = run_code("""
        import paddle, shapetrace
        import paddle.nn.functional as F
        from paddle.static import InputSpec

        def pooled(x):
            n = x.shape[3]
            return F.adaptive_avg_pool2d(x, n)

        def transformed(x):
            n = x.shape[3]
            return paddle.fft.fft2(x, [n, 4])

        for function in (pooled, transformed):
            with shapetrace.watch() as trace:
                try:
                    spec = [InputSpec([2, 3, 8, -1], name="x")]
                    paddle.jit.to_static(function, input_spec=spec, full_graph=True).concrete_program
                except Exception:
                    pass
            given = trace.conversions[0].failure.call.arguments
            print(*(f"{each.name}={each.type}:{[item.code for item in each.items] or each.code}" for each in given[1:3]))
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "output_size=Tensor:n data_format=str:",
        "s=list:['n', '4'] axes=tuple:['', '']",
    ]
