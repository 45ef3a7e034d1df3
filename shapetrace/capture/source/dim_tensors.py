"""Which tensors of a recorded program hold nothing but dims, and where those were read.

In rewritten code an unknown dim is a 0-d integer tensor (`_jst.Shape`, which makes `shape64` and a slice of it),
and so is all that Python's operators compute from it. Needs no Paddle: it reads what was recorded.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

from shapetrace import symbolic
from shapetrace.capture.source.sites import Sites, nodes_at, site_of_node
from shapetrace.facts import operators, ops
from shapetrace.trace import Conversion, Op

_OPERATORS = {f"pd_op.{operator.op}": operator.sign for operator in operators.ARITHMETIC} | {
    "pd_op.maximum": "max",
    "pd_op.minimum": "min",
}
_COMPARES = ops.full("logical_not", *(operator.op for operator in operators.COMPARISONS))
_SLICES = ops.full("slice")
_LOGIC = _COMPARES | ops.full("logical_and", "logical_or", "logical_xor", "cast")


class Held(NamedTuple):
    """A tensor that holds one dim.

    Attributes:
        reads: Indices into `Conversion.ops` of the ops that read shapes for it.
        expression: The dim in the form of `Conversion.expressions`; empty where it is not known.
    """

    reads: tuple[int, ...]
    expression: str


def held(conversion: Conversion, value: int) -> Held | None:
    """The dim a value holds, or None where it holds anything else: what the model computes, or a plain constant.

    The result of comparing a dim counts as holding it.
    """
    if not 0 <= value < len(conversion.values) or conversion.values[value].shape not in ((), (1,)):
        return None
    reads: dict[int, None] = {}
    pending, visited = [value], set()
    while pending:
        current = pending.pop()
        if current < 0 or current in visited:
            continue
        visited.add(current)
        index = conversion.values[current].op
        op = conversion.ops[index] if index >= 0 else None
        if op is None:
            return None
        if op.name in ops.SHAPES:
            reads[index] = None
        elif current not in op.outputs:
            handed = _handed_to_block(conversion, index, current)
            if not handed:
                return None
            pending += handed
        elif op.name in _SLICES and conversion.ops[conversion.values[op.inputs[0]].op].name == ops.RANGE:
            pending += op.inputs[:1]  # which element it is, the loop counts
        elif op.name == ops.RANGE:
            pending += op.inputs
        elif op.name == ops.IF:
            pending += _branches(conversion, index, op.outputs.index(current))
        elif op.name in ops.HANDING_ON or op.name in _OPERATORS or op.name in ops.OF_ONE_NUMBER or op.name in _COMPARES:
            pending += op.inputs
        elif op.name not in ops.NUMBERS:
            return None
    return Held(tuple(sorted(reads)), expression(conversion, value)) if reads else None


class Asked(NamedTuple):
    """What a condition asks for.

    Attributes:
        dims: Indices into `Conversion.values` of the dims.
        reads: Indices into `Conversion.ops` of the ops that read shapes for them.
        data: Whether it asks for anything else that is known only when the program runs.
    """

    dims: tuple[int, ...]
    reads: tuple[int, ...]
    data: bool


def asked(conversion: Conversion, value: int) -> Asked:
    """What a condition asks for. The length of a `range(n)` is what `n` holds."""
    dims: dict[int, None] = {}
    reads: dict[int, None] = {}
    data, pending, visited = False, [value], set()
    while pending:
        current = pending.pop()
        if current < 0 or current in visited:
            continue
        visited.add(current)
        op = conversion.ops[conversion.values[current].op]
        counted = _counted_by(conversion, current)
        if counted:
            pending += counted
        elif current in op.outputs and (op.name in _COMPARES or (op.name in _LOGIC and not held(conversion, current))):
            pending += op.inputs
        elif dim := held(conversion, current):
            dims[current] = None
            reads |= dict.fromkeys(dim.reads)
        elif op.name not in ops.NUMBERS and current in op.outputs:
            data = True
    return Asked(tuple(dims), tuple(reads), data)


def _handed_to_block(conversion: Conversion, loop: int, argument: int) -> list[int]:
    """What the variable of a loop is at first, and after each turn where the loop is complete; nothing for another block."""
    op = conversion.ops[loop]
    first = next(value for value in range(len(conversion.values)) if _is_argument(conversion, loop, value))
    place = argument - first + 1  # the condition is before the variables
    if op.name != ops.WHILE or not place < len(op.inputs):
        return []
    yields = (inner for inner in conversion.ops[loop + 1 :] if inner.parent == loop and inner.name == ops.YIELD)
    turns = next(yields, None)  # those of 2.6 hand on what changes only
    whole = turns is not None and len(turns.inputs) == len(op.inputs)
    return [op.inputs[place], *(turns.inputs[place : place + 1] if turns is not None and whole else ())]


def _is_argument(conversion: Conversion, loop: int, value: int) -> bool:
    return conversion.values[value].op == loop and value not in conversion.ops[loop].outputs


def _counted_by(conversion: Conversion, value: int) -> tuple[int, ...]:
    """What a `range` goes by whose length a tensor holds; nothing if it holds anything else."""
    length = held(conversion, value)
    if length is None or len(length.reads) != 1 or conversion.ops[conversion.values[value].op].name in _COMPARES:
        return ()
    (source,) = conversion.ops[length.reads[0]].inputs[:1]
    maker = conversion.ops[conversion.values[source].op] if source >= 0 else None
    return maker.inputs if maker is not None and maker.name == ops.RANGE else ()


def compared(conversion: Conversion, value: int) -> tuple[int, ...]:
    """The dims whose comparison a value is: the value itself where it is none."""
    op = conversion.ops[conversion.values[value].op]
    if op.name not in _COMPARES:
        return (value,)
    return tuple(
        inner for item in op.inputs if item >= 0 for inner in compared(conversion, item) if held(conversion, inner)
    )


def expression(conversion: Conversion, value: int) -> str:
    """What a tensor that holds one number holds, in the form of `Conversion.expressions`; empty where unknown."""
    recorded = conversion.values[value]
    if recorded.data is not None and len(recorded.data) == 1:
        return conversion.expressions[recorded.data[0]]
    op = conversion.ops[recorded.op]
    if op.name in ("pd_op.cast", "pd_op.assign") and op.inputs[0] >= 0:
        return expression(conversion, op.inputs[0])
    number = op.attrs.get("value")
    if op.name == ops.FULL and isinstance(number, int | float) and number == int(number):
        return str(int(number))
    if op.name == "pd_op.scale" and op.inputs[0] >= 0:
        return _scaled(conversion, op)
    if op.name in _OPERATORS and len(op.inputs) == 2 and min(op.inputs) >= 0:
        operands = [expression(conversion, item) for item in op.inputs]
        return symbolic.combine(_OPERATORS[op.name], operands) if all(operands) else ""
    return ""


def _scaled(conversion: Conversion, op: Op) -> str:
    """What `scale` gives: Paddle turns `n / 3` into `n * 0.333...`, and `n + 1` into a scale by one."""
    held_before = expression(conversion, op.inputs[0])
    maker = conversion.ops[conversion.values[op.inputs[1]].op] if len(op.inputs) > 1 and op.inputs[1] >= 0 else op
    factor, bias = maker.attrs.get("value", maker.attrs.get("scale")), op.attrs.get("bias", 0.0)
    if not held_before or not isinstance(factor, int | float) or not isinstance(bias, int | float) or bias != int(bias):
        return ""
    if factor == int(factor):
        scaled = held_before if factor == 1 else symbolic.combine("*", [held_before, str(int(factor))])
    elif abs(factor * round(1 / factor) - 1) < 1e-6 and not bias:
        scaled = symbolic.combine("/", [held_before, str(round(1 / factor))])
    else:
        return ""
    return symbolic.combine("+", [scaled, str(int(bias))]) if bias else scaled


def printed(conversion: Conversion, value: int) -> str:
    """The dim a tensor holds under the names people know: `image[2]//32`; empty where it is not known."""
    form = expression(conversion, value)
    return symbolic.text(form, conversion.names) if form else ""


def read_sites(conversion: Conversion, sites: Sites, reads: tuple[int, ...]) -> tuple[int, ...]:
    """The places in the user's source of some shape reads: `x.shape` itself where the line has but one."""
    places: dict[int, None] = {}
    for index in reads:
        op = conversion.ops[index]
        if op.stack:
            places[_read_site(sites, op)] = None
    return tuple(places)


def _read_site(sites: Sites, op: Op) -> int:
    line = sites.table[op.stack[-1]]
    nodes = {
        (node.lineno, node.col_offset, node.end_col_offset): node
        for node in nodes_at(line.file, line.line)
        if isinstance(node, ast.Attribute) and node.attr == "shape" and node.lineno == line.line
    }
    if len(nodes) != 1:
        return op.stack[-1]
    return sites.add(site_of_node(line.file, nodes.popitem()[1], line.function))


def _branches(conversion: Conversion, parent: int, position: int) -> list[int]:
    """What the branches of an `if` yield for one of its results."""
    return [
        op.inputs[position]
        for op in conversion.ops[parent + 1 :]
        if op.parent == parent and op.name == ops.YIELD and position < len(op.inputs)
    ]
