"""ST804: what needs the value of a tensor, told by the exception, the tensor and where it comes from."""

from __future__ import annotations

import msgspec
import pytest

from rules.leak import FILE, Leak, tensor
from rules.watched import only_finding, watched
from shapetrace.facts.wanted import wanted
from shapetrace.trace import FailedCall, Finding, Given, TensorUse

MAGIC = (
    "bool(Tensor) is not supported in static graph mode. Because it's value is not available during the static mode."
)


def _failed(
    needed: Given | None, message: str = MAGIC, kind: str = "TypeError", rewritten: bool = True
) -> list[Finding]:
    leak = Leak()
    if needed is not None and needed.value == -1:
        leak.program.line = 31
        leak.program.conversion.inputs[0] = msgspec.structs.replace(
            leak.program.conversion.inputs[0], site=leak.site(7)
        )
        mean = leak.program.op("pd_op.mean", (leak.x,), "")
        needed = msgspec.structs.replace(needed, value=mean)
    call = FailedCall("python", "max", leak.site(40, "max(mean, 1)"), needed=needed, rewritten=rewritten)
    return leak.failed(message, call=call, kind=kind).found("ST804", "ST809")


def test_the_expression_the_tensor_and_the_input_are_named() -> None:
    (finding,) = _failed(tensor(code="mean"))
    assert finding.message == "`max(mean, 1)` needs the value of `mean`, and no tensor has one in a conversion"
    assert list(finding.notes) == ["it is computed from x, whose values come with the data of each run"]
    assert (finding.rule, finding.severity) == ("ST804", "error")
    assert finding.sink is not None and (finding.sink.file, finding.sink.line) == (FILE, 40)
    assert finding.source is not None and finding.source.line == 31
    assert finding.fix is not None and finding.fix.says.startswith(
        "an `if`, `and`, `or` or conditional expression in code that Paddle converts"
    )


@pytest.mark.parametrize(
    "message",
    [
        "The type of received input == `object`, it is not supported to convert to tensor",
        "Unsupported paddle.assign([Variable, Variable...]) with non-scalar variable.",
    ],
)
def test_an_array_of_numpys_that_holds_tensors(message: str) -> None:
    leak = Leak()
    array = (Given("ndarray", "data", code="text"),)
    call = FailedCall("paddle", "to_tensor", leak.site(40, "paddle.to_tensor(text)"), "", array)
    (finding,) = leak.failed(message, call=call, kind="TypeError").found("ST804", "ST809")
    assert finding.message == "to_tensor needs numbers, and `text` is an array of NumPy's that holds tensors"
    assert finding.sink is not None and finding.sink.line == 40


def test_an_input_itself_is_told_at_its_spec_as_a_value_that_may_be_given() -> None:
    leak = Leak("2")
    leak.program.conversion.inputs[0] = msgspec.structs.replace(
        leak.program.conversion.inputs[0], shape=(2,), site=leak.site(7, "InputSpec([2])")
    )
    call = FailedCall("python", ".tolist", leak.site(40, "x.tolist()"), needed=tensor(2, code="x", value=leak.x))
    message = "'tolist' only can be called by 'paddle.Tensor' in dynamic graph mode"
    (finding,) = leak.failed(message, call=call, kind="AssertionError").found("ST804")
    assert list(finding.notes) == [
        "it is the input x: its value comes with the data of each run",
        "where x is the same in all runs, give its value in the place of its spec: it is a constant of the export then",
    ]
    assert finding.source is not None and finding.source.line == 7


def test_what_comes_of_a_size_is_not_said_to_come_of_values() -> None:
    leak = Leak("S0; 2")
    size = leak.program.op("pd_op.shape64", [leak.x], "2", data="S0; 2")
    size = leak.program.op("pd_op.slice", [size], "", data="S0")
    call = FailedCall("python", "[]", leak.site(40, "table[shift]"), needed=tensor(code="shift", value=size))
    message = "list indices must be integers or slices, not paddle.base.libpaddle.pir.Value"
    (finding,) = leak.failed(message, call=call, kind="TypeError").found("ST804")
    assert list(finding.notes) == []


def test_code_that_is_not_converted_is_said_to_be_so() -> None:
    (finding,) = _failed(tensor(code="mean"), "object of type 'Variable' has no len()", rewritten=False)
    assert finding.message.startswith("`max(mean, 1)` needs the length of `mean`")
    assert list(finding.notes) == ["Paddle has not converted this function, so that Python runs it as it stands"]


def test_a_tensor_that_cannot_be_told_is_no_reason_for_silence() -> None:
    (finding,) = _failed(None, "must be real number, not Variable")
    assert (finding.rule, finding.message) == (
        "ST804",
        "`max(mean, 1)` needs the value of a tensor, and no tensor has one in a conversion",
    )


@pytest.mark.parametrize(
    "message",
    [
        "unsupported operand type(s) for +: 'Value' and 'NoneType'",
        "'paddle.base.libpaddle.pir.Value' object is not callable",
        "cannot unpack non-iterable Value object",
        "'paddle.base.libpaddle.pir.Value' object has no attribute 'bar'",
    ],
)
def test_what_is_raised_over_something_else_is_another_exception(message: str) -> None:
    (finding,) = _failed(tensor(code="mean"), message)
    assert finding.rule == "ST809"


def test_a_dim_is_told_by_st601_alone() -> None:
    leak = Leak()
    held = tensor(code="n", value=leak.program.read(leak.x, "S0; S1; 8", 0, "S0"), reads=(leak.site(20, "x.shape"),))
    call = FailedCall("python", "max", leak.site(40, "max(n, 1)"), arguments=(held,))
    assert [each.rule for each in leak.failed(MAGIC, call=call, kind="TypeError").found()] == ["ST601"]


def test_what_paddle_2_takes_for_true_is_a_warning() -> None:
    leak = Leak()
    larger = leak.program.op("pd_op.greater_than", (leak.x, leak.x), "")
    leak.trace.tensor_uses.append(TensorUse("truth", 0, leak.site(40, "max(a, b)"), tensor(value=larger)))
    (finding,) = leak.found("ST804", "ST602")
    assert (finding.rule, finding.severity) == ("ST804", "warning")
    assert finding.message.startswith("`max(a, b)` is decided by accident")


@pytest.mark.parametrize(
    ("kind", "message", "want"),
    [
        (
            "TypeError",
            "int() argument must be a string, a bytes-like object or a real number, not 'Variable'",
            "number",
        ),
        ("TypeError", "list indices must be integers or slices, not Variable", "integer"),
        ("TypeError", "'paddle.base.libpaddle.pir.Value' object cannot be interpreted as an integer", "integer"),
        ("TypeError", "%d format: a real number is required, not Variable", "text"),
        ("AttributeError", "'Variable' object has no attribute 'tolist'", "list"),
        ("KeyError", "Value(define_op_name=pd_op.cast, index=0)", "key"),
        ("TypeError", "unsupported operand type(s) for +: 'Value' and 'NoneType'", None),
    ],
)
def test_what_was_wanted_is_told_by_the_message(kind: str, message: str, want: str | None) -> None:
    assert wanted(kind, message) == want


@pytest.mark.paddle
def test_a_root_by_python_is_told_at_its_line() -> None:
    finding = only_finding("st804_root_by_python")
    assert finding["rule"] == "ST804"
    assert finding["message"].startswith("`math.sqrt(strength)` needs the value of `strength`")
    assert finding["source"]["code"] == "strength = x.square().mean()"


@pytest.mark.paddle
def test_the_healthy_twin_has_no_finding() -> None:
    assert watched("st804_root_by_python", "healthy") == {"raised": None, "findings": [], "notes": []}
