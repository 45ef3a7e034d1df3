"""The smallest and largest numbers that are told of a tensor are those that it holds, at every size: NumPy computes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from example_traces import Program
from shapetrace import Trace, symbolic
from shapetrace.sizes.lookups import Spans
from shapetrace.sizes.operands import Operands

SIZES = (1, 2, 3, 5, 8)
Computed = Callable[[int], Any]
"""What a tensor is when `S0` is a number."""


class Tensor(NamedTuple):
    """A tensor of the program, and what it is."""

    value: int
    dims: str
    at: Computed


def whole(dims: str) -> str:
    """How many numbers a tensor holds."""
    return f"Mul({dims.replace('; ', ', ')})"


class Programs:
    """Writes a program of whole numbers, op by op, and computes it with NumPy.

    Args:
        draw: Of Hypothesis.
    """

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.program = Program(Trace())
        self.program.input("x", "S0; S0")
        self.tensors = [self.range(), self.range()]

    def number(self, least: int = 0, most: int = 4) -> int:
        chosen: int = self.draw(st.integers(least, most))
        return chosen

    def op(self, name: str, operands: tuple[int | str, ...], dims: str, at: Computed, **attrs: Any) -> Tensor:
        values = [self.program.constant(each) if isinstance(each, str) else each for each in operands]
        return Tensor(self.program.op(f"pd_op.{name}", values, dims, attrs=attrs), dims, at)

    def any(self) -> Tensor:
        chosen: Tensor = self.draw(st.sampled_from(self.tensors))
        return chosen

    def more(self) -> None:
        """One op more."""
        kinds = (self.alike, self.copied, self.scaled, self.of_two, self.with_a_number, self.clipped)
        kinds += (self.cumulated, self.positive, self.written, self.sliced, self.joined, self.column)
        self.tensors.append(self.draw(st.sampled_from(kinds))())

    def range(self) -> Tensor:
        start, step = self.draw(st.sampled_from([0, 0, 0, 2, -2])), self.draw(st.sampled_from([1, 1, 1, 2, 3]))
        end = f"Add(Mul(S0, {step}), {start})"
        return self.op("arange", (str(start), end, str(step)), "S0", lambda n: np.arange(start, n * step + start, step))

    def alike(self) -> Tensor:
        x, number = self.any(), self.number(-1)
        return self.op("full_like", (x.value, str(number)), x.dims, lambda n: np.full_like(x.at(n), number))

    def copied(self) -> Tensor:
        x = self.any()
        name = self.draw(st.sampled_from(["cast", "flip", "assign"]))
        return self.op(name, (x.value,), x.dims, lambda n: np.flip(x.at(n)) if name == "flip" else x.at(n))

    def scaled(self) -> Tensor:
        x, factor, added, after = self.any(), self.number(-2, 3), self.number(-3, 3), self.draw(st.booleans())
        return self.op("scale", (x.value, str(factor)), x.dims, lambda n: x.at(n) * factor + added if after else (x.at(n) + added) * factor,
                       bias=float(added), bias_after_scale=after)  # fmt: skip

    def of_two(self) -> Tensor:
        """Each number of a column with each of a row, or each with the one beside it."""
        x, y = self.column(), self.row() if self.draw(st.booleans()) else self.column()
        name = self.draw(st.sampled_from(["add", "subtract", "multiply"]))
        operands = (x, y) if self.draw(st.booleans()) else (y, x)
        dims = "S0; 1" if y.dims == x.dims else "S0; S0"
        return self.op(
            name,
            tuple(each.value for each in operands),
            dims,
            lambda n: getattr(np, name)(*(each.at(n) for each in operands)),
        )

    def with_a_number(self) -> Tensor:
        x, number = self.any(), self.number(-1, 3)
        names = {
            "elementwise_pow": np.power,
            "floor_divide": np.floor_divide,
            "remainder": np.remainder,
            "minimum": np.minimum,
            "maximum": np.maximum,
        }
        name = self.draw(st.sampled_from(sorted(names)))
        y = self.op("full_like", (x.value, str(number)), x.dims, lambda n: np.full_like(x.at(n), number))
        least = 0 if name == "elementwise_pow" else 1 if name in ("floor_divide", "remainder") else number
        return self.op(name, (x.value, y.value), x.dims, lambda n: names[name](x.at(n), max(number, least)))

    def clipped(self) -> Tensor:
        x, least, most = self.any(), self.number(-1), self.number(2, 6)
        return self.op("clip", (x.value, str(least), str(most)), x.dims, lambda n: np.clip(x.at(n), least, most))

    def cumulated(self) -> Tensor:
        x, flatten, exclusive = self.alike(), self.draw(st.booleans()), self.draw(st.booleans())
        taken = 1 if exclusive else 0
        return self.op("cumsum", (x.value, "-1"), whole(x.dims) if flatten else x.dims, lambda n: self.cumulate(x.at(n), flatten) - taken * x.at(n).ravel()[:1].sum(),
                       flatten=flatten, exclusive=exclusive)  # fmt: skip

    @staticmethod
    def cumulate(numbers: Any, flatten: bool) -> Any:
        return np.cumsum(numbers, None if flatten else -1)

    def positive(self) -> Tensor:
        """What is not negative, for powers and products."""
        x = self.any()
        return self.op("abs", (x.value,), x.dims, lambda n: np.abs(x.at(n)))

    def written(self) -> Tensor:
        numbers = [self.number(-3) for _ in range(self.number(1, 3))]
        return self.op("assign_value", (), str(len(numbers)), lambda n: np.array(numbers), values=numbers)

    def sliced(self) -> Tensor:
        x, start = self.row(), self.number(0, 2)
        return self.op(
            "slice", (x.value, str(start), "9999"), f"Max(Add(S0, {-start}), 0)", lambda n: x.at(n)[start:], axes=[0]
        )

    def joined(self) -> Tensor:
        x, y = self.any(), self.any()
        listed = self.program.op("builtin.combine", (x.value, y.value), "")
        return self.op(
            "concat",
            (listed, "0"),
            f"Add({whole(x.dims)}, {whole(y.dims)})",
            lambda n: np.concatenate([x.at(n).ravel(), y.at(n).ravel()]),
        )

    def row(self) -> Tensor:
        """A tensor of one axis."""
        x = self.any()
        return x if x.dims == "S0" else self.range()

    def column(self) -> Tensor:
        x = self.row()
        return self.op("unsqueeze", (x.value, "1"), "S0; 1", lambda n: x.at(n)[:, None])


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_the_numbers_are_those_that_numpy_computes(data: st.DataObject) -> None:
    programs = Programs(data.draw)
    for _ in range(data.draw(st.integers(1, 5))):
        programs.more()
    conversion = programs.program.conversion
    spans = Spans(Operands(conversion, conversion.expressions))
    for tensor in programs.tensors:
        span = spans.of(tensor.value)
        for size in SIZES if span is not None else ():
            numbers = tensor.at(size)
            if numbers.size and span is not None:
                low, high = (symbolic.evaluate(end, {"S0": size}) for end in span[:2])
                assert (low, high) == (numbers.min(), numbers.max())
                assert not span.whole or set(range(low, high + 1)) == set(numbers.ravel().tolist())


RANGE = ("arange", ("0", "S0", "1"), "S0", {})
TWOS = ("full_like", (0, "2"), "S0", {})


@pytest.mark.parametrize(
    ("ops", "expected"),
    [
        ([RANGE], (0, 4, True)),
        ([("arange", ("2", "Add(Mul(S0, 3), 2)", "3"), "S0", {})], (2, 14, False)),
        ([("arange", ("2", "Add(S0, 2)", "-1"), "S0", {})], None),
        ([("assign_value", (), "3", {"values": [4, -1, 2]})], (-1, 4, False)),
        ([("assign_value", (), "2", {"values": [4, 0.5]})], None),
        ([TWOS], (2, 2, True)),
        ([("full_with_tensor", ("7", "S0"), "S0", {})], (7, 7, True)),
        ([TWOS, ("cumsum", (-1, "-1"), "S0", {})], (2, 10, False)),
        ([("full_like", (0, "1"), "S0", {}), ("cumsum", (-1, "-1"), "S0", {})], (1, 5, True)),
        ([RANGE, ("cumsum", (-1, "-1"), "S0", {})], None),
        ([TWOS, ("cumsum", (-1, "-1"), "S0", {"exclusive": True})], None),
        ([RANGE, TWOS, ("add", (-2, -1), "S0", {})], (2, 6, True)),
        ([RANGE, TWOS, ("subtract", (-1, -2), "S0", {})], (-2, 2, True)),
        ([RANGE, RANGE, ("add", (-2, -1), "S0", {})], None),
        ([RANGE, ("unsqueeze", (-1, "1"), "S0; 1", {}), ("add", (-1, -2), "S0; S0", {})], (0, 8, True)),
        ([RANGE, ("scale", (-1, "-2"), "S0", {"bias": 1.0})], (-7, 1, False)),
        ([RANGE, ("scale", (-1, "-1"), "S0", {"bias": 1.0})], (-3, 1, True)),
        ([RANGE, ("scale", (-1, "1"), "S0", {"bias": 3.0, "bias_after_scale": False})], (3, 7, True)),
        ([RANGE, ("scale", (-1, "2"), "S0", {"bias": 3.0, "bias_after_scale": False})], None),
        ([RANGE, ("scale", (-1, "2"), "S0", {"bias": 0.5})], None),
        ([RANGE, ("multiply", (-1, -1), "S0", {})], (0, 16, False)),
        ([RANGE, TWOS, ("multiply", (-2, -1), "S0", {})], (0, 8, False)),
        ([RANGE, TWOS, ("elementwise_pow", (-2, -1), "S0", {})], (0, 16, False)),
        ([RANGE, TWOS, ("floor_divide", (-2, -1), "S0", {})], (0, 2, True)),
        ([RANGE, TWOS, ("remainder", (-2, -1), "S0", {})], (0, 1, True)),
        ([RANGE, TWOS, ("minimum", (-2, -1), "S0", {})], (0, 2, True)),
        ([RANGE, TWOS, ("maximum", (-2, -1), "S0", {})], (2, 4, True)),
        ([RANGE, ("clip", (-1, "1", "3"), "S0", {})], (1, 3, True)),
        ([RANGE, ("scale", (-1, "1"), "S0", {"bias": -3.0}), ("abs", (-1,), "S0", {})], None),
        ([("arange", ("-2", "Add(S0, 2)", "1"), "Add(S0, 4)", {}), ("abs", (-1,), "Add(S0, 4)", {})], (0, 6, True)),
        ([RANGE, ("slice", (-1, "2", "S0"), "Add(S0, -2)", {"axes": [0]})], (2, 4, True)),
        ([RANGE, ("slice", (-1, "-2", "S0"), "2", {"axes": [0]})], None),
        ([RANGE, ("builtin.combine", (-1, -1), "", {}), ("concat", (-1, "0"), "Mul(S0, 2)", {})], (0, 4, False)),
        ([RANGE, TWOS, ("builtin.combine", (-1, -2), "", {}), ("stack", (-1,), "2; S0", {})], (0, 4, False)),
        ([RANGE, ("builtin.combine", (-1, 0), "", {}), ("concat", (-1, "0"), "Mul(S0, 2)", {})], None),
        ([RANGE, ("cast", (-1,), "S0", {}), ("reshape", (-1, "-1; 1"), "S0; 1", {})], (0, 4, True)),
        ([("relu", (0,), "S0", {})], None),
    ],
)  # fmt: skip
def test_what_is_known_of_each_op(ops: list[Any], expected: tuple[int, int, bool] | None) -> None:
    program = Program(Trace())
    made = [program.input("x", "S0")]
    for name, operands, dims, attrs in ops:
        values = [program.constant(each) if isinstance(each, str) else made[each] for each in operands]
        full = name if "." in name else f"pd_op.{name}"
        made.append(program.op(full, values, dims, attrs=attrs))
    span = Spans(Operands(program.conversion, program.conversion.expressions)).of(made[-1])
    told = span and (*(symbolic.evaluate(end, {"S0": 5}) for end in span[:2]), span.whole)
    assert told == expected
