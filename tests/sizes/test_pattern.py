"""A set of sizes as people read it is the same set, told as simply as it can be."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from shapetrace.sizes.pattern import pattern
from shapetrace.symbolic.eventual import SizeSet


@st.composite
def sets(draw: st.DrawFn) -> SizeSet:
    """Sizes that come again and again after a beginning that is anything."""
    start, period = draw(st.integers(0, 12)), draw(st.sampled_from([1, 2, 3, 4, 6, 8]))
    again = draw(st.lists(st.sampled_from([False, False, True]), min_size=period, max_size=period))
    alike = draw(st.booleans())
    first = (
        [again[(place - start) % period] for place in range(start)]
        if alike
        else draw(st.lists(st.booleans(), min_size=start, max_size=start))
    )
    for place in draw(st.lists(st.integers(0, 11), max_size=2)):
        first[place : place + 1] = [not each for each in first[place : place + 1]]
    return SizeSet((*first, *again), period)


@settings(max_examples=300, deadline=None)
@given(sets())
def test_it_is_the_same_set(sizes: SizeSet) -> None:
    told = pattern(sizes)
    assert [size for size in range(1, 80) if size in told] == [size for size in range(1, 80) if size in sizes]


@settings(max_examples=300, deadline=None)
@given(sets())
def test_it_is_told_as_simply_as_it_can_be(sizes: SizeSet) -> None:
    told = pattern(sizes)
    taken = [size for size in range(1, 80) if size in sizes]
    if told.values is not None:
        assert list(told.values) == taken
        return
    assert told.modulus is not None and told.residues is not None
    least, most = told.at_least or 1, told.at_most or 79
    assert all(size < least or size % told.modulus not in told.residues for size in told.also)
    if told.at_most is None:
        beyond = [size in sizes for size in range(40, 80)]
        assert not any(beyond[each:] == beyond[:-each] for each in range(1, told.modulus)), "a shorter period"
    if told.at_least is not None:
        assert told.at_least in sizes and any(
            size % told.modulus in told.residues and size not in sizes for size in range(1, least)
        ), told
    multiples = [size for size in range(least, most + 1) if told.multiple_of and size % told.multiple_of == 0]
    assert all(size in sizes for size in multiples)
