"""Claims about axes: how they are read, and which sizes they admit."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from shapetrace import claims
from shapetrace.cli import options
from shapetrace.errors import UsageError
from shapetrace.verify import sizes


@pytest.mark.parametrize(
    ("entry", "shown", "admitted", "refused"),
    [
        (3, "3", [3], [0, 2, 4]),
        ("3", "3", [3], [4]),
        ("B", "B", [1, 7, 100_000], [0]),
        ("B=1..8", "B=1..8", [1, 8], [0, 9]),
        ("H=32*k", "H=32*k", [32, 640], [0, 1, 33]),
        (" H = 32 * k : 320 .. 640 ", "H=32*k:320..640", [320, 640], [288, 300, 672]),
        ("批", "批", [1], []),
        (-1, "-1", [1, 5], []),
        (None, "-1", [1, 5], []),
    ],
)
def test_a_claim_is_read_and_shown(entry: claims.Entry, shown: str, admitted: list[int], refused: list[int]) -> None:
    claim = claims.read(entry)
    assert str(claim) == shown
    assert claims.read(shown) == claim
    assert [size for size in (*admitted, *refused) if claim.admits(size)] == admitted


@pytest.mark.parametrize(
    "entry",
    ["", "B=", "B=4", "32*k", "1..8", "H=32*k320..640", "H=32*k:", "H=:1..8", "a b", "-3", "3.5", -2, True, 1.5],
)
def test_what_is_no_claim_is_refused(entry: claims.Entry) -> None:
    with pytest.raises(UsageError, match="is neither a name nor a size"):
        claims.read(entry)


@pytest.mark.parametrize("entry", ["B=8..1", "B=0..4", "H=0*k", "H=32*k:33..63"])
def test_a_claim_that_no_size_fits_is_refused(entry: str) -> None:
    with pytest.raises(UsageError, match="no size is as"):
        claims.read(entry)


def test_a_name_is_explained_once() -> None:
    claimed = claims.by_name({"image": ("B", 3, "H=32*k"), "im_shape": ("B=1..8", "H")})
    assert {name: str(claim) for name, claim in claimed.items()} == {"B": "B=1..8", "H": "H=32*k"}
    with pytest.raises(UsageError, match=r"dims say both B=1..8 and B=2\*k"):
        claims.by_name({"image": ("B=1..8",), "im_shape": ("B=2*k",)})


@pytest.mark.parametrize(
    ("entry", "near"),
    [
        ("H", [64, 96, 128]),
        ("H=32*k:320..640", [320, 352, 384]),
        ("H=50*k", [50, 100, 150]),
        ("B=1..8", [8, 7, 6]),
        ("B=4..5", [5, 4, 5]),
        (7, [7, 7, 7]),
    ],
)
def test_sizes_are_near_the_usual_ones_and_differ(entry: claims.Entry, near: list[int]) -> None:
    assert claims.read(entry).near((64, 96, 128)) == near


def spec(*shape: int, name: str = "x") -> SimpleNamespace:
    return SimpleNamespace(shape=shape, name=name, dtype="float32")


def test_verify_draws_what_is_claimed() -> None:
    inputs = [spec(-1, 3, -1, -1, name="image"), spec(-1, 2, name="im_shape")]
    claimed = {"image": ("B=2..8", 3, "H=32*k:320..640", "W=32*k:320..640"), "im_shape": ("B", 2)}
    for run in sizes.choose(sizes.specs(inputs, claimed), None):
        assert 2 <= run["B"] <= 8
        assert {run["H"], run["W"]} <= {320, 352, 384}
        assert run["H"] != run["W"]


def test_verify_takes_a_number_that_is_claimed_of_an_unknown_axis() -> None:
    inputs = sizes.specs([spec(-1, -1), spec(-1, name="y")], {"x": (1, 640)})
    assert sizes.choose(inputs, None) == [{"batch": 1, "x[1]": 640}] * 3


def test_a_size_that_is_not_as_claimed_is_refused() -> None:
    with pytest.raises(UsageError, match=r"the size of 'H' is 100, and dims say H=32\*k"):
        sizes.choose(sizes.specs([spec(-1)], {"x": ("H=32*k",)}), [{"H": 100}])


def test_the_command_line_takes_the_same() -> None:
    given = options.dims(["image=B=1..8, 3, H=32*k:320..640, -1", "im_shape=B,2"])
    assert given == {"image": ("B=1..8", "3", "H=32*k:320..640", "-1"), "im_shape": ("B", "2")}
    with pytest.raises(UsageError, match="cannot read --dim x=B=: 'B=' is neither a name nor a size"):
        options.dims(["x=B="])
