"""ST803: a list that a converted loop made an array of tensors, and who takes it for a list."""

from __future__ import annotations

import pytest

from rules.flows import Flows, tensor
from shapetrace.trace import FailedCall, Failure, Finding, Given, State

LOOP = "for i in range(n)"
EMPTY, ARRAY = State("list", "0"), State("TensorArray")


def grown(*, ended: str = "") -> tuple[Flows, Given]:
    """A loop in which `rows` became an array, and that array as an argument."""
    flows = Flows()
    flows.flow(LOOP, flows.variable("rows", EMPTY, ARRAY), ended=ended)
    value = flows.program.op("pd_op.array_write_", [flows.x], "")
    flows.program.conversion.values[value].dtype = "pd_op.tensor_array<f32>"
    return flows, Given("Tensor", code="rows", value=value)


def of(
    flows: Flows, message: str, code: str, *arguments: Given, api: str = "append", kind: str = "TypeError"
) -> Finding:
    site = flows.site(40, code, "forward")
    call = FailedCall("paddle", api, site, arguments=arguments)
    flows.program.conversion.failure = Failure(kind, message, (site,), call)
    (finding,) = flows.found()
    return finding


@pytest.mark.parametrize(
    ("kind", "code", "what", "fix"),
    [
        ("list", "box.shape", "a list", "append a tensor: paddle.shape(box)"),
        ("tuple", "(a, b)", "a tuple", "append a tensor, paddle.stack of these, or have one list for each of them"),
        ("int", "3", "int", "append a tensor: paddle.full([], 3)"),
        ("dict", "{'a': a}", "a dict", "have one list for each key, and append tensors"),
    ],
)
def test_what_is_no_tensor_cannot_be_appended(kind: str, code: str, what: str, fix: str) -> None:
    flows, rows = grown(ended="inside")
    message = f"x should be pir.Value, but received <class '{kind}'>."
    finding = of(flows, message, f"rows.append({code})", rows, Given(kind, code=code))
    assert finding.rule == "ST803"
    assert (
        finding.message
        == f"`rows` is an array of tensors in `{LOOP}`, and `{code}`, which is appended to it, is {what}"
    )
    assert finding.fix is not None and finding.fix.says == fix
    assert finding.sink is not None and finding.sink.line == 40
    assert [step.site.line for step in finding.chain if step.site is not None] == [10]


def test_an_op_that_gets_the_array_is_told_of_the_loop_and_not_of_its_axes() -> None:
    flows, rows = grown()
    finding = of(flows, "Only support DenseTensorType", "rows[::-1]", rows, api="[]", kind="NotImplementedError")
    assert (finding.rule, finding.message) == (
        "ST803",
        f"`rows[::-1]` takes `rows` for a list, and in `{LOOP}` it became an array of tensors",
    )


def test_a_condition_that_is_the_array_is_told_to_ask_for_the_length() -> None:
    flows, rows = grown()
    finding = of(flows, "Only support DenseTensorType", "if not rows:\n    return x", rows, kind="NotImplementedError")
    assert finding.fix is not None and finding.fix.says == "ask for its length: len(rows) == 0"


def test_in_a_helper_the_array_has_the_name_that_it_grew_under() -> None:
    flows, rows = grown()
    parts = Given("Tensor", code="parts", value=rows.value)
    finding = of(flows, "Only support", "paddle.add_n(parts)", parts, api="add_n", kind="NotImplementedError")
    assert finding.message.startswith("`paddle.add_n(parts)` takes `rows` for a list")


def test_a_tensor_beside_an_array_is_not_blamed() -> None:
    flows, _ = grown()
    finding = of(flows, "refused", "relu(x)", Given("Tensor", code="x", value=flows.x), api="relu")
    assert finding.rule == "ST809"


def test_a_list_that_grows_by_addition_is_told_to_append() -> None:
    flows = Flows()
    flows.flow(LOOP, flows.variable("rows", EMPTY, State("list", "1", items=(tensor(8),)), line=12))
    (finding,) = flows.ends("First structure (0 elements): []")
    assert finding.message == f"`rows` has 0 elements before `{LOOP}`, and 1 after a turn"
    assert finding.sink is not None and finding.sink.line == 12


def test_a_list_that_is_returned_makes_an_export_that_fails() -> None:
    flows, rows = grown()
    assert flows.found() == []
    flows.program.conversion.outputs = (rows.value,)
    (finding,) = flows.found()
    assert (finding.rule, finding.severity) == ("ST803", "error")
    assert (
        finding.message
        == f"`rows` is returned, and in `{LOOP}` it became an array of tensors: every run of the export fails"
    )


def test_an_attribute_that_cannot_be_set_is_another_matter() -> None:
    flows, _ = grown()
    site = flows.site(40, "self.kept = rows", "forward")
    call = FailedCall("paddle", "__setattr__", -1)
    flows.program.conversion.failure = Failure("AttributeError", "can't set attribute 'kept'", (site,), call)
    assert [found for found in flows.found() if found.rule == "ST803"] == []
    flows.program.conversion.failure = Failure("KeyError", "'Net' object has no attribute 'kept'", (site,), call)
    assert [found for found in flows.found() if found.rule == "ST803"] == []
