"""What tells one verdict from another: each line here is a condition of a rule that a change could turn round unseen."""

from __future__ import annotations

import pytest

from rules.leak import Leak, number, tensor
from shapetrace.trace import DimRef, FailedCall, Given, TensorUse

REFUSED = "But received shape[1] = -8."


def n_times(leak: Leak, factor: int) -> int:
    return leak.computed(-factor, "*", DimRef(leak.n), factor)


# ST1xx


def test_of_several_dims_the_one_that_paddle_names_is_blamed() -> None:
    leak = Leak()
    three, eight = n_times(leak, 3), n_times(leak, 8)
    for dim, index, expression in ((three, 0, "n * 3"), (eight, 1, "n * 8"), (leak.m, 2, "m")):
        leak.used("op", dim, op="reshape", argument="shape", index=index, raised=0, expression=expression)
    (finding,) = leak.failed(REFUSED).found("ST101")
    assert (finding.expression, finding.python_value) == ("n * 8", -8)


def test_where_paddle_names_none_a_computed_dim_is_blamed_before_one_that_was_read_and_the_first_before_the_next() -> (
    None
):
    leak = Leak()
    three, eight = n_times(leak, 3), n_times(leak, 8)
    for dim, index, expression in ((leak.n, 0, "n"), (eight, 2, "n * 8"), (three, 1, "n * 3")):
        leak.used("op", dim, op="reshape", argument="shape", index=index, raised=0, expression=expression)
    (finding,) = leak.failed("it does not fit").found("ST101")
    assert finding.expression == "n * 3"


@pytest.mark.parametrize(
    ("arguments", "read", "said"),
    [
        (("-8", "4"), False, "Paddle refuses it at conversion"),
        (("-8", "?"), False, "the exported model fails at every run"),
        (("-1", "-1", "4"), True, "Paddle refuses it at conversion"),
        (("-1", "-1", "?"), True, "the exported model fails at every run"),
    ],
)
def test_a_tensor_beside_it_puts_the_failure_off(arguments: tuple[str, ...], read: bool, said: str) -> None:
    leak = Leak()
    dim = leak.n if read else n_times(leak, 8)
    leak.used("op", dim, op="reshape", argument="shape", index=0, arguments=arguments)
    (finding,) = leak.found("ST101")
    assert said in finding.message


@pytest.mark.parametrize(
    ("arguments", "told"), [(("-1", "4"), []), (("-1", "?"), []), (("-1", "-1"), [("ST101", "error")])]
)
def test_one_unknown_size_is_inferred_by_a_reshape(arguments: tuple[str, ...], told: list[tuple[str, str]]) -> None:
    leak = Leak()
    leak.used("op", leak.n, op="reshape", argument="shape", index=0, arguments=arguments)
    assert leak.told() == told


def test_what_paddle_refused_and_the_model_caught_is_invalid() -> None:
    leak = Leak()
    leak.used("op", n_times(leak, 8), op="reshape", argument="shape", index=0, arguments=("-8",), refused=True)
    (finding,) = leak.found("ST101")
    assert "the model's own `except` took the fallback" in finding.message


@pytest.mark.parametrize("flag", ["healed", "raised"])
def test_what_was_healed_or_ended_the_conversion_is_no_constant(flag: str) -> None:
    leak = Leak()
    leak.used("op", n_times(leak, 8), op="full", argument="fill_value", **{flag: True if flag == "healed" else 0})
    assert leak.failed("...").told("ST102", "ST103") == []


def test_a_computed_minus_one_is_as_good_as_a_read_one_where_that_is_inferred() -> None:
    """`-(-(n))` is -1 again; `n + 2` is 1, and baked in. But where -1 means nothing it is as wrong as any number."""
    leak = Leak()
    twice = leak.computed(-1, "-", leak.n, 0)
    leak.trace.dims[twice].operands = (DimRef(leak.n), 0)
    leak.used("op", twice, op="reshape", argument="shape", index=0, arguments=("-1", "4"))
    assert leak.told() == []
    leak.used("op", twice, 41, op="full", argument="fill_value")
    assert leak.told() == [("ST102", "error")]


def test_a_plausible_number_is_a_wrong_constant_unless_no_size_changes_it() -> None:
    leak = Leak()
    leak.used("op", leak.computed(1, "+", DimRef(leak.n), 2), op="reshape", argument="shape", index=0, arguments=("1",))
    leak.used("op", leak.computed(5, "+", leak.computed(0, "-", DimRef(leak.n), DimRef(leak.n)), 5), 41, op="zeros")
    leak.trace.dims[-1].operands = (DimRef(len(leak.trace.dims) - 2), 5)
    assert [finding.sink.line for finding in leak.found() if finding.sink] == [40]
    assert leak.told() == [("ST102", "error")]


def test_a_dim_of_another_conversion_is_told_once() -> None:
    leak = Leak()
    dim = n_times(leak, 8)
    later = leak.trace.add(type(leak.program.conversion)(function="Later.forward"))
    leak.used("op", dim, op="full", argument="fill_value", conversion=later)
    assert leak.told() == [("ST401", "error")]
    assert "of the conversion of Net.forward, was used in that of Later.forward" in leak.found()[0].message


def test_a_dim_that_is_used_outside_of_any_conversion_is_not_stale() -> None:
    leak = Leak()
    leak.used("compare", leak.n, op=">", arguments=("3",), result="False", context="guard", conversion=-1)
    assert leak.told("ST401") == []


def test_of_the_first_conversion_too_a_dim_can_be_stale() -> None:
    leak = Leak()
    later = leak.trace.add(type(leak.program.conversion)(function="Later.forward"))
    leak.used("text", leak.n, conversion=later, context="message")
    assert ("ST401", "error") in leak.told()
    stored = Leak()
    later = stored.trace.add(type(stored.program.conversion)(function="Later.forward"))
    stored.used("stored", stored.n, conversion=later, op="self")
    assert stored.told() == [("ST402", "warning")]


# ST2xx


def compared(
    leak: Leak, dim: int, op: str, other: str, result: bool, context: str = "branch", **fields: object
) -> Leak:
    return leak.used("compare", dim, op=op, arguments=(other,), result=str(result), context=context, **fields)


@pytest.mark.parametrize(
    ("op", "other", "result", "context", "told"),
    [
        (">", "7", False, "branch", ["ST201"]),
        (">", "7", False, "guard", ["ST201"]),
        (">", "0", False, "guard", []),  # true at every size, and asked of a bare dim: whether it is known
        (">", "-2", True, "branch", []),  # true at every size, and for -1 too
        ("==", "-1", True, "branch", []),
        ("!=", "-1", False, "branch", []),
        ("==", "7", False, "loop", ["ST202"]),
        (">", "-2", True, "loop", []),
        ("<", "None", True, "branch", []),
    ],
)
def test_a_decision_is_wrong_where_a_size_would_decide_otherwise(
    op: str, other: str, result: bool, context: str, told: list[str]
) -> None:
    leak = Leak()
    compared(leak, leak.n, op, other, result, context)
    assert [rule for rule, _ in leak.told()] == told


@pytest.mark.parametrize(
    ("op", "other", "result", "told"),
    [("<", "0", True, False), (">", "0", False, False), ("==", "-1", True, False), ("<", "4", True, True), ("==", "4", False, True)],
)  # fmt: skip
def test_an_array_of_a_whole_shape_is_asked_whether_a_dim_is_unknown(
    op: str, other: str, result: bool, told: bool
) -> None:
    leak = Leak()
    compared(leak, leak.computed(-1, "array", DimRef(leak.n)), op, other, result, "guard")
    assert leak.told("ST201") == [("ST201", "error")] * told


def test_a_guard_on_what_was_computed_is_a_decision() -> None:
    """`n > 0` asks whether the size is known; `n * 8 > 0` is wrong at every size."""
    leak = Leak()
    compared(leak, n_times(leak, 8), ">", "0", False, "guard")
    assert leak.told() == [("ST201", "error")]


def test_two_dims_are_compared_at_sizes_of_their_own() -> None:
    leak = Leak()
    leak.used("compare", leak.n, op="==", arguments=("-1",), result="True", other=leak.m)
    assert leak.told() == [("ST201", "error")]
    same = Leak()
    same.used("compare", same.n, op="==", arguments=("-1",), result="True", other=same.read(0))
    assert same.told() == []


def test_an_assert_is_called_so() -> None:
    leak = Leak()
    compared(leak, leak.n, ">", "7", False, "assert").failed("", kind="AssertionError")
    assert leak.found()[0].message.startswith("an assert was decided by")
    branch = Leak()
    compared(branch, branch.n, ">", "7", False, code="n > 7")
    assert branch.found()[0].message.startswith("a branch was decided by")


def test_a_loop_or_an_index_that_no_size_changes_is_healthy() -> None:
    leak = Leak()
    none = leak.computed(0, "-", DimRef(leak.n), DimRef(leak.n))
    for dim, line in ((none, 40), (leak.n, 41)):
        leak.used("range", dim, line, result="0")
        leak.used("subscript", dim, line, arguments=("list",))
        leak.used("operand", dim, line, arguments=("tuple",), op="*")
    assert [(finding.rule, finding.sink.line) for finding in leak.found() if finding.sink] == [
        ("ST202", 41),
        ("ST203", 41),
        ("ST203", 41),
    ]


# ST3xx


def test_text_for_people_is_a_note_and_a_key_a_warning() -> None:
    for context, severity in (("message", "note"), ("", "warning")):
        leak = Leak()
        leak.used("text", leak.n, context=context)
        assert leak.told("ST303") == [("ST303", severity)]
    leak = Leak()
    leak.used("hash", leak.n)
    assert leak.told("ST303") == [("ST303", "warning")]


def test_a_float_that_was_healed_is_no_longer_minus_one() -> None:
    for healed in (True, False):
        leak = Leak()
        half = leak.computed(-0.5, "*", DimRef(leak.n), 0.5)  # type: ignore[arg-type]
        leak.used("op", half, op="full", argument="fill_value", healed=healed)
        assert leak.told() == ([] if healed else [("ST301", "error")])


@pytest.mark.parametrize("found", [True, False])
def test_a_lookup_that_finds_minus_one_asks_whether_the_dim_is_known(found: bool) -> None:
    leak = Leak()
    compared(leak, leak.n, "==", "-1", found).used("hash", leak.n)
    assert leak.told("ST303") == ([] if found else [("ST303", "warning")])


@pytest.mark.parametrize(
    ("kind", "context"),
    [*((kind, "") for kind in ("text", "hash", "float", "int", "index", "operand")), *((kind, "numpy") for kind in ("int", "index", "operand"))],
)  # fmt: skip
def test_what_leaves_int_is_told_where_a_size_changes_it(kind: str, context: str) -> None:
    leak = Leak()
    none = leak.computed(0, "-", DimRef(leak.n), DimRef(leak.n))
    for dim, line in ((none, 40), (leak.n, 41)):
        leak.used(kind, dim, line, context=context, result="-1.0", arguments=("float",))
    assert [finding.sink.line for finding in leak.found() if finding.sink] == [41]


# ST6xx


def tensor_use(leak: Leak, line: int) -> TensorUse:
    site = leak.site(line, "TABLE[n]")
    return TensorUse("lookup", 0, site, tensor(1, code="n", value=0, reads=(leak.site(20, "x.shape"),)), "1 and 2")


def test_a_lookup_that_raised_is_not_also_silent() -> None:
    leak = Leak()
    leak.trace.tensor_uses = [tensor_use(leak, 40), tensor_use(leak, 41)]
    leak.failed("KeyError", call=FailedCall("python", "[]", leak.site(40, "TABLE[n]")))
    assert [finding.sink.line for finding in leak.found("ST602") if finding.sink] == [41]


def test_a_product_of_a_list_is_no_601() -> None:
    leak = Leak()
    size = tensor(1, code="n", value=0, reads=(leak.site(20, "x.shape"),))
    listed = Given("list", items=(number(0),))
    leak.failed("", call=FailedCall("python", "*", leak.site(40, "[0] * n"), arguments=(listed, size)))
    assert leak.told() == [("ST703", "error")]
    other = Leak()
    call = FailedCall("python", "max", other.site(40, "max(n, 1)"), arguments=(size, number(1)))
    assert other.failed("", call=call).told() == [("ST601", "error")]


# ST7xx


def axis_call(leak: Leak, api: str, axis: int, shape: tuple[int, ...] = (2, 3)) -> FailedCall:
    operand = tensor(*shape, code="x", name="x")
    return FailedCall("paddle", api, leak.site(40, f"{api}(x, {axis})"), op=api, arguments=(operand, number(axis, "axis")), operands=(operand,))  # fmt: skip


@pytest.mark.parametrize(
    ("api", "axis", "told"),
    [("sum", 1, False), ("sum", 2, True), ("sum", -2, False), ("sum", -3, True), ("unsqueeze", 2, False),
     ("unsqueeze", -3, False), ("unsqueeze", 3, True), ("paddle.stack", 2, False), ("stack", 3, True)],
)  # fmt: skip
def test_an_axis_is_out_of_range_from_the_rank_on_and_one_later_for_a_new_axis(api: str, axis: int, told: bool) -> None:
    leak = Leak()
    leak.failed("axis out of range", call=axis_call(leak, api, axis), kind="RuntimeError")
    assert bool(leak.told("ST702")) == told


@pytest.mark.parametrize("kind", ["range", "truth", "compare", "operand"])
def test_after_a_decision_on_a_leak_a_misfit_is_not_told(kind: str) -> None:
    leak = Leak()
    leak.used(kind, leak.n, op=">", arguments=("7",), result="False", context="branch")
    leak.failed("axis out of range", call=axis_call(leak, "sum", 2))
    assert leak.told("ST702") == []


@pytest.mark.parametrize("raised", [0, -1])
def test_beside_a_leak_that_raised_a_misfit_is_not_told(raised: int) -> None:
    leak = Leak()
    leak.used("op", n_times(leak, 8), op="reshape", argument="shape", index=0, raised=raised, arguments=("-8",))
    leak.failed("axis out of range", call=axis_call(leak, "sum", 2))
    assert leak.told("ST702") == ([] if raised == 0 else [("ST702", "error")])


# What Python refuses


@pytest.mark.parametrize(
    ("op", "context", "rule"),
    [("//", "", "ST301"), ("[]", "", "ST203"), ("[]", "numpy", "ST302"), ("int", "numpy", "ST302")],
)
def test_one_rule_tells_of_a_refusal(op: str, context: str, rule: str) -> None:
    leak = Leak().failed("division by zero", kind="ZeroDivisionError")
    dim = leak.computed(0, "+", DimRef(leak.n), 1)
    leak.used("refused", dim, op=op, context=context, arguments=("ZeroDivisionError",), raised=0)
    (finding,) = leak.found()
    assert (finding.rule, finding.severity) == (rule, "error")
    assert (
        finding.message == "`use(n)` raises ZeroDivisionError over 0, computed from an unknown dim, meant as x[0] + 1"
    )


def test_a_refusal_that_the_model_catches_bakes_its_fallback_in() -> None:
    leak = Leak()
    leak.used("refused", leak.n, op="math.log", arguments=("ValueError",))
    (finding,) = leak.found()
    assert finding.message.endswith(
        "over -1, an unknown dim: the model's own `except` took the fallback, which is baked in"
    )


def test_of_several_dims_that_are_refused_a_computed_one_is_told() -> None:
    leak = Leak()
    dim = leak.computed(0, "+", DimRef(leak.n), 1)
    for each in (leak.m, dim):
        leak.used("refused", each, op="math.comb", arguments=("ValueError",))
    (finding,) = leak.found()
    assert finding.python_value == 0


def test_what_is_refused_at_every_size_is_no_fault_of_a_dim() -> None:
    leak = Leak()
    dim = leak.computed(0, "-", DimRef(leak.n), DimRef(leak.n))
    assert leak.used("refused", dim, op="//", arguments=("ZeroDivisionError",)).told() == []


def test_nothing_else_is_told_of_what_a_refused_call_did_before_it_raised() -> None:
    leak = Leak()
    for kind, context in (("float", ""), ("int", "numpy"), ("subscript", "")):
        leak.used(kind, leak.n, op=kind, context=context, arguments=("list",), result="-1.0")
    leak.used("refused", leak.n, op="math.sqrt", arguments=("ValueError",))
    assert leak.told() == [("ST301", "error")]
