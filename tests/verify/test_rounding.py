"""What moves values by their last digit. Needs no Paddle."""

from __future__ import annotations

import numpy
import pytest

from shapetrace.verify import rounding


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_values_move_by_their_last_digit_up_or_down_and_only_where_asked(dtype: str) -> None:
    random = numpy.random.default_rng(0)
    values = random.standard_normal((7, 11)).astype(dtype)
    values[0, :3] = [numpy.inf, -numpy.inf, numpy.nan]
    where = random.random(values.shape) < 0.5
    moved = rounding._moved(values, where, rounding._UNITS[dtype], random)
    assert moved.dtype == values.dtype
    steps = (moved[1:].astype("float64") - values[1:]) / numpy.spacing(abs(values[1:]))
    assert set(numpy.rint(steps[where[1:]])) == {-2, -1, 1, 2}
    numpy.testing.assert_array_equal(moved[~where], values[~where])
    numpy.testing.assert_array_equal(moved[0, :3], values[0, :3])


def test_a_single_number() -> None:
    moved = rounding._moved(numpy.float32([0.3]).reshape(()), numpy.True_, 2.0**-23, numpy.random.default_rng(0))
    assert moved.shape == () and moved != numpy.float32(0.3)
