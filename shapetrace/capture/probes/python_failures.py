"""What Python, or NumPy, could not do with a tensor of a program: the user's expression, and the tensor whose value it needs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from types import FrameType
from typing import Any

import msgspec

from shapetrace.capture.probes.failing_frames import Level, code, without_owner
from shapetrace.capture.probes.recorded_program import RecordedProgram, is_tensor
from shapetrace.capture.source import dim_tensors, expressions, frames
from shapetrace.capture.source.sites import Found, find
from shapetrace.capture.tape import layer
from shapetrace.facts import wanted
from shapetrace.trace import FailedCall, Given

_OF_VALUES = ("pir.Value", "but got Value", "(Tensor) is not supported in static graph mode", "Value(define_op_name")
"""What Python and Paddle 3.x say of a tensor of a program that they cannot use."""
_VARIABLE = re.compile(
    r"not Variable\b|'Variable'|type Variable |Variable which|LOD_TENSOR|received <class 'paddle\.base\.framework\.Variable'>"
)
"""What Paddle 2.6 and Python say of a tensor of its programs that they cannot use."""
_NO_INDEX = ("slice indices must be", "only integers, slices")
"""What Python, and NumPy, say of an index without saying what it is."""
_ERRORS = (TypeError, KeyError, AttributeError, ValueError, IndexError, AssertionError)
_MOST_ELEMENTS = 8
_DISPLAYS = {ast.List: "list", ast.Tuple: "list", ast.Dict: "dict", ast.Set: "set"}
"""Expressions that are no tensor, whatever stands in them."""
_DECIDING = {ast.If: "if", ast.While: "while", ast.Assert: "assert"}


def failed(
    user: Level, error: BaseException, asked: Any, noted: RecordedProgram, by_numpy: bool = False
) -> FailedCall | None:
    """The user's expression that Python could not compute because of a tensor; None where no tensor had a part in it.

    Args:
        user: The innermost frame of the user's.
        error: The exception.
        asked: The tensor whose value was asked for, where it is known.
        noted: The half-built program, recorded.
        by_numpy: Whether NumPy raised it, or what NumPy called; whatever it says, it says of a dim that it got.
    """
    if not isinstance(error, _ERRORS):
        return None
    if isinstance(error, ValueError) and "values to unpack (expected" in str(error):
        return _unpacked(user, noted)
    source = _expression(find(user.place), error)
    api = _DECIDING.get(type(source.node), "") or expressions.operation(source.node)
    repeated = repeats(user)
    over = over_a_tensor(error)
    of_a_tensor = asked is not None or over or repeated or wanted.of_an_array(str(error))
    if not api or not (of_a_tensor or by_numpy):
        return None
    if asked is None and isinstance(error, KeyError) and error.args and is_tensor(error.args[0]):
        asked = error.args[0]
    operands, unknown = _operands(source, user, noted)
    candidates = _candidates(asked, source.file, source.line, noted)
    filled = _filled(operands, unknown, candidates, asked is not None, noted)
    holding = any(item.reads for operand in filled for item in (operand, *operand.items))
    of_dims = holding and (asked is None or bool(candidates))
    if not of_dims and not of_a_tensor:
        return None
    needed = None if of_dims else _needed(asked, filled, source, user.frame, noted)
    if not of_dims and needed is None and not (over and wanted.wanted(type(error).__name__, str(error))):
        return None
    return FailedCall(
        by="python",
        api=api,
        site=noted.sites.add(source.site),
        arguments=tuple(filled),
        layer=layer(),
        rewritten=user.place.kind is frames.REWRITTEN,
        needed=needed,
    )


def _unpacked(user: Level, noted: RecordedProgram) -> FailedCall | None:
    """`a, b = x` of a tensor, which Python takes apart by index until an `IndexError` comes."""
    source = find(user.place)
    if not isinstance(source.node, ast.Assign):
        return None
    value, text = expressions.evaluate(source.node.value, user.frame), code(source.file, source.node.value)
    if is_tensor(value):
        operand = noted.given(value, code=text)
    elif value is expressions.UNKNOWN and (taken := _taken_apart(source.file, source.line, noted)) >= 0:
        operand = Given("Tensor", code=text, shape=noted.conversion.values[taken].shape, value=taken)
    else:
        return None
    return FailedCall("python", "unpack", noted.sites.add(source.site), arguments=(operand,), layer=layer())


def _taken_apart(file: str, line: int, noted: RecordedProgram) -> int:
    """The tensor that the last op of a line takes an element of; -1 where that op is no such one."""
    op = noted.conversion.ops[-1] if noted.conversion.ops else None
    site = noted.sites.table[op.stack[-1]] if op is not None and op.stack else None
    if op is None or site is None or (site.file, site.line) != (file, line) or op.name != "pd_op.slice":
        return -1
    return op.inputs[0]


def _expression(source: Found, error: BaseException) -> Found:
    """What Python was computing, where the frame tells the statement only: chained comparisons, a text, what an `if` asks."""
    node = source.node
    mapped = [part for part in _parts(node) if expressions.converts_each(part)]
    if len(mapped) == 1 and over_a_tensor(error):
        return source._replace(node=mapped[0])
    if not isinstance(node, ast.stmt):
        return source
    asked = list(_conditions(node)) if wanted.wanted(type(error).__name__, str(error)) == "truth" else []
    if len(asked) == 1:
        return source._replace(node=asked[0])
    parts = list(_parts(node))
    for whole in (
        [part for part in parts if isinstance(part, ast.Compare) and len(part.ops) > 1],
        [part for part in parts if isinstance(part, ast.JoinedStr) and expressions.operands(part)],
    ):
        if len(whole) == 1:
            return source._replace(node=whole[0])
    return source._replace(node=node.test) if isinstance(node, ast.If | ast.While | ast.Assert) else source


def _parts(node: Any) -> Iterator[ast.AST]:
    """All of an expression, or of those in a statement, but for the statements in it."""
    if isinstance(node, ast.If | ast.While | ast.Assert):
        yield from ast.walk(node.test)
    elif isinstance(node, ast.expr):
        yield from ast.walk(node)
    elif isinstance(node, ast.stmt):
        yield from (
            part for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr) for part in ast.walk(child)
        )


def _conditions(statement: ast.stmt) -> Iterator[ast.expr]:
    """What Python itself asks in a statement whether it is so: in a lambda, and in what picks the elements of a comprehension."""
    for part in ast.walk(statement):
        if isinstance(part, ast.comprehension):
            yield from part.ifs
        elif isinstance(part, ast.Lambda):
            yield from (inner.test for inner in ast.walk(part.body) if isinstance(inner, ast.IfExp))


def _operands(source: Found, user: Level, noted: RecordedProgram) -> tuple[list[Given], list[int]]:
    """The operands of the user's expression, and which of them we could not evaluate and may hold a dim."""
    operands: list[Given] = []
    unknown: list[int] = []
    inner = not isinstance(source.node, ast.BinOp)  # of a list that is repeated, the list is an operand
    for operand in without_owner(expressions.operands(source.node, inner=inner), user.frame):
        value = expressions.evaluate(operand.node, user.frame)
        text = code(source.file, operand.node)
        if value is expressions.UNKNOWN and _may_hold(operand.node, user.frame, noted):
            unknown.append(len(operands))
        kind = _DISPLAYS.get(type(operand.node), "")
        filled = Given(kind, code=text) if value is expressions.UNKNOWN else noted.given(value, code=text)
        operands.append(
            filled if filled.type != "ndarray" else msgspec.structs.replace(filled, items=_held(value, noted))
        )
    return operands, unknown


def _held(array: Any, noted: RecordedProgram) -> tuple[Given, ...]:
    """The tensors in an array of NumPy's: it took them for objects."""
    elements = array.ravel()[:_MOST_ELEMENTS].tolist() if array.dtype == object else []
    return tuple(noted.given(element) for element in elements if is_tensor(element))


def _needed(asked: Any, operands: list[Given], source: Found, frame: FrameType, noted: RecordedProgram) -> Given | None:
    """The tensor whose value was needed, under the name that the user has for it; None where it cannot be told."""
    items = [item for operand in operands for item in (operand, *operand.items) if item.type == "Tensor"]
    computed = [operand.code for operand in operands if not operand.type and operand.code]
    if asked is not None:
        needed = noted.given(asked)
        named = [item.code for item in items if item.value == needed.value >= 0] or [item.code for item in items]
        names = named or computed
        return msgspec.structs.replace(needed, code=names[0] if len(names) == 1 else "")
    if items:
        return items[0]
    made = _unused(source.file, source.line, noted)
    if made and len(computed) == 1:
        return Given("Tensor", code=computed[0], shape=noted.conversion.values[made[0]].shape, value=made[0])
    written = [part for part in ast.walk(source.node) if isinstance(part, ast.Name)]
    values = {part.id: expressions.evaluate(part, frame) for part in written}
    tensors = [name for name, value in values.items() if is_tensor(value)]
    return noted.given(values[tensors[0]], code=tensors[0]) if len(tensors) == 1 else None


def _unused(file: str, line: int, noted: RecordedProgram) -> list[int]:
    """What a line has made and nothing has used, the latest first: it was made to be used there."""
    conversion = noted.conversion
    used = {value for op in conversion.ops for value in op.inputs}
    made: list[int] = []
    for op in reversed(conversion.ops):
        site = noted.sites.table[op.stack[-1]] if op.stack else None
        if site is None or (site.file, site.line) != (file, line):
            break
        made += [value for value in op.outputs if value not in used]
    return made


def repeats(user: Level) -> bool:
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


def over_a_tensor(error: BaseException) -> bool:
    """Whether Python itself raised because of a tensor, by what it says in C or by the key that was not found.

    NumPy says "setting an array element with a sequence", and why only in what its exception was raised from.
    """
    if type(error) is ValueError and error.__cause__ is not None:
        return over_a_tensor(error.__cause__)
    if isinstance(error, KeyError) and error.args and is_tensor(error.args[0]):
        return True
    message = str(error)
    named = any(words in message for words in _OF_VALUES) or bool(_VARIABLE.search(message))
    return named or (isinstance(error, TypeError | IndexError) and message.startswith(_NO_INDEX))


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
    return [value for value in _unused(file, line, noted) if dim_tensors.held(conversion, value)]


def _filled(
    operands: list[Given], unknown: list[int], candidates: list[int], asked: bool, noted: RecordedProgram
) -> list[Given]:
    """The operands, with the tensors put in for the expressions that we could not evaluate; Python makes them in this order."""
    shown = {item.value for operand in operands for item in (operand, *operand.items)}
    rest = [value for value in candidates if value not in shown]
    if unknown and len(rest) == len(unknown) and (len(unknown) == 1 or not asked):
        made = dict(zip(unknown, reversed(rest), strict=True))
        return [
            _holding(made[place], operand.code, noted) if place in made else operand
            for place, operand in enumerate(operands)
        ]
    if (
        (asked or unknown)
        and rest
        and not any(item.reads for operand in operands for item in (operand, *operand.items))
    ):
        return [*operands, _holding(rest[0], "", noted)]
    return operands


def _holding(value: int, code: str, noted: RecordedProgram) -> Given:
    held = dim_tensors.held(noted.conversion, value)
    reads = dim_tensors.read_sites(noted.conversion, noted.sites, held.reads) if held is not None else ()
    return Given("Tensor", code=code, shape=noted.conversion.values[value].shape, value=value, reads=reads)
