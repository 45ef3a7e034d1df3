"""Finds Python that a conversion would go through without end (ST801), by running the model at two sizes and looking at lengths.

Rewritten code converts `for` statements; a comprehension, a starred expression or a call such as `list(...)` goes on for ever through a
tensor, a `range`, or a list grown in a converted loop, of unknown length. What they go through is worked out just before their line
runs: where its length changes with the sizes of the inputs, the conversion will not know it.
"""

from __future__ import annotations

import ast
import functools
import linecache
import sys
from collections.abc import Iterator, Set
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, NamedTuple

from shapetrace.capture.source import frames
from shapetrace.doctor.lines import Line
from shapetrace.facts import iteration
from shapetrace.reports.printable import relative
from shapetrace.said import Said, Sentence, said

_SUBJECT = "loops"
_GO_THROUGH = frozenset({"list", "tuple", "set", "frozenset", "sorted", "sum", "min", "max", "any", "all", "dict"})
"""Builtins that go through their first argument."""
_HAND_ON = frozenset({"enumerate", "zip", "reversed", "iter"})
"""Builtins whose result is as long as their arguments."""
_HARMLESS = frozenset({"len", "int", "min", "max", "abs"})
"""Builtins that may be called to work out a length."""
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_PLAIN = (
    *(ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Constant, ast.Tuple, ast.List),
    *(ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context),
)
"""What may stand in an expression that is worked out once more."""


class Walk(NamedTuple):
    """An expression that goes through something."""

    line: int
    end_line: int
    code: str
    iterated: str
    """What it goes through."""
    beside: tuple[str, ...] = ()
    """All that a `zip` goes through at once, this included: it ends with the first of them that ends."""


class Walks:
    """The expressions of a model that go through something, with the lengths that this had.

    Args:
        skipped: Code that a conversion runs as it stands. An unknown length is the int -1 there, and a `range` of it is empty.
    """

    def __init__(self, skipped: Set[CodeType] = frozenset()) -> None:
        self._skipped = skipped
        self._runs: dict[tuple[str, Walk], dict[Sentence, list[Sentence]]] = {}
        """What each went through, in order, by the sizes of the run."""
        self._lists: set[tuple[str, Walk]] = set()
        """Those that went through a list of tensors, which a converted loop makes an array of."""
        self._looked = True

    @contextmanager
    def watched(self, at: Sentence) -> Iterator[None]:
        """Look at the lengths while the model runs.

        Args:
            at: The sizes that it runs at, in words.
        """
        if sys.gettrace() is not None:  # of a debugger, or of a coverage tool
            self._looked = False
            yield
            return
        sys.settrace(functools.partial(self._called, at))
        try:
            yield
        finally:
            sys.settrace(None)

    def lines(self) -> list[Line]:
        """A warning for each expression whose length was not always the same."""
        if not self._looked:
            return [
                Line("note", _SUBJECT, said("not looked at, since a debugger or a coverage tool traces the program"))
            ]
        return [
            Line("warning", _SUBJECT, _seen(*place, *pair), self._advice(place))
            for place, runs in self._runs.items()
            if (pair := _differing(runs)) is not None and not self._ended_by_another(*place)
        ]

    def _ended_by_another(self, file: str, walk: Walk) -> bool:
        """Whether something beside it in a `zip` has a length that no size of an input changes."""
        others = (self._runs.get((file, walk._replace(iterated=other)), {"": []}) for other in walk.beside)
        return any(_differing(runs) is None for runs in others)

    def _advice(self, place: tuple[str, Walk]) -> Sentence:
        _, walk = place
        return iteration.advice(walk.code, walk.iterated, place in self._lists)

    def _called(self, at: Sentence, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if not frames.users(frame) or not (walks := _within(code)):
            return None
        skipped = self._is_skipped(frame)

        def stepped(frame: FrameType, event: str, argument: Any) -> Any:
            for walk in walks if event == "line" else ():
                if walk.line <= frame.f_lineno <= walk.end_line:
                    through = _found(walk.iterated, frame)
                    if through is not None and not (skipped and isinstance(through, range | list)):
                        self._note(at, (code.co_filename, walk), through)
            return stepped

        return stepped

    def _note(self, at: Sentence, place: tuple[str, Walk], through: Any) -> None:
        if isinstance(through, list):
            self._lists.add(place)
        text: Sentence = str(through) if isinstance(through, range) else said("{} long", len(through))
        self._runs.setdefault(place, {}).setdefault(at, []).append(text)

    def _is_skipped(self, frame: FrameType | None) -> bool:
        while frame is not None:
            if frame.f_code in self._skipped:
                return True
            frame = frame.f_back
        return False


def _differing(runs: dict[Sentence, list[Sentence]]) -> tuple[Said, Said] | None:
    """What was gone through at two sizes, in words, where that is not the same."""
    (first, before), *others = runs.items()
    for at, after in others:
        for one, other in zip(before, after, strict=False):
            if one != other:
                return said("{} at {}", one, first), said("{} at {}", other, at)
    return None


def _seen(file: str, walk: Walk, one: Said, other: Said) -> Said:
    place = f"{relative(file)}:{walk.line}"
    return said(
        "`{}` ({}) never ends in a conversion: `{}` is {} and {}, and has no known length there",
        walk.code,
        place,
        walk.iterated,
        one,
        other,
    )


@functools.lru_cache(maxsize=4096)
def _within(code: CodeType) -> tuple[Walk, ...]:
    """The expressions of a function that go through something."""
    lines = [line for *_, line in code.co_lines() if line is not None]
    first, last = min(lines, default=0), max(lines, default=0)
    return tuple(walk for walk in _of_file(code.co_filename) if first <= walk.line <= last)


@functools.lru_cache(maxsize=256)
def _of_file(file: str) -> tuple[Walk, ...]:
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return ()
    walks = []
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            end = node.end_lineno or node.lineno
            code = ast.unparse(node)
            for iterated in _iterated(node):
                beside = tuple(ast.unparse(other) for other in _zipped(node, iterated))
                walks.append(Walk(node.lineno, end, code, ast.unparse(iterated), beside))
    return tuple(walks)


def _iterated(node: ast.expr) -> Iterator[ast.expr]:
    """What an expression goes through, as far as its length can be worked out once more."""
    if isinstance(node, _COMPREHENSIONS):
        yield from (part for generator in node.generators for part in _plain(generator.iter))
    elif isinstance(node, ast.Starred):
        yield from _plain(node.value)
    elif isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        through = node.args[1:] if called == "map" else node.args[:1] if called in _GO_THROUGH else ()
        if isinstance(node.func, ast.Attribute) and node.func.attr == "extend":
            through = node.args
        yield from (part for argument in through for part in _plain(argument))


def _zipped(node: ast.expr, iterated: ast.expr) -> list[ast.expr]:
    """The arguments of the `zip` in an expression that goes through one of them."""
    for call in ast.walk(node):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != "zip":
            continue
        if any(argument is iterated for argument in call.args):
            return call.args
    return []


def _plain(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id in _HAND_ON:
            yield from (part for argument in node.args for part in _plain(argument))
        elif node.func.id == "range" and all(map(_is_plain, node.args)):
            yield node
    elif _is_plain(node):
        yield node


def _is_plain(node: ast.AST) -> bool:
    """Whether nothing happens when an expression is worked out once more."""
    if isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        return called in _HARMLESS and not node.keywords and all(map(_is_plain, node.args))
    return isinstance(node, _PLAIN) and all(map(_is_plain, ast.iter_child_nodes(node)))


def _found(iterated: str, frame: FrameType) -> Any:
    """The tensor, range or list of tensors that is gone through; None where it is not there yet, or is none of these."""
    import paddle

    try:
        value = eval(iterated, frame.f_globals, frame.f_locals)  # names, attributes, indices and arithmetic only
    except Exception:
        return None
    if isinstance(value, list):
        return value if value and all(isinstance(item, paddle.Tensor) for item in value) else None
    return value if isinstance(value, range) or (isinstance(value, paddle.Tensor) and value.ndim) else None
