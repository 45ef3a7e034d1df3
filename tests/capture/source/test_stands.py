"""What stands for a value's parts is put into it, and into nothing that only looks alike."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from shapetrace.capture.source.stands import flat, graft, matches, plain_value, stands_for
from shapetrace.dim import AnyDim, Origin, Stand, remember

TAPE: Any = SimpleNamespace(closed=False, used=lambda *use: None)


def lost(value: Any) -> Any:
    """What stands for a number that the program holds."""
    number = remember(value, Origin("int", (), None), TAPE)
    number.origin.lost = True
    return number


def grafted(value: Any, shadow: Any) -> tuple[Any, list[tuple[Any, AnyDim]]]:
    """The value that the program goes on with, and what is kept of objects."""
    kept: list[tuple[Any, AnyDim]] = []
    return graft(value, shadow, lambda item, stand: kept.append((item, stand))), kept


N = "n"
"""Where the tests below expect a number that remembers."""


def seen(value: Any, n: AnyDim) -> Any:
    """A value with `N` where it holds `n` itself."""
    if value is n:
        return N
    if isinstance(value, dict):
        return {key: seen(item, n) for key, item in value.items()}
    return type(value)(seen(item, n) for item in value) if isinstance(value, list | tuple | set) else value


@pytest.mark.parametrize(
    ("value", "shadow", "expected"),
    [
        (-1, N, N),
        (2, N, 2),
        (-1.0, N, -1.0),
        (True, N, True),
        ([4, -1], [4, N], [4, N]),
        ([-1, -1], [-1, N], [-1, N]),
        ((-1, -1), (N, -1), (N, -1)),
        ([(4, -1), 5], [[4, N], 5], [(4, N), 5]),
        ([(-1,)], [[N]], [(N,)]),
        ({"n": -1, "c": -1}, {"n": N, "other": N}, {"n": N, "c": -1}),
        ({"n": [4, -1]}, {"n": [4, N]}, {"n": [4, N]}),
        ([4, 5, -1], [N], [4, 5, N]),
        ({4, -1}, [N], {4, N}),
        ({"n": -1, "c": 4}, [N], {"n": N, "c": 4}),
        ([(4, -1), (5,)], [N], [(4, N), (5,)]),
        ([4, -1, -1], [N], [4, -1, -1]),
        ([4, 5, 6], [N], [4, 5, 6]),
        ([-1, 4, 5], [-1], [-1, 4, 5]),
        ([-1, 4], [], [-1, 4]),
        ("-1", [N], "-1"),
        ([-1], 4, [-1]),
    ],
)  # fmt: skip
def test_numbers_remember_where_the_shadow_has_them(value: Any, shadow: Any, expected: Any) -> None:
    n = lost(-1)

    def placed(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: placed(item) for key, item in part.items()}
        return type(part)(map(placed, part)) if isinstance(part, list | tuple) else n if part == N else part

    result, kept = grafted(value, placed(shadow))
    assert seen(result, n) == expected
    assert isinstance(value, int | float | tuple) or result is value  # in place
    assert n.origin.lost == (N not in str(expected))
    assert kept == ([(value, n)] if shadow == N and expected != N else [])


def test_stands_go_to_their_values_in_order() -> None:
    first, second = lost(2), lost(3)
    result, _ = grafted([2, "between", 3], [first, second])
    assert [part is stand for part, stand in zip(result, [first, None, second], strict=True)] == [True, False, True]
    assert grafted([3, 2, 5], [first, second]) == ([3, 2, 5], [])
    assert not any(part is second for part in grafted([3, 2, 5], [first, second])[0])


def test_a_tuple_of_which_nothing_is_known_stays_the_object_that_it_is() -> None:
    value = (4, (5, "h"))
    assert grafted(value, [4, [5, "h"]])[0] is value


def test_an_object_is_told_of_with_its_stand() -> None:
    array = object()
    stand = Stand(array, Origin("prod", (), None), TAPE)
    result, kept = grafted([array, 4], [stand, 4])
    assert result == [array, 4]
    assert kept == [(array, stand)]
    assert grafted(["h", array, "w"], [stand])[1] == [(array, stand)]
    assert grafted({"h": array, "w": 4}, {"h": stand})[1] == [(array, stand)]


@pytest.mark.parametrize(
    ("value", "stand", "same"),
    [
        (-1, -1, True),
        (-1, 1, False),
        (1, 1.0, False),
        (0.0, -0.0, False),
        (0.1, 0.1, True),
        (True, 1, False),
        ([1], [1], True),
        ((1,), [1], False),
    ],
)
def test_what_stands_for_a_value_is_equal_to_the_bit(value: Any, stand: Any, same: bool) -> None:
    made = Stand(stand, Origin("int", (), None), TAPE) if isinstance(stand, list) else lost(stand)
    assert stands_for(value, made) is same
    assert matches(value, made) is (same and made.origin.lost)


def test_a_fraction_is_known_by_both_its_parts() -> None:
    half = Stand(Fraction(1, 2), Origin("/", (), None), TAPE)
    assert [stands_for(Fraction(*parts), half) for parts in ((1, 2), (1, 3), (3, 2))] == [True, False, False]


def test_a_dim_that_the_program_holds_matches_itself_alone() -> None:
    n = remember(-1, Origin("read", (), None), TAPE)
    assert matches(n, n)
    assert not matches(-1, n)


def test_plain_values() -> None:
    assert plain_value([(lost(2), 3), Stand(0.5, Origin("/", (), None), TAPE)]) == [(2, 3), 0.5]
    assert type(plain_value((lost(2),))[0]) is int


def test_elements_are_looked_at_to_a_depth() -> None:
    assert list(flat([1, {"a": 2, "b": [3]}, (4,)])) == [1, 2, [3], 4]
    assert list(flat([1, {"a": 2, "b": [3]}, (4,)], depth=3)) == [1, 2, 3, 4]
    assert list(flat("ab")) == ["ab"]
