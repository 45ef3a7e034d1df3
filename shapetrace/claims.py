"""What users claim of the axes of inputs: the grammar of `dims`, and which sizes a claim admits.

| entry | claims |
| --- | --- |
| `3` | the axis is 3 |
| `"B"` | it is unknown in the spec, and called `B`; axes of one name are equal |
| `"B=1..8"` | the same, and it is 1 to 8 |
| `"H=32*k"` | the same, and it is a multiple of 32 |
| `"H=32*k:320..640"` | both |
| `-1` or `None` | nothing |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from shapetrace.errors import UsageError
from shapetrace.said import said

Entry: TypeAlias = str | int | None
"""What is claimed of one axis, as the user writes it."""
Dims: TypeAlias = Mapping[str, Sequence[Entry]]
"""Claims for the axes of inputs: `{"image": ("B", 3, "H=32*k", "W=32*k")}`."""

_NUMBER = "[0-9]{1,9}"
_RANGE = rf"(?P<low>{_NUMBER})\s*\.\.\s*(?P<high>{_NUMBER})"
_MULTIPLE = rf"(?P<step>{_NUMBER})\s*\*\s*k"
_NAME = r"(?P<name>[^\W\d]\w*)"
_FORMS = [
    re.compile(form)
    for form in (
        _NAME,
        rf"{_NAME}\s*=\s*{_RANGE}",
        rf"{_NAME}\s*=\s*{_MULTIPLE}",
        rf"{_NAME}\s*=\s*{_MULTIPLE}\s*:\s*{_RANGE}",
    )
]
_SIZE = re.compile(f"-1|{_NUMBER}")


class Claim(NamedTuple):
    """What is claimed of one axis, or of all axes of one name."""

    name: str = ""
    """Empty where the axis has none."""
    step: int = 1
    """The size is a multiple of this."""
    low: int = 1
    high: int | None = None

    @property
    def size(self) -> int | None:
        """The one size that is claimed of an axis without a name."""
        return self.high if not self.name and self.low == self.high else None

    @property
    def bounded(self) -> bool:
        """Whether not every size is admitted."""
        return (self.step, self.low, self.high) != (1, 1, None)

    @property
    def first(self) -> int:
        """The smallest size that is admitted."""
        return -(-self.low // self.step) * self.step

    @property
    def last(self) -> int | None:
        """The largest size that is admitted; None where there is no end."""
        return None if self.high is None else self.high // self.step * self.step

    def admits(self, size: int) -> bool:
        """Whether a size is as claimed."""
        return size >= self.low and size % self.step == 0 and (self.high is None or size <= self.high)

    def near(self, usual: Iterable[int]) -> list[int]:
        """For each of the usual sizes the nearest one that is admitted, each another while there are others."""
        last = None if self.high is None else self.high // self.step
        first = self.first // self.step
        chosen: list[int] = []
        for size in usual:
            wanted = max(first, round(size / self.step))
            wanted = wanted if last is None else min(wanted, last)
            places = [place for offset in range(len(chosen) + 1) for place in (wanted + offset, wanted - offset)]
            fitting = [place * self.step for place in places if place >= first and (last is None or place <= last)]
            chosen.append(next((size for size in fitting if size not in chosen), fitting[0]))
        return chosen

    def __str__(self) -> str:
        if self.size is not None:
            return str(self.size)
        between = f"{self.low}..{self.high}" if self.high is not None else ""
        multiple = f"{self.step}*k" if self.step > 1 else ""
        values = ":".join(part for part in (multiple, between) if part)
        return f"{self.name}={values}" if values else self.name or "-1"


def read(entry: Entry) -> Claim:
    """What an entry claims.

    Raises:
        UsageError: It cannot be read, or admits no size at all.
    """
    if entry is None or (isinstance(entry, str) and _SIZE.fullmatch(entry.strip())):
        entry = -1 if entry is None else int(entry)
    if isinstance(entry, int) and not isinstance(entry, bool) and entry >= -1:
        return Claim(low=entry, high=entry) if entry >= 0 else Claim()
    match = (
        next(filter(None, (form.fullmatch(entry.strip()) for form in _FORMS)), None) if isinstance(entry, str) else None
    )
    if match is None:
        raise UsageError(
            said("{} is neither a name nor a size: write B, 3, B=1..8, H=32*k or H=32*k:320..640", repr(entry))
        )
    parts = match.groupdict()
    claim = Claim(
        name=parts["name"],
        step=int(parts.get("step", 1)),
        low=int(parts.get("low", 1)),
        high=int(parts["high"]) if "high" in parts else None,
    )
    if claim.step < 1 or claim.low < 1 or (claim.high is not None and claim.first > claim.high):
        raise UsageError(said("no size is as {} says", repr(entry)))
    return claim


def by_name(dims: Dims | None) -> dict[str, Claim]:
    """What is claimed of each name; a name alone adds nothing to what is said of it elsewhere.

    Raises:
        UsageError: An entry cannot be read, or two of one name do not agree.
    """
    claims: dict[str, Claim] = {}
    for entries in (dims or {}).values():
        for claim in map(read, entries):
            earlier = claims.get(claim.name)
            if not claim.name:
                continue
            if earlier is not None and earlier.bounded and claim.bounded and earlier != claim:
                raise UsageError(
                    said("dims say both {} and {}: say it once, and the name alone elsewhere", earlier, claim)
                )
            if earlier is None or claim.bounded:
                claims[claim.name] = claim
    return claims
