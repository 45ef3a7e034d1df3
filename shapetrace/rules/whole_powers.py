"""ST602 again: a power of a dim whose exponent is below zero, which Paddle computes in whole numbers.

Python gives a float for `n ** -1`. Rewritten code holds `n` as an int tensor, and Paddle 2.6.2 to 3.3.1 give an int tensor again, of 0.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from shapetrace import symbolic
from shapetrace.capture.source import dim_tensors
from shapetrace.facts import ops
from shapetrace.rules import draws, fixes
from shapetrace.rules.fixes import instead
from shapetrace.said import said
from shapetrace.trace import Conversion, Fix, Op, Site, Trace

_POWER = ops.full("elementwise_pow")
_WHOLE = ("int32", "int64")


class Power(NamedTuple):
    """A power in whole numbers.

    Attributes:
        conversion: Index into `Trace.conversions`.
        value: Index into `Conversion.values` of the result.
        reads: Where the dims were read.
        site: The expression, or the line where that is not found in it.
        fix: What to write.
        layer: The layer that computes it.
    """

    conversion: int
    value: int
    reads: tuple[Site, ...]
    site: Site
    fix: Fix
    layer: str


def found(trace: Trace) -> Iterator[Power]:
    """The powers of dims whose exponent is below zero at some size."""
    seen: set[tuple[str, int]] = set()
    for index, conversion in enumerate(trace.conversions):
        for op in conversion.ops:
            if op.name not in _POWER or not op.stack or not _is_below_zero(conversion, op):
                continue
            site = trace.sites[op.stack[-1]]
            held = dim_tensors.held(conversion, op.outputs[0])
            if held is not None and (site.file, site.line) not in seen:
                seen.add((site.file, site.line))
                stacks = (conversion.ops[read].stack for read in held.reads)
                reads = tuple(_read(trace, trace.sites[stack[-1]]) for stack in stacks if stack)
                yield Power(index, op.outputs[0], reads, *_written(trace, site), op.layer)


def _is_below_zero(conversion: Conversion, op: Op) -> bool:
    if conversion.values[op.outputs[0]].dtype not in _WHOLE or len(op.inputs) != 2 or op.inputs[1] < 0:
        return False
    exponent = dim_tensors.expression(conversion, op.inputs[1])
    if not exponent:
        return False
    keys = sorted(symbolic.symbols(exponent))
    return any(_number(exponent, dict.fromkeys(keys, size)) < 0 for size in draws.SIZES)


def _number(expression: str, values: Mapping[str, int]) -> float:
    """What an expression is at some sizes; not a number where it has no value there."""
    try:
        return symbolic.number(expression, values)
    except ValueError:
        return math.nan


def _written(trace: Trace, site: Site) -> tuple[Site, Fix]:
    """Where the power is written, and what to write there."""
    says = said("of floats Paddle computes it as Python does; float() is converted")
    source = fixes.plan(trace).source(site.file)
    powers = [(node, parts) for node in ast.walk(source.tree) if (parts := _power(node, site.line))] if source else []
    if source is None or len(powers) != 1:
        return site, Fix(says)
    ((node, (base, exponent)),) = powers
    fix = Fix(says, "machine", (source.replace(node, instead.of_floats(source, base, exponent)),))
    return source.place(node, site), fix


def _read(trace: Trace, line: Site) -> Site:
    """The shape that is read on a line: `x.shape`, where there is but one."""
    source = fixes.plan(trace).source(line.file)
    nodes = [node for node in ast.walk(source.tree) if _is_shape(node, line.line)] if source is not None else []
    return source.place(nodes[0], line) if source is not None and len(nodes) == 1 else line


def _is_shape(node: ast.AST, line: int) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "shape" and node.lineno == line


def _power(node: ast.AST, line: int) -> tuple[ast.expr, ast.expr] | None:
    """Base and exponent of a power that is written on a line."""
    if not isinstance(node, ast.BinOp | ast.Call) or not node.lineno <= line <= (node.end_lineno or 0):
        return None
    if isinstance(node, ast.BinOp):
        return (node.left, node.right) if isinstance(node.op, ast.Pow) else None
    is_pow = isinstance(node.func, ast.Name) and node.func.id == "pow" and len(node.args) == 2 and not node.keywords
    return (node.args[0], node.args[1]) if is_pow else None
