"""What `facts/axes.py` says of axes is what arrays do."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from shapetrace.facts import axes

SIZES = {"rows": 2, "summed": 3, "columns": 5}


@pytest.mark.parametrize(("left", "right"), list(itertools.product([1, 2, 3], repeat=2)))
@pytest.mark.parametrize(("turned_x", "turned_y"), list(itertools.product([False, True], repeat=2)))
def test_the_axes_of_a_product(left: int, right: int, turned_x: bool, turned_y: bool) -> None:
    x = np.zeros([7, SIZES["rows"], SIZES["summed"]][-left:])
    y = np.zeros([7, SIZES["summed"], SIZES["columns"]][-right:] if right > 1 else [SIZES["summed"]])
    result = np.matmul(x, y).shape
    x, y = (np.swapaxes(z, -1, -2) if turned and z.ndim > 1 else z for z, turned in ((x, turned_x), (y, turned_y)))
    product = axes.matmul(left, right, turned_x, turned_y)
    assert x.shape[product.across] == y.shape[product.down] == SIZES["summed"]
    kept = [z.shape[axis] for z, axis in ((x, product.rows), (y, product.columns)) if axis is not None]
    assert tuple(kept) == result[len(result) - len(kept) :]


def test_the_axis_that_joined_tensors_may_differ_on() -> None:
    assert axes.joined_on("concat", 1, 3) == 1
    assert axes.joined_on("concat", -1, 3) == 2
    assert axes.joined_on("concat", 0, 0) is None
    assert axes.joined_on("stack", 1, 3) is None
