"""ST802: sides of a converted `if` that do not agree, loops that use what they have not, and loops that a tensor cannot leave."""

from __future__ import annotations

import pytest

from rules.flows import NONE, UNSET, Flows, tensor
from shapetrace.trace import State

TWO, THREE = tensor(-1, 4), tensor(-1, 1, 4)


def only(flows: Flows, message: str, name: str = "", code: str = "") -> tuple[str, str]:
    (finding,) = flows.ends(message, name, code)
    return finding.rule, finding.message


def test_the_variable_of_another_rank_is_named_with_its_if_and_the_dim() -> None:
    flows = Flows()
    flows.flow(
        "if n > 4",
        flows.variable("scale", tensor(1), tensor(1), tensor(1)),
        flows.variable("x", TWO, THREE, TWO, line=11),
        dims=(flows.dim(),),
        reads=(flows.site(9, "x.shape", "forward"),),
        data=False,
    )
    (finding,) = flows.ends("Does not support rank inconsistency: rank1=2, rank2=3")
    assert finding.rule == "ST802"
    assert finding.message == "`x` is [?, 1, 4] float32 on one side of `if n > 4`, and [?, 4] float32 on the other"
    assert list(finding.notes) == [
        "Paddle wants one rank for both sides",
        "`n > 4` asks for `x[0]`, which is known only when the program runs, so Paddle makes both sides part of it",
    ]
    assert finding.source is not None and finding.sink is not None
    assert (finding.source.line, finding.sink.line, finding.sink.op) == (9, 10, "if")
    assert [root.symbol for root in finding.roots] == ["x[0]"]
    assert [step.site.line for step in finding.chain if step.site is not None] == [11]


def test_a_conditional_expression_is_called_by_its_code() -> None:
    flows = Flows()
    flows.flow("x.sum()\n if n > 4 else x", flows.variable("", UNSET, tensor(), TWO))
    (finding,) = flows.ends("Does not support rank inconsistency: rank1=0, rank2=2")
    assert finding.message == "`x.sum() if n > 4 else x` is [] float32 on one side and [?, 4] float32 on the other"
    assert finding.chain == ()


def test_a_dict_that_gets_a_key_in_a_loop_is_named_with_its_keys() -> None:
    flows = Flows()
    before = State("dict", "1", keys=("'h'",), items=(TWO,))
    after = State("dict", "2", keys=("'h'", "'last'"), items=(TWO, TWO))
    flows.flow("for i in range(n)", flows.variable("state", before, after, line=11))
    (finding,) = flows.ends("body in while_loop should return the same arity (length and structure) as loop_vars")
    told = "`state` is a dict of 'h' before `for i in range(n)`, and a dict of 'h', 'last' after a turn"
    assert (finding.rule, finding.message) == ("ST802", told)
    assert finding.fix is not None and str(finding.fix.says).startswith("give `state` each of its keys before")


def test_a_dict_by_what_a_loop_counts_has_tensors_for_keys() -> None:
    flows = Flows()
    after = State("dict", "1", keys=("Tensor",), items=(TWO,))
    flows.flow("for i in range(n)", flows.variable("rows", State("dict", "0"), after, line=11))
    (finding,) = flows.ends("Second structure (1 elements) of loop_vars is not the first: the same arity")
    told = "`rows` is an empty dict before `for i in range(n)`, and a dict with a tensor for a key after a turn"
    assert (finding.rule, finding.message) == ("ST802", told)
    assert finding.fix is not None and "append to a list in place of `rows`" in str(finding.fix.says)


def test_what_is_returned_from_a_loop_is_kept_in_a_variable() -> None:
    flows = Flows()
    flows.flow("if h.sum() > 100", flows.variable("__return_value_0", UNSET, TWO, NONE))
    (finding,) = flows.ends("Incompatible return values of `__return_value_0` in false_fn and true_fn")
    assert finding.fix is not None and str(finding.fix.says).startswith("give a tensor back on both sides")


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (tensor(4, dtype="bool"), tensor(4), "Paddle wants one dtype for both sides"),
        (State("int", "1"), State("float", "0.5"), "Paddle wants one type of number for both sides"),
        (State("list", "1", items=(TWO,)), State("list", "2", items=(TWO, TWO)), "Paddle wants one structure for both sides"),
        (State("list", "1", items=(TWO,)), State("list", "1", items=(THREE,)), "Paddle wants one rank for both sides"),
        (State("dict", "1", keys=("'a'",), items=(TWO,)), State("dict", "1", keys=("'b'",), items=(TWO,)), "Paddle wants one structure for both sides"),
        (State("tuple", "2", items=(TWO, TWO)), TWO, "Paddle wants one structure for both sides"),
        (State("str", "'a'"), State("str", "'b'"), "only tensors and numbers can be chosen while the program runs"),
        (State("Linear"), State("Linear"), "only tensors and numbers can be chosen while the program runs"),
    ],
)  # fmt: skip
def test_what_paddle_wants_is_said(one: State, other: State, said: str) -> None:
    flows = Flows()
    flows.flow("if x.sum() > 0", flows.variable("y", UNSET, one, other))
    (finding,) = flows.ends("something else")
    assert (finding.rule, finding.notes[0]) == ("ST802", said)
    assert finding.notes[1] == "`x.sum() > 0` is a tensor, so Paddle makes both sides part of the program"


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        (TWO, THREE, "have `y` the same rank on both sides"),
        (tensor(4, dtype="bool"), tensor(4), "have `y` the same dtype on both sides"),
        (State("int", "1"), State("float", "0.5"), "have `y` the same dtype on both sides"),
        (State("tuple", "2", items=(TWO, TWO)), TWO, "have `y` as many elements on both sides"),
        (State("str", "'a'"), State("str", "'b'"), "choose what is computed"),
    ],
)
def test_what_to_write_goes_by_what_does_not_agree(one: State, other: State, says: str) -> None:
    flows = Flows()
    flows.flow("if x.sum() > 0", flows.variable("y", UNSET, one, other))
    (finding,) = flows.ends("something else")
    assert finding.fix is not None and str(finding.fix.says).startswith(says)


def test_a_condition_of_several_lines_is_told_on_one() -> None:
    flows = Flows()
    flows.flow("if x.sum()\n        > 0", flows.variable("y", UNSET, TWO, State("str", "'a'")))
    (finding,) = flows.ends("something else")
    assert finding.notes[1] == "`x.sum() > 0` is a tensor, so Paddle makes both sides part of the program"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tensor(2, 4), tensor(-1, 4)),
        (State("int", "1"), State("int", "2")),
        (State("int", "1"), tensor()),
        (UNSET, UNSET),
        (NONE, TWO),  # Paddle has a placeholder for it
    ],
)
def test_what_goes_together_is_not_blamed(one: State, other: State) -> None:
    flows = Flows()
    flows.flow("if x.sum() > 0", flows.variable("y", UNSET, one, other))
    assert only(flows, "something else")[0] == "ST809"


def test_the_variable_that_paddle_names_comes_first() -> None:
    flows = Flows()
    sides = (
        flows.variable("a", UNSET, TWO, THREE),
        flows.variable("k", UNSET, State("int", "1"), State("float", "2.0")),
    )
    flows.flow("if x.sum() > 0", *sides)
    told = "Unsupported return type of true_fn and false_fn in cond: false_var returned `k` by false_fn is `2.0`"
    assert only(flows, told) == ("ST802", "`k` is 1 on one side of `if x.sum() > 0`, and 2.0 on the other")


def test_an_early_return_of_none_is_told_as_what_the_function_returns() -> None:
    flows = Flows()
    flows.flow(
        "if n == 0",
        flows.variable("__return_0", State("bool", "False"), tensor(dtype="bool"), State("bool", "False")),
        flows.variable("__return_value_0", NONE, NONE, TWO, line=11),
    )
    message = "false_var returned `__return_value_0` by false_fn is `None` and true_var of true_fn is `Value(...)`"
    assert only(flows, message) == (
        "ST802",
        "what `forward` returns is None on one side of `if n == 0`, and [?, 4] float32 on the other",
    )


def test_a_variable_that_one_side_does_not_assign_is_no_reason_where_another_is() -> None:
    flows = Flows()
    flows.flow("if n > 1", flows.variable("extra", UNSET, TWO, UNSET), flows.variable("x", TWO, THREE, TWO))
    assert only(flows, "rank inconsistency")[1].startswith("`x` is")


def test_who_meets_none_of_one_side_is_told_of_the_if() -> None:
    flows = Flows()
    flows.flow("if n > 1", flows.variable("mask", NONE, TWO, NONE, line=11), ended="")
    (finding,) = flows.ends("'UndefinedVar' object has no attribute 'reshape'", "mask", "mask.reshape")
    assert finding.message == "`mask` is None on one side of `if n > 1`, and `mask.reshape` uses it as a tensor"
    assert finding.sink is not None and finding.sink.line == 10
    assert [step.value for step in finding.chain] == ["[?, 4] float32", "UndefinedVar"]


def test_the_last_if_is_blamed_and_an_agreeing_one_never() -> None:
    flows = Flows()
    flows.flow("if n > 1", flows.variable("mask", NONE, TWO, NONE), ended="")
    flows.flow("if n > 2", flows.variable("mask", NONE, TWO, NONE), ended="", line=20)
    flows.flow("if n > 3", flows.variable("mask", NONE, TWO, TWO), ended="", line=30)
    assert "`if n > 2`" in only(flows, "UndefinedVar", "mask", "mask * x")[1]


def test_a_placeholder_without_a_name_is_known_by_the_expression() -> None:
    flows = Flows()
    flows.flow("if n > 1", flows.variable("mask", NONE, TWO, NONE), ended="")
    assert only(flows, "UndefinedVar", "padding", "mask")[0] == "ST802"


def test_a_placeholder_that_no_statement_explains_is_left_to_the_last_resort() -> None:
    flows = Flows()
    flows.flow("if n > 1", flows.variable("mask", NONE, TWO, TWO), ended="")
    assert only(flows, "UndefinedVar", "other", "other")[0] == "ST809"


def test_a_loop_that_needs_what_it_has_not_is_told_before_the_if_in_it() -> None:
    flows = Flows()
    flows.flow("for i in range(n)", flows.variable("total", UNSET, line=12), ended="inside")
    flows.flow("if i == 0", flows.variable("total", UNSET, TWO), ended="inside", line=11, parent=0)
    (finding,) = flows.ends("UndefinedVar", "total", "total + x")
    assert finding.message == "`total` has no value before `for i in range(n)`, and `total + x` in it needs one"
    assert finding.sink is not None and (finding.sink.line, finding.sink.op) == (10, "for")
    assert [step.value for step in finding.chain] == ["[?, 4] float32", "UndefinedVar"]


@pytest.mark.parametrize(("flag", "word"), [("__break_0", "break"), ("__return_1", "return")])
def test_a_break_under_a_tensor_cannot_end_a_loop_that_python_counts(flag: str, word: str) -> None:
    flows = Flows()
    flows.flow("for i in range(5)", counted=True, condition="range(5)")
    off, on = State("bool", "False"), State("bool", "True")
    flows.flow("if x.sum() > 9", flows.variable(flag, off, on, off, line=12), ended="", line=11, parent=0)
    (finding,) = flows.ends("python while pred change from bool to variable.")
    assert finding.message == f"`{word}` under `if x.sum() > 9` cannot end `for i in range(5)`"
    assert finding.sink is not None and finding.sink.line == 11
    assert finding.fix is not None and "range(paddle.full([], 5, 'int64'))" in finding.fix.says


def test_a_loop_whose_condition_becomes_a_tensor_is_told_itself() -> None:
    flows = Flows()
    flows.flow("while go", counted=True)
    assert only(flows, "python while pred change from bool to variable.") == (
        "ST802",
        "the condition of `while go` begins as a number, and becomes a tensor in the loop",
    )


def test_statements_of_a_conversion_that_did_not_fail_are_fine() -> None:
    flows = Flows()
    flows.flow("if n > 1", flows.variable("mask", NONE, TWO, NONE), ended="")
    assert flows.found() == []


@pytest.mark.parametrize("statement", ['raise ValueError("odd")', "sys.exit(2)"])
def test_a_raise_on_one_side_runs_in_each_conversion(statement: str) -> None:
    flows = Flows()
    flows.flow("if n % 2", line=10, ended="inside", last_line=11)
    message = f"`{statement}` runs in each conversion: `if n % 2` is converted, and so are both of its sides"
    (finding,) = flows.ends("odd", code=statement, line=11)
    assert (finding.rule, finding.message) == ("ST802", message)
    assert [step.site.line for step in finding.chain if step.site is not None] == [11]


def test_a_raise_that_no_converted_if_holds_is_no_matter_of_sides() -> None:
    flows = Flows()
    flows.flow("if n % 2", line=10, ended="inside", last_line=11)
    (finding,) = flows.ends("odd", code='raise ValueError("odd")', line=20)
    assert finding.rule == "ST809"
