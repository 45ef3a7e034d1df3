"""Describes a variable on the two sides of a converted `if` or loop, and tells which pairs Paddle refuses."""

from __future__ import annotations

from typing import NamedTuple

from shapetrace import symbolic
from shapetrace.capture.source import dim_tensors
from shapetrace.said import joined, said
from shapetrace.trace import ControlFlow, Root, Said, Sentence, Site, State, Step, Trace, Variable

MISSING = frozenset({"unset", "None"})
"""What Paddle has a placeholder for, where the other side gives a value."""
_NUMBERS = frozenset({"bool", "int", "float"})
_CHOSEN = _NUMBERS | {"Tensor", "TensorArray"}
"""What can be chosen while a program runs (`paddle/static/nn/control_flow.py:constant_to_variable_promotion`)."""
_CONTAINERS = frozenset({"list", "tuple", "dict"})
_MOST_KEYS = 6
TENSOR = "Tensor"
"""A key of a dict that is a tensor."""


class Clash(NamedTuple):
    """What two sides of an `if` do not agree in."""

    kind: str
    """`missing`, `rank`, `dtype`, `numbers`, `structure` or `object`."""
    wanted: Said
    """What Paddle wants."""


_WANTED = {
    "missing": "Paddle wants a value on both sides",
    "rank": "Paddle wants one rank for both sides",
    "dtype": "Paddle wants one dtype for both sides",
    "numbers": "Paddle wants one type of number for both sides",
    "structure": "Paddle wants one structure for both sides",
    "object": "only tensors and numbers can be chosen while the program runs",
}
_BY_DATA = {
    "if": "`{}` is a tensor, so Paddle makes both sides part of the program",
    "loop": "`{}` goes by a tensor, so Paddle makes the loop part of the program",
}
_BY_DIMS = {
    "if": "`{}` asks for {}, which is known only when the program runs, so Paddle makes both sides part of it",
    "loop": "`{}` goes by {}, which is known only when the program runs, so Paddle makes the loop part of it",
}


def clash(one: State, other: State) -> Clash | None:
    """What Paddle refuses of two sides of an `if`, or None where they go together."""
    kind = _clashing(one, other)
    return Clash(kind, said(_WANTED[kind])) if kind else None


def _clashing(one: State, other: State) -> str:
    if one.type in MISSING or other.type in MISSING:
        return "missing" if one.type != other.type else ""
    if one.type == other.type == "Tensor":
        if len(one.shape) != len(other.shape):
            return "rank"
        return "dtype" if one.dtype != other.dtype else ""
    if {one.type, other.type} & _CONTAINERS:
        return _structures(one, other)
    if not {one.type, other.type} <= _CHOSEN:
        return "object"
    return "numbers" if one.type != other.type and {one.type, other.type} <= _NUMBERS else ""


def _structures(one: State, other: State) -> str:
    if one.type != other.type or one.text != other.text or one.keys != other.keys:
        return "structure"
    clashes = (_clashing(first, second) for first, second in zip(one.items, other.items, strict=True))
    return next(filter(None, clashes), "")


def described(state: State) -> Sentence:
    """A variable at one point, in words."""
    if state.type == "Tensor":
        sizes = ", ".join("?" if size < 0 else str(size) for size in state.shape)
        return f"[{sizes}] {state.dtype}"
    if state.type == "unset":
        return said("not assigned")
    if state.type == "TensorArray":
        return said("an array of tensors")
    if state.type == "dict":
        if not state.keys:
            return said("an empty dict")
        if TENSOR in state.keys:
            return said("a dict with a tensor for a key")
        more = ", ..." if len(state.keys) > _MOST_KEYS else ""
        return said("a dict of {}", ", ".join(state.keys[:_MOST_KEYS]) + more)
    if state.type in _CONTAINERS:
        return said("a list of {}" if state.type == "list" else "a tuple of {}", state.text)
    return state.text or state.type


def step(site: Site, state: State) -> Step:
    """The link of a chain that says what a variable is at a place."""
    value = described(state)
    return Step(" ".join(site.code.split()), value if isinstance(value, str) else state.type, "", site)


def head_step(trace: Trace, flow: ControlFlow) -> Step:
    """The link of a chain that is a statement."""
    return Step(head(trace, flow), flow.condition, "", trace.sites[flow.site])


def head(trace: Trace, flow: ControlFlow) -> str:
    """A statement as the user wrote it, without what stands in it."""
    return " ".join(trace.sites[flow.site].code.split()) if flow.site >= 0 else ""


def why(trace: Trace, flow: ControlFlow) -> Said:
    """Why Paddle made a statement part of the program: the dim or the tensor in its condition."""
    conversion = trace.conversions[flow.conversion]
    names = [dim_tensors.printed(conversion, value) for value in flow.dims]
    dims: list[Sentence] = [f"`{name}`" for name in dict.fromkeys(names) if name]
    if not dims:
        dims = [f"`{code}`" for code in dict.fromkeys(trace.sites[read].code for read in flow.reads)]
    condition = " ".join(flow.condition.split())
    if flow.data or not dims:
        return said(_BY_DATA[flow.kind], condition)
    return said(_BY_DIMS[flow.kind], condition, joined("{} and {}", dims))


def roots(trace: Trace, flow: ControlFlow) -> tuple[Root, ...]:
    """The input axes that the condition asks for."""
    conversion = trace.conversions[flow.conversion]
    texts = (dim_tensors.expression(conversion, value) for value in flow.dims)
    keys = {name for text in texts if text for name in symbolic.symbols(text)}
    return tuple(Root(item.input, item.axis, item.name) for item in conversion.symbols if item.key in keys)


def called(trace: Trace, flow: ControlFlow, variable: Variable) -> Sentence:
    """What to call a variable: for one of Paddle's own, what it stands for in the user's code."""
    if variable.name.startswith("__return"):
        return said("what `{}` returns", trace.sites[flow.site].function or "return")
    return f"`{variable.name}`" if variable.name else f"`{head(trace, flow)}`"
