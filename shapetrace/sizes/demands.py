"""What each op of a program demands of the dims it works on, and the ops of which that is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil, gcd, prod
from typing import Literal, NamedTuple

from shapetrace import symbolic
from shapetrace.facts import axes, free_ops, ops
from shapetrace.rules import forced
from shapetrace.said import said
from shapetrace.sizes.conditions import Condition, Conditions, alternatives, around, asked, depends_on
from shapetrace.sizes.lookups import Spans, looked_up, unknown_places
from shapetrace.sizes.numbers import held, never_negative, never_positive
from shapetrace.sizes.operands import Operands
from shapetrace.symbolic import form
from shapetrace.trace import Conversion, Op, Said

Kind = Literal["equal", "differ", "broadcast", "at_least", "rows", "not_empty"]
"""`broadcast`: equal, or one of them 1. `differ`: they are not equal. `rows`: a table has at least as many. `not_empty`: at least 1; Paddle itself lets an empty tensor pass in places."""
LEAST = frozenset({"at_least", "rows", "not_empty"})
"""The kinds that want the first dim to be no smaller than the second."""


class Demand(NamedTuple):
    """What must hold between two dims wherever the op runs."""

    kind: Kind
    left: str
    right: str
    op: int
    """Index into `Conversion.ops`."""
    when: Conditions | None = ()
    """Where the op runs: under all of these conditions, and always where there is none. None where that depends on more than sizes."""

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols that it depends on."""
        of_conditions = (condition.symbols for condition in self.when or ())
        return symbolic.symbols(self.left).union(symbolic.symbols(self.right), *of_conditions)

    @property
    def settled(self) -> bool:
        """Whether it is about numbers only, and holds."""
        numbers = not symbolic.symbols(self.left) | symbolic.symbols(self.right)
        return numbers and self._replace(when=()).holds({})

    def replaced(self, replace: Callable[[str], str]) -> Demand:
        """The same over other dims.

        Args:
            replace: Gives another dim for each.
        """
        when = self.when and tuple(condition.replaced(replace) for condition in self.when)
        return self._replace(left=replace(self.left), right=replace(self.right), when=when)

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether it holds at sizes of the symbols.

        Args:
            sizes: By the symbol; of all that occur.
        """
        try:
            if not all(condition.holds(sizes) for condition in self.when or ()):
                return True
            left, right = (symbolic.evaluate(each, sizes) for each in (self.left, self.right))
        except ValueError:
            return False
        if self.kind in LEAST:
            return left >= right
        if self.kind == "differ":
            return left != right
        return left == right or (self.kind == "broadcast" and 1 in (left, right))

    def fails(self, sizes: Mapping[str, int]) -> bool:
        """Whether it is known not to hold: one of symbols without a size is not."""
        return self.when is not None and self.symbols <= sizes.keys() and not self.holds(sizes)


class Unclear(NamedTuple):
    """An op that may demand something that is not known."""

    keys: frozenset[str]
    """The symbols of the dims that it is about."""
    op: int
    why: Said
    misread: bool = False
    """Whether Paddle's symbolic pass may tell another shape of its result than it has, so that nothing that follows says what is taken."""


class Reader(Operands):
    """Reads what the ops of a conversion demand.

    Args:
        conversion: The conversion.
        expressions: Its expressions, with what is known of data-dependent symbols put in.
    """

    def __init__(self, conversion: Conversion, expressions: Sequence[str]) -> None:
        super().__init__(conversion, expressions)
        self._known = dict(zip(conversion.expressions, expressions, strict=True))
        self._born = frozenset(symbol.key for symbol in conversion.symbols if symbol.input is None)
        self._measured = _only_measured(conversion)
        self._spans = Spans(self)
        self._numbers = held(conversion, expressions)
        self.unclear: list[Unclear] = []

    def demands(self) -> Iterator[Demand]:
        """All demands, in the order of the program. What is not clear is then in `unclear`."""
        for place, op in enumerate(self.conversion.ops):
            name = ops.bare(op.name).rstrip("_")
            if name in free_ops.OF_NO_OPERAND or op.name in ops.GIVEN or not op.inputs:
                continue
            when = around(self.conversion, self._numbers, place)
            for demand in self._of(place, op, name):
                for each in when:
                    yield demand._replace(when=None if each is None or demand.when is None else each + demand.when)

    def _of(self, place: int, op: Op, name: str) -> Iterator[Demand]:
        yield from self._of_op(place, op, name)
        if name in free_ops.LOOKING_UP:
            yield from (Demand(*asked, place) for asked in looked_up(self, self._spans, op))
            keys = unknown_places(self, self._spans, op)
            if keys:
                self.unclear.append(
                    Unclear(keys, place, said("how large the numbers are that {} looks up is not known", name))
                )
        yield from self._not_empty(place, op, name)

    def _asserted(self, place: int, op: Op) -> Iterator[Demand]:
        """What is asserted of sizes. Of several of which one must hold, the last must where the others do not."""
        *others, last = alternatives(self.conversion, op.inputs[0])
        unless = [asked(self.conversion, self._numbers, value, true=False) for value in others]
        conditions = asked(self.conversion, self._numbers, last) if None not in unless else None
        when = tuple(condition for each in unless for condition in each or ())
        for condition in conditions or ():
            yield _demanded(condition, place, when)
        if conditions is None:
            keys = depends_on(self.conversion, self._numbers, op.inputs[0])
            if keys:
                self.unclear.append(Unclear(keys, place, said("what {} asks of its operands is not known", "assert")))

    def _of_op(self, place: int, op: Op, name: str) -> Iterator[Demand]:
        reading = _READING.get(name)
        if reading is not None:
            yield from (Demand(kind, left, right, place) for kind, left, right in reading(self, op) if left != right)
        elif name in ops.ELEMENTWISE or name in ops.PRODUCTS or name in ("concat", "stack"):
            for pair in forced.pairs(self.conversion, op):
                left, right = self._known[pair.left], self._known[pair.right]
                if left != right and not (pair.broadcasts and "1" in (left, right)):
                    yield Demand("broadcast" if pair.broadcasts else "equal", left, right, place)
        elif name == "assert":
            yield from self._asserted(place, op)
        elif name not in free_ops.FREE and op.name not in _STRUCTURE:
            why = said("what {} asks of its operands is not known", name)
            self.say_unclear(place, op, why, self.result(op) if name in free_ops.MISTOLD else ())

    def say_unclear(self, place: int, op: Op, why: Said, misread: Sequence[str] = ()) -> None:
        """Say that it is not known what an op demands, where it works on unknown dims.

        Args:
            place: Its index.
            op: The op.
            why: What is not known.
            misread: Numbers that Paddle's symbolic pass may take for others than they are.
        """
        dims = [*misread, *(dim for value in self.operands(op) for dim in self.dims(value))]
        keys = frozenset().union(*map(symbolic.symbols, dims))
        if keys:
            self.unclear.append(Unclear(keys, place, why, bool(misread)))

    def _not_empty(self, place: int, op: Op, name: str) -> Iterator[Demand]:
        """No axis of a result may be empty, unless only its shape is read. How many elements are chosen by value is another matter."""
        for position, index in enumerate(op.outputs):
            if (op.name, position) in ops.WORKSPACES or index in self._measured:
                continue
            for dim in self.dims(self.conversion.values[index]):
                for part in _at_least_1_too(dim):
                    if "(" in part and not symbolic.symbols(part) & self._born:
                        yield Demand("not_empty", part, "1", place)


def _only_measured(conversion: Conversion) -> frozenset[int]:
    """The values of which only the shape is read, by their index: Paddle lets these be empty."""
    measured, read = set[int](), set(conversion.outputs)
    for op in conversion.ops:
        (measured if op.name in ops.SHAPES else read).update(op.inputs)
    return frozenset(measured - read)


_Asked = Iterator[tuple[Kind, str, str]]
_STRUCTURE = frozenset({ops.IF, ops.WHILE, ops.YIELD, *ops.LISTS, "pd_op.increment"})
"""Ops around which programs are built, which have no shape inference of their own."""


def _reshape(reader: Reader, op: Op) -> _Asked:
    """As many elements as before."""
    (before, many), (after, more) = map(_factors, (reader.dims(reader.operand(op, 0)), reader.result(op)))
    for dim in list(before):
        if dim in after:
            before.remove(dim)
            after.remove(dim)
    shared = gcd(many, more) or 1
    if before or after or many != more:
        yield "equal", _product([*before, str(many // shared)]), _product([*after, str(more // shared)])


def _factors(dims: Sequence[str]) -> tuple[list[str], int]:
    """The factors of a product of dims: those that have symbols, and the numbers multiplied."""
    pending, unknown, number = [form.parse(dim) for dim in dims], list[str](), 1
    while pending:
        node = pending.pop(0)
        if isinstance(node, tuple) and node[0] == "Mul":
            pending[:0] = node[1:]
        elif isinstance(node, int):
            number *= node
        else:
            unknown.append(form.unparse(node))
    return unknown, number


def _at_least_1_too(dim: str) -> Sequence[str]:
    """What is at least 1 where a dim is: its factors, those that are always below zero turned around; itself where they say less."""
    parts, number = _factors([dim])
    below = [part for part in parts if "-" in part and never_positive(part)]
    if number * (-1) ** len(below) < 1:
        return [dim]
    return [symbolic.combine("neg", [part]) if part in below else part for part in parts]


def _product(dims: Sequence[str]) -> str:
    factors = [dim for dim in dims if dim != "1"]
    return f"Mul({', '.join(factors)})" if len(factors) > 1 else (factors or ["1"])[0]


def _demanded(condition: Condition, place: int, when: Conditions) -> Demand:
    """A condition as what an op demands."""
    least = condition.least()
    if least is not None:
        return Demand("at_least", *least, place, when)
    return Demand("equal" if condition.sign == "==" else "differ", condition.left, condition.right, place, when)


def _expand(reader: Reader, op: Op) -> _Asked:
    """An axis has the size that is wanted, or is 1."""
    before, after = reader.dims(reader.operand(op, 0)), reader.result(op)
    for dim, wanted in zip(reversed(before), reversed(after), strict=False):
        if dim != "1":
            yield "broadcast", dim, wanted
            yield "at_least", wanted, dim


def _slice(reader: Reader, op: Op) -> _Asked:
    """An index is within its axis. One that may be negative counts from the end then, which Paddle's symbolic pass leaves out."""
    dims, starts = reader.dims(reader.operand(op, 0)), reader.data(reader.operand(op, 1))
    axes = op.attrs.get("axes") or []
    for axis, start in zip(axes, starts, strict=False):
        if symbolic.symbols(start) and not never_negative(start) and not never_positive(start):
            reader.say_unclear(reader.place_of(op), op, said("where a slice begins may be negative"), [start])
        if axis in (op.attrs.get("decrease_axis") or []) and axis < len(dims):
            negative = start.startswith("-")
            yield "at_least", dims[axis], symbolic.combine("neg", [start]) if negative else f"Add({start}, 1)"


def _assigned(reader: Reader, op: Op) -> _Asked:
    """An index is within its axis, and a tensor that is put into places has as many (SetValueInferMeta in unary.cc)."""
    first = 2 if "with_tensor" in op.name else 1
    starts, ends, steps = (reader.data(reader.operand(op, place)) for place in range(first, first + 3))
    dims, single = reader.dims(reader.operand(op, 0)), op.attrs.get("decrease_axes") or []
    places: list[str | None] = list(dims)
    for axis, start, end, step in zip(op.attrs.get("axes") or [], starts, ends, steps, strict=False):
        if axis in single and axis < len(dims) and start.removeprefix("-").isdigit():
            yield "at_least", dims[axis], start[1:] if start.startswith("-") else f"Add({start}, 1)"
        elif axis < len(dims) and (start, step) == ("0", "1") and never_negative(end):
            places[axis] = f"Min({dims[axis]}, {end})"
        elif axis < len(dims):
            places[axis] = None
    value = reader.dims(reader.operand(op, 1)) if first > 1 else []
    if value and None in places:
        reader.say_unclear(reader.place_of(op), op, said("what {} asks of its operands is not known", "set_value"))
    left = [dim for axis, dim in enumerate(places) if axis not in single]
    for dim, size in zip(reversed(left), reversed(value), strict=False):
        if dim is not None and size != "1":
            yield "equal", dim, size


def _split(reader: Reader, op: Op) -> _Asked:
    """The parts make up the axis, or are of one size."""
    dims, held = reader.dims(reader.operand(op, 0)), [reader.data(each) for each in reader.operands(op)[1:]]
    if not held or not held[-1] or not dims:
        return
    dim = dims[int(held[-1][0]) % len(dims)]
    sections = held[0] if len(held) > 1 else []
    if sections and "-1" not in sections:
        yield "equal", dim, f"Add({', '.join(sections)}, 0)"


def _split_with_num(reader: Reader, op: Op) -> _Asked:
    dims, axis = reader.dims(reader.operand(op, 0)), reader.data(reader.operand(op, 1))
    count = op.attrs.get("num")
    if dims and axis and isinstance(count, int):
        yield "equal", f"Mod({dims[int(axis[0]) % len(dims)]}, {count})", "0"


def _convolved(reader: Reader, op: Op) -> _Asked:
    """As many channels as the filter takes."""
    x, filters = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    last = str(op.attrs.get("data_format", "NCHW")).endswith("C")
    if len(x) > 1 and len(filters) > 1 and not last:
        turned = ops.bare(op.name).endswith("transpose")
        yield "equal", x[1], filters[0] if turned else f"Mul({filters[1]}, {op.attrs.get('groups', 1)})"


def _deformed(reader: Reader, op: Op) -> _Asked:
    """An offset, and a weight if there are such, for each place of the result (DeformableConvInferMeta in multiary.cc)."""
    x, offsets, filters, mask = (reader.dims(reader.operand(op, place)) for place in range(4))
    result, groups = reader.result(op), int(op.attrs.get("deformable_groups", 1))
    if not len(x) == len(filters) == len(result) == _RANK_OF_IMAGES:
        return
    yield "equal", x[1], f"Mul({filters[1]}, {op.attrs.get('groups', 1)})"
    for each, numbers in ((offsets, 2 * groups), (mask, groups)):
        if len(each) == _RANK_OF_IMAGES:
            yield "equal", x[0], each[0]
            yield "equal", each[1], f"Mul({filters[2]}, {filters[3]}, {numbers})"
            yield from (("equal", size, dim) for size, dim in zip(result[2:], each[2:], strict=True))


def _normalized(reader: Reader, op: Op) -> _Asked:
    """A weight for each channel."""
    x = reader.dims(reader.operand(op, 0))
    last = str(op.attrs.get("data_format", "NCHW")).endswith("C")
    for weight in reader.operands(op)[1:]:
        if len(x) > 1 and len(reader.dims(weight)) == 1:
            yield "equal", x[-1 if last else 1], reader.dims(weight)[0]


def _grouped(reader: Reader, op: Op) -> _Asked:
    """Groups of one size, and a weight for each channel (GroupNormInferMeta in multiary.cc)."""
    x, groups = reader.dims(reader.operand(op, 0)), op.attrs.get("groups")
    if len(x) > 1 and isinstance(groups, int):
        yield "equal", f"Mod({x[-1 if op.attrs.get('data_format') == 'NHWC' else 1]}, {groups})", "0"
    yield from _normalized(reader, op)


def _framed(reader: Reader, op: Op) -> _Asked:
    """A frame fits (FrameInferMeta in unary.cc); `stft` asks that of what it is given, and pads it then (`python/paddle/signal.py`)."""
    index, width, axis = op.inputs[0], op.attrs.get("frame_length"), int(op.attrs.get("axis", -1))
    while op.api == "stft" and (made := reader.op_of(index)).api == "stft" and made.inputs:
        index = made.inputs[0]
    dims = reader.dims(reader.conversion.values[index])
    if dims:
        yield "at_least", dims[axis], str(width)


def _kth(reader: Reader, op: Op) -> _Asked:
    dims = reader.dims(reader.operand(op, 0))
    if dims:
        yield "at_least", dims[int(op.attrs.get("axis", -1)) % len(dims)], str(op.attrs.get("k", 1))


def _taken(reader: Reader, op: Op) -> _Asked:
    """Along other axes there is a row for each index (`take_along_axis` in `python/paddle/tensor/manipulation.py`).

    Where both are broadcast, an export leaves those of unknown size as they are.
    """
    dims, indices = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    axis = int(op.attrs.get("axis", 0)) % max(len(dims), 1)
    broadcast = op.inputs[1] >= 0 and reader.op_of(op.inputs[1]).api == ops.bare(op.name)
    for place, (dim, count) in enumerate(zip(dims, indices, strict=False)):
        if place != axis:
            yield "equal" if broadcast else "at_least", dim, count


def _scattered(reader: Reader, op: Op) -> _Asked:
    """As many rows to put as places, each as long as those of the table (ScatterInferMeta in ternary.cc, funcs/scatter.h)."""
    table, places, rows = (reader.dims(reader.operand(op, place)) for place in (0, 1, 2))
    if places and rows:
        yield "at_least", rows[0], places[0]
    for dim, size in zip(table[1:], rows[1:], strict=False):
        yield "equal", dim, size


def _scattered_by_columns(reader: Reader, op: Op) -> _Asked:
    """What is put has the axes of the places, and then what is left of the table's (ScatterNdAddInferMeta in ternary.cc)."""
    table, places, rows = (reader.dims(reader.operand(op, place)) for place in (0, 1, 2))
    if places and places[-1].isdigit():
        for dim, size in zip([*places[:-1], *table[int(places[-1]) :]], rows, strict=False):
            yield "equal", dim, size


def _added_at(reader: Reader, op: Op) -> _Asked:
    """As much along the axis as there are places, and else of one shape (IndexAddInferMeta in ternary.cc, index_add_impl.h)."""
    table, places, rows = (reader.dims(reader.operand(op, place)) for place in (0, 1, 2))
    axis = int(op.attrs.get("axis", 0)) % max(len(table), 1)
    for place, (dim, size) in enumerate(zip(table, rows, strict=False)):
        yield "equal", places[0] if place == axis and places else dim, size


def _searched(reader: Reader, op: Op) -> _Asked:
    """A row to search in for each row, where there are several (SearchsortedInferMeta in binary.cc)."""
    rows, values = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    for dim, size in zip(rows[:-1], values, strict=False):
        yield "equal", dim, size


def _square(reader: Reader, op: Op) -> _Asked:
    dims = reader.dims(reader.operand(op, 0))
    if len(dims) > 1:
        yield "equal", dims[-2], dims[-1]


def _repeated(reader: Reader, op: Op) -> _Asked:
    """A number for each row (RepeatInterleaveWithTensorIndexInferMeta in binary.cc)."""
    dims, counts = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    if dims and counts:
        yield "equal", dims[int(op.attrs.get("axis", 0)) % len(dims)], counts[0]


def _bilinear(reader: Reader, op: Op) -> _Asked:
    """Rows of both, each as long as the weight has for it (BilinearInferMeta in multiary.cc)."""
    x, y, weight = (reader.dims(reader.operand(op, place)) for place in (0, 1, 2))
    if len(x) == len(y) == 2 and len(weight) == 3:
        yield from (("equal", x[0], y[0]), ("equal", x[1], weight[1]), ("equal", y[1], weight[2]))


def _of_regions(reader: Reader, op: Op) -> _Asked:
    """A number of regions for each image (roi_align_kernel.cc)."""
    x, counts = (reader.dims(reader.operand(op, place)) for place in (0, 2))
    if x and counts:
        yield "equal", x[0], counts[0]


def _filled(reader: Reader, op: Op) -> _Asked:
    """The first two are broadcast (MaskedFillInferMeta in ternary.cc, LerpInferMeta)."""
    x, mask = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    for left, right in zip(reversed(x), reversed(mask), strict=False):
        yield "broadcast", left, right


def _labelled(reader: Reader, op: Op) -> _Asked:
    """A label for each row (CrossEntropyWithSoftmaxInferMeta in binary.cc)."""
    x, label = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    axis = int(op.attrs.get("axis", -1)) % max(len(x), 1)
    for place, (left, right) in enumerate(zip(x, label, strict=False)):
        if place != axis or op.attrs.get("soft_label"):
            yield "equal", left, right


def _classified(reader: Reader, op: Op) -> _Asked:
    """A label for each place (NllLossInferMeta in ternary.cc)."""
    x, label = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    for left, right in zip([*x[:1], *x[2:]], label, strict=False):
        yield "equal", left, right


def _cropped(reader: Reader, op: Op) -> _Asked:
    """What is cut out is there (CropInferMeta in unary.cc); a -1 is what is left after the offset."""
    dims, shape, offsets = (
        reader.dims(reader.operand(op, 0)),
        reader.data(reader.operand(op, 1)),
        reader.data(reader.operand(op, 2)),
    )
    for dim, size, offset in zip(dims, shape, offsets, strict=False):
        yield "at_least", dim, f"Add({offset}, {'1' if size == '-1' else size})"


def _shifted(reader: Reader, op: Op) -> _Asked:
    """The batch is of whole films (TemporalShiftInferMeta in unary.cc)."""
    dims = reader.dims(reader.operand(op, 0))
    if dims:
        yield "equal", f"Mod({dims[0]}, {op.attrs.get('seg_num', 1)})", "0"


def _layer_norm(reader: Reader, op: Op) -> _Asked:
    normalized = reader.dims(reader.operand(op, 0))[int(op.attrs.get("begin_norm_axis", 1)) :]
    for weight in reader.operands(op)[1:]:
        if normalized and reader.dims(weight):
            yield "equal", _product(normalized), reader.dims(weight)[0]


def _topk(reader: Reader, op: Op) -> _Asked:
    dims, count = reader.dims(reader.operand(op, 0)), reader.data(reader.operand(op, 1))
    if dims and count:
        yield "at_least", dims[int(op.attrs.get("axis", -1)) % len(dims)], count[0]


def _grid_sample(reader: Reader, op: Op) -> _Asked:
    x, grid = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    if x and grid:
        yield "equal", x[0], grid[0]


def _einsum(reader: Reader, op: Op) -> _Asked:
    """Axes of one letter are equal, or 1."""
    terms = str(op.attrs.get("equation", "")).partition("->")[0].replace(" ", "").split(",")
    first: dict[str, str] = {}
    for term, value in zip(terms, reader.listed(op, 0), strict=False):
        dims = reader.dims(value)
        for letter, dim in zip(term, dims, strict=False) if "." not in term and len(term) == len(dims) else ():
            yield "broadcast", first.setdefault(letter, dim), dim


def _suppressed(reader: Reader, op: Op) -> _Asked:
    """A score for each box (MultiClassNMSInferMeta in multiary.cc); boxes of images without scores are passed over."""
    boxes, scores = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    if len(boxes) == len(scores) == _RANK_OF_SCORES:
        yield "at_least", boxes[0], scores[0]
        yield "equal", boxes[1], scores[2]


def _boxes(reader: Reader, op: Op) -> _Asked:
    """A size of each image (YoloBoxInferMeta in binary.cc)."""
    x, sizes = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    if x and sizes:
        yield "equal", x[0], sizes[0]


def _recurrent(reader: Reader, op: Op) -> _Asked:
    """The states that it begins with are of the batch (RnnInferMeta in multiary.cc)."""
    x = reader.dims(reader.operand(op, 0))
    for state in reader.listed(op, 1):
        dims = reader.dims(state)
        if len(x) > 1 and len(dims) > 1:
            yield "equal", x[1], dims[1]


def _padded(reader: Reader, op: Op) -> _Asked:
    """What is reflected is there (Pad3dInferMeta in unary.cc)."""
    dims, pads = reader.dims(reader.operand(op, 0)), reader.data(reader.operand(op, 1))
    if op.attrs.get("mode") != "reflect" or len(dims) != _RANK_OF_PAD:
        return
    padded = dims[1:-1] if str(op.attrs.get("data_format")).endswith("C") else dims[2:]
    for dim, before, after in zip(reversed(padded), pads[::2], pads[1::2], strict=False):
        yield "at_least", dim, f"Add(Max({before}, {after}), 1)"


def _unshuffled(reader: Reader, op: Op) -> _Asked:
    dims, factor = reader.dims(reader.operand(op, 0)), op.attrs.get("downscale_factor")
    for dim in dims[2:] if str(op.attrs.get("data_format")) == "NCHW" else dims[1:3]:
        yield "equal", f"Mod({dim}, {factor})", "0"


def _shuffled(reader: Reader, op: Op) -> _Asked:
    """The groups are of one size (ChannelShuffleInferMeta in unary.cc)."""
    dims, groups = reader.dims(reader.operand(op, 0)), op.attrs.get("groups")
    if len(dims) > 1 and isinstance(groups, int):
        yield "equal", f"Mod({dims[1 if op.attrs.get('data_format') == 'NCHW' else -1]}, {groups})", "0"


def _folded(reader: Reader, op: Op) -> _Asked:
    """A window for each place of the image, and whole channels (FoldInferMeta in unary.cc)."""
    dims, window = reader.dims(reader.operand(op, 0)), op.attrs.get("kernel_sizes") or []
    if len(dims) != _RANK_OF_WINDOWS or not window:
        return
    yield "equal", f"Mod({dims[1]}, {prod(window)})", "0"
    pads, sizes = op.attrs["paddings"], op.attrs["output_sizes"]
    both = [pads[place] + pads[(place + 2) % len(pads)] for place in range(len(sizes))]
    steps = zip(sizes, both, window, op.attrs["dilations"], op.attrs["strides"], strict=False)
    counts = [(size + pad - dilation * (width - 1) - 1) // stride + 1 for size, pad, width, dilation, stride in steps]
    if all(count > 0 for count in counts):
        yield "equal", dims[2], str(prod(counts))


def _squeezed(reader: Reader, op: Op) -> _Asked:
    """Which axes are gone is decided when the program is built."""
    before, after = reader.dims(reader.operand(op, 0)), reader.result(op)
    for dim in [dim for dim in before if dim not in after and not dim.isdigit()]:
        yield "equal", dim, "1"


_RANK_OF_IMAGES = 4
_RANK_OF_PAD = 5
_RANK_OF_WINDOWS = 3
_RANK_OF_SCORES = 3  # of a batch; of one image, they are for the boxes of all


def _resized(reader: Reader, op: Op) -> _Asked:
    """Something is left of each axis."""
    dims, factors = reader.dims(reader.operand(op, 0)), op.attrs.get("scale") or []
    last = str(op.attrs.get("data_format", "")).endswith("C")
    axes = dims[1:-1] if last else dims[2:]
    if all(value is None for value in reader.operands(op)[1:]):
        for dim, factor in zip(axes, factors, strict=False):
            yield "at_least", dim, str(ceil(1 / factor))


def _compared(reader: Reader, op: Op) -> _Asked:
    """What is compared is of one shape (KLDivInferMeta, BCELossInferMeta and HuberLossInferMeta in binary.cc)."""
    x, label = (reader.dims(reader.operand(op, place)) for place in (0, 1))
    for left, right in zip(x, label, strict=False):
        yield "equal", left, right


def _nothing(reader: Reader, op: Op) -> _Asked:
    return iter(())


_READING: dict[str, Callable[[Reader, Op], _Asked]] = {
    **dict.fromkeys(ops.RESHAPES, _reshape),
    **dict.fromkeys(("expand", "expand_as"), _expand),
    **dict.fromkeys(free_ops.NORMALIZING, _normalized),
    **dict.fromkeys((name for name in free_ops.WINDOWED if "conv" in name), _convolved),
    **dict.fromkeys((name for name in free_ops.WINDOWED if "conv" not in name), _nothing),
    "deformable_conv": _deformed,
    **dict.fromkeys(free_ops.RESIZES, _resized),
    "slice": _slice,
    "split": _split,
    "split_with_num": _split_with_num,
    "layer_norm": _layer_norm,
    **dict.fromkeys(("kldiv_loss", "bce_loss", "huber_loss", "log_loss", "hinge_loss", "dot"), _compared),
    "sigmoid_cross_entropy_with_logits": _compared,
    "nll_loss": _classified,
    "scatter": _scattered,
    "scatter_nd_add": _scattered_by_columns,
    "index_add": _added_at,
    "searchsorted": _searched,
    **dict.fromkeys(free_ops.SQUARE, _square),
    "repeat_interleave_with_tensor_index": _repeated,
    "bilinear": _bilinear,
    **dict.fromkeys(axes.REGIONS, _of_regions),
    **dict.fromkeys(("masked_fill", "lerp"), _filled),
    "cross_entropy_with_softmax": _labelled,
    "crop": _cropped,
    "temporal_shift": _shifted,
    "index_sample": _grid_sample,
    "topk": _topk,
    "grid_sample": _grid_sample,
    "einsum": _einsum,
    "rnn": _recurrent,
    "multiclass_nms3": _suppressed,
    "yolo_box": _boxes,
    "pad3d": _padded,
    "pixel_unshuffle": _unshuffled,
    "channel_shuffle": _shuffled,
    "fold": _folded,
    "squeeze": _squeezed,
    "group_norm": _grouped,
    "frame": _framed,
    "kthvalue": _kth,
    **dict.fromkeys(("take_along_axis", "put_along_axis"), _taken),
    **dict.fromkeys(("set_value", "set_value_with_tensor"), _assigned),
    **dict.fromkeys(("pixel_shuffle", "unbind", "pad"), _nothing),
}
"""How the demands of an op are read, beyond that no axis of its result is empty."""
