"""The program of an exported file, run in pieces: up to any of its ops, with any of its values fetched."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from shapetrace.facts import ops

TOGETHER = 64
"""Results that are fetched in one run of a program at the most."""
_NUMBERS = 1 << 25
"""The numbers that these have together, where it is more than one result."""

Slot = tuple[int, int]
"""A result as (op, position)."""


@dataclass(frozen=True)
class Operand:
    """What an op was given."""

    producer: str
    """Name of the op that made it."""
    arrays: list[Any]
    """One array; of a `builtin.combine`, those that it combines; none of another list of tensors, which cannot be fetched."""


class Pieces:
    """An exported program that can be cut after any op. Made by `opened`."""

    def __init__(self, program: Any, executor: Any, feed: Mapping[str, Any]) -> None:
        self._program = program
        self._executor = executor
        self._feed = dict(feed)
        self.ops: list[Any] = list(program.global_block().ops)
        """The ops at the top, in order."""
        self._fed: set[int] | None = None
        self._counted: dict[int, int] | None = None
        self._number = {op.id(): number for number, op in enumerate(self.ops)}

    @property
    def named(self) -> list[tuple[str, str]]:
        """Each op as (name, layer path)."""
        return [named(op) for op in self.ops]

    def names(self) -> list[str]:
        """Names of all ops, those in blocks too."""
        return [str(each.name()) for op in self.ops for each in (op, *within(op))]

    def run(self, last: int, fetch: Sequence[Slot] = (), feed: Mapping[str, Any] | None = None) -> list[Any]:
        """Run the ops up to `last`.

        Args:
            last: Index of the last op to run.
            fetch: Results wanted, as (op, position).
            feed: Other inputs than those it was opened with.

        Returns:
            The results, as arrays.
        """
        import numpy

        cut, own = self._cut(last)
        values = [own[index].result(position) for index, position in fetch]
        given = {
            name: (feed or self._feed)[name] for name in self._feed
        }  # the executor takes out what a piece has no use for
        fetched = self._executor.run(cut, feed=given, fetch_list=values, return_numpy=False)
        return [numpy.array(each) for each in fetched]  # Paddle itself refuses those that hold levels of detail (LoD)

    def portions(self, slots: Sequence[Slot]) -> Iterator[list[Slot]]:
        """Results in the order of their ops, as many together as one run may fetch without filling the memory."""
        portion: list[Slot] = []
        numbers = 0
        for slot in sorted(slots):
            count = self._count(slot)
            if portion and (len(portion) == TOGETHER or numbers + count > _NUMBERS):
                yield portion
                portion, numbers = [], 0
            portion.append(slot)
            numbers += count
        if portion:
            yield portion

    def save(self, last: int, path: str) -> list[Slot]:
        """Save the ops up to `last` as an export of its own, whose outputs are what the ops after them need.

        Args:
            last: One of `cuts`.
            path: As for `paddle.jit.save`.

        Returns:
            The outputs, as (op, position).
        """
        import paddle

        cut, own = self._cut(last)
        fetch = self._needed_after(last)
        needed = self.leading_to(index for index, _ in fetch)
        feeds = [own[index].result(0) for index in sorted(needed) if own[index].name() in ops.INPUTS]
        values = [own[index].result(position) for index, position in fetch]
        paddle.static.save_inference_model(path, feeds, values, self._executor, program=cut)
        return fetch

    def cuts(self) -> list[int]:
        """The ops after which the program can be cut: what is needed of the ops up to there are tensors made of the inputs."""
        fed = self._made_of_inputs()
        last = max((index for index in fed if self.ops[index].name() != "pd_op.fetch"), default=-1)
        found = []
        for index in sorted(fed):
            if self.ops[index].name() in ops.INPUTS or index > last:
                continue
            needed = self._needed_after(index)
            if needed and all(self.ops[op].result(place).is_dense_tensor_type() for op, place in needed):
                found.append(index)
        return found

    def _cut(self, last: int) -> tuple[Any, list[Any]]:
        """A copy of the program that ends with `last`, and the ops in it (of those cut off, what they were)."""
        cut = self._program.clone()
        block = cut.global_block()
        own = block.ops
        for op in reversed(own[last + 1 :]):
            block.remove_op(op)
        return cut, own

    def _count(self, slot: Slot) -> int:
        """How many numbers a result has. What the program itself does not know is told by a run, for all ops at once."""
        index, position = slot
        shape = self.ops[index].result(position).shape
        if min(shape, default=0) >= 0:
            return math.prod(shape)
        if self._counted is None:
            self._counted = self._counts()
        return self._counted.get(index, 0)

    def _counts(self) -> dict[int, int]:
        """How many numbers the first result of each op has whose shape the program does not know: the others are smaller, or not made at all."""
        import numpy
        import paddle

        last = max(index for index, op in enumerate(self.ops) if op.name() != "pd_op.fetch")
        cut, own = self._cut(last)
        asked: dict[int, Any] = {}
        with paddle.static.program_guard(cut):
            for index, op in enumerate(own[: last + 1]):
                if _is_tensor(op) and min(op.result(0).shape, default=0) < 0:
                    paddle.pir.set_insertion_point_after(op)
                    asked[index] = paddle._C_ops.shape64(op.result(0))
        shapes = self._executor.run(cut, feed=dict(self._feed), fetch_list=list(asked.values()))
        return {index: int(numpy.prod(shape)) for index, shape in zip(asked, shapes, strict=True)}

    def _needed_after(self, last: int) -> list[Slot]:
        """Results of the ops up to `last`, made of the inputs, that the ops after it take, as (op, position)."""
        fed = self._made_of_inputs()
        slots: dict[Slot, None] = {}
        for op in self.ops[last + 1 :]:
            for value in _taken(op):
                maker = self._maker(value)
                if maker is not None and maker <= last and maker in fed and self.ops[maker].name() not in ops.INPUTS:
                    slots[self._slot(value)] = None
        return list(slots)

    def _made_of_inputs(self) -> set[int]:
        """The ops that an input leads to."""
        if self._fed is None:
            self._fed = set()
            for index, op in enumerate(self.ops):
                makers = map(self._maker, _taken(op))
                if op.name() in ops.INPUTS or any(maker in self._fed for maker in makers):
                    self._fed.add(index)
        return self._fed

    def passes(self, last: int) -> bool:
        """Whether the ops up to `last` run."""
        fetchable = next((index for index in range(last, -1, -1) if _is_tensor(self.ops[index])), None)
        try:
            self.run(last, [] if fetchable is None else [(fetchable, 0)])
        except Exception:  # any: this is the question
            return False
        return True

    def leading_to(self, indices: Iterable[int]) -> set[int]:
        """These ops, and all whose results they need."""
        seen: set[int] = set()
        pending = list(indices)
        while pending:
            index = pending.pop()
            if index not in seen:
                seen.add(index)
                pending += self.makers(index)
        return seen

    def makers(self, index: int) -> list[int]:
        """The ops that made what an op is given."""
        return [number for value in _given(self.ops[index]) if (number := self._maker(value)) is not None]

    def behind(self, index: int) -> int:
        """The op itself; of one that only takes a list of tensors apart, the op that made the list."""
        while self.ops[index].name() in ops.TAKING_APART:
            index = self._number[self.ops[index].operand_source(0).get_defining_op().id()]
        return index

    def is_tensor(self, index: int, position: int) -> bool:
        """Whether the op has a result there which can be fetched: a tensor that is made, and no list of tensors."""
        op = self.ops[index]
        return position < op.num_results() and _fetchable(op.result(position))

    def fetched(self, number: int) -> Slot | None:
        """The result that is the output of this number, as (op, position); None where there is none that can be fetched."""
        fetches = [op for op in self.ops if op.name() == "pd_op.fetch"]
        if number >= len(fetches):
            return None
        slot = self._slot(fetches[number].operand_source(0))
        return slot if self.is_tensor(*slot) else None

    def overwritten(self) -> set[Slot]:
        """Results, as (op, position), that an op after them writes to in place: when the program has run, they have its values."""
        writing = (op for op in self.ops if op.name().endswith("_"))
        values = (value for op in writing for value in _given(op))
        return {self._slot(value) for value in values if value.get_defining_op().id() in self._number}

    def is_scalar(self, index: int) -> bool:
        """Whether the op makes one constant number, as the arguments of other ops are."""
        op = self.ops[index]
        return bool(op.name() == ops.FULL and list(op.result(0).shape) in ([], [1]))

    def operands(self, index: int) -> list[Operand]:
        """What the op is given when the program runs."""
        wanted: list[tuple[str, list[Slot]]] = []
        for operand in _given(self.ops[index]):
            producer = operand.get_defining_op()
            if producer.name() == ops.COMBINE:
                values = producer.operands_source()
            else:
                values = [operand] if operand.is_dense_tensor_type() else []
            wanted.append((producer.name(), [self._slot(value) for value in values]))
        slots = [slot for _, several in wanted for slot in several]
        arrays = iter(self.run(index - 1, slots) if slots else [])
        return [Operand(producer, [next(arrays) for _ in several]) for producer, several in wanted]

    def _maker(self, value: Any) -> int | None:
        return self._number.get(value.get_defining_op().id())

    def _slot(self, value: Any) -> Slot:
        """A value as (op, position)."""
        producer = value.get_defining_op()
        position = next(place for place, result in enumerate(producer.results()) if result.is_same(value))
        return self._number[producer.id()], position


def within(op: Any) -> Iterator[Any]:
    """The ops in the blocks of an op of a program, and in their blocks, each before those in its own."""
    for block in op.blocks():
        for each in block.ops:
            yield each
            yield from within(each)


def named(op: Any) -> tuple[str, str]:
    """An op of a program as (name, layer path)."""
    return op.name(), str(op.attrs().get("struct_name") or "")


def _is_tensor(op: Any) -> bool:
    """Whether the first result of an op is a tensor, which can be fetched, and no list of tensors."""
    return bool(op.num_results() and _fetchable(op.result(0)))


def _fetchable(value: Any) -> bool:
    return bool(value.initialized() and value.is_dense_tensor_type())


def _taken(op: Any) -> list[Any]:
    """The operands of an op and of those in its blocks."""
    inner = [value for block in op.blocks() for each in block.ops for value in _taken(each)]
    return [*_given(op), *inner]


def _given(op: Any) -> list[Any]:
    """The operands of an op that some op has made."""
    if not op.num_operands():
        return []
    return [value for value in op.operands_source() if value.initialized() and value.get_defining_op() is not None]


@contextmanager
def opened(path: str, arrays: Mapping[str, Any]) -> Iterator[Pieces]:
    """The program exported to `path`, fed with these arrays by the name of the input.

    Args:
        path: The export, as given to `paddle.jit.save`.
        arrays: By name; those that the program does not take are left out.
    """
    import paddle
    from paddle.base import framework

    with ExitStack() as stack:
        stack.enter_context(framework._dygraph_guard(None))
        stack.enter_context(paddle.static.scope_guard(paddle.static.Scope()))
        executor = paddle.static.Executor(paddle.CPUPlace())
        program, names, _ = paddle.static.load_inference_model(path, executor)
        yield Pieces(program, executor, {name: arrays[name] for name in names if name in arrays})
