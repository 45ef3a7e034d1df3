"""What Paddle says of dtypes that it does not take, or does not mix.

Read off `paddle/base/data_feeder.py` (`check_dtype`), `paddle/phi/common/type_promotion.h`, and the checks of PIR's operators; seen on 2.6.2 and 3.3.1.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_PAIRS = (
    re.compile(r"But got different data type x: (\w+), y: (\w+)"),
    re.compile(r"must be same type, but received type of x: (?:paddle\.)?(\w+), type of y: (?:paddle\.)?(\w+)"),
    re.compile(r"Variable must be consistent, but received (?:paddle\.)?(\w+) and (?:paddle\.)?(\w+)"),
)
_ALIKE = re.compile(
    r"All the (?:Tensors|Values) in the input must have the same data type|Data Type mismatch: \d+ to \d+"
)
_TAKES = (
    re.compile(
        r"Check data type error for op: \w+, input: (?P<name>\w+), [\w.]+dtype: (?P<got>\w+), and expected_dtype: (?P<takes>[\w, ]+)"
    ),
    re.compile(
        r"The data type of '(?P<name>[\w/]+)' in [\w./]+ must be (?P<takes>[\[(][^\])]*[\])]|\w+), but received (?:paddle\.)?(?P<got>\w+)"
    ),
)
_DTYPE = re.compile(r"\b(?:bool|u?int\d+|b?float\d+|complex\d+)\b")
_PREFERRED = ("float32", "int64", "bool", "float64", "int32")
"""What to cast to, the first that is taken."""


class Mixed(NamedTuple):
    """Operands that have to be of one dtype are of several; which two, where the message tells."""

    dtypes: tuple[str, ...] = ()


class NotTaken(NamedTuple):
    """An operand is of a dtype that the op does not take."""

    got: str
    takes: tuple[str, ...]
    name: str = ""
    """The parameter of the op."""

    @property
    def preferred(self) -> str:
        """What to cast it to."""
        return next((dtype for dtype in _PREFERRED if dtype in self.takes), self.takes[0])


def refused(message: str) -> Mixed | NotTaken | None:
    """What an exception says of dtypes; None where it is about something else."""
    for pair in _PAIRS:
        if (match := pair.search(message)) is not None:
            return Mixed(match.groups())
    if _ALIKE.search(message):
        return Mixed()
    for taken in _TAKES:
        if (match := taken.search(message)) is not None and (takes := _DTYPE.findall(match["takes"])):
            return NotTaken(match["got"], tuple(takes), match["name"])
    return None
