"""Which objects are known again by what stands for them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from shapetrace.capture.probes.destinations import Destinations
from shapetrace.dim import Origin, Stand, remember

TAPE: Any = SimpleNamespace(closed=False, used=lambda *use: None)


def lost(value: Any) -> Any:
    number = remember(value, Origin("int", (), None), TAPE)
    number.origin.lost = True
    return number


@pytest.mark.parametrize(
    ("value", "other"), [(np.float32(0.5), np.float32(1.5)), (np.int64(2), np.int64(3)), (np.array([2]), np.array([3]))]
)
def test_an_object_is_known_again_by_what_stands_for_it_alone(value: Any, other: Any) -> None:
    tape: Any = SimpleNamespace(objects={})
    stand = Stand(value, Origin("prod", (), None), TAPE)
    destinations = Destinations(tape, shadows=SimpleNamespace())  # type: ignore[arg-type]
    destinations.keep(other, stand)
    assert tape.objects == {}
    destinations.keep(value, stand)
    assert tape.objects == {id(value): (value, stand)}


def test_ints_have_no_identity() -> None:
    tape: Any = SimpleNamespace(objects={})
    Destinations(tape, shadows=SimpleNamespace()).keep(7, lost(7))  # type: ignore[arg-type]
    assert tape.objects == {}


def test_a_variable_remembers_where_it_holds_the_number() -> None:
    tape: Any = SimpleNamespace(objects={})
    destinations = Destinations(tape, shadows=SimpleNamespace())  # type: ignore[arg-type]
    variables = {"n": 7, "other": 8}
    stand = lost(7)
    for name in ("n", "other", "missing"):
        destinations.put(variables, name, stand)
    assert variables["n"] is stand and variables["other"] == 8 and "missing" not in variables
    assert not stand.origin.lost


@pytest.mark.parametrize("hold", [list, tuple, lambda items: dict(enumerate(items))])
def test_the_elements_of_a_variable_are_known_again(hold: Any) -> None:
    first, second = np.float64(0.5), np.float64(1.5)
    stand = Stand(second, Origin("prod", (), None), TAPE)
    tape: Any = SimpleNamespace(objects={})
    variables = {"pair": hold([first, second])}
    Destinations(tape, shadows=SimpleNamespace()).put(variables, "pair", stand)  # type: ignore[arg-type]
    assert tape.objects == {id(second): (second, stand)}
