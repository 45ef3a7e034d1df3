"""Where an array is taken apart: loops and comprehensions over it, and `height, width = sizes`.

Each element that a variable gets is a new object of NumPy's, which nothing was told of. Which instructions do this, the
positions of the bytecode tell; Python 3.10 keeps none, and there elements are not followed.
"""

from __future__ import annotations

import ast
import dis
import sys
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any, Literal, NamedTuple

from shapetrace.capture.source import frames
from shapetrace.capture.source.sites import nodes_at

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


Kind = Literal["starts", "turns", "unpacks", "collects"]


class Opening(NamedTuple):
    """An instruction that takes elements out of a value, or is about to put them into one."""

    kind: Kind
    """A loop starts, or gets its next element; all elements are unpacked; or a comprehension makes its list, since Python 3.12."""
    wholes: tuple[ast.expr, ...]
    """The expressions whose elements they are: of `zip` there are several, and of a comprehension it is that itself."""
    names: tuple[str, ...]
    """The variables they are assigned to: of a loop, one for each expression."""
    outside: bool
    """Whether the expressions were evaluated by the frame around, as those of a comprehension before Python 3.12 is."""


def openings(code: CodeType) -> dict[int, Opening]:
    """The instructions of a function that take elements out of a value, by offset."""
    found: dict[int, Opening] = {}
    if sys.version_info < (3, 11):
        return found
    for instruction in dis.get_instructions(code):
        positions = instruction.positions
        if instruction.opname not in _OPENING or positions is None or positions.lineno is None:
            continue
        kind = _OPENING[instruction.opname]
        for node in nodes_at(code.co_filename, positions.lineno):
            opening = _opening(node, kind, code)
            if opening is not None and any(_range(part) == tuple(positions) for part in _parts(node)):
                found[instruction.offset] = opening
                break
    return found


class Turns:
    """How often each loop that is running has gone round."""

    def __init__(self) -> None:
        self._counts: dict[int, dict[int, int]] = {}

    def reached(self, opening: Opening, frame: FrameType) -> list[tuple[str, int, int]]:
        """The variables that `frame` is about to assign elements to; of which expression each is an element, and which."""
        if opening.kind == "unpacks":
            return [(name, 0, index) for index, name in enumerate(opening.names)]
        counts, loop = self._counts.setdefault(id(frame), {}), id(opening.wholes[0])
        turn = counts[loop] = counts.get(loop, -1) + 1 if opening.kind == "turns" else -1
        return [(name, whole, turn) for whole, name in enumerate(opening.names) if turn >= 0]

    def left(self, frame: FrameType) -> None:
        """A frame has ended."""
        self._counts.pop(id(frame), None)


_OPENING: dict[str, Kind] = {
    "GET_ITER": "starts",
    "FOR_ITER": "turns",
    "UNPACK_SEQUENCE": "unpacks",
    "BUILD_LIST": "collects",
}


def _opening(node: ast.AST, kind: Kind, code: CodeType) -> Opening | None:
    if kind == "unpacks":
        return _unpacking(node)
    if kind == "collects":
        if not isinstance(node, ast.ListComp) or frames.runs_comprehension(code):
            return None
        return Opening(kind, (node,), (), outside=False)
    return _loop(node, kind, code)


def _loop(node: ast.AST, kind: Kind, code: CodeType) -> Opening | None:
    loop: Any = node.generators[0] if isinstance(node, _COMPREHENSIONS) and len(node.generators) == 1 else node
    if not isinstance(loop, ast.For | ast.comprehension) or isinstance(node, ast.comprehension):
        return None
    pairs = list(_elements(loop.target, loop.iter))
    names, wholes = [name for name, _ in pairs], [whole for _, whole in pairs]
    outside = isinstance(loop, ast.comprehension) and frames.runs_comprehension(code)
    return Opening(kind, tuple(wholes), tuple(names), outside) if pairs else None


def _elements(target: ast.expr, whole: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The variables of a loop over `whole`, and the expressions that their values are elements of."""
    if isinstance(target, ast.Name):
        yield target.id, whole
    elif isinstance(target, ast.Tuple) and isinstance(whole, ast.Call) and isinstance(whole.func, ast.Name):
        if whole.func.id == "enumerate" and len(whole.args) == 1 and len(target.elts) == 2:
            yield from _elements(target.elts[1], whole.args[0])
        elif whole.func.id == "zip" and len(whole.args) == len(target.elts):
            for part, operand in zip(target.elts, whole.args, strict=True):
                yield from _elements(part, operand)


def _unpacking(node: ast.AST) -> Opening | None:
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    if not isinstance(node, ast.Assign) or not isinstance(target, ast.Tuple | ast.List):
        return None
    names = tuple(item.id for item in target.elts if isinstance(item, ast.Name))
    return Opening("unpacks", (node.value,), names, outside=False) if len(names) == len(target.elts) else None


def _parts(node: Any) -> list[ast.AST]:
    """What the position of the instruction may be that of: it differs between versions of Python."""
    if isinstance(node, ast.Assign):
        return node.targets[:]  # type: ignore[return-value]
    return [node, node.generators[0].iter if isinstance(node, _COMPREHENSIONS) else node.iter]


def _range(node: Any) -> tuple[Any, ...]:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset
