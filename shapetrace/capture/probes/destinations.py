"""Where the results go that will not remember: variables, elements, attributes, and lists that comprehensions give.

The syntax tree tells. Once the variable has been assigned, it gets a number that remembers, of the same value; an object of
NumPy's is known again by its identity.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterable, Sequence
from functools import lru_cache
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from shapetrace.capture.probes.inner_lists import InnerLists
from shapetrace.capture.source import frames
from shapetrace.capture.source.stands import stands_for
from shapetrace.dim import NUMBERS, AnyDim

if TYPE_CHECKING:
    from shapetrace.capture.tape import Tape

_UNKNOWN = object()
_COLLECTORS = frozenset({"list", "tuple"})
"""What makes a list of what a generator or `map` gives."""


class _Assignment(NamedTuple):
    """A variable that is about to be assigned."""

    start: int
    """The instruction that computes the value."""
    end: int
    """The instruction that assigns it."""
    name: str
    """Of the variable, or `settings.scale`."""
    key: Any
    """Of the element that it is about, in a list, tuple or dict that is written there; None for the whole value."""
    stand: AnyDim | list[AnyDim]
    """What stands for the value, or for those of its elements that were computed from dims, in order."""


class Destinations:
    """The places that results go to.

    Args:
        tape: Told which objects stand for dims.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._pending: dict[int, list[_Assignment]] = {}
        self._elements: dict[int, list[AnyDim]] = {}  # by the id of a comprehension's frame, what it puts in its list
        self._inside: dict[int, InnerLists] = {}  # by the id of a frame

    def note(self, frame: FrameType, node: ast.AST, stand: AnyDim) -> None:
        """Note where the value of the expression `node` goes at once."""
        parent = getattr(node, "parent", None)
        if isinstance(parent, ast.ListComp) and parent.elt is node:
            if id(frame) in self._inside:
                self._inside[id(frame)].append(parent, stand)
            else:
                self._elements.setdefault(id(frame), []).append(stand)
        self._note(frame, node, stand, _key(node))

    def collecting(self, frame: FrameType, node: ast.expr) -> None:
        """`frame` itself is about to make the list of a comprehension."""
        self._inside.setdefault(id(frame), InnerLists()).begin(frame, node)

    def collected(self, frame: FrameType, node: ast.AST | None, stand: AnyDim) -> bool:
        """An element is on its way to a `list(...)` or `tuple(...)` that `frame` is calling. Returns whether it is."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in _COLLECTORS:
            return False
        stands = self._tape.computed.setdefault((frame.f_code, frames.instruction(frame)), [])
        if isinstance(stands, list):
            stands.append(stand)
            if len(stands) == 1:  # the others follow in the same list
                self._note(frame, node, stands, None)
        return True

    def returned(self, frame: FrameType, node: ast.AST | None, stands: list[AnyDim], values: Sequence[Any]) -> None:
        """What `frame` has called at `node` gives a list or tuple, with values that these stand for."""
        self._tape.computed[frame.f_code, frames.instruction(frame)] = stands
        if node is None:
            return
        names = _unpacked(node)
        if len(names) == len(values):
            for index, stand in _places(values, stands):
                self.assign(frame, names[index], stand)
        self._note(frame, node, stands, None)

    def _note(self, frame: FrameType, node: ast.AST, stand: AnyDim | list[AnyDim], key: Any) -> None:
        name = _target(node)
        if name:
            self.assign(frame, name, stand, key)

    def assign(self, frame: FrameType, name: str, stand: AnyDim | list[AnyDim], key: Any = None) -> None:
        """`frame` is about to assign to a variable what `stand` stands for, or a list or dict with that under `key`."""
        places = _stores(frame.f_code).get(name.rpartition(".")[2], ())
        after = next((offset for offset in places if offset > frame.f_lasti), -1)
        if after >= 0:
            self._pending.setdefault(id(frame), []).append(_Assignment(frame.f_lasti, after, name, key, stand))

    def settle(self, frame: FrameType) -> None:
        """Let variables that were assigned meanwhile remember. Called last: looking at them would undo it."""
        inner = self._inside.get(id(frame))
        if inner is not None:
            for result, place, stand in inner.settled(frame):
                self._remember(result, [(place, stand)])
        pending = self._pending.pop(id(frame), None)
        if not pending:
            return
        waiting = [item for item in pending if item.start <= frame.f_lasti <= item.end]
        ready = [item for item in pending if frame.f_lasti > item.end]
        if waiting:
            self._pending[id(frame)] = waiting
        variables = frame.f_locals if ready else {}
        for item in ready:
            if isinstance(item.stand, list) or item.key is not None:
                self._put_inside(variables, item)
            else:
                self.put(variables, item.name, item.stand)

    def put(self, variables: Any, name: str, stand: AnyDim) -> None:
        """Let a variable that holds what `stand` stands for remember."""
        owner, _, attribute = name.rpartition(".")
        if owner:
            self._put_attribute(getattr(variables.get(owner), "__dict__", {}), attribute, stand)
            return
        value = variables.get(name, _UNKNOWN)
        if isinstance(value, list | tuple | dict):
            for item in value.values() if isinstance(value, dict) else value:
                self.keep(item, stand)
        elif isinstance(stand, NUMBERS) and stands_for(value, stand):
            stand.origin.lost = False
            variables[name] = stand
        else:
            self.keep(value, stand)

    def _put_attribute(self, attributes: Any, name: str, stand: AnyDim) -> None:
        value = attributes.get(name)
        if isinstance(attributes, dict) and isinstance(stand, NUMBERS) and stands_for(value, stand):
            stand.origin.lost = False
            attributes[name] = stand
        else:
            self.keep(value, stand)

    def _put_inside(self, variables: Any, item: _Assignment) -> None:
        """Let the elements remember that an assignment is about."""
        value = variables.get(item.name)
        if type(value) not in (list, tuple, dict):
            return
        if isinstance(item.stand, list):
            places = [] if type(value) is dict else _places(value, item.stand)
        else:
            places = [(item.key, item.stand)] if stands_for(_element(value, item.key), item.stand) else []
        elements = list(value) if type(value) is tuple else value
        self._remember(elements, places)
        if elements is not value and places:
            variables[item.name] = tuple(elements)

    def _remember(self, elements: Any, places: Iterable[tuple[Any, AnyDim]]) -> None:
        for place, stand in places:
            if isinstance(stand, NUMBERS):
                stand.origin.lost = False
                elements[place] = stand
            else:
                self.keep(elements[place], stand)

    def keep(self, value: Any, stand: AnyDim) -> None:
        """Know an object again that cannot remember by itself; ints have no identity of their own."""
        if type(value) is not int and stands_for(value, stand):
            self._tape.objects[id(value)] = value, stand

    def left(self, frame: FrameType, result: Any) -> None:
        """A frame has ended. The list that a comprehension gives remembers."""
        self._pending.pop(id(frame), None)
        self._inside.pop(id(frame), None)
        elements = self._elements.pop(id(frame), [])
        if elements and isinstance(result, list):
            self._remember(result, _places(result, elements))


def _element(value: Any, key: Any) -> Any:
    try:
        return value[key]
    except (LookupError, TypeError):
        return _UNKNOWN


def _places(result: Sequence[Any], stands: list[AnyDim]) -> list[tuple[int, AnyDim]]:
    """Where in a list the results are that were computed from dims, in order; none where others look alike."""
    places = [index for index, item in enumerate(result) if any(stands_for(item, stand) for stand in stands)]
    if len(places) != len(stands):
        return []
    pairs = list(zip(places, stands, strict=True))
    return pairs if all(stands_for(result[index], stand) for index, stand in pairs) else []


def _target(node: ast.AST) -> str:
    """The variable that the value of an expression is assigned to at once."""
    if isinstance(node, ast.AugAssign):
        return node.target.id if isinstance(node.target, ast.Name) else ""
    parent: Any = getattr(node, "parent", None)
    if isinstance(parent, ast.List | ast.Dict | ast.Tuple) and _assigned(parent):
        return _assigned(parent)
    if isinstance(parent, ast.NamedExpr | ast.AnnAssign):
        return parent.target.id if isinstance(parent.target, ast.Name) else ""
    if isinstance(parent, ast.Tuple) and isinstance(outer := getattr(parent, "parent", None), ast.Assign):
        targets = outer.targets[0] if len(outer.targets) == 1 else None
        if isinstance(targets, ast.Tuple) and len(targets.elts) == len(parent.elts):
            target = targets.elts[parent.elts.index(node)]  # type: ignore[arg-type]
            return target.id if isinstance(target, ast.Name) else ""
    return _assigned(node)


def _unpacked(node: ast.AST) -> list[str]:
    """The variables that the elements of an expression are assigned to: `height, width = half(sizes)`."""
    parent = getattr(node, "parent", None)
    target = parent.targets[0] if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None
    names = target.elts if isinstance(target, ast.Tuple | ast.List) else []
    found = [name.id for name in names if isinstance(name, ast.Name)]
    return found if len(found) == len(names) else []


def _key(node: ast.AST) -> Any:
    """Where in the list, tuple or dict that a variable is assigned an expression is; None where only running it tells."""
    parent: Any = getattr(node, "parent", None)
    if not isinstance(parent, ast.List | ast.Tuple | ast.Dict) or not _assigned(parent):
        return None
    if isinstance(parent, ast.Dict):
        keys = (key for key, value in zip(parent.keys, parent.values, strict=True) if value is node)
        key = next(keys, None)
        return key.value if isinstance(key, ast.Constant) else None
    if any(isinstance(item, ast.Starred) for item in parent.elts):
        return None
    return next((index for index, item in enumerate(parent.elts) if item is node), None)


def _assigned(node: ast.AST) -> str:
    """The one variable that an expression is the whole new value of, or attribute of one: `settings.scale`."""
    parent: Any = getattr(node, "parent", None)
    if not isinstance(parent, ast.Assign) or len(parent.targets) != 1 or parent.value is not node:
        return ""
    target = parent.targets[0]
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        return f"{target.value.id}.{target.attr}"
    return target.id if isinstance(target, ast.Name) else ""


@lru_cache(maxsize=1024)
def _stores(code: CodeType) -> dict[str, list[int]]:
    """Where each variable of a function is assigned."""
    places: dict[str, list[int]] = {}
    for instruction in dis.get_instructions(code):
        for name in _stored(instruction):
            places.setdefault(name, []).append(instruction.offset)
    return places


def _stored(instruction: dis.Instruction) -> tuple[str, ...]:
    """The variables that an instruction assigns: Python 3.13 has some that assign two, or assign one and load another."""
    if not instruction.opname.startswith("STORE_"):
        return ()
    if isinstance(instruction.argval, tuple):
        return instruction.argval[: instruction.opname.count("STORE_")]
    return (instruction.argval,) if isinstance(instruction.argval, str) else ()
