"""Symbolic dims: what Paddle prints, as people read it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetrace import symbolic
from shapetrace.symbolic import algebra
from shapetrace.symbolic.form import Node
from shapetrace.symbolic.products import product

NAMES = {"S0": "image[0]", "S1": "image[2]", "S2": "image[3]"}


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("S0", "image[0]"),
        ("u7", "u7"),
        ("-1", "-1"),
        ("Mul(S0, 8)", "8*image[0]"),
        ("Mul(S0, S0)", "image[0] ** 2"),
        ("Add(Div(Add(S1, -1), 2), 1)", "(image[2] - 1)//2 + 1"),
        ("Div(Add(Mul(Div(S1, 4), 2), 3), 2)", "image[2]//4 + 1"),
        ("Div(Add(Div(Add(S1, -1), 2), 1), 2)", "(image[2] + 1)//4"),
        ("Mul(Add(Div(Add(S1, -1), 2), 1), S0, 8)", "8*image[0]*((image[2] - 1)//2 + 1)"),
        ("Add(Div(Add(S1, -1), 2), -Div(Add(S2, -1), 2))", "(image[2] - 1)//2 - (image[3] - 1)//2"),
        ("Max(Min(Add(S1, -1), Max(Add(S1, -2), 0)), 0)", "max(image[2] - 2, 0)"),
        ("Min(S1, S2)", "min(image[2], image[3])"),
        ("Broadcast(S1, S2)", "broadcast(image[2], image[3])"),
        ("Broadcast(S1, 1, 80)", "80"),
        ("Div(Mul(S0, S1, 8), Mul(S0, S1))", "8"),
        ("Mul(S0, 8, 1 / (S1))", "(8*image[0])//image[2]"),
        ("-S0", "-image[0]"),
        ("-Mul(2, Div(S0, 2))", "-2*(image[0]//2)"),
        ("Div(S0, 0)", "image[0]//0"),
        ("Pow(S0, 2)", "image[0] ** 2"),
        ("Mod(S1, 32)", "image[2] % 32"),
        ("Mul(LShift(S0, 1), 3)", "3*(image[0] << 1)"),
        ("Mod(Add(S0, S1), 3)", "(image[0] + image[2]) % 3"),
        ("round(TrueDiv(S0, 2))", "round(image[0] / 2)"),
        ("Add(TrueDiv(S0, 2), 0)", "image[0] / 2 + 0"),
    ],
)
def test_prints_what_people_would_write(expression: str, printed: str) -> None:
    assert symbolic.text(expression, NAMES) == printed


def test_one_name_in_two_places_means_one_size() -> None:
    assert symbolic.text("Add(S0, S3)", {"S0": "B", "S3": "B"}) == "2*B"


@pytest.mark.parametrize("name", ["S", "N", "I", "E", "Q", "O", "pi", "lambda", "Add", "a b", "<i>", "名"])
def test_a_name_is_only_a_name(name: str) -> None:
    assert symbolic.text("Mul(S0, 2)", {"S0": name}) == f"2*{name}"


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "8*",
        "Mul(",
        "Abs(S0, S1)",
        "Neg(S0, 2)",
        "Div(S0)",
        "Div(S0, 2, 2)",
        "S0 + S1",
        "__import__('os')",
        "a.b",
        "Mul()",
        "1.5j",
        "(" * 300,
        "-" * 9000 + "1",
    ],
)
def test_what_is_no_dim_is_refused(garbage: str) -> None:
    with pytest.raises(ValueError, match="not a symbolic dim"):
        symbolic.evaluate(garbage, {})


def test_evaluates_exactly() -> None:
    assert symbolic.evaluate("Add(Div(Add(S1, -1), 2), 1)", {"S1": 640}) == 320
    assert symbolic.evaluate("Div(Add(S1, -4), 2)", {"S1": 1}) == -2  # down, as Python's //
    assert symbolic.evaluate("Broadcast(S0, 1, S1)", {"S0": 1, "S1": 5}) == 5


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("S9", "no value is given for S9"),
        ("Div(S0, 0)", "division by zero"),
        ("Broadcast(2, 3)", "sizes 2, 3 do not broadcast"),
    ],
)
def test_says_why_there_is_no_number(expression: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        symbolic.evaluate(expression, {"S0": 1})


def test_knows_when_two_expressions_are_the_same() -> None:
    assert symbolic.equal("Add(Div(Add(S1, -1), 2), 1)", "Div(Add(S1, 1), 2)")
    assert symbolic.equal("Mul(S0, Add(S1, 1))", "Add(Mul(S0, S1), S0)")
    assert symbolic.equal("Mod(S0, 4)", "Add(S0, Mul(-4, Div(S0, 4)))")
    assert not symbolic.equal("S0", "S1")


def test_substitutes_all_at_once() -> None:
    assert symbolic.substitute("Add(S0, S1)", {"S0": "S1", "S1": "Mul(S0, 2)"}) == "Add(S1, Mul(S0, 2))"
    assert symbolic.symbols("Mul(S0, Max(S1, 8))") == {"S0", "S1"}


class TestCombine:
    """Dims that Python computed."""

    @pytest.mark.parametrize(
        ("op", "operands", "printed"),
        [
            ("*", ["S0", "8"], "8*image[0]"),
            ("-", ["S1", "S2"], "image[2] - image[3]"),
            ("//", ["S1", "32"], "image[2]//32"),
            ("%", ["S1", "2"], "image[2] % 2"),
            ("**", ["S0", "2"], "image[0] ** 2"),
            ("/", ["S0", "2"], "image[0] / 2"),
            ("neg", ["S0"], "-image[0]"),
            ("pos", ["S0"], "image[0]"),
            ("abs", ["Add(S0, -9)"], "abs(image[0] - 9)"),
            ("~", ["S0"], "~image[0]"),
            ("max", ["S1", "S2", "8"], "max(image[2], image[3], 8)"),
            ("&", ["S0", "1"], "image[0] & 1"),
        ],
    )
    def test_every_operator(self, op: str, operands: list[str], printed: str) -> None:
        assert symbolic.text(symbolic.combine(op, operands), NAMES) == printed

    def test_a_sum_of_nothing_is_a_number(self) -> None:
        assert symbolic.combine("+", ["Add(0)", "0"]) == "0"
        assert symbolic.combine("*", ["Mul(1)", "1"]) == "1"

    def test_a_loop_that_counts_stays_small(self) -> None:
        total = "S0"
        for _ in range(1000):
            total = symbolic.combine("+", [total, "1"])
        assert total == "Add(S0, 1000)"

    def test_what_grows_beyond_use_keeps_its_symbols(self) -> None:
        number = "S0"
        for _ in range(1000):
            number = symbolic.combine("%", [symbolic.combine("*", [number, "S1"]), "997"])
        assert symbolic.symbols(number) == {"S0", "S1"}
        assert len(number) < 5000

    def test_an_operator_nobody_knows_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no operator"):
            symbolic.combine("<=>", ["S0", "1"])


class TestParseShapes:
    """The attribute `sym_shape_str`, as Paddle 3.3.1 writes it."""

    def test_a_shape(self) -> None:
        (entry,) = symbolic.parse_shapes("shape[Mul(S0, 2), 3, Add(Div(Add(S1, -1), 2), 1)], data[NULL]")
        assert entry.shape == ("Mul(S0, 2)", "3", "Add(Div(Add(S1, -1), 2), 1)")
        assert entry.data is None

    def test_a_tensor_that_holds_dims(self) -> None:
        assert symbolic.parse_shapes("shape[2], data[Add(S0, 1), 8]")[0].data == ("Add(S0, 1)", "8")
        assert symbolic.parse_shapes("shape[], data[S0]") == [symbolic.ShapeOrData((), ("S0",))]
        assert symbolic.parse_shapes("shape[0], data[]") == [symbolic.ShapeOrData(("0",), ())]

    def test_a_list_of_tensors(self) -> None:
        entries = symbolic.parse_shapes("shape[], data[S0], shape[32, S1], data[NULL]")
        assert [entry.shape for entry in entries] == [(), ("32", "S1")]

    def test_nothing_known(self) -> None:
        assert symbolic.parse_shapes("shape[NULL], data[NULL]") == [symbolic.ShapeOrData(None, None)]
        assert symbolic.parse_shapes("") == []

    def test_a_tensor_array(self) -> None:
        assert symbolic.parse_shapes("TensorArray with shape hint: [S0, 8]") == [
            symbolic.ShapeOrData(("S0", "8"), None, array=True)
        ]


def test_a_plain_symbol_or_a_product_costs_no_sympy() -> None:
    program = """
import sys
from shapetrace import symbolic
symbolic.text("S0", {"S0": "B"}), symbolic.text("8"), symbolic.evaluate("Mul(S0, 8)", {"S0": 2})
symbolic.text("Mul(Mul(S0, 8), S1, 64)", {"S0": "B"})
sys.exit("sympy" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


LEAVES = st.one_of(st.sampled_from(["S0", "S1", "S2"]), st.integers(-9, 9).map(str))


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.tuples(
        st.sampled_from(["Add", "Mul", "Max", "Min", "Broadcast"]), st.lists(inner, min_size=1, max_size=3)
    )
    two = st.tuples(st.sampled_from(["Div", "Sub", "Mod"]), st.tuples(inner, inner).map(list))
    one = st.tuples(st.sampled_from(["Abs", "Invert"]), inner.map(lambda operand: [operand]))
    return st.one_of(
        st.one_of(several, two, one).map(lambda call: f"{call[0]}({', '.join(call[1])})"),
        inner.map(lambda operand: f"-{operand}"),
    )


EXPRESSIONS = st.recursive(LEAVES, _calls, max_leaves=12)
SIZES = st.fixed_dictionaries({"S0": st.integers(1, 40), "S1": st.integers(1, 40), "S2": st.integers(1, 40)})


def _broadcast(*sizes: int) -> int:
    return next((size for size in sizes if size != 1), 1)


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, SIZES)
def test_simplifying_never_changes_the_number(expression: str, sizes: dict[str, int]) -> None:
    printed = symbolic.text(expression)
    try:
        number = symbolic.evaluate(expression, sizes)
    except ValueError:
        return  # a division by zero, or sizes that do not broadcast
    functions = {"max": lambda *of: max(of), "min": lambda *of: min(of), "abs": abs, "broadcast": _broadcast}
    assert eval(printed, {"__builtins__": {}, **functions, **sizes}) == number
    assert symbolic.equal(expression, symbolic.combine("+", [expression, "0"]))


FACTORS = st.one_of(st.sampled_from(["image[0]", "image[2]", "B", "H"]), st.integers(-9, 9))
PRODUCTS = st.recursive(FACTORS, lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda of: ("Mul", *of)))


@settings(max_examples=400, deadline=None)
@given(PRODUCTS, st.booleans())
def test_a_product_is_simplified_as_sympy_does_it(node: Node, canonical: bool) -> None:
    simple = product(node)
    if simple is not None:
        assert simple == algebra.simplify(node, canonical)


@pytest.mark.parametrize("node", ["B", 8, ("Mul", "B", 8), ("Mul", ("Mul", "H", 2), "B", 4), ("Mul", "B", 0)])
def test_a_product_of_different_symbols_needs_no_sympy(node: Node) -> None:
    assert product(node) is not None


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS, SIZES)
def test_equal_means_equal(a: str, b: str, sizes: dict[str, int]) -> None:
    if symbolic.equal(a, b):
        try:
            numbers = symbolic.evaluate(a, sizes), symbolic.evaluate(b, sizes)
        except ValueError:
            return
        assert numbers[0] == numbers[1]
