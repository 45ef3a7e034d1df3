"""What is said of a leaked dim in an argument: what happens, and in the user's words."""

from __future__ import annotations

import pytest

from shapetrace import rules
from shapetrace.trace import DimRef, Finding
from tests.leaking_traces import Leaks

AT_RUN_TIME = "Paddle does not check it here, and the exported model fails at every run"


def bare(op: str, argument: str, *elements: str) -> list[Finding]:
    """Findings of an unmodified dim as the first element of a list argument."""
    leaks = Leaks()
    leaks.used(leaks.read(0), op, argument, arguments=elements)
    return rules.check(leaks.trace)


class TestWhenPaddleRefuses:
    @pytest.mark.parametrize("op", ["reshape", "reshape_"])
    def test_two_dims_to_infer_beside_a_tensor_pass_the_conversion(self, op: str) -> None:
        (found,) = bare(op, "shape", "-1", "-1", "?")
        assert (found.rule, found.message.partition(": ")[2]) == ("ST101", AT_RUN_TIME)

    def test_two_dims_to_infer_alone_do_not(self) -> None:
        (found,) = bare("reshape", "shape", "-1", "-1", "4")
        assert found.message.endswith(": Paddle refuses it at conversion")

    def test_a_computed_one_beside_a_tensor(self) -> None:
        leaks = Leaks()
        dim = leaks.computed("*", DimRef(leaks.read(0)), 8, -8, "n * 8")
        leaks.used(dim, "reshape", "shape", arguments=("-8", "?"))
        (found,) = rules.check(leaks.trace)
        assert found.message.endswith(AT_RUN_TIME)

    def test_one_dim_to_infer_is_healthy_beside_a_tensor_or_not(self) -> None:
        assert bare("reshape", "shape", "-1", "4") == bare("reshape", "shape", "-1", "?") == []
