"""Which op is the first wrong one, with few runs of the program. Paddle is not needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from shapetrace.verify.eager import Sample
from shapetrace.verify.sampled import Sampled

COUNT = 1000
LIST = 640


class Chain:
    """A program of a thousand ops, each of which needs the one before it. Its values are the numbers of the ops; one of them gives a list."""

    def __init__(self) -> None:
        self.ops = [SimpleNamespace(name=lambda: "pd_op.relu") for _ in range(COUNT)]
        self.runs: list[int] = []

    def behind(self, index: int) -> int:
        return index

    def is_tensor(self, index: int, position: int) -> bool:
        return index != LIST and position == 0

    def is_scalar(self, index: int) -> bool:
        return False

    def makers(self, index: int) -> list[int]:
        return [index - 1] if index else []

    def leading_to(self, indices: Iterable[int]) -> set[int]:
        return set(range(max(indices, default=-1) + 1))

    def portions(self, slots: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
        yield from (sorted(slots)[start : start + 64] for start in range(0, len(slots), 64))

    def run(self, last: int, fetch: Sequence[tuple[int, int]]) -> list[Any]:
        self.runs.append(last)
        assert max(fetch) == (last, 0)
        return [op for op, _ in fetch]


def sampled(chain: Chain, wrong: Iterable[int]) -> Sampled:
    bad = {float(number) for number in wrong}
    return Sampled(chain, lambda sample: float(sample.values[0]) not in bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("first", [0, 1, 63, 500, 998, 999])
def test_the_first_wrong_op_of_many_is_found_in_few_runs(first: int) -> None:
    chain = Chain()
    assert sampled(chain, range(first, COUNT)).first_wrong() == first
    assert len(chain.runs) <= 5


def test_nothing_is_wrong_where_the_last_op_is_right() -> None:
    chain = Chain()
    assert sampled(chain, range(COUNT - 1)).first_wrong() is None


def test_an_op_that_a_right_one_needs_is_right() -> None:
    assert sampled(Chain(), [*range(300, 340), *range(700, COUNT)]).first_wrong() == 700


def test_all_ops_are_sampled_once() -> None:
    chain = Chain()
    every = sampled(chain, ())
    first, listed, none = every.of([0, LIST, COUNT + 1])
    assert isinstance(first, Sample) and listed is none is None
    assert sorted(float(each.values[0]) for each in every.all()) == [*range(LIST), *range(LIST + 1, COUNT)]
    assert chain.runs[0] == 0
    assert len(chain.runs) == 1 + -(-(COUNT - 2) // 64)
