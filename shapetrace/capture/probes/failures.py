"""The call that failed a conversion: which function it was, what it was given, and which tensors those were.

The frames, and with them the arguments, are gone when the exception reaches the user: Paddle raises it anew. So what
a rule needs is taken down here, while `Session.failed` runs.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from types import FrameType, ModuleType, TracebackType
from typing import Any, NamedTuple

import msgspec

from shapetrace.capture import identity
from shapetrace.capture.recorded import Recorded
from shapetrace.capture.source import dim_tensors, expressions, frames
from shapetrace.capture.source.call_arguments import named_arguments
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import Sites, find, site_of_node
from shapetrace.capture.tape import layer
from shapetrace.trace import Conversion, FailedCall, Given

_MAGIC = frozenset({"_bool_", "_float_", "_int_", "_index_", "_complex_"})
"""Methods of a tensor that refuse while a program is built (paddle/base/dygraph/math_op_patch.py, pir/math_op_patch.py)."""
_PASSED_THROUGH = frozenset({"wrapper", "inner", "_dygraph_call_func", "__impl__", "fun"})
"""Functions of Paddle's that wrap the one the user called."""
_BUILDERS = frozenset({"append_op", "__init__"})
"""Functions of Paddle 2.6 through which an operator of a tensor reaches C, with parameters that say nothing to a user."""
_OF_VALUES = ("pir.Value", "but got Value", "(Tensor) is not supported in static graph mode")
"""What Python and Paddle 3.x say of a tensor of a program that they cannot use."""
_VARIABLE = re.compile(r"not Variable\b|'Variable'|received <class 'paddle\.base\.framework\.Variable'>")
"""What Paddle 2.6 and Python say of a tensor of its programs that they cannot use."""
_MOST_ITEMS = 32
_MOST_TEXT = 60
_PYTHON_ERRORS = (TypeError, KeyError, AttributeError, ValueError, IndexError)


class _Level(NamedTuple):
    """One frame of the traceback, and the place in it that raised."""

    frame: FrameType
    place: Place


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
    levels = _levels(traceback)
    users = next((i for i, level in enumerate(levels) if frames.is_users(level.place.kind)), None)
    if users is None:
        return None
    user, inside = levels[users], levels[:users]
    paddles = [level for level in inside if level.place.kind is frames.PADDLE]
    if not paddles:
        return _python(user, error, None, noted) if isinstance(error, _PYTHON_ERRORS) else None
    asked = None
    if paddles[0].frame.f_code.co_name in _MAGIC:
        asked = next((value for _, value in named_arguments(paddles[0].frame)), None)
        if len(paddles) == 1:
            return _python(user, error, asked, noted)
    if _repeats(user) and (call := _python(user, error, None, noted)) is not None:
        return call
    call = _paddle(user, paddles, refusal if refusal is not None and refusal.error is error else None, noted)
    if (asked is not None or _over_a_tensor(error)) and any(argument.reads for argument in call.arguments):
        return msgspec.structs.replace(call, by="python")
    return call


class RecordedProgram(NamedTuple):
    """A recorded program, and how to find what was recorded of a tensor."""

    conversion: Conversion
    recorded: Recorded
    sites: Sites

    def given(self, value: Any, name: str = "", code: str = "") -> Given:
        """An argument as data."""
        if is_tensor(value):
            position = self.recorded.position(value)
            shape = self.conversion.values[position].shape if position >= 0 else _shape(value)
            held = dim_tensors.held(self.conversion, position)
            reads = dim_tensors.read_sites(self.conversion, self.sites, held.reads) if held is not None else ()
            return Given("Tensor", name, self._kind(position), code, shape, position, reads=reads)
        if isinstance(value, list | tuple):
            items = tuple(self.given(item) for item in value[:_MOST_ITEMS])
            return Given("list" if isinstance(value, list) else "tuple", name, code=code, items=items)
        if isinstance(value, int) and not isinstance(value, bool):
            return Given("int", name, int.__repr__(value), code)
        plain = isinstance(value, bool | float | str) or value is None
        return Given(type(value).__name__, name, repr(value)[:_MOST_TEXT] if plain else "", code)

    def _kind(self, position: int) -> str:
        if position < 0:
            return ""
        maker = self.conversion.ops[self.conversion.values[position].op].name
        return "parameter" if maker == "builtin.parameter" else ""


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor of Paddle's: of a program, or one that holds numbers."""
    if identity.is_symbolic(value):
        return True
    return type(value).__module__.startswith("paddle") and hasattr(value, "is_dense")


def _shape(tensor: Any) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in tensor.shape)
    except (TypeError, ValueError):  # a tensor without a shape, such as an array of tensors
        return ()


def _levels(traceback: TracebackType | None) -> list[_Level]:
    """All frames of a traceback, innermost first, shapetrace's own too."""
    levels = []
    while traceback is not None:
        frame = traceback.tb_frame
        levels.append(_Level(frame, Place(frame.f_code, traceback.tb_lasti, traceback.tb_lineno)))
        traceback = traceback.tb_next
    levels.reverse()
    return levels


# Paddle refused.


def _paddle(user: _Level, paddles: list[_Level], refusal: Refusal | None, noted: RecordedProgram) -> FailedCall:
    found = find(user.place)
    written = _without_owner(expressions.operands(found.node), user.frame)
    public = _public(paddles)
    arguments = tuple(
        noted.given(value, name, _code(found.file, node)) for name, value, node in _matched(public, written, user.frame)
    )
    op, given = refusal.call() if refusal is not None else ("", ())
    operands = (_named_alike(noted.given(value), arguments) for value in given)
    return FailedCall(
        by="paddle",
        api=_api(public, found.node, user.frame, op),
        site=noted.sites.of(user.place),
        op=op,
        arguments=arguments,
        operands=tuple(_with_elements(operand, found.file, written) for operand in operands),
        layer=layer(),
        rewritten=user.place.kind is frames.REWRITTEN,
    )


def _public(paddles: list[_Level]) -> FrameType:
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
    if isinstance(node, ast.Subscript):
        return "[]"
    called = expressions.called(node, frame)
    return called or (name.strip("_") if name not in _PASSED_THROUGH else op)


def _matched(
    public: FrameType, written: list[expressions.Operand], frame: FrameType
) -> Iterator[tuple[str, Any, ast.AST | None]]:
    """The arguments of Paddle's function, with the expressions the user wrote for them."""
    given = list(named_arguments(public))
    code = public.f_code
    if code.co_flags & inspect.CO_VARARGS:
        rest = frames.variables(public).get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount], ())
        given += [("", value) for value in rest]
    if code.co_flags & inspect.CO_VARKEYWORDS:
        position = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS)
        given += frames.variables(public).get(code.co_varnames[position], {}).items()
    if given and hasattr(given[0][1], "sublayers"):  # the layer itself
        del given[0]
    keywords = {operand.keyword: operand.node for operand in written if operand.keyword}
    positional = [operand.node for operand in written if not operand.keyword]
    for index, (name, value) in enumerate(given):
        node = keywords.get(name) or (positional[index] if index < len(positional) else None)
        if node is not None and not _fits(node, value, frame):
            node = None
        yield name, value, node


def _without_owner(written: list[expressions.Operand], frame: FrameType) -> list[expressions.Operand]:
    """Without the module or layer that a function was called on."""
    if written and not written[0].keyword:
        owner = expressions.evaluate(written[0].node, frame)
        if isinstance(owner, ModuleType | type) or hasattr(owner, "sublayers"):
            return written[1:]
    return written


def _fits(node: ast.AST, value: Any, frame: FrameType) -> bool:
    """False where the expression is known to be something else than `value`."""
    known = expressions.evaluate(node, frame)
    if known is expressions.UNKNOWN:
        return isinstance(value, list | tuple) or not isinstance(node, ast.List | ast.Tuple)
    return known is value or (is_tensor(known) and is_tensor(value)) or type(known) is type(value)


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
        msgspec.structs.replace(item, code=_code(file, node))
        for item, node in zip(operand.items, fitting[0], strict=True)
    )
    return msgspec.structs.replace(operand, items=tuple(items))


# Python could not use a tensor.


def _repeats(user: _Level) -> bool:
    """Whether the user's expression repeats a list or text by a tensor: Python hands that to the tensor's `*`."""
    node = find(user.place).node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return False
    sides = [expressions.evaluate(side, user.frame) for side in (node.left, node.right)]
    literal = [isinstance(side, ast.List | ast.Tuple | ast.Constant) for side in (node.left, node.right)]
    sequences = [
        isinstance(side, list | tuple | str | bytes) or isinstance(written, ast.List | ast.Tuple)
        for side, written in zip(sides, (node.left, node.right), strict=True)
    ]
    return any(sequences) and not all(sequences) and not all(literal)


def _python(user: _Level, error: BaseException, asked: Any, noted: RecordedProgram) -> FailedCall | None:
    found = find(user.place)
    api = expressions.operation(found.node)
    if not api or not (asked is not None or _over_a_tensor(error) or _repeats(user)):
        return None
    candidates = _candidates(asked, found.file, found.line, noted)
    if asked is not None and not candidates:
        return None
    operands: list[Given] = []
    unknown: list[int] = []
    repeats = isinstance(found.node, ast.BinOp)
    for operand in _without_owner(expressions.operands(found.node, inner=not repeats), user.frame):
        value = expressions.evaluate(operand.node, user.frame)
        code = _code(found.file, operand.node)
        if value is expressions.UNKNOWN and _may_hold(operand.node, user.frame, noted):
            unknown.append(len(operands))
        operands.append(Given("", code=code) if value is expressions.UNKNOWN else noted.given(value, code=code))
    filled = _filled(operands, unknown, candidates, asked is not None, noted)
    if not any(item.reads for operand in filled for item in (operand, *operand.items)):
        return None
    return FailedCall(
        by="python",
        api=api,
        site=noted.sites.of(user.place),
        arguments=tuple(filled),
        layer=layer(),
        rewritten=user.place.kind is frames.REWRITTEN,
    )


def _over_a_tensor(error: BaseException) -> bool:
    """Whether Python itself raised because of a tensor, by what it says in C or by the key that was not found.

    NumPy says "setting an array element with a sequence", and why only in what its exception was raised from.
    """
    if type(error) is ValueError and error.__cause__ is not None:
        return _over_a_tensor(error.__cause__)
    if isinstance(error, KeyError):
        return bool(error.args) and is_tensor(error.args[0])
    message = str(error)
    named = any(words in message for words in _OF_VALUES) or bool(_VARIABLE.search(message))
    return named or (isinstance(error, TypeError) and message.startswith("slice indices must be"))


def _may_hold(node: ast.AST, frame: FrameType, noted: RecordedProgram) -> bool:
    """Whether an expression computes with a dim: it reads a shape, or names a tensor that holds one."""
    return not isinstance(node, ast.List | ast.Tuple) and any(
        (isinstance(part, ast.Attribute) and part.attr == "shape")
        or (isinstance(part, ast.Name) and noted.given(expressions.evaluate(part, frame)).reads)
        for part in ast.walk(node)
    )


def _candidates(asked: Any, file: str, line: int, noted: RecordedProgram) -> list[int]:
    """Values that hold a dim and can be what an expression we could not evaluate gave, the latest first.

    `asked` is the tensor that Python asked for its truth or its number: that, or what it is the comparison of.
    Without it, what the failing line has made, and nothing has used, was made to be used there.
    """
    conversion = noted.conversion
    if asked is not None and is_tensor(asked):
        position = noted.recorded.position(asked)
        if position < 0 or dim_tensors.held(conversion, position) is None:
            return []
        return list(dim_tensors.compared(conversion, position))
    used = {value for op in conversion.ops for value in op.inputs}
    made = []
    for op in reversed(conversion.ops):
        site = noted.sites.table[op.stack[-1]] if op.stack else None
        if site is None or (site.file, site.line) != (file, line):
            break
        made += [value for value in op.outputs if value not in used and dim_tensors.held(conversion, value)]
    return made


def _filled(
    operands: list[Given], unknown: list[int], candidates: list[int], asked: bool, noted: RecordedProgram
) -> list[Given]:
    """The operands, with the tensor put in for the expression that we could not evaluate."""
    known = {item.value for operand in operands for item in (operand, *operand.items)}
    rest = [value for value in candidates if value not in known]
    if len(rest) == 1 and len(unknown) == 1:
        place = unknown[0]
        return [*operands[:place], _holding(rest[0], operands[place].code, noted), *operands[place + 1 :]]
    if asked and rest and not any(item.reads for operand in operands for item in (operand, *operand.items)):
        return [*operands, _holding(rest[0], "", noted)]
    return operands


def _holding(value: int, code: str, noted: RecordedProgram) -> Given:
    held = dim_tensors.held(noted.conversion, value)
    reads = dim_tensors.read_sites(noted.conversion, noted.sites, held.reads) if held is not None else ()
    return Given("Tensor", code=code, shape=noted.conversion.values[value].shape, value=value, reads=reads)


def _code(file: str, node: ast.AST | None) -> str:
    return site_of_node(file, node).code if node is not None and hasattr(node, "end_lineno") else ""
