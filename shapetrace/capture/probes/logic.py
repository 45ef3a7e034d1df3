"""`n or 1` in rewritten code, where Paddle asks the operand that is no tensor first, and makes a truth of two tensors.

Python gives one of the operands; what comes out here is right as a truth, and as a number it is another one:

| written | becomes | so that it is |
| --- | --- | --- |
| `n or 1` | `1 or n` | 1 |
| `n and 1` | `1 and n` | `n` |
| `n or m` | `paddle.logical_or(n, m)` | a truth |

(`convert_logical_or` and `convert_logical_and` in `paddle/jit/dy2static/convert_operators.py`.) Where the operand that is no tensor is
nothing (0, None), the order does not matter.

| patched | sees |
| --- | --- |
| `_run_py_logical_or`, `_run_py_logical_and` | the operands in their new order |
| `_run_paddle_logical_or`, `_run_paddle_logical_and` | two tensors |
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from shapetrace.capture.guarding import Fault, guard
from shapetrace.capture.source import frames

if TYPE_CHECKING:
    from shapetrace.patching import Transaction

Seen = Callable[[Any, Any, FrameType], None]
"""Is told of an operand that is a tensor, of the other one, and of the frame that has the expression."""
_SWAPPED = ("y_value",)
"""The variables of the function that Paddle's own gives as the first operand, where it is the second one."""


def install(transaction: Transaction, seen: Seen, fault: Fault) -> None:
    """Open the probes.

    Args:
        transaction: Takes them back.
        seen: Is told of each tensor that an `and` or `or` makes something else of than Python would.
        fault: Called with what went wrong in shapetrace itself.

    Raises:
        AttributeError: This Paddle is built in another way.
    """
    from paddle.jit.dy2static import convert_operators

    for word in ("or", "and"):
        python, paddle = f"_run_py_logical_{word}", f"_run_paddle_logical_{word}"
        transaction.set(convert_operators, python, _of_one(getattr(convert_operators, python), seen, fault))
        transaction.set(convert_operators, paddle, _of_two(getattr(convert_operators, paddle), seen, fault))


def is_truth(node: Any) -> bool:
    """Whether nobody asks for more of an expression than whether it is so."""
    outer = getattr(node, "parent", None)
    if isinstance(outer, ast.BoolOp):
        return is_truth(outer)
    if isinstance(outer, ast.If | ast.While | ast.Assert | ast.IfExp):
        return outer.test is node or (isinstance(outer, ast.IfExp) and is_truth(outer))
    if isinstance(outer, ast.UnaryOp):
        return isinstance(outer.op, ast.Not)
    if isinstance(outer, ast.Call):
        return isinstance(outer.func, ast.Name) and outer.func.id == "bool"
    return isinstance(outer, ast.comprehension) and node in outer.ifs


def _of_one(original: Callable[..., Any], seen: Seen, fault: Fault) -> Callable[..., Any]:
    def run(x_func: Callable[[], Any], y_func: Callable[[], Any]) -> Any:
        try:
            result = original(x_func, y_func)
        except BaseException as error:
            frames.leave_no_frame(error)
            raise
        with guard(fault, "an and or an or could not be followed"):
            if x_func.__code__.co_freevars == _SWAPPED and not isinstance(other := x_func(), bool) and other:
                seen(y_func(), other, sys._getframe(2))
        return result

    return run


def _of_two(original: Callable[..., Any], seen: Seen, fault: Fault) -> Callable[..., Any]:
    def run(x: Any, y: Any) -> Any:
        with guard(fault, "an and or an or could not be followed"):
            seen(x, y, sys._getframe(2))
        try:
            return original(x, y)
        except BaseException as error:
            frames.leave_no_frame(error)
            raise

    return run
