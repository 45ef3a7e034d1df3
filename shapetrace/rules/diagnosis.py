"""What is wrong with a call whose shapes or arguments do not fit."""

from __future__ import annotations

from typing import NamedTuple

from shapetrace.rules.constraints import Side
from shapetrace.trace import Given, Said


class Diagnosis(NamedTuple):
    """What is wrong with a call."""

    rule: str
    said: Said
    operands: tuple[Given, ...] = ()
    sides: tuple[Side, ...] = ()
    replacement: str = ""
    argument: str = ""
    hint: Said | None = None
    says: Said | None = None
    """What to write, where there is no replacement."""
