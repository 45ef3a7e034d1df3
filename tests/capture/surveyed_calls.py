"""Calls every function of the survey with plain numbers and with numbers that remember, and tells where that differs.

    python tests/capture/surveyed_calls.py                 # all calls
    python tests/capture/surveyed_calls.py roll tile       # those with one of these texts
    python tests/capture/surveyed_calls.py --part 4        # every index and operator, and one in four of the others

Each number in a call of `survey/leak_calls.txt` and `survey/op_argument_cases.py`, and in the index forms below, takes
several values in turn: alone, in the list, slice or tuple where it stands, and as a keyword. The call builds a program
with the plain number and no watch, and another with a number that remembers and all probes open. Both must be the same
text, or the same exception; and where the value makes a difference to the program, its use must have been recorded.

A call can end the process. So a forked child works through them and tells of each; where it dies, another goes on.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import os
import pickle
import re
import resource
import select
import signal
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))  # of the survey

SECONDS = 60
"""Without an answer, after which a child is given up."""
ADDRESS_SPACE = 16 << 30
INTS = (-1, -2, 0, 5)
FLOATS = (-1.0, 0.5, 0.0, 3.0)
SHAPES = {
    "x": ([-1, 4, 6, 6], "float32"),
    "y": ([-1, 4, 6, 6], "float32"),
    "m": ([-1, 6, 6], "float32"),
    "v": ([-1, 6], "float32"),
    "q": ([-1, 6, 2, 8], "float32"),
    "ids": ([-1, 6], "int64"),
}
INDEXED = [
    "x[1]", "x[:, 1]", "x[..., 1]", "x[:, 1, ..., 2]", "x[1:]", "x[:1]", "x[::1]", "x[1:2:1]", "x[:, 1:3, :1]", "x[None, 1]",
    "x[[0, 1]]", "x[:, [1, 2]]", "x[(1,)]", "x[(1, 2)]", "x[slice(1, 2), 1]", "x[ids[:, 0], 1]", "x[:, 1, ids[:, 0]]", "x[[True, False], 1]",
    "x[range(1, 3)]", "ids[0, 1]", "x[1][2]", "put(x, 1, 2)", "put(x, (slice(None), 1), 2.5)", "put(x, slice(0, 1), y[:1])",
    "put(x, [0, 1], 1)", "put(x, (1, slice(1, 2), 0), 1)", "x[1, x > 1] if 0 else x[:, :, 1, 1]", "array(x)[1]", "x[np.array([1])]",
]  # fmt: skip
"""Forms of indexing; `put(x, at, value)` assigns."""
OPERATED = [
    f"{left} {sign} {right}"
    for sign in ("+", "-", "*", "/", "//", "%", "**", "<", "==", "!=", ">=", "&", "|", "^", "<<", ">>")
    for left, right in (("x", "3"), ("3", "x"), ("ids", "3"), ("3", "ids"), ("x", "1.5"), ("1.5", "x"), ("ids", "2.5"))
]


class Case(NamedTuple):
    """A call, in which `_n` stands for a number."""

    layer: str
    call: str
    value: Any


def expressions(part: int) -> Iterator[tuple[str, str]]:
    """The code that makes a layer, if one is called, and the call; of the survey's one in `part`."""
    from survey import op_argument_cases, paddle_leaks

    yield from (("", call) for call in INDEXED + OPERATED)
    surveyed = [
        *paddle_leaks.calls(),
        *(("", call) for case in op_argument_cases.CASES for call in (case.expression, case.beside) if call),
    ]
    yield from (called for called in surveyed if zlib.crc32(repr(called).encode()) % part == 0)


class _Number(ast.NodeTransformer):
    """Puts `_n` in the place of one number of a call, counted from 0, or of all of a kind (`at` -1)."""

    def __init__(self, at: int, kind: type) -> None:
        self.at, self.kind, self.count = at, kind, 0
        self.own: Any = None

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._put(node, node.value)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return self._put(node, -node.operand.value)
        return self.generic_visit(node)  # type: ignore[return-value]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._put(node, self.kind(3)) if node.id == "n" else node

    def _put(self, node: ast.expr, value: Any) -> ast.expr:
        if type(value) is not self.kind:
            return node
        self.count += 1
        if self.at not in (-1, self.count - 1):
            return node
        self.own = value
        return ast.copy_location(ast.Name("_n", ast.Load()), node)


def cases(words: list[str], part: int) -> Iterator[Case]:
    """All calls with all numbers to try in them."""
    done = set()
    for layer, call in expressions(part):
        if words and not any(word in layer + call for word in words):
            continue
        for kind, values in ((int, INTS), (float, FLOATS)):
            for in_layer in (True, False) if layer else (False,):
                for code, value in numbers(layer if in_layer else call, kind, values):
                    case = Case(code if in_layer else layer, call if in_layer else code, value)
                    if (key := (*case, kind)) not in done:
                        done.add(key)
                        yield case


def numbers(code: str, kind: type, values: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """The code with `_n` in the place of each number of a kind in turn, and its values."""
    counter = _Number(-2, kind)
    counter.visit(ast.parse(code, mode="eval"))
    for at in range(-1 if counter.count > 1 else 0, counter.count):
        number = _Number(at, kind)
        changed = ast.unparse(ast.fix_missing_locations(number.visit(ast.parse(code, mode="eval"))))
        tried = dict.fromkeys((*(() if at == -1 else values), number.own if at != -1 else values[-1]))
        for form in dict.fromkeys((changed, by_keyword(changed))):
            for value in tried if form == changed else (values[0],):
                yield form, value


def own_numbers(code: str) -> Iterator[tuple[str, int]]:
    """The code with `_n` in the place of each int in turn, and that int."""
    counter = _Number(-2, int)
    counter.visit(ast.parse(code, mode="eval"))
    for at in range(counter.count):
        number = _Number(at, int)
        changed = number.visit(ast.parse(code, mode="eval"))
        yield ast.unparse(ast.fix_missing_locations(changed)), number.own


def by_keyword(code: str) -> str:
    """The call with its number given by keyword, where it has a place of its own among the arguments."""
    tree = ast.parse(code, mode="eval")
    call = tree.body
    if not isinstance(call, ast.Call):
        return code
    at = next((i for i, item in enumerate(call.args) if isinstance(item, ast.Name) and item.id == "_n"), None)
    if at is None or any(isinstance(item, ast.Starred) for item in call.args):
        return code
    try:
        parameters = list(inspect.signature(eval(ast.unparse(call.func), names())).parameters.values())
    except (NameError, ValueError, TypeError, AttributeError):
        return code
    if len(parameters) < len(call.args) or parameters[at].kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
        return code
    call.keywords[:0] = [
        ast.keyword(parameter.name, item) for parameter, item in zip(parameters[at:], call.args[at:], strict=False)
    ]
    del call.args[at:]
    return ast.unparse(tree)


def names() -> dict[str, Any]:
    """What the calls of the survey call by name."""
    import numpy as np

    from survey import paddle_leaks

    return {**paddle_leaks.MODULES, "np": np, "k": 8, "put": put, "assign_to": put, "array": array}


def put(tensor: Any, at: Any, value: Any) -> Any:
    """Assign in place, and return the tensor."""
    tensor = tensor * 1
    tensor[at] = value
    return tensor


def array(tensor: Any) -> Any:
    """A tensor array of one element."""
    import paddle

    return paddle.tensor.create_array("float32", [tensor])


_ADDRESS = re.compile(r"0x[0-9a-f]+|\d{5,}")
"""Of objects, and numbers that are only what was left in memory."""


class Outcome(NamedTuple):
    """What came of a call."""

    text: str
    """The exception, or a digest of the program."""
    recorded: bool | None = None
    """Whether the tape heard of the number."""


def build(case: Case, number: Any) -> str:
    """The program that a call builds, or the exception that it ends with."""
    import paddle

    code = compile(case.call, "<call>", "eval")
    main = paddle.static.Program()
    with paddle.static.program_guard(main, paddle.static.Program()), paddle.utils.unique_name.guard():
        values = {**names(), "_n": number, "n": 3}
        try:
            for name, (shape, dtype) in SHAPES.items():
                if name in code.co_names:
                    values[name] = paddle.static.data(name, shape, dtype)
            if "t" in code.co_names:
                values["t"] = paddle.shape(values["x"])[2] if "x" in values else paddle.full([], 6, "int64")
            layer = eval(case.layer, values) if case.layer else None
            eval(code, {**values, "layer": layer})
        except Exception as error:
            return _ADDRESS.sub("#", f"{type(error).__name__}: {error}")
        return "digest " + hashlib.sha1(str(main).encode()).hexdigest()


class Watch:
    """All probes open, and numbers that the tape knows of."""

    def __init__(self) -> None:
        from shapetrace import Trace
        from shapetrace.capture.probes import install
        from shapetrace.capture.session import Session
        from shapetrace.patching import Transaction

        self.session = Session(Trace())
        install.install(self.session, self.session.backends, Transaction())
        self.session.during.begin()

    def outcome(self, case: Case) -> Outcome:
        """What a call gives with a number that remembers, and whether the tape heard of it."""
        from shapetrace.capture.source import frames
        from shapetrace.capture.tape import Where, ancestry
        from shapetrace.dim import Origin, remember

        tape = self.session.tape
        tape.arguments.clear()
        tape.events.clear()
        origin = Origin("read", (), Where(frames.stack(sys._getframe()), ""))
        text = build(case, remember(case.value, origin, tape))
        told = (item.dim for item in (*tape.arguments, *tape.events))
        return Outcome(text, any(origin in ancestry(dim) for dim in told))


def plain() -> Callable[[Case], Outcome]:
    """What calls give without a watch."""
    return lambda case: Outcome(build(case, case.value))


def watched() -> Callable[[Case], Outcome]:
    """What calls give with numbers that remember."""
    return Watch().outcome


def outcomes(listed: list[Case], start: Callable[[], Callable[[Case], Outcome]]) -> list[Outcome]:
    """The outcomes of all calls, in forked children."""
    found: list[Outcome] = []
    while len(found) < len(listed):
        found += _from_child(listed[len(found) :], start)
    return found


def _from_child(listed: list[Case], start: Callable[[], Callable[[Case], Outcome]]) -> list[Outcome]:
    """The outcomes up to the call that ends the child, that one included."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        _work(listed, start, writer)
    os.close(writer)
    found = []
    with os.fdopen(reader, "rb") as pipe:
        while len(found) < len(listed):
            ready, _, _ = select.select([pipe], [], [], SECONDS)
            if not ready:
                break
            try:
                found.append(pickle.load(pipe))
            except EOFError:
                break
    if len(found) < len(listed):
        os.kill(child, signal.SIGKILL)
        found.append(Outcome("the process ended"))
    os.waitpid(child, 0)
    return found


def _work(listed: list[Case], start: Callable[[], Callable[[Case], Outcome]], writer: int) -> None:
    """What a child does."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    warnings.simplefilter("ignore")
    with os.fdopen(writer, "wb", buffering=0) as pipe:
        outcome = start()
        for case in listed:
            pipe.write(pickle.dumps(outcome(case)))
    os._exit(0)


def main(words: list[str]) -> None:
    """Try all calls, and tell as lines of JSON which of them a watch changes, and which it does not hear of."""
    import paddle

    paddle.enable_static()
    part = 1
    if words[:1] == ["--part"]:
        part, words = int(words[1]), words[2:]
    listed = list(cases(words, part))
    without = outcomes(listed, plain)
    within = outcomes(listed, watched)
    unheard: dict[tuple[str, str], set[str]] = {}
    for case, before, after in zip(listed, without, within, strict=True):
        if before.text != after.text:
            print(
                json.dumps({"changed": case, "plain": before.text[-1500:], "watched": after.text[-1500:]}), flush=True
            )
        elif after.text.startswith("digest") and not after.recorded:
            unheard.setdefault((case.layer, case.call), set()).add(after.text)
    for called, programs in unheard.items():
        if len(programs) > 1:  # the number made a difference
            print(json.dumps({"unheard": called}), flush=True)
    built = sum(outcome.text.startswith("digest") for outcome in without)
    print(json.dumps({"calls": len(listed), "built": built}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
