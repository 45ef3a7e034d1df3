"""Derived sizes as claims for `--dim`."""

from __future__ import annotations

import pytest

from shapetrace import Trace, claims
from shapetrace.sizes import claiming
from shapetrace.sizes.deriving import derived
from sizes_traces import encoder, pyramid


@pytest.mark.parametrize(
    ("trace", "expected"),
    [(pyramid(), ["image=B,3,H=8*k,64"]), (encoder(512), ["ids=B,N=1..512", "mask=B,N"])],
)
def test_what_dim_is_given(trace: Trace, expected: list[str]) -> None:
    found = derived(trace)[0]
    assert claiming.options(found) == expected
    claimed = claims.by_name(claiming.entries_of(found))
    for entries in claiming.entries_of(found).values():
        for entry in entries:
            assert str(claims.read(entry)) == entry
    for name, claim in claimed.items():
        axis = found.axis({"H": "image[2]", "N": "ids[1]", "B": found.axes[0].place}[name])
        assert all(size in axis.pattern for size in range(1, 600) if claim.admits(size))


def test_an_export_without_unknown_axes_claims_nothing() -> None:
    trace = pyramid()
    trace.conversions[0].symbols.clear()
    trace.conversions[0].ops.clear()
    assert claiming.options(derived(trace)[0]) == []
