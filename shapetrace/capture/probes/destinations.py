"""Where the results go that will not remember: variables, elements, attributes, and what comprehensions collect.

The syntax tree tells. When a statement is about to assign, the shadow of its value says which parts were computed from dims; once
it has assigned, those are numbers that remember, of the same value. An object of NumPy's is known again by its identity.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from shapetrace.capture.probes.inner_lists import InnerLists
from shapetrace.capture.source import frames
from shapetrace.capture.source.stands import flat, graft, plain_value, stands_for
from shapetrace.dim import NUMBERS, REMEMBERING, AnyDim

if TYPE_CHECKING:
    from shapetrace.capture.probes.shadows import Shadows
    from shapetrace.capture.tape import Tape

_UNKNOWN = object()
_COLLECTORS = frozenset({"list", "tuple", "set", "frozenset", "dict", "sorted"})
"""What collects all that a generator or `map` gives."""
_IN_PLACE = frozenset({"list", "tuple"})
"""What has each of them in its place."""
_ADDING = frozenset({"extend", "update"})
"""Methods that do."""
_MOST_COLLECTED = 64


class _Assignment:
    """Targets that are about to be assigned.

    Args:
        frame: Of the user's.
        targets: What is assigned to, in the syntax tree; none where the value is that of an object that a method changes.
        value: The expression whose value is assigned; None where the shadow is known already.
        shadow: Of the value.
        places: The first and the last instruction that assigns.
    """

    def __init__(
        self, frame: FrameType, targets: list[ast.expr], value: ast.AST | None, shadow: Any, places: tuple[int, int]
    ) -> None:
        self.start = 0 if value is not None else frame.f_lasti  # a comprehension goes back to its beginning
        self.targets = targets
        self.value = value
        self.shadow = shadow
        self.first, self.last = places
        self.keys: dict[int, Any] = {}
        """By the id of a target that is an element: which one it is."""


class Destinations:
    """The places that results go to.

    Args:
        tape: Told which objects stand for dims.
        shadows: Give that of an expression in a frame.
    """

    def __init__(self, tape: Tape, shadows: Shadows) -> None:
        self._tape = tape
        self._shadows = shadows
        self._pending: dict[int, list[_Assignment]] = {}
        self._elements: dict[int, list[AnyDim]] = {}  # by the id of a comprehension's frame, what it collects
        self._inside: dict[int, InnerLists] = {}  # by the id of a frame
        self._giving: set[int] = set()  # ids of frames that are about to return such a result

    def note(self, frame: FrameType, node: ast.AST, stand: AnyDim | list[Any] | dict[Any, Any]) -> None:
        """Note where the value of the expression `node` goes."""
        outer = _outermost(node)
        for walrus in _walruses(node, outer):
            self._assigned(frame, [walrus.target], walrus.value)
        parent: Any = getattr(outer, "parent", None)
        if isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is outer:
            targets: list[ast.expr] = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            self._assigned(frame, targets, parent.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            self.assign(frame, node.target, stand)
        elif isinstance(parent, ast.Return | ast.Lambda):
            self._giving.add(id(frame))
        elif isinstance(outer, ast.expr) and outer is _collected_by(parent):
            self._collect(frame, outer, parent, stand)

    def _collect(self, frame: FrameType, element: ast.expr, comprehension: Any, stand: Any) -> None:
        """An element of a comprehension is, or holds, what `stand` stands for."""
        stands = [item for item in flat(stand) if isinstance(item, REMEMBERING)]
        is_element = isinstance(stand, REMEMBERING) and not isinstance(element, ast.Tuple | ast.List | ast.Dict)
        if isinstance(comprehension, ast.ListComp) and id(frame) in self._inside and is_element:
            self._inside[id(frame)].append(comprehension, stand)
        elif frames.runs_comprehension(frame.f_code) and not isinstance(comprehension, ast.GeneratorExp):
            self._elements.setdefault(id(frame), []).extend(stands)
        else:
            running, collected = self._shadows.gathered.get(id(comprehension), (0, []))
            if running != id(frame):
                collected = []
            if len(collected) < _MOST_COLLECTED:
                put = _put(list(collected), stands, frame, comprehension if is_element else None)
                self._shadows.gathered[id(comprehension)] = id(frame), put
            taker = frame.f_back if isinstance(comprehension, ast.GeneratorExp) else frame
            if taker is not None and frames.users(taker):
                self.note(taker, comprehension, stand)

    def collecting(self, frame: FrameType, node: ast.expr) -> None:
        """`frame` itself is about to make the list of a comprehension."""
        self._inside.setdefault(id(frame), InnerLists()).begin(frame, node)

    def collected(self, frame: FrameType, node: ast.AST | None, stand: AnyDim, giving: FrameType) -> bool:
        """An element that another frame gives is on its way to a `list(...)`, say, or `items.extend(...)` that `frame` is calling. Returns whether it is."""
        function = node.func if isinstance(node, ast.Call) else None
        adds = isinstance(function, ast.Attribute) and function.attr in _ADDING
        if node is None or not (adds or (isinstance(function, ast.Name) and function.id in _COLLECTORS)):
            return False
        stands = self._tape.computed.setdefault((frame.f_code, frames.instruction(frame)), [])
        if isinstance(stands, list):
            first = not stands  # the others follow in the same list
            in_place = isinstance(node, ast.Call) and isinstance(function, ast.Name) and function.id in _IN_PLACE
            _put(stands, [stand], giving, node.args[0] if in_place and isinstance(node, ast.Call) else None)
            if first and isinstance(function, ast.Attribute):
                self.changed(frame, function.value, stands)
            elif first:
                self.note(frame, node, stands)
        return True

    def returned(self, frame: FrameType, node: ast.AST | None, shadow: Any) -> None:
        """What `frame` has called at `node` gives a list, tuple or dict with this shadow."""
        self._tape.computed[frame.f_code, frames.instruction(frame)] = shadow
        if node is not None:
            self.note(frame, node, shadow)

    def gives(self, frame: FrameType) -> bool:
        """Whether a frame that returns gives what will not remember."""
        return id(frame) in self._giving

    def _assigned(self, frame: FrameType, targets: list[ast.expr], value: ast.AST) -> None:
        """`frame` is about to assign the value of an expression."""
        if any(item.value is value for item in self._pending.get(id(frame), ())):
            return
        self._await(frame, targets, value, _UNKNOWN)

    def assign(self, frame: FrameType, target: ast.expr, shadow: Any) -> None:
        """`frame` is about to assign what has this shadow."""
        self._await(frame, [target], None, shadow)

    def _await(self, frame: FrameType, targets: list[ast.expr], value: ast.AST | None, shadow: Any) -> None:
        stores = _stores(frame.f_code)
        offsets = []
        for name in {name for target in targets for name in _names(target)}:
            offsets += [next((offset for offset in stores.get(name, ()) if offset > frame.f_lasti), -1)]
        if offsets and min(offsets) >= 0:
            item = _Assignment(frame, targets, value, shadow, (min(offsets), max(offsets)))
            self._pending.setdefault(id(frame), []).append(item)

    def changed(self, frame: FrameType, owner: ast.expr, shadow: Any) -> None:
        """A method that `frame` is about to call puts what has this shadow into `owner`."""
        item = _Assignment(frame, [owner], None, shadow, (frame.f_lasti, frame.f_lasti))
        self._pending.setdefault(id(frame), []).append(item)

    def settle(self, frame: FrameType) -> None:
        """Let what was assigned meanwhile remember. Called last: looking at variables would undo it."""
        inner = self._inside.get(id(frame))
        if inner is not None:
            for result, place, stand in inner.settled(frame):
                result[place] = graft(result[place], stand, self.keep)
        pending = self._pending.pop(id(frame), None)
        if not pending:
            return
        waiting = [item for item in pending if item.start <= frame.f_lasti <= item.last]
        ready = [item for item in pending if frame.f_lasti > item.last]
        for item in waiting:
            if frame.f_lasti >= item.first and item.shadow is _UNKNOWN:
                self._foresee(item, frame)
        if waiting:
            self._pending[id(frame)] = waiting
        variables = frame.f_locals if ready else {}
        for item in ready:
            for target in item.targets:
                self._bind(target, item, item.shadow, _Scope(variables, frame.f_globals))

    def _foresee(self, item: _Assignment, frame: FrameType) -> None:
        """The value is computed, and nothing is assigned yet."""
        assert item.value is not None
        item.shadow = self._shadows.known(item.value, frame)
        for part in ast.walk(item.value):
            self._shadows.gathered.pop(id(part), None)
        for part in (part for target in item.targets for part in ast.walk(target)):
            if isinstance(part, ast.Subscript):
                item.keys[id(part)] = plain_value(self._shadows.known(part.slice, frame))

    def _bind(self, target: ast.expr, item: _Assignment, shadow: Any, scope: _Scope) -> None:
        """Let what a target of an assignment is now remember."""
        if isinstance(target, ast.Tuple | ast.List):
            for part, inner in _taken_apart(target.elts, shadow, scope):
                self._bind(part, item, inner, scope)
            return
        if isinstance(target, ast.Starred):
            target = target.value
        holder, key = self._held(target, item, scope)
        if type(key) not in (int, str) or (holder is not scope.locals and type(holder) not in (dict, list)):
            return  # a tensor, say, would make an op of it
        try:
            value = holder[key]
        except (LookupError, TypeError):
            return
        now = graft(value, shadow, self.keep)
        if now is not value:
            holder[key] = now

    def _held(self, target: ast.expr, item: _Assignment, scope: _Scope) -> tuple[Any, Any]:
        """What holds the value of a target, and where in it that is."""
        if isinstance(target, ast.Name):
            return (scope.locals if target.id in scope.locals else scope.globals), target.id
        if isinstance(target, ast.Attribute):
            return getattr(scope.value(target.value), "__dict__", None), target.attr
        if isinstance(target, ast.Subscript):
            return scope.value(target.value), item.keys.get(id(target), _UNKNOWN)
        return None, _UNKNOWN

    def put(self, variables: Any, name: str, stand: AnyDim) -> None:
        """Let a variable that holds what `stand` stands for remember."""
        value = variables.get(name, _UNKNOWN)
        if isinstance(value, list | tuple | dict):
            for item in value.values() if isinstance(value, dict) else value:
                self.keep(item, stand)
        elif isinstance(stand, NUMBERS) and stands_for(value, stand):
            stand.origin.lost = False
            variables[name] = stand
        else:
            self.keep(value, stand)

    def keep(self, value: Any, stand: AnyDim) -> None:
        """Know an object again that cannot remember by itself; ints have no identity of their own."""
        if type(value) is not int and stands_for(value, stand):
            self._tape.objects[id(value)] = value, stand

    def left(self, frame: FrameType, result: Any) -> None:
        """A frame has ended. What a comprehension gives remembers."""
        self._pending.pop(id(frame), None)
        self._inside.pop(id(frame), None)
        self._giving.discard(id(frame))
        elements = self._elements.pop(id(frame), [])
        if elements:
            graft(result, elements, self.keep)


class _Scope(NamedTuple):
    """The variables that a frame sees."""

    locals: Any
    globals: dict[str, Any]

    def value(self, node: ast.expr) -> Any:
        """What a name, or an attribute of what one is, holds; None where that cannot be told without running code."""
        if isinstance(node, ast.Name):
            return self.locals.get(node.id, self.globals.get(node.id))
        if isinstance(node, ast.Attribute):
            return getattr(self.value(node.value), "__dict__", {}).get(node.attr)
        return None


def _outermost(node: ast.AST) -> ast.AST:
    """The whole expression that gives, or has in it, what `node` gives: `{"sizes": [int(n), 4]}`."""
    parent: Any = getattr(node, "parent", None)
    while _passes_on(parent, node):
        node, parent = parent, getattr(parent, "parent", None)
    return node


def _passes_on(parent: Any, node: ast.AST) -> bool:
    if isinstance(parent, ast.IfExp):
        return node is not parent.test
    if isinstance(parent, ast.Subscript | ast.NamedExpr):
        return node is parent.value
    if isinstance(parent, ast.Dict):
        return node in parent.values
    if isinstance(parent, ast.BinOp):  # of lists
        return isinstance(node, ast.List | ast.Tuple | ast.BinOp)
    return isinstance(parent, ast.List | ast.Tuple | ast.Set | ast.Starred | ast.BoolOp)


def _walruses(node: ast.AST, outer: ast.AST) -> Iterator[ast.NamedExpr]:
    """The assignments within an expression that `node` goes through."""
    while True:
        if isinstance(node, ast.NamedExpr):
            yield node
        if node is outer:
            return
        node = node.parent  # type: ignore[attr-defined]


def _put(collected: list[Any], stands: list[AnyDim], giving: FrameType, generator: ast.expr | None) -> list[Any]:
    """Add what stands for an element of what `generator` gives, in its place where that is known."""
    place, others = _turn(giving, generator) if len(stands) == 1 else (-1, [])
    if place < 0:
        collected += stands
        return collected
    collected += others[len(collected) :]
    collected[place] = stands[0]
    return collected


def _turn(frame: FrameType, generator: ast.expr | None) -> tuple[int, list[Any]]:
    """Which element a generator is at that goes through a list or tuple, and those that are plain ints whatever the sizes; -1 where that cannot be told."""
    if not isinstance(generator, ast.GeneratorExp) or len(generator.generators) > 1 or generator.generators[0].ifs:
        return -1, []
    running: Any = frames.variables(frame).get(".0")
    if type(running) not in _ITERATORS:
        return -1, []
    _, (items, *_), *index = running.__reduce__()
    keeps = ast.unparse(generator.elt) == f"int({ast.unparse(generator.generators[0].target)})"
    known = [item if keeps and type(item) is int else _UNKNOWN for item in items]
    return (index[0] - 1 if index else len(items) - 1), known


_ITERATORS: tuple[type, ...] = (type(iter([])), type(iter(())))


def _collected_by(comprehension: Any) -> ast.expr | None:
    """The expression whose values a comprehension collects."""
    if isinstance(comprehension, ast.DictComp):
        return comprehension.value
    return comprehension.elt if isinstance(comprehension, ast.ListComp | ast.SetComp | ast.GeneratorExp) else None


def _taken_apart(targets: list[ast.expr], shadow: Any, scope: _Scope) -> Iterable[tuple[ast.expr, Any]]:
    """The targets of `b, *rest = sizes`, each with the shadow of what it is assigned."""
    if not isinstance(shadow, list | tuple):
        return []
    star = next((place for place, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
    after = len(targets) - 1 - (star or 0)
    if star is None and len(shadow) == len(targets):
        return zip(targets, shadow, strict=True)
    if star is not None and len(shadow) >= star + after:
        end = len(shadow) - after
        return zip(targets, (*shadow[:star], list(shadow[star:end]), *shadow[end:]), strict=True)
    values = [scope.value(target) for target in targets]
    return zip(targets, graft(values, shadow, lambda value, stand: None), strict=True)


def _names(target: ast.expr) -> Iterator[str]:
    """What the instructions that assign a target tell of it."""
    if isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _names(part)
    elif isinstance(target, ast.Starred):
        yield from _names(target.value)
    elif isinstance(target, ast.Name):
        yield target.id
    else:
        yield target.attr if isinstance(target, ast.Attribute) else _ELEMENT


_ELEMENT = "[]"
"""What an element of a list or dict is called here."""


@lru_cache(maxsize=1024)
def _stores(code: CodeType) -> dict[str, list[int]]:
    """Where each variable of a function is assigned, each attribute by its name, and elements."""
    places: dict[str, list[int]] = {}
    for instruction in dis.get_instructions(code):
        for name in _stored(instruction):
            places.setdefault(name, []).append(instruction.offset)
    return places


def _stored(instruction: dis.Instruction) -> tuple[str, ...]:
    """What an instruction assigns: Python 3.13 has some that assign two, or assign one and load another."""
    if instruction.opname == "STORE_SUBSCR":
        return (_ELEMENT,)
    if not instruction.opname.startswith("STORE_"):
        return ()
    if isinstance(instruction.argval, tuple):
        return instruction.argval[: instruction.opname.count("STORE_")]
    return (instruction.argval,) if isinstance(instruction.argval, str) else ()
