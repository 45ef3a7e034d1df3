"""Which ops of an exported program compute what the model does in dygraph, with as few runs of the program as that takes.

A run gives the values of a few ops only, for those of all would not go into memory; and a detector has six thousand. An op whose result
is right speaks for all that it needs. So a few are looked at all over the program, and then only those that nothing speaks for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from shapetrace.facts import ops
from shapetrace.verify import eager
from shapetrace.verify.pieces import TOGETHER, Pieces

_SILENT = ("builtin.", ops.DATA, ops.FULL_INTS, "pd_op.shape64", "pd_op.fetch", "cf.")
"""Ops whose results dygraph has as plain Python numbers, or not at all."""


class Sampled:
    """Samples of what the ops of a program compute; of a list of tensors, that of the first one that is taken out of it.

    Args:
        pieces: The program.
        right: Whether dygraph, somewhere, computes what was sampled.
    """

    def __init__(self, pieces: Pieces, right: Callable[[eager.Sample], bool]) -> None:
        self.pieces = pieces
        self._right = right
        self._samples: dict[int, eager.Sample] = {}
        self._good: set[int] = set()
        self._fetched: dict[int, int] = {}
        """Where the result of each op that has one is fetched."""
        for index in range(len(pieces.ops)):
            maker = pieces.behind(index)
            if not pieces.ops[maker].name().startswith(_SILENT) and pieces.is_tensor(index, 0):
                self._fetched.setdefault(maker, index)

    def first_wrong(self) -> int | None:
        """The first op that is not right, and that no right op needs; None where there is none."""
        self._take(_spread(self._fetched))
        while True:
            wrong = next((index for index in sorted(self._samples) if self._is_wrong(index)), None)
            before = [index for index in self._unknown() if wrong is None or index < wrong]
            if before:
                self._take(_spread(before))
            elif wrong is None:
                return None
            else:
                after = self._after(wrong)
                self._take({*after[: TOGETHER // 2], *_spread(after, TOGETHER // 2)})
                if self._is_wrong(wrong):
                    return wrong

    def of(self, indices: Sequence[int]) -> list[eager.Sample | None]:
        """Samples of these ops; None for one that has no result that counts."""
        self._take([index for index in indices if index in self._fetched and index not in self._samples])
        return [self._samples.get(index) for index in indices]

    def all(self) -> Collection[eager.Sample]:
        """Samples of all ops."""
        while missing := [index for index in self._fetched if index not in self._samples][:TOGETHER]:
            self._take(missing)
        return self._samples.values()

    def _is_wrong(self, index: int) -> bool:
        return index not in self._good and not self.pieces.is_scalar(index)

    def _unknown(self) -> list[int]:
        """Ops of which nothing is known."""
        return [index for index in sorted(self._fetched) if index not in self._samples and index not in self._good]

    def _after(self, index: int) -> list[int]:
        """Those of them that need the result of an op, the next ones first."""
        needing = {index}
        for each in range(index + 1, len(self.pieces.ops)):
            if not needing.isdisjoint(self.pieces.makers(each)):
                needing.add(each)
        return [each for each in self._unknown() if each in needing]

    def _take(self, indices: Iterable[int]) -> None:
        """Sample ops, in one run where their results are small."""
        makers = {(self._fetched[index], 0): index for index in indices}
        for slots in self.pieces.portions(list(makers)):
            results = self.pieces.run(slots[-1][0], slots)
            taken = {makers[slot]: eager.sample(result) for slot, result in zip(slots, results, strict=True)}
            self._samples |= taken
            self._good |= self.pieces.leading_to(index for index, sample in taken.items() if self._right(sample))


def _spread(indices: Collection[int], most: int = TOGETHER) -> list[int]:
    """As many of these as go into one run, evenly spread, and the last one among them: it speaks for most."""
    ordered = sorted(indices, reverse=True)
    return ordered[:: -(-len(ordered) // most)] if ordered else []
