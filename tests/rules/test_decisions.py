"""Decisions on dims: which of them would be others at some real size, where two dims are two."""

from __future__ import annotations

from typing import Any

import pytest

from shapetrace import rules
from shapetrace.rules import draws
from shapetrace.trace import DimRecord, DimRef, Failure, Finding
from tests.leaking_traces import Leaks
from uses import use_of


def compared(leaks: Leaks, left: int, sign: str, right: int, result: bool, **more: Any) -> list[Finding]:
    """What is found of a comparison of two dims."""
    code = more.pop("code", "n > m")
    values = [str(leaks.trace.dims[right].value)]
    where = {"conversion": leaks.program.index, "site": leaks.site(5, code), "op": sign, "expression": "n"}
    told = {"arguments": values, "other": right, "result": str(result), "context": "branch", **more}
    leaks.trace.uses.append(use_of("compare", left, **where, **told))
    return rules.check(leaks.trace)


@pytest.mark.parametrize(("sign", "result"), [("==", "True"), ("!=", "False")])
def test_a_dim_that_int_has_converted_is_asked_whether_it_is_unknown(sign: str, result: str) -> None:
    leaks = Leaks()
    converted = DimRecord(-1, "int", (DimRef(leaks.read(0)),), site=leaks.site(2, "int(n)"), skip=0)
    leaks.trace.dims.append(converted)
    dim = len(leaks.trace.dims) - 1
    where = {"conversion": leaks.program.index, "site": leaks.site(5, f"m {sign} -1"), "op": sign, "expression": "m"}
    leaks.trace.uses.append(use_of("compare", dim, **where, against="-1", result=result, context="branch"))
    assert rules.check(leaks.trace) == []


class TestTwoDims:
    @pytest.mark.parametrize(
        ("sign", "result"), [("==", True), ("!=", False), ("<", False), (">", False), ("<=", True)]
    )
    def test_of_two_axes_are_two(self, sign: str, result: bool) -> None:
        leaks = Leaks()
        (found,) = compared(leaks, leaks.read(0), sign, leaks.read(1), result)
        assert (found.rule, found.severity) == ("ST201", "error")
        assert [root.symbol for root in found.roots] == ["x[0]", "x[1]"]

    def test_of_one_axis_are_one(self) -> None:
        leaks = Leaks()
        assert compared(leaks, leaks.read(0), "==", leaks.read(0), True) == []

    def test_areas_are_compared_at_different_sizes(self) -> None:
        leaks = Leaks("S0; S1; S2; S3")
        first = leaks.computed("*", DimRef(leaks.read(0)), DimRef(leaks.read(1)), 1, "a * b")
        second = leaks.computed("*", DimRef(leaks.read(2)), DimRef(leaks.read(3)), 1, "c * d")
        (found,) = compared(leaks, first, "<", second, False)
        assert found.rule == "ST201"

    def test_of_one_name_are_one(self) -> None:
        leaks = Leaks()
        symbols = leaks.program.conversion.symbols
        symbols[:] = [type(symbol)(symbol.key, "B", symbol.input, symbol.axis) for symbol in symbols]
        assert compared(leaks, leaks.read(0), "==", leaks.read(1), True) == []

    def test_that_an_op_has_made_equal_before_they_were_read_are_one(self) -> None:
        leaks = Leaks("S0; S1")
        other = leaks.program.op("pd_op.transpose", (leaks.tensor,), "S1; S0", attrs={"perm": [1, 0]})
        leaks.tensor = leaks.program.op("pd_op.add", (leaks.tensor, other), "S0; S1")
        assert compared(leaks, leaks.read(0), "==", leaks.read(1), True) == []

    def test_that_an_op_makes_equal_only_later_are_two(self) -> None:
        leaks = Leaks("S0; S1")
        first, second = leaks.read(0), leaks.read(1)
        other = leaks.program.op("pd_op.transpose", (leaks.tensor,), "S1; S0", attrs={"perm": [1, 0]})
        leaks.program.op("pd_op.add", (leaks.tensor, other), "S0; S1")
        (found,) = compared(leaks, first, "==", second, True)
        assert found.rule == "ST201"


class TestAnAssert:
    def test_that_passed_is_worth_knowing(self) -> None:
        leaks = Leaks()
        (found,) = compared(leaks, leaks.read(0), "==", leaks.read(1), True, context="assert")
        assert found.severity == "note"
        assert found.message.endswith("is True for an unknown dim, and passed: the export does not check it")

    @pytest.mark.parametrize("context", ["assert", "check"])
    def test_that_failed_is_an_error(self, context: str) -> None:
        leaks = Leaks()
        stack = (leaks.site(5, "n > m"),)
        leaks.program.conversion.failure = Failure("AssertionError", "", stack)
        (found,) = compared(leaks, leaks.read(0), ">", leaks.read(1), False, context=context)
        assert found.severity == "error"

    def test_that_another_function_failed_after_is_worth_knowing(self) -> None:
        leaks = Leaks()
        leaks.program.conversion.failure = Failure("ValueError", "", leaks.trace.conversions[0].ops[0].stack)
        leaks.trace.conversions[0].failure = Failure("ValueError", "", (leaks.site(9, "other()"),))
        leaks.trace.sites[leaks.site(9, "other()")] = type(leaks.trace.sites[0])("/home/ann/other.py", 9)
        other, found = compared(leaks, leaks.read(0), "==", leaks.read(1), True, context="check")
        assert (other.rule, found.severity) == ("ST809", "note")


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("n > m", "a branch"),
        ("max(n, m)", "`max(n, m)`"),
        ("sorted([a, b], key=lambda f: f.shape[2] * f.shape[3], reverse=True)", "`sorted(...)`"),
    ],
)
def test_what_was_decided_is_named(code: str, what: str) -> None:
    leaks = Leaks()
    (found,) = compared(leaks, leaks.read(0), ">", leaks.read(1), False, code=code)
    assert found.message == f"{what} was decided by `n > x.shape[1]`, which is False for an unknown dim"


class TestDraws:
    def test_sizes_of_two_dims_are_alike_near_and_far_apart(self) -> None:
        drawn = [(sizes["a"], sizes["b"]) for sizes in draws.draws([["a"], ["b"]], draws.SIZES)]
        differences = {a - b for a, b in drawn}
        assert {0, 1, -1} <= differences and max(differences) > 100 and min(differences) < -100

    def test_those_that_are_equal_stay_so(self) -> None:
        assert all(sizes["a"] == sizes["c"] for sizes in draws.draws([["a", "c"], ["b"]], draws.SIZES))


class TestUnknownForm:
    """The tensor that a dim was read from is not known, as where the process died in the conversion: it has a size all the same."""

    def indexed(self, other: int) -> list[Finding]:
        """What is found of an index `n - other`, of dims without a tensor; `other` is an axis."""
        leaks = Leaks()
        first = leaks.read(0)
        second = first if other == 0 else leaks.read(other)
        for dim in {first, second}:
            leaks.trace.dims[dim].tensor = -1
        index = leaks.computed("-", DimRef(first), DimRef(second), 0, "n - m")
        where = {"conversion": leaks.program.index, "site": leaks.site(5, "sizes[n - m]"), "expression": "n - m"}
        leaks.trace.uses.append(use_of("subscript", index, **where, container="list"))
        return rules.check(leaks.trace)

    def test_the_same_whatever_the_size(self) -> None:
        assert self.indexed(0) == []

    def test_two_may_differ(self) -> None:
        (found,) = self.indexed(1)
        assert found.rule == "ST203"
