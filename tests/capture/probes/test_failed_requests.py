"""What Paddle raises before anything is converted, and outside of every conversion."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest


@pytest.mark.paddle
def test_what_ends_a_save_before_anything_is_asked_for_is_told(
    run_code: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run_code("""
        import functools
        import paddle, shapetrace
        from paddle.static import InputSpec

        class Net(paddle.nn.Layer):
            def forward(self, x, times=1.0):
                return x * times

        def told(layer, spec, convert=lambda layer, spec: paddle.jit.save(layer, "out/net", input_spec=spec)):
            try:
                with shapetrace.watch() as recorded:
                    convert(layer, spec)
            except Exception:
                pass
            for finding in recorded.findings:
                print(finding.rule, finding.message, finding.sink.line, *finding.notes, finding.fix and finding.fix.says, sep=" | ")

        held = Net()
        held.forward = functools.partial(held.forward, times=2.0)
        told(held, [InputSpec([-1, 3], name="x")])
        told("net", [InputSpec([-1, 3], name="x")])
        told(Net(), {"x": InputSpec([-1, 3], name="x")})
        told(Net(), [InputSpec([-1, 3], name="x")])
        told(held, [InputSpec([-1, 3], name="x")], paddle.jit.to_static)
        told(held.forward, [InputSpec([-1, 3], name="x")], lambda function, spec: paddle.jit.to_static(input_spec=spec)(function))
        told(Net(), {"x": InputSpec([-1, 3], name="x")}, paddle.jit.to_static)
    """)
    assert done.returncode == 0, done.stderr
    partial, no_layer, no_list, alone, decorated, declared = done.stdout.splitlines()
    assert partial.startswith(
        "ST809 | nothing of Net.forward was converted: `AttributeError: 'functools.partial' object"
    )
    assert "a functools.partial has neither | write a forward in the class" in partial
    assert no_layer.startswith("ST809 | nothing of str.forward was converted: `TypeError: ")
    assert no_list.startswith("ST904 | input_spec is of type dict")
    assert alone.startswith("ST809 | nothing of Net.forward was converted: `AttributeError: 'functools.partial' object")
    assert decorated.startswith("ST809 | nothing of functools.partial(Net.forward, ...) was converted: `Attr")
    assert declared.startswith("ST904 | input_spec is of type dict")
