"""Python that goes through a tensor of unknown length in a conversion, which never ends: `[f(i) for i in range(n)]`, `[*x]`, `list(x)`.

Tensors of a program have no `__iter__`. What iterates over one asks `__getitem__` for 0, 1, 2, ... until an `IndexError` comes,
which never comes where the length is unknown. A `for` statement in rewritten code is converted and ends; nothing else is, for the
iterating is done by C. That is how it is known here: the instruction that asks is no subscript, and it asks for one element after the other.

| patched | why |
| --- | --- |
| during conversions: `__getitem__` of tensors of a program | who asks for which element |
| during conversions: the same of `paddle.jit.dy2static.convert_operators.VariableTuple` | which rewritten code has for `enumerate(x)` |
"""

from __future__ import annotations

import ast
import dis
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, NamedTuple

from shapetrace.capture import identity
from shapetrace.capture.guarding import Fault, guard
from shapetrace.capture.source import frames
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import Found, find, nodes_at, site_of_node
from shapetrace.capture.tape import Tape
from shapetrace.facts import iteration
from shapetrace.patching import Transaction
from shapetrace.said import Said, Sentence, said
from shapetrace.trace import Site

LEAST = 8
"""Elements after which somebody may be told, if it also takes long."""
SECONDS = 2.0
"""How long it takes at least until somebody is told."""
MANY = 4096
"""Elements after which a `zip`, which ends with its shortest argument, counts as endless although not all of its arguments are seen to be."""
_CONSUMERS = frozenset(
    {
        "list",
        "deque",
        "tuple",
        "set",
        "frozenset",
        "sorted",
        "sum",
        "min",
        "max",
        "any",
        "all",
        "dict",
        "map",
        "filter",
        "enumerate",
    }
)
_ATTRIBUTES = frozenset({"extend", "extendleft", "update", "union", "join", "deque"})
"""Methods that go through their argument, and `collections.deque`."""
_MOST_WALKS = 256


@dataclass(slots=True)
class _Walk:
    """A tensor of unknown length that an instruction asks for one element after the other."""

    array: bool
    """Whether it is what a list became that grows in a loop."""
    began: float
    turns: int = 1
    told: Endless | None = None


class Walked(NamedTuple):
    """What is gone through, in the user's source."""

    site: Site
    """What never ends: the comprehension, the call."""
    iterated: str
    """The expression that is iterated over; empty where it cannot be told."""
    zipped: int
    """How many arguments the `zip` has that it stands in, which ends with the shortest; 0 for none, `MANY` where that cannot be told."""
    bound: str = ""
    """What was assigned to the variable that says how long it is: `x.shape[0]` for `n` in `range(n)`."""

    def sentence(self, array: bool) -> Said:
        """What to tell while it runs, on one line.

        Args:
            array: Whether it is an array of tensors that is gone through.
        """
        code, file = " ".join(self.site.code.split()), self.site.file
        length = f" ({self.bound})" if self.bound and not array else ""
        over: Sentence = f"`{self.iterated}`{length}" if self.iterated else said("what it goes through")
        advice = iteration.advice(self.site.code, self.iterated, array)
        if array and self.zipped:
            over = said("each list in {}, an array of tensors since a loop made it grow,", over)
        elif array:
            over = said("{}, a list that became an array of tensors in a loop,", over)
        never = said("`{}` never ends: {} has no known length in a conversion", code, over)
        return said("{}: {}; {}", f"{file}:{self.site.line}", never, advice)


@dataclass(slots=True)
class Endless:
    """A place of the user's that goes through a tensor of unknown length, and how far it has come."""

    conversion: int
    walked: Walked
    turns: int
    array: bool = False
    """Whether it is no tensor, but what a list became that grows in a loop."""

    @property
    def sentence(self) -> Said:
        """What to tell while it runs, on one line."""
        return self.walked.sentence(self.array)


class Iterations:
    """What Python goes through during one watch.

    Args:
        tape: Of the watch.
        told: Told of a place that does not end, once, while it runs.
        empty: Told of a tensor without axes that somebody goes through, who finds nothing in it, and of the frame that does.
        fault: Told what went wrong in here.
        clock: Tells seconds.
    """

    def __init__(
        self,
        tape: Tape,
        told: Callable[[Endless], None],
        empty: Callable[[Any, FrameType], None],
        fault: Fault,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tape = tape
        self._told = told
        self._empty = empty
        self._fault = fault
        self._clock = clock
        self._walks: dict[tuple[int, int], dict[int, _Walk]] = {}
        """By frame and instruction, the tensors that it goes through: a `zip` goes through several."""

    def install(
        self, transaction: Transaction, owner: Any, tensor_of: Callable[[Any], Any] = lambda owned: owned
    ) -> None:
        """Open the probe.

        Args:
            transaction: Takes it back.
            owner: The class of the tensors of a program, or of what goes through one.
            tensor_of: Gives the tensor that an object of this class goes through.
        """
        original = owner.__getitem__

        def __getitem__(tensor: Any, item: Any) -> Any:
            if type(item) is int and not self._tape.closed:
                with guard(self._fault, "the iteration over a tensor could not be followed"):
                    self._asked(tensor_of(tensor), item, sys._getframe(1))
            try:
                return original(tensor, item)
            except BaseException as error:
                if type(item) is int and item == 0 and isinstance(error, IndexError) and not self._tape.closed:
                    with guard(self._fault, "the iteration over a tensor could not be followed"):
                        self._found_nothing(tensor_of(tensor), sys._getframe(1))
                frames.leave_no_frame(error)
                raise

        transaction.set(owner, "__getitem__", __getitem__)

    def _asked(self, tensor: Any, index: int, frame: FrameType | None) -> None:
        while frame is not None and frames.kind(frame.f_code.co_filename) is frames.OWN:
            frame = frame.f_back
        if frame is None or is_subscript(frame.f_code, frame.f_lasti):
            return
        at = id(frame), frame.f_lasti
        if index == 0:
            self._begin(at, tensor)
            return
        walk = self._walks.get(at, {}).get(id(tensor))
        if walk is None or walk.turns != index:
            return
        walk.turns += 1
        if walk.told is not None:
            walk.told.turns = walk.turns
        elif walk.turns >= LEAST and self._clock() - walk.began >= SECONDS:
            self._tell(walk, frame, self._beside(at, walk))

    def _found_nothing(self, tensor: Any, frame: FrameType | None) -> None:
        """Somebody asks a tensor for its first element, and takes the `IndexError` for its end."""
        frame = frames.caller(frame)
        if frame is not None and not is_subscript(frame.f_code, frame.f_lasti):
            self._empty(tensor, frame)

    def _begin(self, at: tuple[int, int], tensor: Any) -> None:
        """An instruction asks for the first element of a tensor."""
        walks = self._walks.get(at)
        if walks is None or any(
            walk.turns > 1 for walk in walks.values()
        ):  # else a `zip` begins with its next argument
            if len(self._walks) >= _MOST_WALKS:
                self._walks.clear()
            walks = self._walks[at] = {}
        array = not identity.is_dense(tensor)
        if array or identity.shape(tensor)[:1] == (-1,):  # any other ends where the tensor does
            walks[id(tensor)] = _Walk(array, self._clock())

    def _beside(self, at: tuple[int, int], walk: _Walk) -> int:
        """How many tensors of unknown length an instruction goes through at once, this one included."""
        return sum(other.turns >= walk.turns - 1 for other in self._walks[at].values())

    def _tell(self, walk: _Walk, frame: FrameType, walks: int) -> None:
        user = frame
        while not frames.users(user):
            if user.f_back is None:
                return
            user = user.f_back
        walked = walked_at(find(Place(user.f_code, user.f_lasti, user.f_lineno)))
        if walks < walked.zipped and walk.turns < MANY:
            walk.began = self._clock()  # ask again later
            return
        walk.told = Endless(self._tape.conversion, walked, walk.turns, walk.array)
        self._told(walk.told)


@lru_cache(maxsize=4096)
def is_subscript(code: CodeType, offset: int) -> bool:
    """Whether the instruction at an offset is `x[i]`, whose element the user's code asks for by itself."""
    names = (step.opname for step in dis.get_instructions(code) if step.offset == offset)
    return next(names, "").startswith(("BINARY_SUBSCR", "BINARY_OP", "STORE_SUBSCR", "DELETE_SUBSCR"))


def walked_at(source: Found) -> Walked:
    """What is gone through at a place: the innermost comprehension, call or starred expression there that iterates."""
    candidates = list(_iterating(source))
    if not candidates:
        return Walked(source.site, "", zipped=0)
    node, iterated = candidates[0]
    if isinstance(iterated, ast.Call) and _name(iterated) == "enumerate" and iterated.args:
        iterated = iterated.args[0]
    zips = [part for part in ast.walk(iterated) if isinstance(part, ast.Call) and _name(part) == "zip"]
    bound = _bound(source, node, iterated)
    return Walked(site_of_node(source.file, node, source.function), ast.unparse(iterated), _arguments(zips), bound)


def _arguments(zips: list[ast.Call]) -> int:
    """How many arguments the only `zip` has; 0 where there is none, `MANY` where it cannot be told."""
    if len(zips) > 1 or any(isinstance(argument, ast.Starred) for call in zips for argument in call.args):
        return MANY
    return len(zips[0].args) if zips else 0


def _iterating(source: Found) -> list[tuple[ast.AST, ast.expr]]:
    """What iterates on the line of a place, and over what, what is likeliest first."""
    comprehensions: list[tuple[ast.AST, ast.expr]] = []
    others: list[tuple[ast.AST, ast.expr]] = []
    for node in nodes_at(source.file, source.line):
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            comprehensions += [(node, generator.iter) for generator in node.generators]
        elif (
            isinstance(node, ast.Call) and node.args and (_name(node) in _CONSUMERS or _attribute(node) in _ATTRIBUTES)
        ):
            others.append((node, node.args[-1] if _name(node) in ("map", "filter") else node.args[0]))
        elif isinstance(node, ast.Starred):
            others.append((node, node.value))
        elif isinstance(node, ast.For):
            others.append((node.iter, node.iter))
    pairs = [*comprehensions, *reversed(others)]
    return [(node, iterated) for node, iterated in pairs if not _ends(iterated)]


def _ends(iterated: ast.expr) -> bool:
    """Whether it is plain to see that this is of a known length, or that something else is what iterates."""
    if isinstance(iterated, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.Constant | ast.GeneratorExp | ast.Starred):
        return True
    if isinstance(iterated, ast.Call) and _name(iterated) in ("map", "filter"):
        return True  # told of by itself
    counted = isinstance(iterated, ast.Call) and _name(iterated) == "range"
    return counted and all(isinstance(argument, ast.Constant) for argument in iterated.args)  # type: ignore[attr-defined]


def _bound(source: Found, node: ast.AST, iterated: ast.expr) -> str:
    """What the one variable in what is iterated over was assigned last before, in the same function; empty where that is not one."""
    names = {assignment.id for assignment in ast.walk(iterated) if isinstance(assignment, ast.Name)} - {
        "range",
        "enumerate",
        "zip",
    }
    scope: Any = node
    while scope is not None and not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
        scope = getattr(scope, "parent", None)
    if len(names) != 1 or scope is None:
        return ""
    (name,) = names
    values = [
        assignment.value
        for assignment in ast.walk(scope)
        if isinstance(assignment, ast.Assign)
        and assignment.lineno <= source.line
        and any(
            isinstance(target, ast.Name) and target.id == name
            for item in assignment.targets
            for target in ast.walk(item)
        )
    ]
    return ast.unparse(values[-1]) if values else ""


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _attribute(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""
