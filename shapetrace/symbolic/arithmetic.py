"""What the functions compute on integers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping

from shapetrace.symbolic.form import MOST_BITS, Node


def _broadcast(sizes: Iterable[int]) -> int:
    different = {size for size in sizes if size != 1}
    if len(different) > 1:
        raise ValueError(f"sizes {', '.join(map(str, sorted(different)))} do not broadcast")
    return different.pop() if different else 1


def _exact(a: int, b: int) -> int:
    if a % b:
        raise ValueError(f"{a} / {b} is no integer")
    return a // b


def _bounded(function: Callable[[int, int], int]) -> Callable[[int, int], int]:
    """Guard `**` and `<<` against results that would fill the memory."""

    def compute(a: int, b: int) -> int:
        if b < 0 or a.bit_length() * b > MOST_BITS or b > MOST_BITS:
            raise ValueError(f"no size comes from {a} and {b} here")
        return function(a, b)

    return compute


_BINARY: dict[str, Callable[[int, int], int]] = {
    "Sub": operator.sub,
    "Div": operator.floordiv,
    "Mod": operator.mod,
    "Pow": _bounded(operator.pow),
    "TrueDiv": _exact,
    "And": operator.and_,
    "Or": operator.or_,
    "Xor": operator.xor,
    "LShift": _bounded(operator.lshift),
    "RShift": _bounded(operator.rshift),
}
_UNARY_FUNCTIONS: dict[str, Callable[[int], int]] = {"Neg": operator.neg, "Abs": abs, "Invert": operator.invert}
_MANY: dict[str, Callable[[Iterable[int]], int]] = {"Add": sum, "Max": max, "Min": min, "Broadcast": _broadcast}


def _product(numbers: Iterable[int]) -> int:
    result = 1
    for number in numbers:
        result *= number
        if result.bit_length() > 2 * MOST_BITS:
            raise ValueError("the product is beyond any size")
    return result


_MANY["Mul"] = _product


def evaluate(node: Node, values: Mapping[str, int]) -> int:
    """Compute a tree; raises ValueError where that gives no integer."""
    if isinstance(node, int):
        return node
    if isinstance(node, str):
        if node not in values:
            raise ValueError(f"no value is given for {node}")
        return int(values[node])
    return apply(str(node[0]), [evaluate(operand, values) for operand in node[1:]])


def apply(name: str, numbers: list[int]) -> int:
    """Compute one function; raises ValueError where that gives no integer."""
    try:
        if name in _MANY:
            return _MANY[name](numbers)
        if name in _BINARY:
            return _BINARY[name](*numbers)
        if name in _UNARY_FUNCTIONS:
            return _UNARY_FUNCTIONS[name](*numbers)
    except ZeroDivisionError:
        raise ValueError("division by zero") from None
    raise ValueError(f"{name} is a function nothing is known about")


def fold(node: Node) -> Node:
    """Do at once what can be done without algebra: integers, and sums of sums."""
    if not isinstance(node, tuple):
        return node
    name, *operands = node
    if all(isinstance(operand, int) for operand in operands):
        try:
            return apply(str(name), [operand for operand in operands if isinstance(operand, int)])
        except ValueError:
            return node
    if name == "Sub" and isinstance(operands[1], int):
        name, operands = "Add", [operands[0], -operands[1]]
    if name not in ("Add", "Mul"):
        return node
    flat = [inner for operand in operands for inner in _operands_of(str(name), operand)]
    number = apply(str(name), [operand for operand in flat if isinstance(operand, int)])
    rest: list[Node] = [operand for operand in flat if not isinstance(operand, int)]
    neutral = 0 if name == "Add" else 1
    if number != neutral or not rest:
        rest.append(number)
    return rest[0] if len(rest) == 1 else (name, *rest)


def _operands_of(name: str, node: Node) -> Iterator[Node]:
    if isinstance(node, tuple) and node[0] == name:
        yield from node[1:]
    else:
        yield node
