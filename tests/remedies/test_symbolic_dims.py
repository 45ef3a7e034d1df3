"""The remedy `symbolic-dims`: unknown dims reach ops as tensors, and nothing else changes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import versions
from remedies.healed_numbers import BEYOND
from subprocess_run import ROOT, run_python, told

pytestmark = pytest.mark.paddle


def heal(*cases: str) -> dict[str, Any]:
    """What `healing.py` tells of each case."""
    done = run_python([ROOT / "tests" / "remedies" / "healing.py", *cases], items=len(cases) or 100)
    assert done.returncode == 0, done.stderr
    return {result["name"]: result for result in told(done)}


@pytest.fixture(scope="module")
def healed() -> dict[str, Any]:
    """All pieces of code in `healing.py`, healed."""
    return heal()


def test_every_way_in_is_healed_and_equals_dygraph_at_every_size(healed: dict[str, Any]) -> None:
    cases = {name: case for name, case in healed.items() if not versions.unlike(f"{versions.HEALED}[{name}]")}
    wrong = {name: case for name, case in cases.items() if case["runs"] != ["equal", "equal"]}

    assert not wrong
    assert all(case["healed"] for case in cases.values())


def test_what_stays_pythons_decision_is_reported() -> None:
    results = heal(*(function.__name__ for function in BEYOND))

    assert {name: case["refused"] for name, case in results.items() if case["refused"]} == {}
    assert {name for name, case in results.items() if not case["findings"]} == set()


def test_what_was_healed_is_no_finding(healed: dict[str, Any]) -> None:
    told = {name: case["findings"] for name, case in healed.items() if case["findings"]}
    assert {name for name in told if not versions.unlike(f"{versions.HEALED}[{name}]")} == set()


def test_the_only_unknown_size_of_a_reshape_is_inferred_without_a_tensor(healed: dict[str, Any]) -> None:
    assert "shape64" not in healed["merge_all"]["ops"]


def test_a_dim_is_built_once_a_block(healed: dict[str, Any]) -> None:
    assert healed["used_twice"]["ops"].count("shape64") == 1


def test_what_is_built_in_a_branch_is_not_used_outside_of_it(healed: dict[str, Any]) -> None:
    branches_and_after = 3

    assert healed["in_if"]["ops"].count("shape64") == branches_and_after


def test_everything_is_put_back(run_code: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run_code("""
        import sys
        import paddle, shapetrace
        from shapetrace.capture.identity import tensor_classes
        from shapetrace.remedies.symbolic.healed_functions import FUNCTIONS

        def state():
            modules = [sys.modules[healed.module] for healed in FUNCTIONS if healed.module in sys.modules]
            functions = [value for module in modules for value in vars(module).values() if hasattr(value, "__code__")]
            return [dict(vars(holder)) for holder in (*modules, *tensor_classes())], [f.__code__ for f in functions]

        before = state()
        with shapetrace.watch(heal=True):
            assert state() != before
        assert state() == before
    """)

    assert done.returncode == 0, done.stderr


def test_what_a_module_imported_meanwhile_is_put_back(
    run_code: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "late.py").write_text("from math import sqrt\nfrom math import log as logarithm\n")
    done = run_code("""
        import math, sys
        sys.path.insert(0, ".")
        import paddle, shapetrace

        with shapetrace.watch(heal=True):
            import late
            during = [late.sqrt]  # a name of a module would be put back too
        assert math.sqrt is not during[0], "the watch must have changed it, or this shows nothing"
        assert (late.sqrt, late.logarithm) == (math.sqrt, math.log)
    """)

    assert done.returncode == 0, done.stderr


def test_a_complex_factor_of_the_users_stays(run_code: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run_code("""
        import functools
        import paddle, shapetrace

        seen = []

        def scaled(x):
            seen.append(x.shape[0] * 2j)
            return x * 2.0

        class Model(paddle.nn.Layer):
            def __init__(self):
                super().__init__()
                self.scaled = functools.partial(scaled)

            def forward(self, x):
                return self.scaled(x)

        spec = [paddle.static.InputSpec([-1, 2], "float32")]
        model = Model()
        with shapetrace.watch(heal=True):
            paddle.jit.to_static(model, input_spec=spec, full_graph=True).forward.concrete_program
        assert seen == [-2j], seen
    """)

    assert done.returncode == 0, done.stderr


def test_a_fault_of_ours_leaves_the_export_as_it_would_be(
    run_code: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run_code("""
        import paddle, shapetrace
        from models import partial_held
        from shapetrace.remedies.symbolic import kinds

        def broken(*arguments):
            raise ZeroDivisionError

        kinds._alike = broken
        layer, spec = partial_held.broken()
        try:
            with shapetrace.watch(heal=True):
                paddle.jit.save(layer, "out/model", input_spec=spec)
        except AssertionError as error:
            assert "shape[0] = -8" in str(error)
        else:
            raise SystemExit("the plain export fails")
    """)

    assert done.returncode == 0, done.stderr
