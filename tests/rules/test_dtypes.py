"""ST806: dtypes that do not go together, told by the exception and by what was given."""

from __future__ import annotations

import msgspec
import pytest

from rules.leak import FILE, Leak, tensor
from rules.watched import only_finding, watched
from shapetrace.facts.dtypes import Mixed, NotTaken, refused
from shapetrace.trace import FailedCall, Finding, Op

MIXED = (
    "(InvalidType) Type promotion only support calculations between floating-point numbers and between complex and real numbers. "
    "But got different data type x: float32, y: int64 (at /paddle/phi/common/type_promotion.h:222)"
)
ALIKE = "All the Tensors in the input must have the same data type"
TAKES = "(InvalidType) Check data type error for op: softmax, input: x, x.dtype: int64, and expected_dtype: bfloat16, float32, float64,"
MUST = "The data type of 'index' in gather must be ['int32', 'int64'], but received float32"


def _failed(message: str, *given: str, api: str = "concat") -> list[Finding]:
    """`x` is an input of float32 with a spec at line 7, `ids` is int64 and made at line 31."""
    leak = Leak()
    conversion = leak.program.conversion
    conversion.inputs[0] = msgspec.structs.replace(conversion.inputs[0], site=leak.site(7, 'InputSpec([-1], name="x")'))
    leak.program.file, leak.program.line = FILE, 31
    ids = leak.program.value(len(conversion.ops), "S0; S1", dtype="int64")
    made = leak.site(31, "ids = x.argmax(1)", "forward")
    conversion.ops.append(Op("pd_op.argmax", (leak.x,), (ids,), stack=(made,)))
    long = " + ".join(["x"] * 20)
    known = {
        "long": tensor(code=long, name="x", value=leak.x),
        "x": tensor(code="x", name="x", value=leak.x),
        "ids": tensor(code="ids", name="index", value=ids),
    }
    call = FailedCall("paddle", api, leak.site(40, "x + ids"), arguments=tuple(known[name] for name in given))
    return leak.failed(message, call=call, kind="TypeError").found()


@pytest.mark.parametrize("message", [MIXED, ALIKE])
def test_both_operands_are_told_with_their_dtypes_and_where_they_come_from(message: str) -> None:
    (finding,) = _failed(message, "x", "ids")
    assert (finding.rule, finding.severity) == ("ST806", "error")
    assert finding.message == "concat got x (float32) and ids (int64), and Paddle does not mix these dtypes"
    assert list(finding.notes) == [
        "the input x is float32 by its spec",
        "ids is int64, made at net.py:31: ids = x.argmax(1)",
    ]
    assert finding.source is not None and finding.source.line == 31
    assert finding.fix is not None and finding.fix.says.startswith('cast it: ids.astype("float32")')


def test_a_weight_is_told_with_its_dtype() -> None:
    leak = Leak()
    weight = leak.program.op("builtin.parameter", (), "8; 8", named="linear_0.w_0")
    ids = leak.program.op("pd_op.slice", (leak.x,), "S0")
    leak.program.conversion.values[ids].dtype = "int64"
    given = (tensor(code="", value=weight), tensor(code="ids", value=ids))
    call = FailedCall("paddle", "concat", leak.site(40, "paddle.concat(x, ids)"), arguments=given)
    (finding,) = leak.failed(MIXED, call=call, kind="TypeError").found()
    assert finding.message.startswith("concat got linear_0.w_0 (float32) and ids (int64)")
    assert finding.notes[0] == "the weight linear_0.w_0 is float32"


def test_a_tensor_without_a_name_is_told_by_its_dtype() -> None:
    leak = Leak()
    ids = leak.program.op("pd_op.slice", (leak.x,), "S0")
    leak.program.conversion.values[ids].dtype = "int64"
    given = (tensor(value=leak.program.op("pd_op.relu", (leak.x,), "S0; S1; 8")), tensor(code="ids", value=ids))
    call = FailedCall("paddle", "concat", leak.site(40, "paddle.concat(x, ids)"), arguments=given)
    (finding,) = leak.failed(MIXED, call=call, kind="TypeError").found()
    assert finding.message.startswith("concat got a tensor (float32) and ids (int64)")


def test_an_input_goes_by_its_name_where_it_was_written_at_length() -> None:
    (finding,) = _failed(MIXED, "long", "ids")
    assert finding.message == "concat got x (float32) and ids (int64), and Paddle does not mix these dtypes"


def test_an_operator_is_named_by_the_users_expression() -> None:
    (finding,) = _failed(MIXED, "x", "ids", api="+")
    assert finding.message.startswith("`x + ids` got x (float32) and ids (int64)")


def test_a_dtype_that_is_not_among_the_arguments_is_the_functions_own() -> None:
    (finding,) = _failed(MIXED, "ids", api="Linear")
    assert finding.message == "Linear got float32 of its own and ids (int64), and Paddle does not mix these dtypes"


def test_what_an_op_does_not_take_is_told_with_what_it_takes() -> None:
    (finding,) = _failed(TAKES, "ids", api="softmax")
    assert finding.message == "softmax got ids (int64), and takes bfloat16, float32, float64 only"


def test_the_index_is_meant_where_the_tensor_has_the_same_dtype() -> None:
    leak = Leak()
    rows = leak.program.op("pd_op.slice", (leak.x,), "S0")
    given = (tensor(code="x", name="x", value=leak.x), tensor(code="rows", name="index", value=rows))
    call = FailedCall("paddle", "gather", leak.site(40, "paddle.gather(x, rows)"), arguments=given)
    (finding,) = leak.failed(MUST, call=call, kind="TypeError").found()
    assert finding.message == "gather got rows (float32), and takes int32, int64 only"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Input tensors must be same type, but received type of x: paddle.float32, type of y: paddle.float64", Mixed(("float32", "float64"))),
        ("The DataType of logical_and Op's Variable must be consistent, but received paddle.bool and paddle.float32", Mixed(("bool", "float32"))),
        ("Data Type mismatch: 5 to 3", Mixed()),
        ("The data type of 'x/input' in mean/reduce_mean must be ['uint16', 'float32'], but received bool", NotTaken("bool", ("uint16", "float32"), "x/input")),
        ("The type of 'x' in relu must be Variable, but received <class 'int'>", None),
        ("unsupported operand type(s) for +: 'Value' and 'str'", None),
    ],
)  # fmt: skip
def test_the_message_says_what_is_wrong(message: str, told: Mixed | NotTaken | None) -> None:
    assert refused(message) == told


def test_what_the_users_own_code_raises_is_no_word_of_paddles() -> None:
    leak = Leak()
    given = (tensor(code="x", name="x", value=leak.x),)
    call = FailedCall("python", "join", leak.site(40, "join(x)"), arguments=given)
    assert leak.failed(ALIKE, call=call).found("ST806") == []
    assert leak.failed(ALIKE).found("ST806") == []


@pytest.mark.paddle
def test_a_picture_is_not_joined_with_labels() -> None:
    finding = only_finding("st806_picture_and_labels")
    assert finding["message"] == "concat got x (float32) and labels (int64), and Paddle does not mix these dtypes"


@pytest.mark.paddle
def test_the_healthy_twin_has_no_finding() -> None:
    assert watched("st806_picture_and_labels", "healthy") == {"raised": None, "findings": [], "notes": []}
