"""Writes small models at random, and exports each plainly and under a watch, each time in a forked process.

    python generated_models.py DIRECTORY FIRST COUNT

Prints one JSON line an export. A model is a source file, since the conversion reads source. Most arithmetic in it is
nonsense, as it is where an unknown dim is -1: what is wanted is that the watch changes nothing of it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import random
import re
import sys
import tempfile
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import forked
from saved_files import digests

CPU = 25
"""Seconds of processor for an export: some of these models never end."""
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
_HEAD = """import functools
import math

import paddle
from paddle import nn
from paddle.static import InputSpec


def plain_decorator(function):
    @functools.wraps(function)
    def call(*arguments):
        return function(*arguments)
    return call

"""


class _Writer:
    """Writes the body of one function; knows the rank of its tensor and which names hold numbers."""

    def __init__(self, chance: random.Random, numbers: list[str], rank: int, rewritten: bool) -> None:
        self.chance = chance
        self.numbers = numbers
        self.rank = rank
        self.rewritten = rewritten
        self.lines: list[str] = []
        self.count = 0

    def write(self, line: str, depth: int = 0) -> None:
        self.lines.append("    " * (depth + 1) + line)

    def name(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def number(self, depth: int = 0) -> str:
        """An expression of ints; in rewritten code some operand may be a tensor."""
        pick = self.chance.random()
        if depth > 2 or pick < 0.3:
            return self.chance.choice(self.numbers) if self.numbers and self.chance.random() < 0.75 else self.small()
        a, b = self.number(depth + 1), self.number(depth + 1)
        if pick < 0.85:
            return f"({a} {self.chance.choice(('+', '-', '*', '*', '//', '%'))} {b})"
        calls = [f"abs({a})", f"-({a})", f"int({a})", f"({a} if {b} > 1 else {b})"]
        if not self.rewritten:
            calls += [f"min({a}, {b})", f"max({a}, {b}, 1)", f"divmod({a}, 3)[1]", f"round({a})", f"int(math.sqrt(abs({a})))",
                      f"int({a} / 2)", f"sum([{a}, {b}])", f"math.prod([{a}, {b}])", f"({a} & 3)", f"({a} << 1)",
                      f"{{1: 2}}.get({a}, 3)", f"len([0] * {a})", f"len(str({a}))", f"int({a} in (1, 2))"]  # fmt: skip
        return self.chance.choice(calls)

    def small(self) -> str:
        return str(self.chance.choice((1, 2, 3, 4, 8)))

    def read(self) -> None:
        """Read one dim or all of them."""
        pick = self.chance.random()
        if pick < 0.6:
            new = self.name()
            how = self.chance.choice(("t.shape[{0}]", "t.shape[{0}]", "list(t.shape)[{0}]", "paddle.shape(t)[{0}]"))
            if how.startswith("paddle") and not self.rewritten:
                how = "t.shape[{0}]"
            self.write(f"{new} = {how.format(self.chance.randrange(-1, self.rank))}")
            self.numbers.append(new)
        else:
            names = [self.name() for _ in range(self.rank)]
            self.write(f"{', '.join(names)}, = t.shape")
            self.numbers += names

    def view(self) -> None:
        axis = self.chance.randrange(self.rank)
        ways = [f"t = t.unsqueeze({axis})" if self.rank < 5 else "t = t * 1.0", f"t = t[:{self.number(2)}]",
                "t = t.transpose([" + ", ".join(map(str, self.chance.sample(range(self.rank), self.rank))) + "])",
                f"t = paddle.concat([t, t], axis={axis})", f"t = t.tile([{', '.join(['1'] * (self.rank - 1) + ['2'])}])"]  # fmt: skip
        if self.rank > 1:
            ways += ["t = paddle.matmul(t, t, transpose_y=True)", "t = t @ t.transpose([" + ", ".join(map(str, (
                *range(self.rank - 2), self.rank - 1, self.rank - 2))) + "])"]  # fmt: skip
        if self.rank > 2:
            ways += [f"t = paddle.flatten(t, {self.rank - 2})", f"t = t.mean(axis={axis})"]
        way = self.chance.choice(ways)
        self.rank += ("unsqueeze" in way) - ("flatten" in way or "mean" in way)
        self.write(way)

    def reshape(self) -> None:
        first = self.chance.choice((self.number(1), self.chance.choice(self.numbers or ["2"])))
        rest = self.chance.choice((["-1"], ["-1", self.small()], [self.number(2), "-1"]))
        self.write(f"t = t.reshape([{', '.join([first, *rest])}])")
        self.rank = 1 + len(rest)

    def use(self) -> None:
        number = self.number()
        self.write(
            self.chance.choice((
                f"t = t * {number}", f"t = t + float({number})", f"t = t + {number}", f"t = t / ({number} or 1)",
                f"t = t + paddle.full([{self.number(2)}], 2.0).sum()", f"t = t + paddle.arange({number}).astype('float32').sum()",
                f"t = t + paddle.zeros([1]) * {number}", f"t = paddle.clip(t, -9.0, {number} * 1.0)",
                f"print('size', {number})", f"t = t.expand([{', '.join(['-1'] * self.rank)}]) - {number}",
                f"t = nn.functional.pad(t, [0, abs({self.small()})] * {self.rank})", f"t = t * [1, 2, 3][{number} % 3]",
            ))
        )  # fmt: skip

    def control(self) -> None:
        pick = self.chance.randrange(5)
        body = self.chance.choice((f"t = t * 2 + {self.number(2)}", f"t = t - {self.number(1)}"))
        if pick == 0:
            self.write("if t.mean() > 0:")
            self.write(body, 1)
            self.write("else:")
            self.write("t = t * 0.5", 1)
        elif pick == 1:
            self.write(f"if {self.number()} {self.chance.choice(('>', '<', '==', '>=', '!='))} {self.small()}:")
            self.write(body, 1)
        elif pick == 2:
            self.write(f"for i in range({self.number(1)} % 4):")
            self.write(body, 1)
        elif pick == 3:
            step = self.name()
            self.write(f"{step} = 0")
            self.write(f"while {step} < {self.number(2)} % 5:")
            self.write(body, 1)
            self.write(f"{step} = {step} + 1", 1)
        else:
            self.write("try:")
            self.reshape_in_try()
            self.write("except Exception:")
            self.write("t = t + 1.0", 1)

    def reshape_in_try(self) -> None:
        self.write(f"t = t + t.reshape([{self.number(1)}, -1]).sum()", 1)

    def bind(self) -> None:
        value, new = self.number(), self.name()
        self.write(f"{new} = {value}")
        self.numbers.append(new)

    def body(self, length: int, calls: list[str]) -> None:
        self.read()
        for _ in range(length):
            steps = [self.read, self.view, self.view, self.reshape, self.use, self.use, self.control, self.bind]
            self.chance.choice(steps)()
            if calls and self.chance.random() < 0.5:
                call = calls.pop()
                argument = self.chance.choice(self.numbers)
                self.write(f"t = {call}(t, {argument})")
                self.rank = 2


_HELD = {
    "plain": "function_{0}",
    "partial": "self.held_{0}",
    "lambda": "self.held_{0}",
    "skipped": "function_{0}",
    "decorated": "function_{0}",
    "method": "self.method_{0}",
}


def source(seed: int) -> str:
    """The source of a model; the same seed gives the same."""
    chance = random.Random(seed)
    functions, held, calls = [], [], []
    for index in range(chance.randint(1, 3)):
        kind = chance.choice(list(_HELD))
        calls.append(_HELD[kind].format(index))
        inner = _Writer(chance, ["k"], 3, rewritten=kind in ("plain", "decorated", "method"))
        inner.body(chance.randint(1, 4), [])
        inner.write("return t.reshape([t.shape[0], -1])" if chance.random() < 0.6 else "return t.flatten(1)")
        text = "\n".join(inner.lines)
        mark = {"skipped": "@paddle.jit.not_to_static\n", "decorated": "@plain_decorator\n"}.get(kind, "")
        if kind == "method":
            held.append(
                (f"    def method_{index}(self, t, k):\n" + "\n".join("    " + line for line in inner.lines), "")
            )
            continue
        functions.append(f"{mark}def function_{index}(t, k):\n{text}\n")
        if kind == "partial":
            held.append(("", f"        self.held_{index} = functools.partial(function_{index})"))
        elif kind == "lambda":
            held.append(("", f"        self.held_{index} = lambda t, k: function_{index}(t * 1.0, k + 1)"))
    outer = _Writer(chance, [], 4, rewritten=True)
    convolved = chance.random() < 0.4
    sizes = [chance.choice((-1, -1, 2)), 4, chance.choice((8, -1)), 8]
    if convolved:
        outer.write("t = self.conv(t)")
    outer.write("t = self.linear(t)")
    outer.body(chance.randint(2, 6), calls)
    outer.write("return t * 1.5 + paddle.tanh(t)")
    made = [text for _, text in held if text]
    methods = [text for text, _ in held if text]
    return "\n".join([
        _HEAD, *functions, "", "class Model(nn.Layer):", "    def __init__(self):", "        super().__init__()",
        "        self.linear = nn.Linear(8, 8)", "        self.conv = nn.Conv2D(4, 4, 3, padding=1)", *made, "", *methods, "",
        "    def forward(self, t):", *("    " + line for line in outer.lines), "", "",
        f"SPEC = [InputSpec({sizes}, 'float32', name='image')]", "",
    ])  # fmt: skip


def export(path: Path, directory: str) -> None:
    """Convert and save the model in a file."""
    import paddle

    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    paddle.seed(7)
    layer = module.Model()
    layer.eval()
    paddle.jit.save(paddle.jit.to_static(layer, input_spec=module.SPEC, full_graph=True), f"{directory}/model")


def exported(path: Path, watched: bool) -> dict[str, Any]:
    """What came of an export, as anybody would see it."""
    raised, watching = None, contextlib.nullcontext()
    printed = io.StringIO()
    seen: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as directory:
        if watched:
            import shapetrace

            watching = shapetrace.watch()
        with contextlib.redirect_stdout(printed), warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            with contextlib.suppress(SystemExit):
                try:
                    with watching as trace:
                        export(path, directory)
                except Exception as error:
                    raised = [type(error).__name__, _ADDRESS.sub("0x", str(error))]
        files = digests(directory)
        if watched:
            seen = {"notes": trace.notes, "findings": sorted(finding.rule for finding in trace.findings)}
            trace.save(f"{directory}/saved.trace")
            shapetrace.load(f"{directory}/saved.trace")
    said = [[item.category.__name__, _ADDRESS.sub("0x", str(item.message))] for item in told]
    return {"raised": raised, "files": files, "warnings": said, "printed": printed.getvalue(), **seen}


def main(directory: str, first: str, count: str) -> None:
    """Run from the command line."""
    import paddle  # noqa: F401  once, before the forks

    import shapetrace  # noqa: F401

    forked.CPU = CPU
    for seed in range(int(first), int(first) + int(count)):
        path = Path(directory) / f"generated_{seed}.py"
        path.write_text(source(seed), encoding="utf-8")
        for how in ("plain", "watched"):
            forked.run(f"{seed}:{how}", partial(exported, path, how == "watched"))


if __name__ == "__main__":
    main(*sys.argv[1:])
