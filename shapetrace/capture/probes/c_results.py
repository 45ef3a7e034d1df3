"""Numbers that C computes from dims and that cannot remember by themselves: `0.5 * n`, `math.sqrt(n)`, `np.prod(x.shape)`.

Before such an instruction runs, what it will give is computed here from plain numbers; the syntax tree tells where it
goes (`destinations.py`); what is handed to a function of Paddle's at once is told to the tape as an argument.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sized
from types import FrameType
from typing import TYPE_CHECKING, Any

from shapetrace.capture.probes import carriers, pure_functions
from shapetrace.capture.probes.destinations import Destinations
from shapetrace.capture.probes.elements import Opening, Turns
from shapetrace.capture.source import frames
from shapetrace.capture.source.expressions import OPERATORS, UNKNOWN
from shapetrace.capture.source.stands import flat, plain_value
from shapetrace.dim import NUMBERS, REMEMBERING, Stand, plain_type
from shapetrace.facts.operators import COMPARE

if TYPE_CHECKING:
    from shapetrace.capture.probes.shadows import Shadows
    from shapetrace.capture.tape import Tape

_DIVMOD = {"//": operator.floordiv, "%": operator.mod}


class CResults:
    """What the instructions of the frames that are followed make of dims and will not remember.

    Args:
        tape: Told of it.
        shadows: Give what stands for expressions.
    """

    def __init__(self, tape: Tape, shadows: Shadows) -> None:
        self._tape = tape
        self._shadows = shadows
        self._turns = Turns()
        self.destinations = Destinations(tape, shadows)

    def combine(self, node: ast.BinOp | ast.AugAssign, left: Any, right: Any, frame: FrameType) -> None:
        """Two operands are about to be combined."""
        function = pure_functions.operator_of(node)
        if function is None or (_python_asks(left, right) and not (_is_lost(left) or _is_lost(right))):
            return
        values = plain_value(left), plain_value(right)
        if any(isinstance(item, REMEMBERING) for item in (left, right)) and all(map(pure_functions.computable, values)):
            self._compute(lambda: function(*values), OPERATORS[type(node.op)], (left, right), node, frame)

    def negate(self, node: ast.UnaryOp, operand: Any, frame: FrameType) -> None:
        """A sign is about to be put before what will not remember."""
        if _is_lost(operand) and isinstance(node.op, ast.USub):
            value = plain_value(operand)
            self._compute(lambda: -value, "neg", (operand,), node, frame)

    def compare(self, node: ast.Compare, left: Any, right: Any, frame: FrameType) -> None:
        """Two operands are about to be compared."""
        op = OPERATORS.get(type(node.ops[0]), "")
        function = COMPARE.get(op)
        if function is None or _is_live(left) or (_is_live(right) and plain_type(left) is not float):
            return
        values = plain_value(left), plain_value(right)
        if not all(map(pure_functions.computable, values)):
            return
        result = function(*values)
        mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
        if isinstance(left, REMEMBERING):
            self._tape.seen("compare", left, op, right, _truth(result), frame)
        elif isinstance(right, REMEMBERING):
            self._tape.seen("compare", right, mirrored, left, _truth(result), frame)

    def call(self, node: ast.Call, function: Any, owner: Any, values: list[Any], frame: FrameType) -> bool:
        """A function is about to be called. Returns whether what it gives is known.

        Args:
            node: The call.
            function: What is called, if that is known.
            owner: What it is a method of, if that is known.
            values: The arguments: those by position, then those by name.
            frame: The frame.
        """
        if not any(isinstance(item, REMEMBERING) for value in (owner, *values) for item in flat(value)):
            return False
        if self._carry(node, function, values, frame):
            return True
        plain = [plain_value(value) for value in values]
        library, call = "", function
        if (
            isinstance(owner, Stand)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in pure_functions.METHODS
        ):
            library, call = "numpy", getattr(owner.value, node.func.attr, None)
        elif _goes_through(function, values):
            call = _mapped if function is map else function
        elif not any(function is builtin for builtin in pure_functions.BUILTINS) and not _decides(function, values):
            library = pure_functions.library(function)
            if not library:
                return False
        if not all(pure_functions.computable(item) or item is int or item is float for item in plain):
            return False
        names = [keyword.arg for keyword in node.keywords]
        if None in names:
            return False
        count = len(plain) - len(names)
        by_name = {str(name): value for name, value in zip(names, plain[count:], strict=True)}
        operands = tuple(item for value in (owner, *values) for item in flat(value) if _is_operand(item))
        op = pure_functions.name(function if call is _mapped else call, node, len(operands))
        return self._compute(lambda: call(*plain[:count], **by_name), op, operands, node, frame, library)

    def _carry(self, node: ast.Call, function: Any, values: list[Any], frame: FrameType) -> bool:
        """A function is about to be called that gives what it gets in another container, or converts each of its elements."""
        kinds = [kind for kind in (int, float) if function is map and len(values) == 2 and values[0] is kind]
        if kinds and isinstance(values[1], list | tuple) and any(isinstance(item, REMEMBERING) for item in values[1]):
            if isinstance(getattr(node, "parent", None), ast.YieldFrom):  # whoever gets them is not known
                return False
            shadow: Any = [self._converted(kinds[0], item, frame) for item in values[1]]
        elif function is divmod and len(values) == 2 and not _python_asks(*values):
            shadow = [self._quotient(op, divide, values, frame) for op, divide in _DIVMOD.items()]
        else:
            shadow = carriers.shadow(function, node, values)
        items = list(flat(shadow, depth=3))
        if shadow is None or not any(isinstance(item, REMEMBERING) for item in items):
            return False
        if any(map(_is_lost, items)):
            self.destinations.returned(frame, node, shadow)
        else:  # they remember wherever they go, but for `0.5 * sorted(sizes)[0]`
            self._tape.computed[frame.f_code, frames.instruction(frame)] = shadow
        return True

    def _converted(self, kind: type, item: Any, frame: FrameType) -> Any:
        """What stands for the number that `map` makes of an element, once somebody asks for it."""
        if not isinstance(item, NUMBERS):
            return item
        if not item.origin.lost:  # of any other `map` asks nothing
            self._tape.awaited[id(item.origin)] = item
        return self._tape.part(frame, kind.__name__, (item,), kind(plain_value(item)), "")

    def _quotient(self, op: str, divide: Callable[[Any, Any], Any], values: list[Any], frame: FrameType) -> Any:
        """What stands for one of the two numbers that `divmod` gives."""
        try:
            return self._tape.part(frame, op, tuple(values), divide(*map(plain_value, values)), "")
        except (TypeError, ArithmeticError):  # then `divmod` raises it
            return UNKNOWN

    def _compute(
        self,
        compute: Callable[[], Any],
        op: str,
        operands: tuple[Any, ...],
        node: ast.AST,
        frame: FrameType,
        library: str = "",
    ) -> bool:
        try:
            result = compute()
        except Exception:  # then the instruction raises it, as it would without a watch
            return False
        if type(result) is bool or type(result).__name__ == "bool_" or not pure_functions.computable(result):
            return False
        if not library and any(map(pure_functions.is_numpys, (result, *map(plain_value, operands)))):
            library = "numpy"
        self.lose(frame, node, op, operands, result, library)
        return True

    def lose(
        self, frame: FrameType, node: ast.AST, op: str, operands: tuple[Any, ...], result: Any, library: str
    ) -> None:
        """The instruction at `node`, where `frame` is, gives a result that will not remember."""
        stand = self._tape.lose(frame, op, operands, result, library)
        if stand is not None:
            self.destinations.note(frame, node, stand)

    def reduced(self, node: ast.AST | None, frame: FrameType) -> bool:
        """A generator has given an element to a `sum(...)` or `math.prod(...)` that `frame` is calling. Returns whether it is that."""
        generator = node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords else None
        if not isinstance(node, ast.Call) or not isinstance(generator, ast.GeneratorExp):
            return False
        function = self._shadows.value(node.func, frame)
        if function is not sum and function is not math.prod:
            return False
        items = self._shadows.known(generator, frame)
        plain = [plain_value(item) for item in items] if isinstance(items, list) else [UNKNOWN]
        if all(map(pure_functions.computable, plain)):  # all have come
            self._compute(lambda: function(plain), function.__name__, tuple(items), node, frame)
        return True

    def element(self, node: ast.Subscript, container: Any, index: Any, frame: FrameType) -> None:
        """An element or a part of an array is about to be taken."""
        if isinstance(container, Stand) and index is not UNKNOWN:
            op, operands = _element(container, index) if type(index) is int else ("part", (container,))
            self._compute(lambda: container.value[index], op, operands, node, frame, "numpy")

    def opened(self, opening: Opening, wholes: list[Any], frame: FrameType) -> None:
        """An instruction that takes elements out of `wholes`, and assigns them to variables, is about to run."""
        for name, position, index in self._turns.reached(opening, frame):
            whole = wholes[position]
            if opening.kind == "unpacks" and isinstance(whole, list) and len(whole) != len(opening.names):
                continue  # which of them is which is known when all are assigned
            if isinstance(whole, list) and index < len(whole) and _is_lost(whole[index]):
                self.destinations.assign(frame, ast.Name(name), whole[index])
                continue
            value: Any = whole.value if isinstance(whole, Stand) else ()
            size = len(value) if isinstance(value, Sized) and getattr(value, "shape", None) != () else 0
            if index < size:
                op, operands = _element(whole, index)
                self.destinations.assign(frame, ast.Name(name), self._tape.part(frame, op, operands, value[index]))

    def left(self, frame: FrameType, result: Any) -> None:
        """A frame has ended, and gives this."""
        self._turns.left(frame)
        self.destinations.left(frame, result)


def _element(container: Stand, index: int) -> tuple[str, tuple[Any, ...]]:
    """The operation that gives an element of what `container` stands for, and its operands."""
    origin, value = container.origin, container.value
    is_list = origin.op in pure_functions.ARRAYS and getattr(value, "ndim", 0) == 1
    if is_list and len(origin.operands) == len(value) and -len(value) <= index < len(value):
        return "pos", (origin.operands[index],)
    return "item", (container, index)


def _is_operand(value: Any) -> bool:
    return isinstance(value, (*REMEMBERING, int, float)) and not isinstance(value, bool)


def _is_live(value: Any) -> bool:
    """Whether the program itself holds a number that remembers there."""
    return isinstance(value, NUMBERS) and not value.origin.lost


def _goes_through(function: Any, values: list[Any]) -> bool:
    """Whether a call makes a list of an array's elements."""
    is_map = function is map and len(values) == 2 and any(values[0] is kind for kind in (int, float))
    return (is_map or function is list or function is tuple) and isinstance(values[-1], Stand)


def _decides(function: Any, values: list[Any]) -> bool:
    """Whether a call chooses between numbers of which Python asks none that remembers."""
    operands = [item for value in values for item in flat(value)]
    return (function is max or function is min) and not any(map(_is_live, operands))


def _mapped(function: Any, items: Any) -> list[Any]:
    return [function(item) for item in items]


def _is_lost(value: Any) -> bool:
    return isinstance(value, REMEMBERING) and value.origin.lost


def _python_asks(left: Any, right: Any) -> bool:
    """Whether Python asks one of the operands, which then remembers."""
    return _is_live(left) or (
        _is_live(right) and plain_type(left) not in (float, complex) and not pure_functions.is_numpys(left)
    )


def _truth(result: Any) -> Any:
    return bool(result) if getattr(result, "size", 1) == 1 else result
