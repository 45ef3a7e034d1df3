"""A dim is the int it replaces, in every way Python can ask, and remembers how it was computed."""

from __future__ import annotations

import copy
import functools
import json
import math
import operator
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetrace.dim import AnyDim, Complex, Dim, Origin, Real, plain_type, remember, value_of


class Tape:
    """Keeps what dims report."""

    def __init__(self) -> None:
        self.closed = False
        self.uses: list[tuple[str, str]] = []

    def derived(self, op: str, operands: tuple[Any, ...], value: Any) -> Any:
        return remember(value, Origin(op, operands, None), self)

    def made(self, op: str, operands: tuple[Any, ...], value: Any) -> Any:
        self.uses.append(("made", op))
        return value

    def used(self, kind: str, dim: AnyDim, op: str, other: Any, result: Any) -> None:
        self.uses.append((kind, op))


def dim(value: int = -1, tape: Tape | None = None) -> Dim:
    return remember(value, Origin("read", (), None), tape or Tape())


BINARY = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.floordiv,
    operator.mod,
    operator.truediv,
    operator.pow,
    operator.and_,
    operator.or_,
    operator.xor,
    operator.eq,
    operator.ne,
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    divmod,
    min,
    max,
]
UNARY = [operator.neg, operator.pos, abs, operator.invert, math.floor, math.ceil, math.trunc, round, int, float, bool]
UNARY += [hash, str, repr, bin, math.fabs]
UNARY_OF_FLOATS = [item for item in UNARY if item not in (operator.invert, bin)]


def outcome(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except (ArithmeticError, ValueError, TypeError, AttributeError) as error:
        return type(error), str(error)


def same(result: Any, expected: Any) -> None:
    """Equal to the bit, and of a type that user code takes for the same."""
    assert repr(result) == repr(expected)
    assert type(result) == type(expected)  # noqa: E721


def real(value: float, tape: Tape | None = None) -> Real:
    return remember(value, Origin("/", (), None), tape or Tape())


@pytest.mark.parametrize("function", BINARY)
@given(a=st.integers(-20, 20), b=st.integers(-20, 20))
def test_two_operands_give_what_ints_give(function: Any, a: int, b: int) -> None:
    expected = outcome(function, a, b)
    for left, right in ((dim(a), b), (a, dim(b)), (dim(a), dim(b))):
        result = outcome(function, left, right)
        assert result == expected
        assert type(result) == type(expected)  # noqa: E721  what user code may ask


@pytest.mark.parametrize("function", UNARY)
@given(a=st.integers(-20, 20))
def test_one_operand_gives_what_an_int_gives(function: Any, a: int) -> None:
    assert outcome(function, dim(a)) == outcome(function, a)


@pytest.mark.parametrize("function", BINARY)
@given(a=st.integers(-20, 20), b=st.floats(-9, 9))
def test_floats_give_what_they_give(function: Any, a: int, b: float) -> None:
    for left, right in ((dim(a), b), (dim(a), real(b)), (a, real(b)), (real(float(a)), real(b)), (real(float(a)), b)):
        plain = tuple(value_of(item) for item in (left, right))
        same(outcome(function, left, right), outcome(function, *plain))
        same(outcome(function, right, left), outcome(function, *reversed(plain)))


@pytest.mark.parametrize("function", [*UNARY_OF_FLOATS, lambda x: round(x, 1), lambda x: f"{x:.3f}", float.hex])
@given(b=st.floats(allow_nan=False))
def test_one_float_gives_what_a_float_gives(function: Any, b: float) -> None:
    same(outcome(function, real(b)), outcome(function, b))


def test_a_power_that_is_complex_remembers() -> None:
    root = dim(-1) ** 0.5
    assert type(root) is Complex
    assert value_of(root) == (-1) ** 0.5
    same(outcome(operator.mul, root, 2), outcome(operator.mul, (-1) ** 0.5, 2))
    same(outcome(operator.lt, root, 2), outcome(operator.lt, (-1) ** 0.5, 2))
    same(outcome(abs, root), outcome(abs, (-1) ** 0.5))


@pytest.mark.parametrize(
    "compute",
    [
        lambda n: n * 0.1,
        lambda n: n / 2,
        lambda n: 1 / n,
        lambda n: n**-2,
        lambda n: n / 2 + 1e-6,
        lambda n: round(n / 2, 1),
        lambda n: -(n / 2),
        lambda n: max(n / 2, -9.0),
    ],
)
def test_a_float_made_of_a_dim_remembers(compute: Any) -> None:
    assert type(compute(dim(-3))) is Real


@pytest.mark.parametrize("compute", [math.floor, math.ceil, math.trunc, round, lambda x: x // 1 and round(x)])
def test_a_float_that_is_rounded_is_a_dim_again(compute: Any) -> None:
    assert type(compute(dim(-3) / 2)) is Dim


@pytest.mark.parametrize("number", [np.float64(0.5), np.float32(0.5), np.int64(3), np.array([1.0, 2.0])])
@pytest.mark.parametrize("function", [operator.add, operator.mul, operator.truediv, operator.pow, operator.gt])
def test_numbers_of_numpy_give_what_they_give(function: Any, number: Any) -> None:
    for remembering in (dim(-3), real(-1.5)):
        for order in ((remembering, number), (number, remembering)):
            plain = [value_of(item) if item is remembering else item for item in order]
            with np.errstate(all="ignore"):
                result, expected = outcome(function, *order), outcome(function, *plain)
            assert type(result) is type(expected)
            assert getattr(result, "dtype", None) == getattr(expected, "dtype", None)
            assert repr(result) == repr(expected)


def test_numpy_makes_the_same_arrays_of_it() -> None:
    for remembering, plain in ((dim(-3), -3), (real(0.5), 0.5), ([dim(-1), 2], [-1, 2]), ((real(1.5), 1), (1.5, 1))):
        result, expected = np.array(remembering), np.array(plain)
        assert result.dtype == expected.dtype
        assert np.array_equal(result, expected)


def test_its_type_passes_for_int() -> None:
    given = dim()
    assert isinstance(given, int)
    assert type(given) == int  # noqa: E721
    assert type(given) in (int, float)
    assert {int: "int"}[type(given)] == "int"
    with pytest.raises(TypeError, match=r"unsupported operand type\(s\) for \+: 'int' and 'str'"):
        given + "1"


def test_its_type_makes_plain_numbers_of_others() -> None:
    given = dim(-5)
    doubled = given * 2
    assert type(given)(doubled) is doubled
    assert [type(given)(item) for item in (2.5, "7", True)] == [2, 7, 1]
    assert all(type(made) is int for made in (type(given)(2.5), type(given)(), type(given).from_bytes(b"1", "big")))
    assert type(type(real(0.5))(3)) is float
    assert type(given)("ff", base=16) == 255


@pytest.mark.parametrize("name", [name for name in sorted({*dir(int), *dir(float)}) if not name.startswith("__")])
def test_each_attribute_gives_what_that_of_a_plain_number_gives(name: str) -> None:
    for remembering, plain in ((dim(-5), -5), (real(2.5), 2.5)):
        if hasattr(plain, name):
            given, expected = getattr(remembering, name), getattr(plain, name)
            same(*(outcome(it) if callable(it) else it for it in (given, expected)))


def test_parts_of_it_remember() -> None:
    n, half, root = dim(-5), real(-2.5), dim(-1) ** 0.5
    assert n.real is n.numerator is n.conjugate() is n.as_integer_ratio()[0] is n
    assert half.real is half.conjugate() is half
    assert (n.bit_length().origin.op, n.bit_length().origin.operands) == ("bit_length", (n,))
    assert (n.bit_count().origin.op, n.bit_count().origin.operands) == ("bit_count", (n,))
    assert (root.real.origin.op, root.imag.origin.op) == ("real", "imag")


def test_it_pickles_as_an_int_and_copies_as_itself() -> None:
    given = dim(-8)
    assert type(pickle.loads(pickle.dumps(given))) is int
    assert copy.copy(given) is given
    assert copy.deepcopy([given])[0] is given
    assert json.dumps({"n": given}) == '{"n": -8}'


def test_it_remembers_the_whole_computation() -> None:
    batch = dim()
    product = (batch * 8 + 1) // 2
    assert value_of(product) == -4
    assert product.origin.op == "//"
    inner = product.origin.operands[0]
    assert inner.origin.op == "+"
    assert inner.origin.operands[0].origin.operands == (batch, 8)


@pytest.mark.parametrize(
    "compute",
    [
        lambda a, b: functools.reduce(operator.mul, [a, b]),
        lambda a, b: math.prod([a, b]),
        lambda a, b: sum([a, b]),
        lambda a, b: min(a, b),
        lambda a, b: divmod(a, b)[1],
        lambda a, b: {"n": (a, b)}["n"][0],
        lambda a, b: 3 - a,
    ],
)
def test_it_survives_containers_and_builtins(compute: Any) -> None:
    assert isinstance(compute(dim(-1), dim(-2)), Dim)


@pytest.mark.parametrize(
    ("use", "kind"),
    [
        (lambda n: n > 7, "compare"),
        (lambda n: bool(n), "truth"),
        (lambda n: float(n), "float"),
        (lambda n: n / 2 > 1, "compare"),
        (lambda n: n * np.float64(0.5), "made"),
        (lambda n: [0] * n, "operand"),
        (lambda n: {n: 1}, "hash"),
        (lambda n: f"{n}", "text"),
        (lambda n: math.sqrt(abs(n)), "float"),
        (lambda n: int(n), "int"),
    ],
)
def test_what_leaves_int_is_told(use: Any, kind: str) -> None:
    tape = Tape()
    use(dim(tape=tape))
    assert kind in [told for told, _ in tape.uses]


def test_a_closed_tape_hears_nothing() -> None:
    tape = Tape()
    given = dim(tape=tape)
    tape.closed = True
    assert type(given * 8) is int
    assert given < 0
    assert tape.uses == []


STEPS: list[Any] = [
    operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, operator.truediv, operator.and_,
    operator.xor, operator.lt, operator.eq, min, max, divmod, math.gcd, round,
    lambda a, b: a if a > b else b, lambda a, b: [a, b][b % 2], lambda a, b: sum([a, b]), lambda a, b: a**2 - b,
    lambda a, b: [0] * (a % 5), lambda a, b: len(range(a, b)), lambda a, b: f"{a:>{b % 9 + 1}}", lambda a, b: {a: 1}.get(b),
]  # fmt: skip
"""What is done with the last two results; numbers that come of it are computed with further."""


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(
    start=st.lists(st.integers(-9, 9), min_size=2, max_size=4),
    program=st.lists(st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 9), st.integers(0, 9)), max_size=25),
)
def test_a_computation_gives_what_it_gives_of_ints_at_every_step(
    start: list[int], program: list[tuple[int, int, int]]
) -> None:
    tape = Tape()
    plain: list[Any] = list(start)
    watched: list[Any] = [dim(value, tape) for value in start]
    for step, a, b in program:
        expected = outcome(STEPS[step], plain[-1 - a % len(plain)], plain[-1 - b % len(plain)])
        result = outcome(STEPS[step], watched[-1 - a % len(watched)], watched[-1 - b % len(watched)])
        assert result == expected
        assert repr(result) == repr(expected)
        assert type(result) == type(expected)  # noqa: E721  what user code may ask
        for number, same in zip(
            expected if type(expected) is tuple else (expected,),
            result if type(result) is tuple else (result,),
            strict=True,
        ):
            if isinstance(number, float) or (isinstance(number, int) and number.bit_length() < 200):
                plain.append(number)
                watched.append(same)
                assert of_origin(same) == number


OPERATIONS: dict[str, Any] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod, "**": operator.pow,
    "<<": operator.lshift, ">>": operator.rshift, "&": operator.and_, "|": operator.or_, "^": operator.xor,
    "neg": operator.neg, "pos": operator.pos, "abs": abs, "~": operator.invert, "round": round, "pow": pow, "/": operator.truediv,
}  # fmt: skip


def of_origin(number: Any) -> Any:
    """What the origin of a number says that it is: its operations done again, from the reads on."""
    if not hasattr(number, "origin") or number.origin.op == "read":
        return operator.index(value_of(number)) if isinstance(number, Dim) else number
    return OPERATIONS[number.origin.op](*map(of_origin, number.origin.operands))


@pytest.mark.parametrize("op", [op for op in OPERATIONS if op not in ("neg", "pos", "abs", "~", "round", "pow")])
def test_the_origin_has_the_operands_in_their_order(op: str) -> None:
    """`64 - n` must not be kept as `n - 64`: at -1 alone a wrong order can give the right value."""
    n, m = dim(5), dim(3)
    for left, right in ((n, 2), (9, n), (n, m), (m, n), (n, n)):
        made = OPERATIONS[op](left, right)
        assert made.origin.op == op
        assert [*map(id, made.origin.operands)] == [id(left), id(right)]
        assert of_origin(made) == made


@pytest.mark.parametrize("other", [2, 7, -3])
def test_a_divmod_keeps_both_orders(other: int) -> None:
    n = dim(5)
    for left, right in ((n, other), (other, n), (n, dim(3))):
        quotient, rest = divmod(left, right)
        assert (quotient.origin.op, rest.origin.op) == ("//", "%")
        assert quotient.origin.operands == rest.origin.operands == (left, right)
        assert (of_origin(quotient), of_origin(rest)) == divmod(value_of(n) if left is n else left, right)


@pytest.mark.parametrize(
    ("function", "op"),
    [(operator.neg, "neg"), (operator.pos, "pos"), (abs, "abs"), (operator.invert, "~"), (round, "pos"),
     (math.floor, "pos"), (math.ceil, "pos"), (math.trunc, "pos")],
)  # fmt: skip
def test_the_origin_of_one_operand(function: Any, op: str) -> None:
    n = dim(-5)
    made = function(n)
    assert made.origin.op == op
    assert [*map(id, made.origin.operands)] == [id(n)]
    assert of_origin(made) == made == function(-5)


def test_digits_and_modulus_are_operands_too() -> None:
    n = dim(47)
    assert (round(n, -1).origin.op, round(n, -1).origin.operands) == ("round", (n, -1))
    assert (pow(n, 2, 10).origin.op, pow(n, 2, 10).origin.operands) == ("pow", (n, 2, 10))
    assert (pow(n, 2, None).origin.op, pow(n, 2, None).origin.operands) == ("**", (n, 2))
    assert (of_origin(round(n, -1)), of_origin(pow(n, 2, 10))) == (50, 9)


def test_the_origin_of_a_read_is_its_tensor_and_axis() -> None:
    origin = Origin("read", (), "here", "tensor", 2)
    assert (origin.op, origin.operands, origin.place, origin.tensor, origin.axis) == ("read", (), "here", "tensor", 2)
    assert Origin("+", (1, 2), None).axis == -1
    assert Origin("+", (1, 2), None).tensor is None


class Failing(Tape):
    """A tape that raises whatever it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[tuple[str, BaseException]] = []

    def derived(self, op: str, operands: tuple[Any, ...], value: Any) -> Any:
        raise RuntimeError(op)

    def made(self, op: str, operands: tuple[Any, ...], value: Any) -> Any:
        raise RuntimeError(op)

    def used(self, kind: str, dim: AnyDim, op: str, other: Any, result: Any) -> None:
        raise RuntimeError(kind)

    def fault(self, what: str, error: BaseException) -> None:
        self.faults.append((what, error))


@pytest.mark.parametrize(
    ("function", "what", "told"),
    [
        (lambda n: n * 2, "a dim could not be followed", "*"),
        (lambda n: np.float32(2.5) + n, "a dim could not be followed", "+"),
        (np.sqrt, "a dim could not be followed", "sqrt"),
        (lambda n: n < 4, "a use of a dim could not be followed", "compare"),
    ],
)
def test_what_a_tape_raises_becomes_a_fault_and_the_number_is_a_plain_one(function: Any, what: str, told: str) -> None:
    tape = Failing()
    same(function(dim(7, tape)), function(7))
    assert {(said, str(error)) for said, error in tape.faults} == {(what, told)}


def test_a_closed_tape_is_told_nothing() -> None:
    tape = Failing()
    n = dim(7, tape)
    tape.closed = True
    same([n * 2, np.sqrt(n), n < 4], [14, np.sqrt(7), False])
    assert tape.faults == []


def test_the_type_without_a_watch() -> None:
    values = (dim(7), real(0.5), True, 7, "n", [dim(7)])
    assert [plain_type(value) for value in values] == [int, float, bool, int, str, list]


def test_functions_of_numpy_get_what_they_are_given_by_name() -> None:
    same(np.sqrt(dim(7), dtype=np.float32), np.sqrt(7, dtype=np.float32))
    same(np.add(2, dim(7), dtype=np.float64), np.add(2, 7, dtype=np.float64))
