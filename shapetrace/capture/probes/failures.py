"""The call that failed a conversion: which function it was, what it was given, and which tensors those were.

The frames, and with them the arguments, are gone when the exception reaches the user: Paddle raises it anew. So what
a rule needs is taken down here, while `Session.failed` runs.
"""

from __future__ import annotations

import ast
import inspect
import os
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any, NamedTuple

import msgspec

from shapetrace.capture import identity
from shapetrace.capture.probes import python_failures
from shapetrace.capture.probes.failing_frames import Level, code, levels, without_owner
from shapetrace.capture.probes.recorded_program import RecordedProgram, is_tensor
from shapetrace.capture.source import expressions, frames
from shapetrace.capture.source.call_arguments import named_arguments
from shapetrace.capture.source.sites import find
from shapetrace.capture.tape import layer
from shapetrace.trace import FailedCall, Given

_MAGIC = frozenset({"_bool_", "_float_", "_int_", "_index_", "_complex_"})
"""Methods of a tensor that refuse while a program is built (paddle/base/dygraph/math_op_patch.py, pir/math_op_patch.py)."""
_PASSED_THROUGH = frozenset({"wrapper", "inner", "_dygraph_call_func", "__impl__", "fun"})
"""Functions of Paddle's that wrap the one the user called."""
_REWRITING = os.path.join("jit", "dy2static")
"""Where Paddle keeps what rewritten code calls."""
_BUILDERS = frozenset({"append_op", "__init__"})
"""Functions of Paddle 2.6 through which an operator of a tensor reaches C, with parameters that say nothing to a user."""


class Refusal(NamedTuple):
    """An op that raised. The frame around it, which has its operands, is taken out of the traceback at once."""

    error: BaseException
    call: Callable[[], tuple[str, tuple[Any, ...]]]
    """Tells the name of the op and what it got, in order."""


def failed_call(
    traceback: TracebackType | None, error: BaseException, refusal: Refusal | None, noted: RecordedProgram
) -> FailedCall | None:
    """The call that raised, or None where neither Paddle nor a tensor had a part in it.

    Args:
        traceback: Of the exception, while its frames still exist.
        error: The exception.
        refusal: The last op of the conversion that raised, if any did.
        noted: The half-built program, recorded.
    """
    stack = levels(traceback)
    users = next((i for i, level in enumerate(stack) if frames.is_users(level.place.kind)), None)
    if users is None:
        return None
    user, inside = stack[users], stack[:users]
    paddles = [level for level in inside if level.place.kind is frames.PADDLE]
    asked = _asked(paddles, inside, error)
    if not paddles or (asked is not None and len(paddles) == 1) or _of_python(inside, error):
        return python_failures.failed(user, error, asked, noted, by_numpy=_by_numpy(inside))
    if python_failures.repeats(user) and (call := python_failures.failed(user, error, None, noted)) is not None:
        return call
    call = _paddle(user, paddles, refusal if refusal is not None and refusal.error is error else None, noted)
    over = asked is not None or (not call.op and python_failures.over_a_tensor(error))  # an op says which argument
    if over and any(argument.reads for argument in call.arguments):
        return msgspec.structs.replace(call, by="python")
    if asked is not None:
        return msgspec.structs.replace(call, by="python", needed=_named_alike(noted.given(asked), call.arguments))
    return call


def _asked(paddles: list[Level], inside: list[Level], error: BaseException) -> Any:
    """The tensor that was asked for its value; None where none was."""
    if not paddles:
        return None
    innermost = paddles[0].frame
    if innermost.f_code.co_name in _MAGIC:
        return next((value for _, value in named_arguments(innermost)), None)
    stub = innermost.f_code.co_name == "__impl__" and "only can be called by" in str(error)
    if stub or _by_numpy(inside):
        owner = paddles[-1].frame
        values = [value for _, value in named_arguments(owner)]
        values += [item for value in frames.variables(owner).values() if isinstance(value, tuple) for item in value]
        return next(filter(is_tensor, values), None)
    return None


def _of_python(inside: list[Level], error: BaseException) -> bool:
    """Whether Python or NumPy wanted a tensor's value, though a function of Paddle's was called on the way."""
    return _by_numpy(inside) or (isinstance(error, KeyError) and python_failures.over_a_tensor(error))


def _by_numpy(inside: list[Level]) -> bool:
    """Whether the user called NumPy, and NumPy called the tensor."""
    return bool(inside) and str(inside[-1].frame.f_globals.get("__name__", "")).partition(".")[0] == "numpy"


# Paddle refused.


def _paddle(user: Level, paddles: list[Level], refusal: Refusal | None, noted: RecordedProgram) -> FailedCall:
    source = find(user.place)
    written = without_owner(expressions.operands(source.node), user.frame)
    public = _public(paddles)
    matched = _matched(public, written, user.frame)
    given_by_user = (noted.given(value, name, code(source.file, node)) for name, value, node in matched)
    arguments = tuple(
        _with_elements(argument, source.file, written) if argument.code else argument for argument in given_by_user
    )
    rewriting = _REWRITING in public.f_code.co_filename  # an op that it asks in vain is none of the user's
    op, inputs = refusal.call() if refusal is not None and not rewriting else ("", ())
    operands = (_named_alike(noted.given(value), arguments) for value in inputs)
    return FailedCall(
        by="paddle",
        api=_api(public, source.node, user.frame, op),
        site=noted.sites.of(user.place),
        op=op,
        arguments=(*_array(user, paddles, written, source.file, noted), *arguments),
        operands=tuple(_with_elements(operand, source.file, written) for operand in operands),
        layer=layer(),
        rewritten=user.place.kind is frames.REWRITTEN,
    )


def _array(
    user: Level, paddles: list[Level], written: list[expressions.Operand], file: str, noted: RecordedProgram
) -> tuple[Given, ...]:
    """The array of tensors whose own method the user's code has called: `outs + [x]`, where the list `outs` became one."""
    owner = next((value for _, value in named_arguments(paddles[-1].frame)), None)
    if paddles[-1].frame.f_code.co_name not in _PASSED_THROUGH or not is_tensor(owner) or identity.is_dense(owner):
        return ()
    nodes = (operand.node for operand in written if expressions.evaluate(operand.node, user.frame) is owner)
    return (noted.given(owner, "", code(file, next(nodes, None))),)


def _public(paddles: list[Level]) -> FrameType:
    """The outermost of Paddle's frames that is a function a user would know."""
    for level in reversed(paddles):
        if level.frame.f_code.co_name not in _PASSED_THROUGH | _BUILDERS:
            return level.frame
    return paddles[-1].frame


def _api(public: FrameType, node: ast.AST | None, frame: FrameType, op: str) -> str:
    owner = next((value for _, value in named_arguments(public)), None)
    name = public.f_code.co_name
    if name in ("__call__", "forward") and hasattr(owner, "sublayers"):
        return type(owner).__name__
    if isinstance(node, ast.BinOp):
        return expressions.OPERATORS.get(type(node.op), name)
    if name == "convert_call" and node is not None:
        return ast.unparse(node)
    if isinstance(node, ast.Assert):
        return "assert"
    if isinstance(node, ast.Subscript):
        return "[]"
    called = expressions.called(node, frame)
    return called or (name.strip("_") if name not in _PASSED_THROUGH else op)


def _matched(
    public: FrameType, written: list[expressions.Operand], frame: FrameType
) -> Iterator[tuple[str, Any, ast.AST | None]]:
    """The arguments of Paddle's function, with the expressions the user wrote for them."""
    arguments = list(named_arguments(public))
    code = public.f_code
    if code.co_flags & inspect.CO_VARARGS:
        rest = frames.variables(public).get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount], ())
        arguments += [("", value) for value in rest]
    if code.co_flags & inspect.CO_VARKEYWORDS:
        position = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS)
        arguments += frames.variables(public).get(code.co_varnames[position], {}).items()
    if arguments and hasattr(arguments[0][1], "sublayers"):  # the layer itself
        del arguments[0]
    keywords = {operand.keyword: operand.node for operand in written if operand.keyword}
    positional = [operand.node for operand in written if not operand.keyword]
    for index, (name, value) in enumerate(arguments):
        node = keywords.get(name) or (positional[index] if index < len(positional) else None)
        listed = _listed(node, frame)
        if listed is None and isinstance(node, ast.List | ast.Tuple) and is_tensor(value):
            listed = _gone_through(value, public)
        if listed is not None and not isinstance(value, list | tuple):
            yield name, listed, node  # Paddle's own loop has given the name of the parameter to each element
            continue
        given = expressions.evaluate(node, frame) if node is not None else expressions.UNKNOWN
        if isinstance(value, list) and is_tensor(given):
            value = given  # the list is what Paddle has made of it
        if node is not None and not _fits(node, value, frame):
            node = None
        yield name, value, node


def _listed(node: ast.AST | None, frame: FrameType) -> list[Any] | tuple[Any, ...] | None:
    """The list that an expression is known to be; None for anything else."""
    if isinstance(node, ast.List | ast.Tuple):
        elements = [expressions.evaluate(element, frame) for element in node.elts]
        return None if any(element is expressions.UNKNOWN for element in elements) else elements
    value = expressions.evaluate(node, frame) if isinstance(node, ast.Name) else None
    return value if isinstance(value, list | tuple) else None


def _gone_through(element: Any, public: FrameType) -> list[Any] | tuple[Any, ...] | None:
    """The list of tensors that a function holds this one in; None where it has no such list."""
    lists = (value for value in frames.variables(public).values() if isinstance(value, list | tuple))
    return next((value for value in lists if any(item is element for item in value)), None)


def _fits(node: ast.AST, value: Any, frame: FrameType) -> bool:
    """False where the expression is known to be something else than `value`."""
    written = expressions.evaluate(node, frame)
    if written is expressions.UNKNOWN:
        return isinstance(value, list | tuple) or not isinstance(node, ast.List | ast.Tuple)
    return written is value or (is_tensor(written) and is_tensor(value)) or type(written) is type(value)


def _named_alike(operand: Given, arguments: tuple[Given, ...]) -> Given:
    """The operand with the name and the code of the argument it was given as."""
    for argument in arguments:
        if argument.type == operand.type == "Tensor" and argument.value == operand.value >= 0:
            return argument
    return operand


def _with_elements(operand: Given, file: str, written: list[expressions.Operand]) -> Given:
    """The operand, with the code of each element where the user wrote the list in the call."""
    lists = [item.node.elts for item in written if isinstance(item.node, ast.List | ast.Tuple)]
    fitting = [nodes for nodes in lists if len(nodes) == len(operand.items)]
    if not operand.items or len(fitting) != 1 or any(isinstance(node, ast.Starred) for node in fitting[0]):
        return operand
    items = (
        msgspec.structs.replace(item, code=code(file, node))
        for item, node in zip(operand.items, fitting[0], strict=True)
    )
    return msgspec.structs.replace(operand, items=tuple(items))
