"""What ops ask of their operands, proved from recorded shapes alone."""

from __future__ import annotations

import pytest

from shapetrace.rules import constraints
from shapetrace.trace import FailedCall, Given


def tensor(*shape: int, code: str = "") -> Given:
    return Given("Tensor", code=code, shape=shape)


def number(value: int) -> Given:
    return Given("int", text=str(value))


def numbers(*values: int) -> Given:
    return Given("list", items=tuple(map(number, values)))


def call(op: str, *operands: Given) -> FailedCall:
    return FailedCall(by="paddle", api=op, op=op, operands=operands)


X = tensor(-1, 8, 64, code="x")


def clash(failed: FailedCall) -> constraints.Clash | None:
    return constraints.clash(failed, lambda operand: str(list(operand.shape)))


CLASHES = [
    (call("matmul", X, tensor(-1, 32, 5, code="y")), "axis 2 of x is 64 and axis 1 of y is 32"),
    (call("matmul", X, tensor(3, 64, 5, code="y")), None),
    (call("matmul", tensor(2, 8, 64, code="x"), tensor(3, 64, 5, code="y")), "axis 0 of x is 2 and axis 0 of y is 3"),
    (call("add", X, tensor(7, code="y")), "axis 2 of x is 64 and axis 0 of y is 7"),
    (call("add", X, tensor(8, 1)), None),
    (call("add", X, tensor(-1, -1)), None),
    (
        call("concat", Given("list", items=(X, tensor(-1, 3, 64, code="y"))), number(2)),
        "axis 1 of x is 8 and axis 1 of y is 3",
    ),
    (call("concat", Given("list", items=(X, tensor(-1, 3, 64, code="y"))), number(1)), None),
    (call("concat", Given("list", items=(X, tensor(8, 64, code="y"))), number(1)), "x has 3 axes and y has 2"),
    (call("reshape", tensor(4, 4), numbers(3, 5)), "16 elements do not fill 15"),
    (call("reshape", tensor(4, 4), numbers(-1, 5)), "16 elements do not divide by 5"),
    (call("reshape", X, numbers(-1, -1, 5)), "leaves 2 dims to infer, and can infer one"),
    (call("reshape", X, numbers(-1, 7)), None),
    (call("expand", tensor(1, 8, code="x"), numbers(4, 9)), "axis 1 of x is 8, and 9 is asked for"),
    (call("split", X, numbers(3, 4), number(1)), "3 + 4 is 7, and axis 1 of x is 8"),
    (call("split_with_num", X, number(5), number(1)), "axis 1 of x is 8, which does not divide by 5"),
    (call("gather", X, tensor(3)), None),
]


@pytest.mark.parametrize(
    ("failed", "expected"), CLASHES, ids=lambda item: item.op if isinstance(item, FailedCall) else ""
)
def test_only_known_dims_clash(failed: FailedCall, expected: str | None) -> None:
    found = clash(failed)
    assert (found and str(found.said).endswith(expected or "")) if expected else found is None


def test_a_product_that_fits_once_transposed_says_so() -> None:
    found = clash(call("matmul", X, tensor(-1, 32, 64, code="keys")))
    assert found is not None
    assert found.replacement == "paddle.matmul(x, keys, transpose_y=True)"


def test_einsum_names_the_letter() -> None:
    equation = Given("str", text="'bij,bjk->bik'")
    found = clash(call("einsum", Given("tuple", items=(X, X)), equation))
    assert found is not None
    assert str(found.said).endswith("`j` is 64 on axis 2 of operand 0 and 8 on axis 1 of operand 1")
