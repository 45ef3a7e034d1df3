"""What is recorded of a program is found again without asking Paddle anything that could end the process."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from shapetrace.capture.program import Recorded


def test_a_result_of_an_op_that_was_erased_is_not_asked_for_it() -> None:
    def ask() -> Any:
        raise AssertionError("Paddle ends the process here")

    recorded = Recorded()
    recorded.pointers["0x1"] = 5
    there, erased = (SimpleNamespace(id=pointer, initialized=ask, get_defining_op=ask) for pointer in ("0x1", "0x2"))
    assert [recorded.position(tensor) for tensor in (there, erased)] == [5, -1]
