"""What counts as the same in `shapetrace verify`. Arrays stand for tensors, so Paddle is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from shapetrace.verify.comparing import Comparison, flatten


class Value:
    """A tensor, as far as a comparison asks it."""

    def __init__(self, values: Any, dtype: str = "float32") -> None:
        self.values = np.asarray(values, dtype)
        self.shape = self.values.shape
        self.dtype = f"paddle.{self.values.dtype}"

    def numpy(self) -> Any:
        return self.values


def said(wanted: Any, got: Any, dtype: str = "float32", **options: Any) -> str:
    """What differs, or nothing."""
    comparison = Comparison(options.get("rtol"), options.get("atol"), options.get("again"))
    difference = comparison.first_difference(Value(wanted, dtype), Value(got, dtype))
    return difference.message if difference else ""


def test_an_array_of_the_model_is_compared_with_the_tensor_that_its_export_gives() -> None:
    """`x.numpy()` in a converted model is a tensor on some Paddles."""
    comparison = Comparison(None, None)
    array = np.ones([2, 3], "float32")
    assert comparison.first_difference([array], [Value(array)]) is None
    difference = comparison.first_difference([array], [Value(array + 1)])
    assert difference is not None
    assert difference.output == "[0]"


SAME = {
    "equal": ([1.0, 2.0], [1.0, 2.0], "float32"),
    "rounding of large values": ([1e6, 2e6], [1e6, 2e6 + 1], "float32"),
    "rounding of small values": ([1e-7, 2e-7], [1e-7, 2.00001e-7], "float32"),
    "rounding of the smallest": ([1e-30, 2e-30], [1e-30, 2.00001e-30], "float32"),
    "a small value beside large ones": ([1000.0, 1e-3], [1000.0, 2e-3], "float32"),
    "no number on both sides": ([np.nan, 1.0], [np.nan, 1.0], "float32"),
    "infinities on both sides": ([np.inf, -np.inf, 1.0], [np.inf, -np.inf, 1.0], "float32"),
    "half": ([1.0, 2.0], [1.0, 2.002], "float16"),
    "all zero": ([0.0, 0.0], [0.0, -0.0], "float32"),
    "integers": ([2**53 + 1], [2**53 + 1], "int64"),
    "truth": ([True, False], [True, False], "bool"),
    "complex": ([1 + 2j], [1 + 2.00001j], "complex64"),
    "nothing": ([], [], "float32"),
}
DIFFERENT = {
    "a factor at small values": ([1e-7, 2e-7], [-2e-7, -4e-7], "float32"),
    "a factor at the smallest": ([1e-30, 2e-30], [-2e-30, -4e-30], "float32"),
    "a percent at large values": ([1e6, 2e6], [1.01e6, 2e6], "float32"),
    "something for zero": ([0.0, 0.0], [0.0, 1e-9], "float32"),
    "zero for something": ([1e-9, 1e-9], [0.0, 0.0], "float32"),
    "a score beside boxes": ([[600.0, 0.9], [300.0, 0.5]], [[600.0, 0.9], [300.0, 0.51]], "float32"),
    "a score beside boxes, rows the other way": (
        [[600.0, 300.0], [0.9, 0.5]],
        [[600.0, 300.0], [0.9, 0.51]],
        "float32",
    ),
    "a channel of small values": ([[[[1e6] * 2], [[1e-3] * 2]]], [[[[1e6] * 2], [[2e-3] * 2]]], "float32"),
    "no number for a number": ([1.0, 2.0], [1.0, np.nan], "float32"),
    "a number for no number": ([1.0, np.nan], [1.0, 2.0], "float32"),
    "the other infinity": ([np.inf, 1.0], [-np.inf, 1.0], "float32"),
    "infinity for a number": ([3e38, 1.0], [np.inf, 1.0], "float32"),
    "integers": ([7], [8], "int64"),
    "integers that float64 cannot tell apart": ([2**53 + 1], [2**53], "int64"),
    "truth": ([True, False], [True, True], "bool"),
    "the imaginary part": ([1 + 2j], [1 - 2j], "complex64"),
    "a part of double precision": ([1.0, 2.0], [1.0, 2.00001], "float64"),
}


@pytest.mark.parametrize(("wanted", "got", "dtype"), SAME.values(), ids=SAME)
def test_what_is_the_same(wanted: Any, got: Any, dtype: str) -> None:
    assert said(wanted, got, dtype) == ""


@pytest.mark.parametrize(("wanted", "got", "dtype"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_is_not(wanted: Any, got: Any, dtype: str) -> None:
    assert "differs in 1 of " in said(wanted, got, dtype) or "differs in 2 of " in said(wanted, got, dtype)


def test_values_are_told_in_three_digits_or_as_many_as_differ() -> None:
    assert said([0.123456789], [0.5]).endswith(": 0.5; the model gives 0.123")
    assert said([1.0], [1.0002], rtol=1e-5).endswith(": 1.0002; the model gives 1")


def test_tolerances_that_are_asked_for() -> None:
    assert said([100.0, 1.0], [100.0, 1.5], rtol=0.01) == ""
    assert said([100.0, 1.0], [100.0, 1.5], rtol=0.001)
    assert said([1.0], [1.5], atol=0.6) == ""
    assert said([1.0], [1.5], atol=0.4)
    assert said([5], [6], "int64", rtol=1.0)
    assert said([5], [6], "int64", atol={"int64": 1.0}) == ""


@pytest.mark.parametrize(
    ("ours", "theirs", "ending"),
    [
        ((), (1,), "has the shape [1]; the model gives []: the same values, with an axis of size 1 more or less"),
        ((1,), (), "has the shape []; the model gives [1]: the same values, with an axis of size 1 more or less"),
        ((2, 3), (2, 1, 3), "has the shape [2, 1, 3]; the model gives [2, 3]: the same values, with an axis of size 1 more or less"),
        ((2, 3), (3, 2), "has the shape [3, 2]; the model gives [2, 3]"),
        ((0, 6), (1, 6), "has the shape [1, 6]; the model gives [0, 6]"),
    ],
)  # fmt: skip
def test_shapes_must_be_equal(ours: tuple[int, ...], theirs: tuple[int, ...], ending: str) -> None:
    assert said(np.ones(ours), np.ones(theirs)) == ending


def test_other_values_in_another_shape_are_not_called_the_same() -> None:
    assert said(np.ones(()), np.zeros(1)) == "has the shape [1]; the model gives []"


def test_a_number_of_pythons_is_a_tensor_in_an_export() -> None:
    def differs(number: object, tensor: Value) -> bool:
        expected = {"n": number, "x": Value([1.0])}
        return Comparison(None, None).first_difference(expected, [tensor, Value([1.0])]) is not None

    assert not differs(7, Value(7, "int64"))
    assert differs(7, Value(8, "int64"))
    assert differs(7, Value([7], "int64"))
    assert [name for name, _ in flatten({"n": 7, "x": Value([1.0]), "of": "text"})] == ["x"]


def rounded(*outputs: Sequence[float], largest: float) -> Any:
    """What `rounding.runs` gives."""
    return lambda: ([Value(each) for each in outputs], largest)


def test_what_rounding_does_is_no_difference() -> None:
    ours, theirs = [2e-8, 0.0], [-1e-8, 3e-8]
    assert said(ours, theirs)
    assert said(ours, theirs, again=rounded([-1e-8, 1e-8], [0.0, 2e-8], largest=1.0)) == ""
    assert said(ours, theirs, again=rounded([2.0001e-8, 0.0], largest=1.0))
    assert said(ours, theirs, again=rounded([-1e-8, 1e-8], [0.0, 2e-8], largest=1.0), rtol=1e-4)


def test_no_more_is_put_down_to_rounding_than_the_model_can_lose() -> None:
    assert said([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], again=rounded([3.0, 2.0, 3.0], largest=1.0))
    assert said([1.0, 2.0], [1.1, 2.0], again=lambda: ([Value([1.0])], 1.0))


def test_where_rounding_changes_as_much_nothing_is_said() -> None:
    ours, theirs = [1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.0]
    comparison = Comparison(None, None, again=rounded([1.0, 2.0, 4.0, 3.0], ours, largest=4.0))
    assert comparison.first_difference(Value(ours), Value(theirs)) is None
    assert str(comparison.undecided).startswith("the output differs in 4 of 4 values, and in 2 where the model itself")
    alike = Comparison(None, None, again=rounded([1.0, 2.0, 4.0, 3.0], largest=4.0))
    assert alike.first_difference(Value(ours), Value(ours)) is None
    assert alike.undecided == ""


def test_rows_that_one_more_has_moved_are_no_others() -> None:
    """Of eight boxes one is another, and all stand one further down; rounding makes another of one of them where it is."""
    ours = [[float(number), 0.5] for number in range(8)]
    theirs = [[99.0, 0.5], *ours[:-1]]
    rounding = rounded([*ours[:-1], [77.0, 0.5]], ours, largest=100.0)  # type: ignore[arg-type, list-item]
    comparison = Comparison(None, None, again=rounding)
    assert comparison.first_difference(Value(ours), Value(theirs)) is None
    assert str(comparison.undecided).startswith("the output differs in 2 of 16 values, and in 1 where")

    wrong = [[number + 50.0, 0.5] for number in range(8)]
    assert Comparison(None, None, again=rounding).first_difference(Value(ours), Value(wrong)) is not None
