"""Writes small models at random that run in dygraph at every size, some of which leak an unknown dim.

A model is a sum of pieces. A piece is a function that is kept in one of the ways in which people keep functions, some of which
Paddle rewrites and some of which it does not. It reads sizes, computes with them, and does one thing with the result: healthy or
not, as it comes. Every number is computed here too, at each of the sizes at which the model will be run, so that what is
written makes sense: a shape is positive, an index lies within its axis, a threshold is crossed by some size.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

SIZES = ((2, 3, 5), (3, 2, 4), (5, 7, 2), (1, 4, 6), (4, 1, 3), (7, 6, 1), (6, 5, 7), (16, 24, 33), (50, 40, 20))
"""The sizes of the unknown axes, in order, at which a model is run: each takes all of 1 to 7, and no two go together."""

HEAD = """import functools
import math

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn
from paddle.static import InputSpec

"""
SKIPPED = ("partial", "lambda", "not_to_static", "closure", "property", "generator", "callback")
"""Ways to keep a function which Paddle does not rewrite then."""
REWRITTEN = ("plain", "method", "static", "layer")
CONVERTING = 20_000
"""From this seed on the functions that Paddle does not rewrite make plain ints of what they read."""
ASKING = 50_000
"""From this seed on pieces ask for the type of a size too, or use what is the same at every size."""
_CONVERSIONS = (
    "{names}, = map(int, t.shape)",
    "{names}, = (int(size) for size in t.shape)",
    "{names}, = tuple(map(int, t.shape))",
    "{names}, = [int(size) for size in t.shape]",
    "kept = [*map(int, t.shape)]\n{names}, = kept",
    "kept = []\nkept.extend(map(int, t.shape))\n{names}, = kept",
    "kept = []\nfor size in t.shape:\n    kept.append(int(size))\n{names}, = kept",
    "kept = dict(zip('abcd', map(int, t.shape)))\n{keys}",
    "kept = {{key: int(size) for key, size in zip('abcd', t.shape)}}\n{keys}",
    "kept = dict(zip('abcd', (int(size) for size in t.shape)))\n{keys}",
    "def sizes_of(shape):\n    return tuple(int(size) for size in shape)\n{names}, = sizes_of(t.shape)",
    "def sizes_of(*shape):\n    return [int(size) for size in shape]\n{names}, = sizes_of(*t.shape)",
    "def sizes_of(shape):\n    return {{key: int(size) for key, size in zip('abcd', shape)}}\nkept = sizes_of(t.shape)\n{keys}",
)
_MODULE = {"np": np, "math": math, "max": max, "min": min, "abs": abs, "int": int, "float": float, "round": round, "len": len,
           "str": str, "sum": sum, "divmod": divmod, "sorted": sorted, "range": range, "isinstance": isinstance}  # fmt: skip


class Number(NamedTuple):
    """An expression of Python, and its value at each of the sizes."""

    code: str
    values: tuple[Any, ...]

    @property
    def whole(self) -> bool:
        """Whether it is an int wherever it stands."""
        return all(type(value) is int for value in self.values)

    def within(self, least: int, most: int) -> bool:
        """Whether it is an int from one number to another, both included, at all sizes."""
        return self.whole and all(least <= value <= most for value in self.values)


class Piece:
    """Writes one piece: the body of a function of a tensor `t` that gives a tensor of shape [] or one like `t`.

    Args:
        chance: Where chance comes from.
        axes: The axes of `t`: a constant size, or the number of the unknown axis.
        rewritten: Whether Paddle rewrites the function.
        other: Name of a second tensor, of as many axes, or nothing.
        converting: Whether a function that Paddle does not rewrite makes plain ints of the sizes first.
        asking: Whether it may ask for the type of a size, or use what is the same at every size.
    """

    def __init__(
        self,
        chance: random.Random,
        axes: Sequence[tuple[int, ...]],
        rewritten: bool,
        other: str,
        converting: bool = False,
        asking: bool = False,
    ) -> None:
        self.chance = chance
        self.axes = list(axes)
        self.rewritten = rewritten
        self.other = other
        self.converting = converting and not rewritten
        self.asking = asking
        self.lines: list[str] = []
        self.names: dict[str, tuple[Any, ...]] = {}
        self.dims: list[Number] = []

    def write(self, line: str, depth: int = 0) -> None:
        """Add a line."""
        self.lines.append("    " * depth + line)

    def bound(self, code: str, name: str) -> Number:
        """An expression bound to a name."""
        number = self.number_of(code)
        self.write(f"{name} = {code}")
        self.names[name] = number.values
        return Number(name, number.values)

    def number_of(self, code: str) -> Number:
        """An expression with its values."""
        values = []
        for place in range(len(SIZES)):
            names = {name: known[place] for name, known in self.names.items()}
            values.append(eval(code, {**_MODULE, **names}))
        return Number(code, tuple(values))

    # reading

    def read(self) -> None:
        """Read the sizes of `t` in one of the ways in which people do."""
        ways = [self._unpacked, self._one_by_one, self._from_the_end, self._listed]
        if not self.rewritten:
            ways += [self._kept_in_a_dict, self._kept_in_a_list, self._sliced]
        self.chance.choice([self._converted] if self.converting else ways)()
        for position, size in enumerate(self.axes):
            self.dims.append(Number(f"s{position}", size))

    def _unpacked(self) -> None:
        self.write(f"{', '.join(f's{position}' for position in range(len(self.axes)))}, = t.shape")
        self._known()

    def _one_by_one(self) -> None:
        for position in range(len(self.axes)):
            self.write(f"s{position} = t.shape[{position}]")
        self._known()

    def _from_the_end(self) -> None:
        for position in range(len(self.axes)):
            self.write(f"s{position} = t.shape[{position - len(self.axes)}]")
        self._known()

    def _listed(self) -> None:
        self.write("sizes = list(t.shape)")
        for position in range(len(self.axes)):
            self.write(f"s{position} = sizes[{position}]")
        self._known()

    def _kept_in_a_dict(self) -> None:
        self.write("kept = {}")
        for position in range(len(self.axes)):
            self.write(f"kept['s{position}'] = t.shape[{position}]")
            self.write(f"s{position} = kept['s{position}']")
        self._known()

    def _kept_in_a_list(self) -> None:
        self.write("kept = []")
        self.write("for size in t.shape:")
        self.write("kept.append(size)", 1)
        self.write(f"{', '.join(f's{position}' for position in range(len(self.axes)))}, = kept")
        self._known()

    def _sliced(self) -> None:
        self.write("s0, = t.shape[:1]")
        for position in range(1, len(self.axes)):
            self.write(f"s{position} = t.shape[{position}:][0]")
        self._known()

    def _converted(self) -> None:
        names = ", ".join(f"s{position}" for position in range(len(self.axes)))
        keys = "; ".join(f"s{position} = kept['{'abcd'[position]}']" for position in range(len(self.axes)))
        for line in self.chance.choice(_CONVERSIONS).format(names=names, keys=keys).splitlines():
            self.write(line)
        self._known()

    def _known(self) -> None:
        for position, size in enumerate(self.axes):
            self.names[f"s{position}"] = size

    # computing

    def some_dim(self) -> Number:
        """One of the sizes, an unknown one more often than not."""
        unknown = [dim for dim in self.dims if len(set(dim.values)) > 1]
        return self.chance.choice(unknown if unknown and self.chance.random() < 0.75 else self.dims)

    def whole(self, least: int, most: int) -> Number:
        """An expression of ints within bounds at all sizes, and another at some two of them if it can be."""
        for _ in range(40):
            number = self._try(self._whole_code())
            if number is not None and number.within(least, most):
                return number
        return self._try(f"({self.some_dim().code} % {most - least + 1} + {least})") or self.number_of(str(least))

    def _try(self, code: str) -> Number | None:
        try:
            return self.number_of(code)
        except (ArithmeticError, ValueError):
            return None

    def _whole_code(self) -> str:
        a, b = self.some_dim().code, self.some_dim().code
        small = self.chance.choice((1, 2, 3, 4))
        codes = [a, a, f"{a} * {b}", f"{a} + {b}", f"{a} * {small}", f"{a} + {small}", f"{small + 6} - {a}", f"{a} // {small}",
                 f"({a} + {small}) // {small}", f"{a} % {small + 1}", f"{a} - {a} + {small}", f"{a} * 0 + {small}",
                 f"({a} - {b}) * ({a} - {b})", f"{a} * {b} // {small}", f"-{a} + {small + 7}", str(small)]  # fmt: skip
        odd = [f"max({a}, {small})", f"min({a}, {b})", f"abs({a} - {b})", f"int({a} / 2)", f"math.ceil({a} / 2)",
               f"int(math.sqrt({a} * {b}))", "int(np.prod(t.shape))", f"round({a} * 0.5)", f"divmod({a}, {small})[0]",
               f"len(str({a} * {b}))", f"sum([{a}, {b}])", f"math.prod([{a}, {b}])", f"({a} if {a} > {small} else {b})",
               f"sorted([{a}, {b}])[0]", f"len([0] * {a})", f"int(np.sqrt({a}) * 2)", f"({a} & 3)", f"({a} << 1)"]  # fmt: skip
        if self.chance.random() < (0.06 if self.rewritten else 0.4):
            code = self.chance.choice(odd)
            if "t.shape" in code:
                return code.replace("np.prod(t.shape)", "np.prod([" + ", ".join(dim.code for dim in self.dims) + "])")
            return code
        return self.chance.choice(codes)

    def fraction(self) -> Number:
        """An expression of floats, not zero."""
        a, b = self.some_dim().code, self.some_dim().code
        codes = [f"{a} * 0.25", f"{a} / {b}", f"{a} / 2", f"{a} + 0.5", f"{a} ** 0.5", f"{a} ** -0.5", f"1.0 / {a}",
                 f"0.1 * {a} * {b}", f"float({a}) * 0.5", f"1.0 - {a} * 0.125", f"{a} * {b} * 1e-2"]  # fmt: skip
        if not self.rewritten or self.chance.random() < 0.08:
            codes += [f"math.sqrt({a})", f"np.sqrt({a} * {b})", f"math.log({a} + 1)", f"max({a}, {b}) * 0.5",
                      f"np.float32({a}) * 0.5", f"float(np.mean([{a}, {b}]))", f"math.sqrt({a}) / {b}", f"round({a} / 3, 2)",
                      f"np.arange({a} + 1).sum() * 0.1", f"np.log2({a} + 1)", f"np.prod([{a}, {b}]) * 0.5"]  # fmt: skip
        return self.number_of(self.chance.choice(codes))

    # using

    def use(self) -> None:
        """Do one thing, and return."""
        uses = [self._scale, self._scale, self._shift, self._reshape, self._reshape, self._make, self._make, self._slice, self._index,
                self._expand, self._tile, self._branch, self._loop, self._choice, self._nothing, self._guard,
                self._early, self._two_tensors, self._op_number, self._numpy]  # fmt: skip
        if self.asking:
            uses += [self._asked] * 8 + [self._same] * 8
        self.chance.choice(uses)()

    def _scale(self) -> None:
        number = self.fraction() if self.chance.random() < 0.6 else self.whole(1, 3000)
        self.write(
            f"return t * {self._bracketed(number)}" if self.chance.random() < 0.7 else f"return t / ({number.code} + 1)"
        )

    @staticmethod
    def _bracketed(number: Number) -> str:
        return f"({number.code})"

    def _shift(self) -> None:
        number = self.fraction() if self.chance.random() < 0.5 else self.whole(-60, 3000)
        self.write(f"return t {self.chance.choice('+-')} ({number.code})")

    def _reshape(self) -> None:
        """Merge some axes; what is returned depends on each element's place."""
        last = len(self.axes) - 1
        codes = [dim.code for dim in self.dims]
        shapes = [f"{codes[0]}, -1", f"-1, {codes[last]}", " * ".join(codes), f"{codes[0]}, {' * '.join(codes[1:])}"]
        if len(codes) > 2:
            shapes += [
                f"{codes[0]} * {codes[1]}, -1",
                f"{' * '.join(codes[:-1])}, {codes[-1]}",
                f"-1, {codes[1]} * {codes[2]}",
            ]
        shape = self.chance.choice(shapes)
        count = shape.count(",") + 1
        self.write(f"merged = t.reshape([{shape}])")
        weights = "merged.cumsum(0)" if count == 1 else f"merged.cumsum({self.chance.randrange(count)})"
        self.write(
            f"return {weights}.reshape(paddle.shape(t)) * 0.5"
            if self.chance.random() < 0.5
            else f"return ({weights} * 0.5).sum()"
        )

    def _make(self) -> None:
        number = self.whole(1, 2500).code
        self.write("return " + self.chance.choice((
            f"paddle.full([{number}, 2], 0.5).sum() + t.sum()", f"t * paddle.full([{number}], 0.5).sum()", f"t + paddle.ones([2, {number}]).sum()",
            f"t + paddle.arange({number}).astype('float32').sum()", f"t * paddle.arange(0, {number}, 1, 'float32').mean()",
            f"t + paddle.linspace(0.0, 1.0, {number}).sum()", f"t + paddle.eye({number}).sum()",
            f"t + paddle.full([1], {number}, 'float32')", f"t + paddle.to_tensor([{number}], 'float32')",
        )))  # fmt: skip

    def _slice(self) -> None:
        axis = self.chance.randrange(len(self.axes))
        size = self.dims[axis].code
        stop = self.chance.choice(
            (
                size,
                f"{size} - 1",
                f"{size} // 2",
                f"{size} // 2 + 1",
                f"max({size} - 2, 0)" if not self.rewritten else size,
            )
        )
        cut = self.chance.choice((f":{stop}", f"{stop}:", f"0:{stop}", f"-({stop}):"))
        self.write(f"return t + t[{':, ' * axis}{cut}].sum()")

    def _index(self) -> None:
        axis = self.chance.randrange(len(self.axes))
        size = self.dims[axis].code
        place = self.chance.choice((f"{size} - 1", f"{size} // 2", f"({size} - 1) // 2", f"-{size}"))
        self.write(f"return t + t[{':, ' * axis}{place}].sum()")

    def _expand(self) -> None:
        a = self.some_dim().code
        self.write(
            f"wide = self.weight.expand([{a}, 3, 2])"
            if self.chance.random() < 0.5
            else f"wide = paddle.ones([1, 3]).expand([{a}, 3])"
        )
        self.write("return t + (wide * 0.5).sum()")

    def _tile(self) -> None:
        a = self.chance.choice((self.some_dim(), self.whole(1, 9))).code
        self.write(
            f"return t + self.weight.flatten().tile([{a}]).sum()"
            if self.chance.random() < 0.5
            else f"return t * paddle.ones([2]).tile([{a}, 1]).sum()"
        )

    def _test(self) -> str:
        a, b = (
            self.whole(-50, 50),
            self.chance.choice((self.some_dim(), self.number_of(str(self.chance.choice((1, 2, 3, 4)))))),
        )
        return f"{a.code} {self.chance.choice(('>', '<', '==', '!=', '>=', '<='))} {b.code}"

    def _branch(self) -> None:
        test = self._test()
        self.write(f"if {test}:")
        self.write("t = t * 2.0", 1)
        self.write("else:")
        self.write("t = t - 1.0", 1)
        self.write("return t")

    def _early(self) -> None:
        self.write(f"if {self._test()}:")
        self.write("return t * 3.0", 1)
        self.write("return t + 0.5")

    def _loop(self) -> None:
        number = self.whole(0, 50).code
        self.write("total = t * 1.0")
        self.write(f"for _ in range({number}):")
        self.write("total = total * 0.5 + t", 1)
        self.write("return total")

    def _choice(self) -> None:
        number = self.whole(0, 100).code
        self.write("return t * " + self.chance.choice((
            f"[1.0, 2.0, 3.0][({number}) % 3]", f"{{1: 2.0, 2: 3.0, 3: 0.5}}.get({number}, 1.5)", f"len([0.5] * ({number}))",
            f"float(len(str({number})))", f"sum([0.5] * ({number}))", f"(2.0 if {self._test()} else 0.5)",
        )))  # fmt: skip

    def _nothing(self) -> None:
        """Compute what nobody uses. A decision is left out: what came of it cannot be followed, so it is told as used."""
        self.write(
            f"unused = {self.some_dim().code} * {self.some_dim().code} {self.chance.choice(('+ 3', '* 0.5', '// 2', '/ 3'))}"
        )
        self.write("return t * 0.5")

    def _guard(self) -> None:
        size = self.some_dim().code
        self.write(f"if {size} {self.chance.choice(('== -1', '< 0', '== 0'))}:")
        self.write(self.chance.choice((f"{size} = 3", "t = t + 0.0")), 1)
        self.write("return t * 0.5")

    def _two_tensors(self) -> None:
        if not self.other:
            return self._scale()
        axis = self.chance.randrange(len(self.axes))
        self.write("return t + " + self.chance.choice((
            f"{self.other}.sum() * {self.other}.shape[{axis}]", f"{self.other}.sum() / (t.shape[{axis}] + {self.other}.shape[{axis}])",
            f"(1.0 if t.shape[{axis}] > {self.other}.shape[{axis}] else 2.0)", f"{self.other}.reshape([{self.other}.shape[0], -1]).cumsum(0).sum()",
            f"{self.other}[:t.shape[0]].sum()",
        )))  # fmt: skip

    def _op_number(self) -> None:
        number = self.whole(1, 51).code
        self.write("return " + self.chance.choice((
            f"paddle.clip(t, -9.0, {number} * 0.1)", f"paddle.scale(t, scale=({number}) * 0.5)", f"paddle.roll(t, {number}, 0)",
            f"F.pad(t, [0, {number}] * {len(self.axes)}).sum() + t", f"paddle.pow(t.abs() + 1.0, ({number}) * 0.1)", f"t + paddle.repeat_interleave(t, {number}, 0).sum()",
            f"t + F.one_hot(paddle.zeros([2], 'int64'), {number}).cumsum(1).sum()", f"F.leaky_relu(t, 0.01 * ({number}))", f"t.unsqueeze(0).expand([{number}] + [-1] * {len(self.axes)}).sum(0)",
        )))  # fmt: skip

    def _numpy(self) -> None:
        number = self.whole(1, 2500).code
        self.write("return " + self.chance.choice((
            f"t * float(np.sqrt({number}))", f"t + float(np.arange({number}).sum())", f"t + paddle.to_tensor(np.full([{number}], 0.5, 'float32')).sum()",
            f"t * paddle.to_tensor(np.arange({number}).astype('float32')).sum()", f"t * np.float32({number})", f"t + int(np.prod([{number}, 2]))",
            f"t + float(np.ceil(({number}) / 2))", f"t + paddle.to_tensor(np.linspace(0, 1, {number}).astype('float32')).sum()",
        )))  # fmt: skip

    def _asked(self) -> None:
        """Ask whether a size is an int, which makes a difference or not."""
        size = self.some_dim().code
        kinds = self.chance.choice(("int", "(int, float)", "(int, np.integer)"))
        asked = f"isinstance({size}, {kinds})"
        if self.chance.random() < 0.4:
            self.write("return t * " + self.chance.choice((
                f"({size} if {asked} else int({size}))", f"(int({size}) if not {asked} else {size})", f"(2.0 if {asked} else 0.5)",
                f"({size} + 1 if {asked} else {size})", f"({size} if {asked} else {size}.item())", f"({size} if {asked} and {size} > 3 else 4)",
            )))  # fmt: skip
            return
        test, line = self.chance.choice((
            (asked, f"assert {size} > 0"), (f"{asked} and {size} > 900", "raise ValueError('too large')"), (asked, f"{size} = int({size})"),
            (f"not {asked}", f"{size} = int({size})"), (f"not {asked}", "t = t * 3.0"), (asked, "t = t * 3.0"), (f"{asked} and {size} > 3", "t = t - 1.0"),
            (asked, f"{size} = {size} + 2"), (f"not {asked}", "raise TypeError('no int')"), (asked, "pass"),
        ))  # fmt: skip
        self.write(f"if {test}:")
        self.write(line, 1)
        self.write(f"return t * {size}")

    def _same(self) -> None:
        """Use a number that is computed of a size and is the same at all of them, where ints are left, or as a key, text or index."""
        size, other = self.some_dim().code, self.some_dim().code
        same = self.chance.choice((f"({size} - {size} + 3)", f"({size} * 0 + 3)", f"({size} % 1 + 3)", f"(3 - ({size} + {other} - {other} - {size}))", f"({size} // {size} + 2)"))  # fmt: skip
        codes = [f"float({same})", f"({same} ** 0.5)", f"{{3: 2.0, 4: 0.5}}.get({same}, 1.5)", f"[1.0, 2.0, 3.0, 4.0][{same}]", f"sum([0.5] * {same})",
                 f"paddle.full([{same}], 0.5).sum()", f"paddle.arange({same} + 1).astype('float32').sum()", f"(2.0 if {same} > 2 else 0.5)"]  # fmt: skip
        if not self.rewritten:
            codes += [f"math.sqrt({same})", f"np.float32({same})", f"float(len(str({same} * 4)))", f"float(np.prod([{same}, 2]))", f"{{'3': 2.0}}[str({same})]",
                      f"float(np.arange({same}).sum())", f"paddle.to_tensor(np.full([{same}], 0.5, 'float32')).sum()", f"{{'w3': 2.0}}.get(f'w{{{same}}}', 0.5)"]  # fmt: skip
        self.write(f"return t * {self.chance.choice(codes)}")

    def body(self) -> list[str]:
        """The lines of the function."""
        self.read()
        self.use()
        return self.lines


def source(seed: int) -> str:
    """The source of a model; the same seed gives the same."""
    chance = random.Random(seed)
    axes, spec, count = _axes(chance)
    other = chance.random() < 0.25
    functions: list[str] = []
    made: list[str] = []
    methods: list[str] = []
    calls: list[str] = []
    for index in range(chance.choice((1, 1, 1, 2))):
        way = chance.choice(SKIPPED if chance.random() < 0.6 else REWRITTEN)
        piece = Piece(chance, axes, way in REWRITTEN, "other" if other else "", seed >= CONVERTING, seed >= ASKING)
        _KEEP[way](index, piece.body(), functions, made, methods, calls)
    inputs = "image, other" if other else "image"
    specs = [f"InputSpec({spec}, 'float32', name='{name}')" for name in inputs.split(", ")]
    return "\n".join([
        HEAD, *functions, "class Model(nn.Layer):", "    def __init__(self):", "        super().__init__()",
        "        self.linear = nn.Linear(4, 4)", "        self.weight = self.create_parameter([1, 3, 2])", *made, "", *methods,
        f"    def forward(self, {inputs}):", f"        other = {'paddle.tanh(other)' if other else 'None'}", "        t = self.linear(image)", f"        out = paddle.tanh(t){' + other.mean() * 0.1' if other else ''}", *calls, "        return out", "", "",
        f"SPEC = [{', '.join(specs)}]", f"SHAPES = {_shapes(spec, len(specs))}", f"UNKNOWN = {count}", "",
    ])  # fmt: skip


def _axes(chance: random.Random) -> tuple[list[tuple[int, ...]], list[int], int]:
    """The axes of the input: their sizes wherever it is run, and the spec. The last one is 4, for a linear layer."""
    rank = chance.choice((2, 3, 3, 4))
    spec = [chance.choice((-1, -1, 2, 3)) for _ in range(rank - 1)]
    if -1 not in spec:
        spec[0] = -1
    unknown = iter(range(len(SIZES[0])))
    axes = []
    for size in spec:
        if size < 0:
            number = next(unknown)
            axes.append(tuple(sizes[number] for sizes in SIZES))
        else:
            axes.append((size,) * len(SIZES))
    return [*axes, (4,) * len(SIZES)], [*spec, 4], spec.count(-1)


def _shapes(spec: list[int], inputs: int) -> list[list[list[int]]]:
    """The shapes of the inputs in each run; the sizes of a second one have nothing to do with those of the first."""
    shapes = []
    for place in range(len(SIZES)):
        run = []
        for number in range(inputs):
            unknown = iter(SIZES[(place + 3 * number) % len(SIZES)])
            run.append([size if size > 0 else next(unknown) for size in spec])
        shapes.append(run)
    return shapes


def _function(name: str, lines: list[str], mark: str = "", arguments: str = "self, t, other") -> str:
    return f"{mark}def {name}({arguments}):\n" + "\n".join(f"    {line}" for line in lines) + "\n\n"


def _call(kept: str, depth: int = 2) -> str:
    return "    " * depth + f"out = out + {kept}"


def _plain(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    functions.append(_function(f"piece_{index}", lines))
    calls.append(_call(f"piece_{index}(self, t, other)"))


def _marked(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    functions.append(_function(f"piece_{index}", lines, "@paddle.jit.not_to_static\n"))
    calls.append(_call(f"piece_{index}(self, t, other)"))


def _partial(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    functions.append(_function(f"piece_{index}", lines))
    made.append(f"        self.piece_{index} = functools.partial(piece_{index}, self)")
    calls.append(_call(f"self.piece_{index}(t, other)"))


def _lambda(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    functions.append(_function(f"piece_{index}", lines))
    made.append(f"        self.piece_{index} = lambda t, other: piece_{index}(self, t, other)")
    calls.append(_call(f"self.piece_{index}(t, other)"))


def _closure(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    functions.append(
        f"def make_{index}(self):\n    def piece(t, other):\n"
        + "\n".join(f"        {line}" for line in lines)
        + "\n    return piece\n\n"
    )
    made.append(f"        self.piece_{index} = make_{index}(self)")
    calls.append(_call(f"self.piece_{index}(t, other)"))


def _property(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    body = "\n".join(f"        {line}" for line in ["self, t, other = self.layer, self.t, self.other", *lines])
    functions.append(
        f"class Held_{index}:\n    def __init__(self, layer, t, other):\n        self.layer, self.t, self.other = layer, t, other\n\n    @property\n    def value(self):\n{body}\n\n"
    )
    calls.append(_call(f"Held_{index}(self, t, other).value"))


def _generator(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    functions.append(_function(f"inner_{index}", lines))
    functions.append(f"def piece_{index}(self, t, other):\n    yield inner_{index}(self, t, other)\n\n")
    calls.append(_call(f"next(piece_{index}(self, t, other))"))


def _callback(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    functions.append(_function(f"piece_{index}", lines))
    functions.append(
        f"def over_{index}(self, t, other):\n    return list(map(lambda part: piece_{index}(self, part, other), [t]))[0]\n\n"
    )
    made.append(f"        self.over_{index} = functools.partial(over_{index}, self)")
    calls.append(_call(f"self.over_{index}(t, other)"))


def _method(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    methods.append("\n".join([f"    def piece_{index}(self, t, other):", *(f"        {line}" for line in lines), ""]))
    calls.append(_call(f"self.piece_{index}(t, other)"))


def _static(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    methods.append(
        "\n".join(
            ["    @staticmethod", f"    def piece_{index}(self, t, other):", *(f"        {line}" for line in lines), ""]
        )
    )
    calls.append(_call(f"self.piece_{index}(self, t, other)"))


def _layer(
    index: int, lines: list[str], functions: list[str], made: list[str], methods: list[str], calls: list[str]
) -> None:
    body = "\n".join(f"        {line}" for line in lines)
    functions.append(
        f"class Part_{index}(nn.Layer):\n    def __init__(self):\n        super().__init__()\n        self.weight = self.create_parameter([1, 3, 2])\n\n    def forward(self, t, other):\n{body}\n\n"
    )
    made.append(f"        self.part_{index} = Part_{index}()")
    calls.append(_call(f"self.part_{index}(t, other)"))


_KEEP: dict[str, Callable[..., None]] = {
    "plain": _plain, "not_to_static": _marked, "partial": _partial, "lambda": _lambda, "closure": _closure, "property": _property,
    "generator": _generator, "callback": _callback, "method": _method, "static": _static, "layer": _layer,
}  # fmt: skip
