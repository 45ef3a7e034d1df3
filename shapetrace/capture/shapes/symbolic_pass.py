"""Paddle's own symbolic pass (`infer_symbolic_shape_pass`, 3.x), asked for the shapes of a program.

The pass can throw, end its process, or not end. So all of this runs in a process of its own, never in that of the export
(`tasks.py`), and writes on a clone of the program, as the pass itself does.

The pass gives up whole over one op that it cannot take: an `if` or an `assert` without a result, an LSTM made in `forward`. It has
then told of all ops before that one. So what gives no result is taken out of the clone at once; where the pass gives up all
the same, the op it gave up at is *cut out*: inputs that only have a shape stand in for its results, and the pass is run again.

Of some ops it tells another shape than they have. What goes backwards, half a spectrum, and a resize by a scale that is a
tensor are spelled otherwise for it; a slice that may count from the end is cut out of a new clone, as soon as it is known
what the pass makes of its places.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from shapetrace import symbolic
from shapetrace.facts import free_ops, ops
from shapetrace.symbolic.signs import never_negative

_MOST_CUTS = 12
_SCALE = 3
"""Which operand of an op that resizes is a scale."""
_RESIZING = (
    "data_format", "out_d", "out_h", "out_w", "scale", "interp_method", "align_corners", "align_mode"
)  # fmt: skip
"""The attributes of such an op, in the order of its C function."""


class Answers(msgspec.Struct, array_like=True):
    """What the symbolic pass says of a program."""

    ops: list[str]
    """`sym_shape_str` of each op, in the order of the walk."""
    values: dict[int, str]
    """The symbolic shape of further values, by their position in the walk, as the data of a tensor that holds it."""
    cuts: dict[int, str] = {}
    """The ops that were cut out, with why."""
    untold: int = 0
    """How many ops come after the one that the pass has last given up at, and have no shapes; 0 where it came to its end."""


def ask(program: Any, enough: Callable[[], bool] = lambda: False) -> Answers:
    """Run the pass on a clone of `program`.

    The pass tells the shape of an op's first result only. Of any other value with an unknown dim we ask for the
    shape in the program itself: an op `shape64` of it is inserted into the clone, and the pass tells what that holds.

    Args:
        program: A `paddle.pir.Program`, complete or half-built.
        enough: Whether it has taken so long that it is not run once more.

    Raises:
        Exception: Whatever the pass raises before it has told anything.
    """
    from paddle.base.framework import _dygraph_guard

    asked = _Clone(program.clone())
    with _dygraph_guard(None):
        while True:
            error = asked.run_to_the_end(enough)
            mistaken = asked.mistaken()
            if not mistaken or enough():
                break
            asked = _Clone(program.clone(), asked.apart | mistaken, asked.cuts)
    if error is not None and not asked.has_told():
        raise error
    return asked.answers(whole=error is None)


def spent(seconds: float) -> Callable[[], bool]:
    """Whether this process has used so much CPU time from now on."""
    until = time.process_time() + seconds
    return lambda: time.process_time() > until


class _Clone:
    """A clone of a program, made ready for the pass.

    Args:
        program: The clone. Once the pass has been over it, the sizes of inputs that it has found equal have one symbol.
        apart: The ops that the pass has mistaken.
        cuts: Those that were cut out, with why.
    """

    def __init__(
        self, program: Any, apart: frozenset[int] = frozenset(), cuts: Mapping[int, str] | None = None
    ) -> None:
        self.program = program
        self.apart = apart
        self.ops: list[Any] = []
        """Each op of the walk, or what stands in for its first result; None for one that is taken out."""
        self.questions: dict[int, Any] = {}
        """Position of a value to the result of the op that asks for its shape; None for one that is born unknown."""
        self.cuts = dict(cuts or {})
        self._counter = itertools.count()
        self._pointless: list[Any] = []
        self._names = itertools.count()

    def run_to_the_end(self, enough: Callable[[], bool]) -> Exception | None:
        """Run the pass, and again without each op that it gives up at. Returns what it raises last."""
        import paddle

        with paddle.static.program_guard(self.program):
            self._prepare()
            while (error := self._run()) is not None:
                if self.mistaken() or enough() or not self._cut(str(error)):
                    break
        return error

    def _prepare(self) -> None:
        """Walk the program as `program.py` does, insert the questions, put others in the place of ops that the pass mistakes, and take out what gives no result."""
        self._walk(self.program.global_block(), asks=True)
        for index, op in enumerate(self.ops):
            if op is None:
                continue
            if index in self.apart or index in self.cuts:
                self._stand_in(index, op)
            elif op.name() == ops.STRIDED_SLICE:
                self._turn(index, op)
            elif ops.bare(op.name()) in free_ops.RESIZES and op.operand_source(_SCALE).initialized():
                self._resize(index, op)
            elif op.name() == ops.HALF_SPECTRUM and not op.attrs()["last_dim_size"]:
                self._mirror(index, op)
        for op in reversed(self._pointless):
            self._erase(op)

    def _run(self) -> Exception | None:
        """Run the pass. Returns what it raises."""
        import paddle.base.libpaddle as libpaddle
        from paddle.pir import PassManager

        manager = PassManager()
        libpaddle.pir.infer_symbolic_shape_pass(manager, self.program)
        try:
            manager.run(self.program)
        except Exception as error:
            return error
        return None

    def has_told(self) -> bool:
        """Whether the pass has told anything but inputs and constants."""
        return any(op is not None and op.num_operands() and _answer(op) for op in self.ops)

    def mistaken(self) -> frozenset[int]:
        """The slices that may count from the end, by their index: the pass tells of them as if all places counted from the beginning."""
        slices = ((index, op) for index, op in enumerate(self.ops) if op is not None and op.name() == ops.SLICE)
        return frozenset(index for index, op in slices if any(map(_counts_from_the_end, op.operands_source()[1:3])))

    def _cut(self, why: str) -> bool:
        """Cut out the op that the pass has given up at. Returns whether it could be."""
        if len(self.cuts) >= _MOST_CUTS:
            return False
        told = [index for index, op in enumerate(self.ops) if op is not None and _answer(op)]
        frontier = told[-1] if told else -1
        if self.cuts and max(self.cuts) > frontier:
            return False  # cutting has not helped: it is an op around them
        for index in range(frontier + 1, len(self.ops)):
            op = self.ops[index]
            if op is None or not op.num_results():
                continue
            if op.num_regions():
                return False
            if not _can_be_cut(op):
                continue  # it gives vectors, of which the pass never tells
            self._stand_in(index, op)
            self.cuts[index] = why
            return True
        return False

    def answers(self, *, whole: bool) -> Answers:
        """What the pass has told."""
        ops = [_answer(op) if op is not None else "" for op in self.ops]
        last = max((index for index, text in enumerate(ops) if text), default=-1)
        return Answers(
            ops=ops,
            values={
                position: _answer(value.get_defining_op()) if value is not None else _new_symbol(position)
                for position, value in self.questions.items()
            },
            cuts=self.cuts,
            untold=0 if whole else len(ops) - last - 1,
        )

    def _walk(self, block: Any, asks: bool) -> None:
        import paddle

        members = list(block.ops)
        for argument in block.args():
            position = next(self._counter)
            if asks and _has_unknown(argument):
                paddle.pir.set_insertion_point(members[0])
                self.questions[position] = paddle._C_ops.shape64(argument)
        for op in members:
            pointless = not op.results() and op.name() in ops.NOT_WITHOUT_RESULT
            if pointless and asks:
                self._pointless += [*_empty_vectors(op), op]
            self.ops.append(op if asks and not pointless else None)
            for result, value in enumerate(op.results()):
                position = next(self._counter)
                if asks and (result or op.name() in ops.NOT_TOLD) and _has_unknown(value):
                    self.questions[position] = self._asked(op, result, value)
            for nested in op.blocks():
                self._walk(nested, asks and not pointless)

    def _asked(self, op: Any, result: int, value: Any) -> Any:
        import paddle

        if (op.name(), result) in ops.WORKSPACES:
            return None
        paddle.pir.set_insertion_point_after(op)
        return paddle._C_ops.shape64(value)

    def _turn(self, index: int, op: Any) -> None:
        """Have a slice go forwards in an axis of unknown size: of one that goes backwards the pass tells another size than it has."""
        import paddle

        value, *limits = op.operands_source()
        starts, ends, steps = (_numbers(limit) for limit in limits)
        axes = list(op.attrs()["axes"])
        back = [place for place, step in enumerate(steps) if step < 0 and value.shape[axes[place]] < 0]
        if not back:
            return
        if (
            not starts
            or not ends
            or any(starts[place] not in (-1, ops.END) or ends[place] >= -ops.END for place in back)
        ):
            self._stand_in(index, op)  # how much of it is taken is a matter of the size
            return
        for place in back:
            starts[place], ends[place], steps[place] = 0, ops.END, -steps[place]
        paddle.pir.set_insertion_point(op)
        turned = paddle._C_ops.flip(value, [axes[place] for place in back])
        forwards = paddle._C_ops.strided_slice(turned, axes, starts, ends, steps)
        self._replace(index, op, forwards)

    def _resize(self, index: int, op: Any) -> None:
        """Have a size that nothing is known of in the place of a scale that is a tensor: for that the pass tells -1."""
        import paddle
        from paddle.base.core import Place

        value, attributes = op.operand_source(0), op.attrs()
        paddle.pir.set_insertion_point(op)
        size = paddle._C_ops.data(
            f"shapetrace_{next(self._names)}", [len(value.shape) - 2], paddle.base.core.DataType.INT32, Place()
        )
        resized = getattr(paddle._C_ops, ops.bare(op.name()))(
            value, size, None, None, *(attributes[name] for name in _RESIZING)
        )
        self._replace(index, op, resized)

    def _mirror(self, index: int, op: Any) -> None:
        """Have half a spectrum be as long as all of it: twice what follows its first place."""
        import paddle

        spectrum, axis = op.operand_source(0), op.attrs()["axes"][-1]
        paddle.pir.set_insertion_point(op)
        half = paddle._C_ops.slice(spectrum, [axis], [1], [ops.END], [], [])
        self._replace(index, op, paddle._C_ops.real(paddle._C_ops.concat([half, half], axis)))

    def _replace(self, index: int, op: Any, value: Any) -> None:
        """Put a value in the place of the one result of an op."""
        op.result(0).replace_all_uses_with(value)
        self._erase(op)
        self.ops[index] = value.get_defining_op()

    def _stand_in(self, index: int, op: Any) -> None:
        """Put inputs in the place of an op's results."""
        import paddle
        from paddle.base.core import Place

        paddle.pir.set_insertion_point(op)
        first = None
        for value in op.results():
            if not value.initialized():
                continue
            name = f"shapetrace_{next(self._names)}"
            stand_in = paddle._C_ops.data(name, list(value.shape), value.dtype, Place())
            value.replace_all_uses_with(stand_in)
            first = first or stand_in.get_defining_op()
        makers = [value.get_defining_op() for value in op.operands_source() if value.initialized()]
        self._erase(op)
        self.ops[index] = first
        for maker in makers:  # a vector that nobody takes any more may be what the pass could not bear
            if maker is not None and maker.name() == ops.COMBINE and maker.result(0).use_empty():
                self._erase(maker)

    def _erase(self, op: Any) -> None:
        number = op.id()
        self.ops = [None if member is not None and member.id() == number else member for member in self.ops]
        op.get_parent_block().remove_op(op)


def _numbers(value: Any) -> list[int]:
    """The numbers of a list that is written down; none of another."""
    maker = value.get_defining_op()
    return list(maker.attrs()["value"]) if maker is not None and maker.name() == ops.FULL_INTS else []


def _counts_from_the_end(limits: Any) -> bool:
    """Whether a slice may begin or end at a number below zero that follows from sizes."""
    maker = limits.get_defining_op()
    told = symbolic.parse_shapes(_answer(maker)) if maker is not None else ()
    numbers = (told and told[0].data) or ()
    return any(symbolic.symbols(number) and not never_negative(number) for number in numbers)


def _can_be_cut(op: Any) -> bool:
    results = [value for value in op.results() if value.initialized()]
    return bool(results) and all(value.is_dense_tensor_type() for value in results)


def _empty_vectors(op: Any) -> Iterator[Any]:
    """The vectors of no tensor that an `assert` takes."""
    for value in op.operands_source():
        maker = value.get_defining_op() if value.initialized() else None
        if maker is not None and maker.name() == ops.COMBINE and not maker.num_operands():
            yield maker


def _new_symbol(position: int) -> str:
    """What the pass says of a dim that it knows nothing of, under a number that it does not come to itself."""
    return f"shape[1], data[S{1_000_000 + position}]"


def _has_unknown(value: Any) -> bool:
    return value.initialized() and value.is_dense_tensor_type() and any(size < 0 for size in value.shape)


def _answer(op: Any) -> str:
    return op.str_attr("sym_shape_str") if op.has_attr("sym_shape_str") else ""
