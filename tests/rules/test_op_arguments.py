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

    def test_a_computed_minus_one_is_what_a_read_one_is(self) -> None:
        leaks = Leaks()
        dim = leaks.computed("//", DimRef(leaks.read(0)), 2, -1, "n // 2")
        leaks.used(dim, "crop", "shape", arguments=("-1", "3"))  # crop takes all of the axis
        (found,) = rules.check(leaks.trace)
        assert (found.rule, found.message.endswith("the export is silently wrong")) == ("ST102", True)

    @pytest.mark.parametrize(("operand", "told"), [((64, 8), ["ST103"]), ((-1, 8), [])])
    def test_crop_keeps_all_of_an_axis_of_a_size_that_is_known(self, operand: tuple[int, ...], told: list[str]) -> None:
        leaks = Leaks()
        leaks.used(leaks.read(0), "crop", "shape", index=0, arguments=("-1", "3"), operand=operand)
        assert [finding.rule for finding in rules.check(leaks.trace)] == told

    def test_one_dim_to_infer_is_healthy_beside_a_tensor_or_not(self) -> None:
        assert bare("reshape", "shape", "-1", "4") == bare("reshape", "shape", "-1", "?") == []


class TestTheWordsAreTheUsers:
    def test_an_array_is_shortened_to_a_line(self) -> None:
        leaks = Leaks()
        dim = leaks.computed(
            "float", DimRef(leaks.read(0)), 0, "[[-1. -1. -1. -1. -1.]\n [-1. -1. -1. -1. -1.]]", "full(n)"
        )
        leaks.used(dim, "to_tensor", "data")
        (found,) = rules.check(leaks.trace)
        assert "to_tensor got data[0] = [[-1. -1. -1. -1. -1.] [-1. -1. -1. …, computed" in found.message

    @pytest.mark.parametrize(
        ("method", "words", "sign"),
        [
            ("__truediv__", "division by 1 (`h * w`)", "/"),
            ("__rtruediv__", "division of 1 (`h * w`)", "/"),
            ("__mul__", "multiplication by 1 (`h * w`)", "*"),
            ("__rmul__", "multiplication by 1 (`h * w`)", "*"),
            ("__imul__", "multiplication by 1 (`h * w`)", "*"),
            ("__add__", "addition of 1 (`h * w`)", "+"),
            ("__radd__", "addition of 1 (`h * w`)", "+"),
            ("__sub__", "subtraction of 1 (`h * w`)", "-"),
            ("__rsub__", "subtraction from 1 (`h * w`)", "-"),
            ("__floordiv__", "floor division by 1 (`h * w`)", "//"),
            ("__mod__", "the remainder by 1 (`h * w`)", "%"),
            ("__pow__", "a power with the exponent 1 (`h * w`)", "**"),
            ("__rpow__", "a power of 1 (`h * w`)", "**"),
            ("__lt__", "`<` with 1 (`h * w`)", "<"),
        ],
    )
    def test_an_operator(self, method: str, words: str, sign: str) -> None:
        leaks = Leaks()
        dim = leaks.computed("*", DimRef(leaks.read(0)), DimRef(leaks.read(1)), 1, "h * w")
        leaks.used(dim, method, "other_var", index=None)
        (found,) = rules.check(leaks.trace)
        assert found.message == f"{words}, meant as x[0]*x[1]; the export is silently wrong"
        assert found.sink is not None and (found.sink.op, found.sink.argument) == (sign, "")

    @pytest.mark.parametrize(
        ("code", "index", "words"),
        [
            ("x[:, n - 2]", 1, "`x[:, n - 2]` is indexed with -3 (`n - 2`)"),
            ("x[:, :n - 2]", 1, "`x[:, :n - 2]` is sliced with -3 (`n - 2`)"),
            ("x[n - 2]", 0, "`x[n - 2]` is indexed with -3 (`n - 2`)"),
            ("x[n - 2:]", None, "`x[n - 2:]` is sliced with -3 (`n - 2`)"),
            ("x[n - 2]", 1, "`x[n - 2]` takes the index -3 (`n - 2`)"),
            ("x[:, n - 2]", 2, "`x[:, n - 2]` takes the index -3 (`n - 2`)"),
            ("first(x)", 0, "`first(x)` takes the index -3 (`n - 2`)"),
        ],
    )
    def test_indexing(self, code: str, index: int | None, words: str) -> None:
        leaks = Leaks()
        dim = leaks.computed("-", DimRef(leaks.read(0)), 2, -3, "n - 2")
        leaks.used(dim, "__getitem__", "indices", index=index, code=code)
        (found,) = rules.check(leaks.trace)
        assert found.message == f"{words}, meant as x[0] - 2; the export is silently wrong"

    def test_a_bare_dim_says_what_the_number_is_taken_for(self) -> None:
        leaks = Leaks()
        leaks.used(leaks.read(1), "__truediv__", "other_var", index=None)
        (found,) = rules.check(leaks.trace)
        assert (found.rule, found.message) == ("ST103", "division by -1 (`x.shape`): the number is taken as it is")

    def test_a_function_keeps_its_name_and_argument(self) -> None:
        leaks = Leaks()
        leaks.used(leaks.computed("+", DimRef(leaks.read(0)), 9, 8, "n + 9"), "zeros", "shape")
        (found,) = rules.check(leaks.trace)
        assert found.message == (
            "zeros got shape[0] = 8, computed from an unknown dim, meant as x[0] + 9; the export is silently wrong"
        )
