"""What ops ask of their operands, proved from recorded shapes alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from shapetrace.rules import constraints
from shapetrace.trace import FailedCall, Given


def tensor(*shape: int, code: str = "", name: str = "", weight: bool = False) -> Given:
    return Given("Tensor", name, "parameter" if weight else "", code, shape)


def number(value: int, name: str = "") -> Given:
    return Given("int", name, str(value))


def numbers(*values: int, kind: str = "list") -> Given:
    return Given(kind, items=tuple(map(number, values)))


def flag(value: bool) -> Given:
    return Given("bool", text=str(value))


def tensors(*items: Given) -> Given:
    return Given("list", items=items)


def call(op: str, *operands: Given, api: str = "") -> FailedCall:
    return FailedCall(by="paddle", api=api or op, op=op, operands=operands)


def clash(failed: FailedCall) -> constraints.Clash | None:
    return constraints.clash(failed, lambda operand: str(list(operand.shape)))


X = tensor(-1, 8, 64, code="x")
Y = tensor(-1, 3, 64, code="y")
EQUATION = Given("str", text="'bij, bjk -> bik'")

CLASHES = [
    (
        call("roi_align", tensor(2, 8, 32, 16, code="maps"), tensor(10, 4), tensor(1, code="counts")),
        "roi_align wants to be told of each image of [2, 8, 32, 16] how many regions it has: axis 0 of maps is 2 and axis 0 of counts is 1",
    ),
    (
        call("matmul", X, tensor(-1, 32, 5, code="y")),
        "matmul cannot multiply [-1, 8, 64] with [-1, 32, 5]: axis 2 of x is 64 and axis 1 of y is 32",
    ),
    (
        call("matmul", X, tensor(-1, 32, 5, code="y"), flag(True), flag(False)),
        "matmul cannot multiply [-1, 8, 64] with [-1, 32, 5]: axis 1 of x is 8 and axis 1 of y is 32",
    ),
    (
        call("matmul", X, tensor(-1, 32, 5, code="y"), flag(False), flag(True)),
        "matmul cannot multiply [-1, 8, 64] with [-1, 32, 5]: axis 2 of x is 64 and axis 2 of y is 5",
    ),
    (
        call("bmm", X, tensor(-1, 32, 5, code="y"), flag(True), flag(True)),
        "bmm cannot multiply [-1, 8, 64] with [-1, 32, 5]: axis 2 of x is 64 and axis 1 of y is 32",
    ),
    (
        call("mv", tensor(4, 5, code="x"), tensor(6)),
        "mv cannot multiply [4, 5] with [6]: axis 1 of x is 5 and axis 0 of y is 6",
    ),
    (
        call("matmul", tensor(5), tensor(6, 2)),
        "matmul cannot multiply [5] with [6, 2]: axis 0 of x is 5 and axis 0 of y is 6",
    ),
    (
        call("addmm", tensor(9, 9), tensor(4, 5, name="a"), tensor(6, 2, name="a")),
        "addmm cannot multiply [4, 5] with [6, 2]: axis 1 of the first a is 5 and axis 0 of the second a is 6",
    ),
    (
        call("matmul", X, tensor(32, 4, weight=True), api="Linear"),
        "Linear cannot multiply [-1, 8, 64] with its weight [32, 4]: axis 2 of x is 64 and axis 0 of the weight is 32",
    ),
    (
        call("matmul", tensor(8, 64), tensor(32, 4, weight=True), api="linear"),
        "linear cannot multiply [8, 64] with [32, 4]: axis 1 of the input is 64 and axis 0 of the weight is 32",
    ),
    (
        call("matmul", X, tensor(32, 4, weight=True, code="w"), api="Linear"),
        "Linear cannot multiply [-1, 8, 64] with its weight [32, 4]: axis 2 of x is 64 and axis 0 of w is 32",
    ),
    (
        call("matmul", X, tensor(32, 4, code="y"), api="Linear"),
        "Linear cannot multiply [-1, 8, 64] with [32, 4]: axis 2 of x is 64 and axis 0 of y is 32",
    ),
    (
        call("matmul", tensor(2, 8, 64, code="x"), tensor(3, 64, 5, code="y")),
        "matmul cannot multiply [2, 8, 64] with [3, 64, 5]: axis 0 of x is 2 and axis 0 of y is 3",
    ),
    (
        call("matmul", tensor(2, 7, 8, 64, code="x"), tensor(3, 64, 5, code="y"), api="@"),
        "matmul cannot multiply [2, 7, 8, 64] with [3, 64, 5]: axis 1 of x is 7 and axis 0 of y is 3",
    ),
    (call("matmul", X, tensor(3, 64, 5, code="y")), None),
    (call("matmul", tensor(1, 8, 64), tensor(3, 64, 5)), None),
    (call("matmul", tensor(-1), tensor(3, 64, 5)), None),
    (call("matmul", tensor(), tensor(3, 64, 5)), None),
    (call("matmul", tensor(3, 4), tensor()), None),
    (call("matmul", X), None),
    (
        call("add", X, tensor(7, code="y")),
        "add cannot broadcast [-1, 8, 64] and [7]: axis 2 of x is 64 and axis 0 of y is 7",
    ),
    (
        call("elementwise_pow", tensor(2), tensor(3), api="**"),
        "pow cannot broadcast [2] and [3]: axis 0 of x is 2 and axis 0 of y is 3",
    ),
    (
        call("where", tensor(2, name="condition"), tensor(), tensor(3)),
        "where cannot broadcast [2] and [3]: axis 0 of condition is 2 and axis 0 of y is 3",
    ),
    (
        call("add", tensor(2, 3, code="a"), tensor(4, 3, code="a")),
        "add cannot broadcast [2, 3] and [4, 3]: axis 0 of the first a is 2 and axis 0 of the second a is 4",
    ),
    (
        call("add_", tensor(2, name="n"), tensor(3, code="a" * 24), api="[]"),
        f"add cannot broadcast [2] and [3]: axis 0 of n is 2 and axis 0 of {'a' * 24} is 3",
    ),
    (
        call("add", tensor(2, code="a\nb"), tensor(3, code="a" * 25), api="Residual"),
        "Residual cannot broadcast [2] and [3]: axis 0 of x is 2 and axis 0 of y is 3",
    ),
    (call("add", X, tensor(8, 1)), None),
    (
        call("copysign", tensor(2), tensor(3)),
        "copysign cannot broadcast [2] and [3]: axis 0 of x is 2 and axis 0 of y is 3",
    ),
    (call("add", X, tensor(-1, -1)), None),
    (call("add", tensor(0), tensor(1)), None),
    (call("add", tensor(0), tensor(2)), "add cannot broadcast [0] and [2]: axis 0 of x is 0 and axis 0 of y is 2"),
    (call("add", tensor(2), number(3)), None),
    (
        call("concat", tensors(X, Y), number(2)),
        "concat on axis 2 cannot join [-1, 8, 64] and [-1, 3, 64]: axis 1 of x is 8 and axis 1 of y is 3",
    ),
    (
        call("concat", tensors(X, Y)),
        "concat on axis 0 cannot join [-1, 8, 64] and [-1, 3, 64]: axis 1 of x is 8 and axis 1 of y is 3",
    ),
    (
        call("concat", tensors(X, X, tensor(-1, 8, 5)), number(-2)),
        "concat on axis 1 cannot join [-1, 8, 64] and [-1, 8, 5]: axis 2 of x is 64 and axis 2 of number 2 is 5",
    ),
    (
        call("stack", tensors(tensor(2, 3), tensor(2, 4)), number(1)),
        "stack cannot join [2, 3] and [2, 4]: axis 1 of the first is 3 and axis 1 of number 1 is 4",
    ),
    (call("concat", tensors(X, Y), number(1)), None),
    (call("concat", tensors(X)), None),
    (call("concat", numbers(1, 2)), None),
    (
        call("concat", tensors(X, tensor(8, 64, code="y")), number(1)),
        "concat needs tensors of one rank, and got [-1, 8, 64] and [8, 64]: x is of rank 3, and y of rank 2",
    ),
    (call("reshape", tensor(4, 4), numbers(3, 5)), "reshape of [4, 4] to [3, 5]: 16 elements do not fill 15"),
    (call("view", tensor(4, 4), numbers(3, kind="tuple")), "view of [4, 4] to [3]: 16 elements do not fill 3"),
    (call("reshape", tensor(4, 4), numbers(-1, 5)), "reshape of [4, 4] to [-1, 5]: 16 elements do not divide by 5"),
    (call("reshape", tensor(2, 6), numbers(0, 7)), "reshape of [2, 6] to [0, 7]: 12 elements do not fill 14"),
    (
        call("reshape", X, numbers(-1, -1, 5)),
        "reshape of [-1, 8, 64] to [-1, -1, 5] leaves 2 dims to infer, and can infer one",
    ),
    (call("reshape", X, numbers(-1, 7)), None),
    (call("reshape", X, numbers(0, 7)), None),
    (call("reshape", tensor(4, 4), numbers(-1, 8)), None),
    (call("reshape", tensor(4, 4), numbers(2, 8)), None),
    (call("reshape", tensor(4, 4), numbers(-2, 5)), None),
    (call("reshape", tensor(4), numbers(4, 0)), None),
    (call("reshape", tensor(4, 4), numbers(0, -1, 0)), None),
    (call("reshape", tensor(), numbers(2)), "reshape of [] to [2]: 1 elements do not fill 2"),
    (call("reshape", tensor(4), Given("list", items=(number(3), tensor()))), None),
    (call("reshape", tensor(4), Given("list")), None),
    (call("reshape", numbers(3)), None),
    (
        call("expand", tensor(1, 8, code="x"), numbers(4, 9)),
        "expand of [1, 8] to [4, 9]: axis 1 of x is 8, and 9 is asked for",
    ),
    (
        call("broadcast_to", tensor(3, 1), numbers(7, 4, 8)),
        "broadcast_to of [3, 1] to [7, 4, 8]: axis 0 of x is 3, and 4 is asked for",
    ),
    (
        call("expand", tensor(2, 3), numbers(3)),
        "expand of [2, 3] to [3]: the tensor has 2 axes, and 1 are asked for",
    ),
    (
        call("expand", tensor(3, 2), Given("tuple", items=(tensor(), number(5)))),
        "expand of [3, 2] to [?, 5]: axis 1 of x is 2, and 5 is asked for",
    ),
    (call("expand", tensor(3, 2), numbers(-1, 2)), None),
    (call("expand", tensor(-1, 1), numbers(7, 2)), None),
    (call("expand", tensor(3, 2), numbers(0, 2)), None),
    (call("expand", tensor(3, 2), Given("list")), None),
    (call("expand", numbers(3)), None),
    (call("split", X, numbers(3, 4), number(1)), "split of [-1, 8, 64]: 3 + 4 is 7, and axis 1 of x is 8"),
    (call("split", tensor(8), numbers(3, 4)), "split of [8]: 3 + 4 is 7, and axis 0 of x is 8"),
    (
        call("split", tensor(2, 8), numbers(9, kind="tuple"), number(-1)),
        "split of [2, 8]: 9 is 9, and axis 1 of x is 8",
    ),
    (
        call("split_with_num", X, number(5), number(1)),
        "split_with_num of [-1, 8, 64]: axis 1 of x is 8, which does not divide by 5",
    ),
    (
        call("split_with_num", tensor(8, name="x"), number(3)),
        "split_with_num of [8]: axis 0 of x is 8, which does not divide by 3",
    ),
    (call("split_with_num", X, number(4), number(1)), None),
    (call("split_with_num", X, number(5), number(0)), None),
    (call("split_with_num", X, number(5), number(3)), None),
    (call("split_with_num", X, number(5), number(-4)), None),
    (call("split_with_num", X, number(0), number(1)), None),
    (call("split", X, numbers(3, -1), number(1)), None),
    (call("split", X, numbers(3, 5), number(1)), None),
    (call("split", X, Given("list", items=(number(3), tensor())), number(1)), None),
    (call("split", tensor(), number(2)), None),
    (call("split", number(2)), None),
    (
        call("einsum", tensors(X, X), EQUATION),
        "einsum cannot combine [-1, 8, 64] and [-1, 8, 64]: "
        "`j` is 64 on axis 2 of operand 0 and 8 on axis 1 of operand 1",
    ),
    (
        call("einsum", Given("str", text='"ij,j"'), tensor(2, 3), tensor(4)),
        "einsum cannot combine [2, 3] and [4]: `j` is 3 on axis 1 of operand 0 and 4 on axis 0 of operand 1",
    ),
    (
        call("einsum", Given("str", text="'ii'"), tensor(2, 3)),
        "einsum cannot combine [2, 3] and [2, 3]: `i` is 2 on axis 0 of operand 0 and 3 on axis 1 of operand 0",
    ),
    (
        call("einsum", Given("str", text="'ij,jk'"), tensor(2, 3), tensor(3)),
        "einsum of [3]: `jk` names 2 axes, and the operand has 1",
    ),
    (call("einsum", Given("str", text="'ij,jk'"), tensor(2, 3), tensor(3, 2)), None),
    (call("einsum", Given("str", text="'...ij,jk'"), tensor(2, 3), tensor(4, 2)), None),
    (call("einsum", Given("str", text="'ij,jk'"), tensor(2, 3)), None),
    (call("einsum", tensor(2, 3), tensor(3, 2)), None),
    (
        call("transpose", X, numbers(1, 0)),
        "transpose of [-1, 8, 64] by [1, 0]: the tensor has 3 axes, and perm orders 2",
    ),
    (
        call("transpose", X, Given("tuple", items=(tensor(),))),
        "transpose of [-1, 8, 64] by [?]: the tensor has 3 axes, and perm orders 1",
    ),
    (call("transpose", X, numbers(1, 0, 2)), None),
    (call("transpose", X, Given("list")), None),
    (call("transpose", numbers(1, 0)), None),
    (call("gather", X, tensor(3)), None),
]


@pytest.mark.parametrize(
    ("failed", "expected"), CLASHES, ids=lambda item: item.op if isinstance(item, FailedCall) else ""
)
def test_only_known_dims_clash(failed: FailedCall, expected: str | None) -> None:
    found = clash(failed)
    assert (found and str(found.said)) == expected


SIDES = [
    (call("matmul", X, tensor(32, 5, code="y")), (("x", 2, 64), ("y", 0, 32)), 2),
    (call("matmul", tensor(2, 8, 64), tensor(3, 64, 5)), (("x", 0, 2), ("y", 0, 3)), 2),
    (call("add", X, tensor(7)), (("x", 2, 64), ("y", 0, 7)), 2),
    (call("concat", tensors(X, Y)), (("x", 1, 8), ("y", 1, 3)), 2),
    (call("concat", tensors(X, tensor(8))), (), 2),
    (call("reshape", tensor(4, 2, name="it"), numbers(3)), (("it", 0, 4), ("it", 1, 2)), 1),
    (call("reshape", tensor(4, 2), numbers(-1, 3)), (("x", 0, 4), ("x", 1, 2)), 1),
    (call("reshape", X, numbers(-1, -1)), (), 1),
    (call("expand", tensor(8), numbers(9)), (("x", 0, 8),), 1),
    (call("expand", tensor(8, 1), numbers(9)), (), 1),
    (call("split", X, numbers(3), number(1)), (("x", 1, 8),), 1),
    (call("split_with_num", X, number(3), number(1)), (("x", 1, 8),), 1),
    (call("einsum", tensors(X, X), EQUATION), (("operand 0", 2, 64), ("operand 1", 1, 8)), 2),
    (call("einsum", Given("str", text="'i'"), X), (), 1),
    (call("transpose", X, numbers(1, 0)), (), 1),
]


@pytest.mark.parametrize(("failed", "sides", "count"), SIDES)
def test_it_is_told_of_the_dims_that_clash(
    failed: FailedCall, sides: tuple[tuple[str, int, int], ...], count: int
) -> None:
    found = clash(failed)
    assert found is not None
    assert tuple((str(side.name), side.axis, side.size) for side in found.sides) == sides
    given = [item for operand in failed.operands for item in (operand, *operand.items) if item.type == "Tensor"]
    assert len(found.operands) == count and all(operand in given for operand in found.operands)


@pytest.mark.parametrize(
    ("failed", "replacement"),
    [
        (call("matmul", X, tensor(-1, 32, 64, code="keys")), "paddle.matmul(x, keys, transpose_y=True)"),
        (call("matmul", X, tensor(-1, 32, 64, code="keys"), api="@"), "paddle.matmul(x, keys, transpose_y=True)"),
        (call("matmul", X, tensor(-1, 32, 64, code="keys"), api="Linear"), ""),
        (call("matmul", X, tensor(-1, 32, 63, code="keys")), ""),
        (call("matmul", X, tensor(-1, 32, 64)), ""),
        (call("matmul", tensor(8, 64), tensor(32, 64, code="keys")), ""),
        (call("matmul", X, tensor(32, 64, code="keys", weight=True)), ""),
        (call("matmul", X, tensor(63, code="keys")), ""),
        (call("matmul", X, tensor(64, 63, code="keys"), flag(False), flag(True)), ""),
        (call("bmm", X, tensor(-1, 32, 64, code="keys")), ""),
    ],
)
def test_a_product_that_fits_once_transposed_says_so(failed: FailedCall, replacement: str) -> None:
    found = clash(failed)
    assert found is not None
    assert found.replacement == replacement


@pytest.mark.parametrize(("sign", "op"), [("+", "add"), ("@", "matmul"), ("//", "floor_divide")])
def test_where_the_op_is_not_known_it_is_that_of_the_function_or_the_operator(sign: str, op: str) -> None:
    given = tensor(2, 3), tensor(4, 5)
    for api in (sign, op, f"Tensor.{op}", f"paddle.{op}_"):
        found = clash(FailedCall("paddle", api, arguments=(*given, tensor(9, name="out"), Given("str", "name"))))
        assert found is not None and found.operands == given


def test_operands_are_what_the_op_got_and_else_what_the_user_gave() -> None:
    given = tensor(2, 3), tensor(2, 3)
    failed = FailedCall("paddle", "add", op="add", arguments=given, operands=(tensor(2, 3), tensor(4, 3)))
    assert clash(failed) is not None
    assert clash(FailedCall("paddle", "add", op="add", arguments=given)) is None


SHAPES = [shape for rank in range(1, 4) for shape in itertools.product((1, 2, 3), repeat=rank)]
PAIRS = list(itertools.product(SHAPES, SHAPES))[::7]


def refuses(function: Callable[..., object], *given: object) -> bool:
    """Whether a function of NumPy's refuses shapes."""
    try:
        function(*given)
    except ValueError:
        return True
    return False


def test_of_sizes_that_are_all_known_exactly_those_clash_that_numpy_refuses() -> None:
    for left, right in PAIRS:
        x, y = np.zeros(left), np.zeros(right)
        one, other = tensor(*left), tensor(*right)
        checks = [
            (call("add", one, other), refuses(np.add, x, y)),
            (call("matmul", one, other), refuses(np.matmul, x, y)),
            (call("expand", one, numbers(*right)), refuses(np.broadcast_to, x, right)),
            (call("reshape", one, numbers(*right)), refuses(np.reshape, x, right)),
            (call("stack", tensors(one, other), number(0)), refuses(np.stack, [x, y])),
        ]
        for axis in range(-len(left), len(left)):
            checks.append((call("concat", tensors(one, other), number(axis)), refuses(np.concatenate, [x, y], axis)))
        for failed, refused in checks:
            assert (clash(failed) is not None) == refused, failed


@pytest.mark.parametrize("equation", ["ij,jk->ik", "ij,ij", "ii,i->i", "ijk,kj", "ij,kl->ijkl"])
def test_of_an_einsum_too(equation: str) -> None:
    ranks = [len(part) for part in equation.split("->")[0].split(",")]
    for left in itertools.product((2, 3), repeat=ranks[0]):
        for right in itertools.product((2, 3), repeat=ranks[1]):
            failed = call("einsum", Given("str", text=f"'{equation}'"), tensor(*left), tensor(*right))
            refused = refuses(np.einsum, equation, np.zeros(left), np.zeros(right))
            assert (clash(failed) is not None) == refused, (left, right)


def test_a_dim_that_is_not_known_clashes_with_none() -> None:
    for left, right in PAIRS[::3]:
        for axis in range(len(left)):
            shape = (*left[:axis], -1, *left[axis + 1 :])
            for op in ("add", "matmul"):
                found = clash(call(op, tensor(*shape), tensor(*right)))
                assert found is None or -1 not in (side.size for side in found.sides)
            reshaped = clash(call("reshape", tensor(*shape), numbers(*right)))
            assert reshaped is None, (shape, right)
