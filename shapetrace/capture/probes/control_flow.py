"""What becomes of `if`s and loops whose condition is a tensor: which variables each side leaves, and as what.

Paddle makes both sides of such an `if` and the body of such a loop part of the program, and what it says where they do not go together
names no variable of the user's. So each variable is looked at before and after, at once: a loop may erase the ops of what it was.
Of a conversion that comes to its end nothing is kept but statements in which a list became an array of
tensors, loops in which a variable changed its dtype, and all where code after a statement takes what is only there in it.

| patched | why |
| --- | --- |
| during conversions: `convert_operators._run_paddle_cond` | the sides of an `if` |
| during conversions: `convert_operators._run_paddle_while` | the body of a loop |
| during conversions: `convert_operators._run_py_while` | a loop that Python counts, whose condition may become a tensor on the way |
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Literal

from shapetrace.capture import identity
from shapetrace.capture.guarding import Fault, guard
from shapetrace.capture.probes.recorded_program import RecordedProgram
from shapetrace.capture.source import dim_tensors, frames, statements
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.statements import Statement
from shapetrace.capture.tape import Tape
from shapetrace.facts import blocks
from shapetrace.patching import Transaction
from shapetrace.trace import ControlFlow, Site, State, Variable

_MOST_ITEMS = 32
_MOST_TEXT = 60
_DEEPEST = 4
"""Lists within lists."""

_Names = tuple[str, ...]


@dataclass(slots=True, eq=False)
class _Flow:
    """A statement while it is converted, and after."""

    kind: Literal["if", "loop"]
    conversion: int
    place: Place
    condition: Any
    names: _Names
    before: tuple[State, ...]
    parent: _Flow | None
    counted: bool = False
    after: list[tuple[State, ...]] = field(default_factory=list)
    ended: Literal["", "inside", "here"] = ""


_Arguments = tuple[Any, ...]
_Listen = Callable[..., tuple[_Flow | None, _Arguments]]
"""Given what a function is handed, the statement that it runs, and what to hand it in place of that."""


class Flows:
    """The statements that became part of programs during one watch.

    Args:
        tape: Of the watch.
        paused: Within it nothing is recorded: looking at a variable is no use of the user's.
        fault: Told what went wrong in here.
    """

    def __init__(self, tape: Tape, paused: Callable[[], AbstractContextManager[None]], fault: Fault) -> None:
        self._tape = tape
        self._paused = paused
        self._fault = fault
        self._flows: list[_Flow] = []
        self._open: list[_Flow] = []

    def write(self, program: RecordedProgram, index: int, first: int) -> list[ControlFlow]:
        """What is worth keeping of the running conversion, as records.

        Args:
            program: Its program, recorded.
            index: Of the conversion.
            first: Index of the first of the records in `Trace.control_flow`.
        """
        flows = [flow for flow in self._flows if flow.conversion == index]
        self.forget()
        failed = program.conversion.failure is not None
        outside = bool(flows) and not failed and next(blocks.used_outside(program.conversion), None) is not None
        kept = [flow for flow in flows if outside or (failed and _tells(flow)) or _changes(flow)]
        places = {id(flow): first + position for position, flow in enumerate(kept)}
        heads = {id(flow): statements.at(flow.place, flow.kind) for flow in kept}
        for flow in reversed(kept):  # those inside come first
            parent = heads.get(id(flow.parent))
            if parent is not None and parent.node is None:
                heads[id(flow.parent)] = statements.around(heads[id(flow)]) or parent
        return [_record(flow, heads[id(flow)], program, places, outside) for flow in kept]

    def made_an_array(self, name: str) -> Site | None:
        """The head of the statement in which a list became an array of tensors: of this name, else the only one."""
        made = [
            (flow, variable)
            for flow in self._flows
            if flow.conversion == self._tape.conversion
            for side in flow.after
            for variable, state in zip(flow.names, side, strict=False)
            if state.type == "TensorArray"
        ]
        named = {variable for _, variable in made}
        name = name if name in named else next(iter(named)) if len(named) == 1 else ""
        flows = [flow for flow, variable in made if variable == name]
        return statements.at(flows[-1].place, flows[-1].kind).head if flows else None

    def forget(self) -> None:
        """Drop what is known of the running conversion: it holds tensors."""
        self._flows.clear()
        self._open.clear()

    def install(self, transaction: Transaction) -> None:
        """Open the probe."""
        from paddle.jit.dy2static import convert_operators

        for name, parameters, listen in (
            ("_run_paddle_cond", 7, self._branch),
            ("_run_paddle_while", 6, self._loop),
            ("_run_py_while", 4, self._counted),
        ):
            original = getattr(convert_operators, name)
            if len(inspect.signature(original).parameters) != parameters:
                raise TypeError(f"{name} takes other arguments than it is known to")
            transaction.set(convert_operators, name, functools.wraps(original)(self._listened(original, listen)))

    def _listened(self, original: Callable[..., Any], listen: _Listen) -> Callable[..., Any]:
        """A function that runs a statement, with what it is handed listened to."""

        def run(*arguments: Any) -> Any:
            flow, handed, depth = None, arguments, len(self._open)
            with guard(self._fault, "a statement could not be followed"):
                flow, handed = listen(*arguments)
                if flow is not None:
                    self._flows.append(flow)
                    self._open.append(flow)
            try:
                return original(*handed)
            except BaseException as error:
                if flow is not None:
                    flow.ended = flow.ended or "here"
                frames.leave_no_frame(error)
                raise
            finally:
                del self._open[depth:]

        return run

    def _branch(self, pred: Any, true_fn: Any, false_fn: Any, get: Any, *rest: Any) -> tuple[_Flow | None, _Arguments]:
        """What `_run_paddle_cond` is handed."""
        flow = self._begin("if", pred, rest[1:], get)
        return flow, (pred, self._side(flow, true_fn, get), self._side(flow, false_fn, get), get, *rest)

    def _loop(self, cond: Any, body: Any, get: Any, *rest: Any) -> tuple[_Flow | None, _Arguments]:
        """What `_run_paddle_while` is handed."""
        flow = self._begin("loop", None, rest[1:], get)
        return flow, (self._asked(flow, cond), self._side(flow, body, get), get, *rest)

    def _counted(self, cond: Any, body: Any, *rest: Any) -> tuple[_Flow | None, _Arguments]:
        """What `_run_py_while` is handed."""
        flow = self._begin("loop", None, (), None)
        if flow is not None:
            flow.counted = True
        return flow, (self._asked(flow, cond), self._side(flow, body, None), *rest)

    def _begin(self, kind: Literal["if", "loop"], condition: Any, names: Any, get: Any) -> _Flow | None:
        """Note that a statement begins; None where it is no business of a conversion's."""
        place = _place(sys._getframe(1)) if self._tape.conversion >= 0 and not self._tape.closed else None
        if place is None:
            return None
        variables = tuple(sorted({name for group in names for name in group or ()}))
        parent = self._open[-1] if self._open else None
        return _Flow(kind, self._tape.conversion, place, condition, variables, self._states(variables, get), parent)

    def _side(self, flow: _Flow | None, function: Callable[[], Any], get: Any) -> Callable[[], Any]:
        if flow is None:
            return function

        def side() -> Any:
            try:
                result = function()
            except BaseException as error:
                flow.ended = "inside"
                frames.leave_no_frame(error)
                raise
            with guard(self._fault, "a side of a statement could not be looked at"):
                if flow.kind == "if" and not flow.names:  # a conditional expression: its sides give values
                    with self._paused():
                        flow.after.append((state(result),))
                elif not flow.counted:
                    flow.after.append(self._states(flow.names, get))
            return result

        return side

    def _asked(self, flow: _Flow | None, condition: Callable[[], Any]) -> Callable[[], Any]:
        if flow is None:
            return condition

        def asked() -> Any:
            try:
                result = condition()
            except BaseException as error:
                flow.ended = "inside"
                frames.leave_no_frame(error)
                raise
            with guard(self._fault, "the condition of a statement could not be looked at"):
                if flow.condition is None and identity.is_symbolic(result):
                    flow.condition = result
            return result

        return asked

    def _states(self, names: _Names, get: Any) -> tuple[State, ...]:
        if not names:
            return ()
        with self._paused():
            values = get()
            return tuple(map(state, values)) if values is not None else ()


def state(value: Any, depth: int = 0) -> State:
    """What a variable is."""
    if _is_unset(value):
        return State("unset", str(value.name))
    if identity.is_symbolic(value):
        if not identity.is_dense(value):
            return State("TensorArray")
        return State("Tensor", shape=identity.shape(value), dtype=_dtype(value))
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        items = tuple(state(item, depth + 1) for item in value[:_MOST_ITEMS])
        return State("tuple" if isinstance(value, tuple) else "list", str(len(value)), items=items)
    if isinstance(value, dict) and depth < _DEEPEST:
        pairs = list(value.items())[:_MOST_ITEMS]
        return State(
            "dict",
            str(len(value)),
            items=tuple(state(item, depth + 1) for _, item in pairs),
            keys=tuple(map(_key, (key for key, _ in pairs))),
        )
    if hasattr(value, "is_dense"):  # a tensor that holds numbers
        return State("Tensor", shape=tuple(value.shape), dtype=_dtype(value))
    plain = isinstance(value, bool | int | float | str)
    return State("None" if value is None else type(value).__name__, repr(value)[:_MOST_TEXT] if plain else "")


def _key(key: Any) -> str:
    if identity.is_symbolic(key):
        return "Tensor"
    return repr(key)[:_MOST_TEXT] if isinstance(key, str | int) else type(key).__name__


def _is_unset(value: Any) -> bool:
    """Whether it is what rewritten code has where nothing was assigned (`paddle/jit/dy2static/utils.py`)."""
    return type(value).__name__ == "UndefinedVar" and type(value).__module__.startswith("paddle.")


def _dtype(tensor: Any) -> str:
    text = str(tensor.dtype)
    if text.startswith("VarType.") or text.isdigit():  # Paddle 2.6
        from paddle.base.data_feeder import convert_dtype

        return str(convert_dtype(tensor.dtype))
    return text.removeprefix("paddle.")


def _place(frame: FrameType | None) -> Place | None:
    """The user's statement that a function of Paddle's runs."""
    while frame is not None and not frames.users(frame):
        frame = frame.f_back
    return Place(frame.f_code, frame.f_lasti, frame.f_lineno) if frame is not None else None


def _tells(flow: _Flow) -> bool:
    """Whether there is anything to say of it: the conversion ended in it, or a variable is not the same on its sides."""
    if flow.ended:
        return True
    if flow.kind == "if" and flow.after:
        return any(_differ(sides) for sides in zip(*flow.after, strict=False))
    return any(_differ(sides) for sides in zip(flow.before, *flow.after, strict=False))


def _changes(flow: _Flow) -> bool:
    """Whether a list became an array of tensors in it, or a variable of a loop changed its dtype."""
    arrays = any(state.type == "TensorArray" for side in flow.after for state in side)
    goes_on = flow.kind == "loop" and not flow.counted and flow.after
    turns = zip(flow.before, *flow.after, strict=False) if goes_on else ()
    return arrays or any(first.dtype != last.dtype for first, *_, last in turns if last.type == "Tensor")


def _differ(states: tuple[State, ...]) -> bool:
    first, *rest = states
    return any(
        _kind(state) != _kind(first) or any(map(_differ, zip(state.items, first.items, strict=False))) for state in rest
    )


def _kind(state: State) -> tuple[str, str, int, str]:
    return state.type, state.dtype, len(state.shape), state.text


def _record(
    flow: _Flow, statement: Statement, program: RecordedProgram, places: dict[int, int], outside: bool
) -> ControlFlow:
    conversion, sites = program.conversion, program.sites
    asks = (
        dim_tensors.asked(conversion, program.recorded.position(flow.condition)) if flow.condition is not None else None
    )
    states: list[tuple[State, ...]] = [flow.before, *flow.after]
    variables = tuple(
        Variable(
            name,
            column[0] if flow.names else State("unset"),
            column[1:] if flow.names else column,
            sites.add(assigned) if (assigned := statement.assigns(name)) is not None else -1,
        )
        for name, column in _columns(flow, states)
    )
    return ControlFlow(
        flow.kind,
        flow.conversion,
        sites.add(statement.head) if statement.node is not None else -1,
        statement.condition,
        statement.last_line,
        dims=asks.dims if asks is not None else (),
        reads=dim_tensors.read_sites(conversion, sites, asks.reads) if asks is not None else (),
        data=asks.data if asks is not None else False,
        variables=variables,
        grows=tuple(map(sites.add, statement.grows())) if outside else (),
        ended=flow.ended,
        counted=flow.counted,
        parent=_parent(flow, places),
    )


def _columns(flow: _Flow, states: list[tuple[State, ...]]) -> list[tuple[str, tuple[State, ...]]]:
    if not flow.names:
        return [("", tuple(side[0] for side in flow.after))] if flow.after else []
    return list(zip(flow.names, zip(*states, strict=False), strict=False))


def _parent(flow: _Flow, places: dict[int, int]) -> int:
    parent = flow.parent
    while parent is not None and id(parent) not in places:
        parent = parent.parent
    return places[id(parent)] if parent is not None else -1
