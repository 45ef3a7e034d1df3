"""Which instructions take a value apart."""

from __future__ import annotations

import sys

import pytest

from shapetrace.capture.probes import elements

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="instructions have no places before Python 3.11")


def looped(sizes: list[int]) -> int:
    total = 0
    for size in sizes:
        total += size
    return total


def nested(rows: list[list[int]]) -> list[int]:
    return [size for row in rows for size in row]


def found(function: object) -> set[tuple[str, tuple[str, ...]]]:
    codes = [function.__code__, *(part for part in function.__code__.co_consts if hasattr(part, "co_code"))]  # type: ignore[attr-defined]
    return {(each.kind, each.names) for code in codes for each in elements.openings(code).values()}


def test_a_loop() -> None:
    assert found(looped) == {("starts", ("size",)), ("turns", ("size",))}


def test_of_a_comprehension_of_two_loops_only_the_list_is_followed() -> None:
    assert found(nested) == ({("collects", ())} if sys.version_info >= (3, 12) else set())
