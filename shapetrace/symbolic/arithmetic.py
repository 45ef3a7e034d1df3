"""Evaluates the functions of expressions on numbers: integers, and floats where Python made some of them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from shapetrace.symbolic.form import MOST_BITS, Node, is_whole


def _broadcast(sizes: Iterable[int]) -> int:
    different = {size for size in sizes if size != 1}
    if len(different) > 1:
        raise ValueError(f"sizes {', '.join(map(str, sorted(different)))} do not broadcast")
    return different.pop() if different else 1


def _power(a: Number, b: Number) -> Number:
    if isinstance(a, int) and isinstance(b, int) and b >= 0:
        return _bounded(operator.pow)(a, b)
    result: Number = a**b
    return result


def _bounded(function: Callable[[int, int], int]) -> Callable[[int, int], int]:
    """Guard `**` and `<<` against results that would fill the memory."""

    def compute(a: int, b: int) -> int:
        a, b = operator.index(a), operator.index(b)  # a float is refused
        if b < 0 or a.bit_length() * b > MOST_BITS or b > MOST_BITS:
            raise ValueError(f"no size comes from {a} and {b} here")
        return function(a, b)

    return compute


Number = int | float

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "Sub": operator.sub,
    "Div": operator.floordiv,
    "Mod": operator.mod,
    "Pow": _power,
    "TrueDiv": operator.truediv,
    "And": operator.and_,
    "Or": operator.or_,
    "Xor": operator.xor,
    "LShift": _bounded(operator.lshift),
    "RShift": _bounded(operator.rshift),
}
_CHOOSING: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "IfEqual": lambda left, right, first, second: first if left == right else second,
    "IfLeast": lambda left, right, first, second: first if left >= right else second,
}
"""What an `if` gives: the third where the first is the second, or is no smaller than it; else the fourth."""
_UNARY_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "Neg": operator.neg,
    "Abs": abs,
    "Invert": operator.invert,
    "Float": float,
    "Int": int,
    "Floor": math.floor,
    "Ceil": math.ceil,
    "Trunc": math.trunc,
    "Round": round,
    "Root": math.sqrt,
    "Exp": math.exp,
    "Log": math.log,
    "Log2": math.log2,
    "Log10": math.log10,
}
_MANY: dict[str, Callable[[Iterable[Any]], Any]] = {"Add": sum, "Max": max, "Min": min, "Broadcast": _broadcast}


def _product(numbers: Iterable[Number]) -> Number:
    result: Number = 1
    for number in numbers:
        result *= number
        if isinstance(result, int) and result.bit_length() > 2 * MOST_BITS:
            raise ValueError("the product is beyond any size")
    return result


def _mean(numbers: Iterable[Number]) -> float:
    listed = list(numbers)
    return sum(listed) / len(listed)


_MANY |= {"Mul": _product, "Mean": _mean}


def evaluate(node: Node, values: Mapping[str, int]) -> Number:
    """Compute a tree; raises ValueError where that gives no real number."""
    if isinstance(node, int | float):
        return node
    if isinstance(node, str):
        if node not in values:
            raise ValueError(f"no value is given for {node}")
        return int(values[node])
    return apply(str(node[0]), [evaluate(operand, values) for operand in node[1:]])


def apply(name: str, numbers: list[Any]) -> Number:
    """Compute one function; raises ValueError where that gives no real number."""
    try:
        result: complex = _function(name)(numbers)
    except ZeroDivisionError:
        raise ValueError("division by zero") from None
    except (ArithmeticError, TypeError) as error:
        raise ValueError(f"{name} of {numbers}: {error}") from None
    if isinstance(result, complex):
        raise ValueError(f"{name} of {numbers} is complex")
    return result


def _function(name: str) -> Callable[[list[Any]], Any]:
    """What a function computes of the list of its operands."""
    if name in _MANY:
        return _MANY[name]
    function = _BINARY.get(name) or _UNARY_FUNCTIONS.get(name) or _CHOOSING.get(name)
    if function is None:
        raise ValueError(f"{name} is a function nothing is known about")
    return lambda numbers: function(*numbers)


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
    if name == "Sub" and isinstance(operands[1], int) and is_whole(operands[0]):
        name, operands = "Add", [operands[0], -operands[1]]
    if name not in ("Add", "Mul"):
        return node
    if not all(map(is_whole, operands)):  # floats are not folded: their sums depend on the order
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
