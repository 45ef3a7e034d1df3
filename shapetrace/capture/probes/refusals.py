"""Exceptions over leaked dims: raised by Paddle, or by Python or a library of others' (`12 // (n + 1)`, `math.log(n)`).

A refusal of Python's depends on the number (`ValueError`, `IndexError`, `ZeroDivisionError`); a `TypeError` is the fault of a dim only where
a power of -1 has become complex. What the *kind* of a thing is refused for is the same at every size.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from shapetrace.capture.source import expressions, frames
from shapetrace.capture.source.call_arguments import arguments, dims_in
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.stands import flat
from shapetrace.capture.tape import Event, Tape, Where, layer, leaked
from shapetrace.dim import REMEMBERING, AnyDim, Complex

Raised = list[tuple[FrameType, Place]]
"""The frames of a traceback with the places that raised, innermost first."""
_OF_NUMBERS = (ArithmeticError, ValueError, IndexError)


def blamed(node: ast.AST, error: BaseException, evaluate: Callable[[ast.AST], Any]) -> list[AnyDim]:
    """The operands of the expression that raised which an error can be the fault of.

    Args:
        node: The expression.
        error: What was raised.
        evaluate: Gives an operand, or what stands for it.
    """
    dims = {
        id(item.origin): item
        for part in _parts(node, error)
        for item in flat(evaluate(part))
        if isinstance(item, REMEMBERING)
    }
    return list(dims.values())


def _at_fault(error: BaseException, dims: list[AnyDim]) -> list[AnyDim]:
    """Those of the dims whose number an error of Python's can be the fault of; Paddle refuses one by any exception."""
    if isinstance(error, TypeError):
        return [dim for dim in dims if type(dim) is Complex]
    return dims if isinstance(error, _OF_NUMBERS) else []


def _parts(node: ast.AST, error: BaseException) -> Iterator[ast.AST]:
    """The operands that the number which is refused can be among."""
    operands = [operand.node for operand in expressions.operands(node)]
    by_zero = isinstance(error, ZeroDivisionError) and not isinstance(_operator(node), ast.Pow)
    if by_zero or isinstance(_operator(node), ast.LShift | ast.RShift):
        operands = operands[-1:]
    for operand in operands:
        yield from _elements(operand)


def _operator(node: ast.AST) -> ast.operator | None:
    return node.op if isinstance(node, ast.BinOp | ast.AugAssign) else None


def _elements(node: ast.AST) -> Iterator[ast.AST]:
    """The bounds of a slice; any other operand itself."""
    if isinstance(node, ast.Slice):
        yield from (bound for bound in (node.lower, node.upper, node.step) if bound is not None)
    else:
        yield node


def failed(tape: Tape, raised: Raised, error: BaseException, dims: list[AnyDim]) -> None:
    """The running conversion fails.

    Args:
        tape: Told of the dims that the error is the fault of.
        raised: Where.
        error: The exception.
        dims: The leaked dims in the user's expression that raised, those that will not remember among them.
    """
    inside, held = _given(raised)
    if len(inside) == len(raised):
        return
    stack = tuple(place for _, place in raised) + frames.stack(raised[-1][0].f_back)
    where = Where(stack, layer())
    if not _are_paddles(inside):
        _refused_by_python(tape, where, error, _at_fault(error, dims or held))
    elif held:
        tape.add(inside, held, "", where, raised=True)
    else:
        _refused_by_paddle(tape, inside, dims, where)


def caught(tape: Tape, raised: Raised, error: BaseException, dims: list[AnyDim]) -> None:
    """An exception has reached code of the user's, which may catch it. The arguments are those of `failed`."""
    inside, held = _given(raised)
    where = Where(frames.stack(raised[len(inside)][0]), layer())
    if not _are_paddles(inside):
        _refused_by_python(tape, where, error, _at_fault(error, dims or held))
    else:
        at = len(tape.arguments)
        tape.add(inside, held or [dim for dim in dims if dim.origin.lost], "", where, raised=False)
        tape.arguments[at:] = [argument._replace(refused=True) for argument in tape.arguments[at:]]


def _refused_by_python(tape: Tape, where: Where, error: BaseException, dims: list[AnyDim]) -> None:
    if tape.running() < 0:
        return
    told = {(id(event.dim.origin), event.where.place) for event in tape.events if event.kind == "refused"}
    for dim in dims:
        if leaked(dim) and (id(dim.origin), where.place) not in told:
            tape.events.append(Event("refused", dim, "", where, tape.conversion, type(error).__name__))


def _refused_by_paddle(tape: Tape, inside: list[FrameType], dims: list[AnyDim], where: Where) -> None:
    """Paddle has refused a number that does not remember: a float that it made of a dim, or what the tape knows of."""
    told = {
        id(argument.dim): index for index, argument in enumerate(tape.arguments) if argument.where.place == where.place
    }
    for dim in dims:
        index = told.get(id(dim))
        if index is not None:
            tape.arguments[index] = tape.arguments[index]._replace(raised=True)
        elif dim.origin.lost:
            tape.add(inside, [dim], "", where, raised=True)


def _are_paddles(inside: list[FrameType]) -> bool:
    return any(frames.kind(frame.f_code.co_filename) is frames.PADDLE for frame in inside)


def _given(raised: Raised) -> tuple[list[FrameType], list[AnyDim]]:
    """The frames inside the user's innermost one of a traceback, and the leaked dims in their arguments."""
    inside: list[FrameType] = []
    for frame, place in raised:
        if frames.is_users(place.kind):
            break
        inside.append(frame)
    dims = {
        id(dim): dim for frame in inside for _, value in arguments(frame) for dim, _ in dims_in(value) if leaked(dim)
    }
    return inside, list(dims.values())
