"""What is printed of an expression is Python that computes the expression, whatever stands in what."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shapetrace import symbolic
from shapetrace.symbolic import form
from shapetrace.symbolic.form import Node
from shapetrace.symbolic.printing import printed

NAMES = st.sampled_from(["a", "b", "c"])
LEAVES = st.one_of(NAMES, st.integers(-9, 9), st.sampled_from([0.5, -1.5]))
ONE = ("Neg", "Abs", "Float", "Int", "Floor", "Ceil", "Trunc", "Round", "Root", "Exp", "Log", "Log2", "Log10", "Invert")
TWO = ("Sub", "Div", "Mod", "TrueDiv", "Pow", "And", "Or", "Xor", "LShift", "RShift")
FUNCTIONS = {
    **{name: getattr(math, name) for name in ("floor", "ceil", "trunc", "sqrt", "exp", "log", "log2", "log10")},
    **{"abs": abs, "int": int, "float": float, "round": round, "max": lambda *of: max(of), "min": lambda *of: min(of)},
}


def _calls(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.tuples(st.sampled_from(["Add", "Mul", "Max", "Min"]), st.lists(inner, min_size=1, max_size=3))
    choices = st.tuples(st.sampled_from(["IfEqual", "IfLeast"]), st.tuples(inner, inner, inner, inner))
    two, one = (
        st.tuples(st.sampled_from(TWO), st.tuples(inner, inner)),
        st.tuples(st.sampled_from(ONE), st.tuples(inner)),
    )
    return st.one_of(several, two, one, choices).map(lambda call: (call[0], *call[1]))


NODES = st.recursive(LEAVES, _calls, max_leaves=8)
SIZES = st.fixed_dictionaries({"a": st.integers(1, 9), "b": st.integers(1, 9), "c": st.integers(1, 9)})


@settings(max_examples=800, deadline=None)
@given(NODES, SIZES)
def test_what_is_printed_computes_the_same(node: Node, sizes: dict[str, int]) -> None:
    try:
        number = symbolic.number(form.unparse(node), sizes)
    except ValueError:
        return  # a division by zero, a shift of a float
    computed = eval(printed(node)[0], {"__builtins__": {}, **FUNCTIONS, **sizes})
    assert computed == number or math.isclose(computed, number, rel_tol=1e-9)
    assert isinstance(computed, float) == isinstance(number, float)


@settings(max_examples=300, deadline=None)
@given(NODES)
def test_what_is_written_is_read_again(node: Node) -> None:
    read = form.parse(form.unparse(node))
    assert form.parse(form.unparse(read)) == read


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Mul(2, a, b)", "2*a*b"),
        ("Mul(-1, a)", "-a"),
        ("Mul(-1, a, b)", "-a*b"),
        ("Mul(1, a)", "a"),
        ("Mul(a, Add(b, 1))", "a*(b + 1)"),
        ("Mul(a, Div(b, 2))", "a*(b//2)"),
        ("Add(1, a)", "a + 1"),
        ("Add(Mul(-1, a), b)", "b - a"),
        ("Add(Mul(-2, a), b, -3)", "b - 2*a - 3"),
        ("Add(Neg(a), -1)", "-a - 1"),
        ("Sub(a, Add(b, 1))", "a - (b + 1)"),
        ("Add(Mod(a, 2), 1)", "a % 2 + 1"),
        ("Mod(Mul(a, 2), 3)", "(2*a) % 3"),
        ("Pow(Pow(a, 2), 2)", "(a ** 2) ** 2"),
        ("Neg(Pow(a, 2))", "-a ** 2"),
        ("Neg(Add(a, 1))", "-(a + 1)"),
        ("Invert(Mul(a, 2))", "~(2*a)"),
        ("Or(And(a, 1), Xor(b, 2))", "a & 1 | b ^ 2"),
        ("RShift(Add(a, 1), 2)", "a + 1 >> 2"),
        ("IfEqual(a, 1, b, Add(c, 1))", "b if a == 1 else c + 1"),
        ("Max(IfLeast(a, b, 1, 2), 3)", "max(1 if a >= b else 2, 3)"),
        ("Add(IfLeast(a, b, 1, 2), 3)", "(1 if a >= b else 2) + 3"),
    ],
)  # fmt: skip
def test_it_is_printed_with_the_parentheses_that_it_needs(expression: str, expected: str) -> None:
    assert printed(form.parse(expression))[0] == expected
