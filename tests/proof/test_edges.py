"""Which sizes are tried to prove what was derived."""

from __future__ import annotations

from shapetrace.proof import edges
from shapetrace.sizes.deriving import derived
from sizes_traces import concatenated, encoder, pyramid, scaled


def test_both_sides_of_what_was_derived_are_tried() -> None:
    found = derived(pyramid())[0]
    trials = list(edges.trials(found))
    height = found.axis("image[2]").pattern
    assert trials[0] == ({"image[0]": 1, "image[2]": 64}, True)
    assert {taken for _, taken in trials} == {True, False}
    for sizes, taken in trials:
        assert (sizes["image[2]"] in height) == taken
    assert {1, 2} & {sizes["image[2]"] for sizes, _ in trials}
    assert all(sizes["image[0]"] <= 8 for sizes, _ in trials)
    assert any(sizes["image[0]"] != 1 and sizes["image[2]"] != 64 for sizes, _ in trials)


def test_the_end_of_a_table_is_tried_and_equal_axes_together() -> None:
    found = derived(encoder(512))[0]
    alone = list(edges.one_alone(found))
    trials = [trial for trial in edges.trials(found) if trial not in alone]
    assert all(sizes["ids[1]"] == sizes["mask[1]"] and sizes["ids[0]"] == sizes["mask[0]"] for sizes, _ in trials)
    assert {(513, False)} < {(sizes["ids[1]"], taken) for sizes, taken in trials}
    assert {511, 512} & {sizes["ids[1]"] for sizes, taken in trials if taken}


def test_each_of_equal_axes_is_tried_at_1_alone() -> None:
    found = derived(encoder(512))[0]
    words = {"ids[0]": 1, "mask[0]": 1, "ids[1]": 64, "mask[1]": 64}
    trials = list(edges.one_alone(found))
    assert ({**words, "mask[1]": 1}, True) in trials
    assert ({**words, "ids[0]": 2}, True) in trials
    assert len(trials) == 4
    joined = [({**sizes, place: 1}, False) for sizes in ({"a[0]": 2, "b[0]": 2},) for place in sizes]
    assert list(edges.one_alone(derived(concatenated())[0])) == joined


def test_two_axes_that_may_each_be_1_are_tried_at_1_together() -> None:
    trials = [
        (*(sizes[f"{name}[0]"] for name in ("maps", "sizes", "scales")), taken)
        for sizes, taken in edges.one_alone(derived(scaled())[0])
    ]
    expected = [(1, 2, 2, False), (2, 1, 2, True), (2, 2, 1, True)]
    expected += [(1, 1, 2, False), (1, 2, 1, False), (2, 1, 1, False)]
    assert trials == expected


def test_the_same_sizes_are_tried_each_time() -> None:
    found = derived(pyramid())[0]
    assert list(edges.trials(found)) == list(edges.trials(found))
