"""Where Python takes a tensor that holds a dim for something else, without an error.

A tensor is hashed by what it is, not by its number; it is no `int`; its text holds no number; gone through, one without axes
has no elements; on Paddle 2.6 it is true, as any object is. What can be seen of that:

| patched | sees |
| --- | --- |
| `__hash__` of tensors | a lookup in a dict or set, in the frame that looks up |
| `__format__`, `__str__` of tensors | an f-string or `str(n)` that is looked up at once |
| `__bool__` of tensors, which 2.6 does not have | `max(n, 1)`, `n in (1, 2)`, an `if` in code that is not rewritten |
| `__getitem__` of tensors (`iteration.py`) | `tuple(n)`, and `np.ones(n)`, which asks an object that is no int for a list of sizes |
| what Paddle has for `and` and `or` (`logic.py`) | `n or 1` |
| `paddle.jit.dy2static.Ld` | hands out an `isinstance` that tells us of tensors, where rewritten code calls it at once |

Only the user's frames count, only tensors of one integer or of what is so, and only where the outcome is known: a dict or
set that holds numbers and no tensors, an `isinstance` that asks for `int`, a truth that nothing decides. Whether the tensor holds a dim at all is told when the
program is recorded. `type(n) is int` cannot be seen: Python answers it without asking the tensor.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from shapetrace.capture import identity
from shapetrace.capture.guarding import guard
from shapetrace.capture.probes import logic
from shapetrace.capture.probes.recorded_program import RecordedProgram, is_tensor
from shapetrace.capture.source import expressions, frames, type_checks
from shapetrace.capture.source.frames import Place
from shapetrace.capture.source.sites import Found, executing_node, find, site_of_node
from shapetrace.capture.tape import Tape, layer
from shapetrace.facts import ops
from shapetrace.trace import Conversion, Given, TensorUse, TensorUseKind

if TYPE_CHECKING:
    from shapetrace.patching import Transaction

_LOOKUPS = frozenset({"get", "pop", "__contains__", "__getitem__"})
_MOST_KEYS = 256  # looked at in a container
_FEW = 3  # named in a message


class _Seen(NamedTuple):
    """One use of a tensor, before it is known whether the tensor holds a dim."""

    kind: TensorUseKind
    tensor: Any
    site: int
    code: str
    detail: str
    layer: str


class TensorUses:
    """What Python did with tensors during one watch.

    Args:
        tape: Of the watch.
        site_of: Enters a place's site and returns its index.
        fault: Called with what went wrong in shapetrace itself.
    """

    def __init__(
        self, tape: Tape, site_of: Callable[[Place], int], fault: Callable[[str, BaseException], None]
    ) -> None:
        self._tape = tape
        self._site_of = site_of
        self._fault = fault
        self._seen: dict[int, list[_Seen]] = {}
        self._calling: dict[tuple[CodeType, int], bool] = {}

    def install(self, transaction: Transaction, Value: Any) -> None:
        """Open the probes.

        Args:
            transaction: Takes them back.
            Value: The class of the tensors of a program.

        Raises:
            AttributeError: This Paddle is built in another way.
        """
        transaction.set(Value, "__hash__", self._hash(Value.__hash__))
        transaction.set(Value, "__format__", self._format(Value.__format__))
        transaction.set(Value, "__str__", self._str(Value.__str__))
        if not hasattr(Value, "__bool__"):  # those of 3.x refuse to be asked
            transaction.set(Value, "__bool__", self._bool())

    def install_isinstance(self, transaction: Transaction) -> None:
        """Open the probe for `isinstance`, which is the same for every class of tensors."""
        from paddle.jit import dy2static

        transaction.set(dy2static, "Ld", self._loading(dy2static.Ld))

    def write(self, conversion: int, noted: RecordedProgram) -> Iterator[TensorUse]:
        """The uses of tensors that hold a dim, and the comparisons that Python took for true, during a conversion that is now recorded."""
        for use in self._seen.pop(conversion, ()):
            tensor = noted.given(use.tensor, code=use.code)
            if tensor.reads or (use.kind == "truth" and _is_decided(noted.conversion, tensor)):
                yield TensorUse(use.kind, conversion, use.site, tensor, use.detail, use.layer)

    def gone_through(self, tensor: Any, frame: FrameType) -> None:
        """Keep it that somebody took a tensor for a list, and found it empty."""
        self._used(tensor, frame, _emptiness)

    def operand(self, tensor: Any, other: Any, frame: FrameType) -> None:
        """Keep it that an `and` or an `or` made something else of a dim and the other operand than Python would."""
        if not is_tensor(other):
            self._used(tensor, frame, _operand)
        elif _holds_one(other, "int"):
            self._used(tensor, frame, _operands)

    # Probes

    def _hash(self, original: Callable[[Any], int]) -> Callable[[Any], int]:
        def __hash__(tensor: Any) -> int:
            self._used(tensor, sys._getframe(1), _lookup)
            try:
                return original(tensor)
            except BaseException as error:
                frames.leave_no_frame(error)
                raise

        return __hash__

    def _format(self, original: Callable[[Any, str], str]) -> Callable[[Any, str], str]:
        def __format__(tensor: Any, spec: str) -> str:
            self._used(tensor, sys._getframe(1), _text_lookup)
            try:
                return original(tensor, spec)
            except BaseException as error:
                frames.leave_no_frame(error)
                raise

        return __format__

    def _str(self, original: Callable[[Any], str]) -> Callable[[Any], str]:
        def __str__(tensor: Any) -> str:
            self._used(tensor, sys._getframe(1), _text_lookup)
            try:
                return original(tensor)
            except BaseException as error:
                frames.leave_no_frame(error)
                raise

        return __str__

    def _bool(self) -> Callable[[Any], bool]:
        def __bool__(tensor: Any) -> bool:
            self._used(tensor, sys._getframe(1), _truth)
            return True

        return __bool__

    def _loading(self, convert_load: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """A `convert_load`, which rewritten code reads each name through, that hands out an `isinstance` of ours."""

        def watched_isinstance(value: Any, kinds: Any, /) -> bool:
            try:
                result = isinstance(value, kinds)
            except BaseException as error:
                frames.leave_no_frame(error)
                raise
            with guard(self._fault, "an isinstance could not be followed"):
                if not result and int in _flat(kinds) and identity.is_symbolic(value):
                    self._used(value, sys._getframe(1), _asked)
            return result

        def Ld(x: Any) -> Any:
            if x is isinstance and not self._tape.closed:
                with guard(self._fault, "an isinstance could not be followed"):
                    return watched_isinstance if self._calls_it(sys._getframe(1)) else x
            try:
                return convert_load(x)
            except BaseException as error:
                frames.leave_no_frame(error)
                raise

        Ld.__module__ = convert_load.__module__  # Paddle takes what is not of a module of its own for the user's
        return Ld

    def _calls_it(self, frame: FrameType) -> bool:
        """Whether what `frame` is loading is called at once, and not kept or handed on."""
        place = frame.f_code, frame.f_lasti
        called = self._calling.get(place)
        if called is None:
            node = executing_node(Place(*place, frame.f_lineno))
            call = getattr(node, "parent", None)
            called = self._calling[place] = isinstance(call, ast.Call) and call.func is node
        return called

    def _used(self, tensor: Any, frame: FrameType, judge: _Judge) -> None:
        """Keep the use if it is the user's, and the tensor could hold a dim, or what was made of one where that is the matter."""
        if self._tape.closed:
            return
        with guard(self._fault, "a use of a tensor could not be followed"):
            if frames.users(frame) and any(_holds_one(tensor, kind) for kind in _KINDS.get(judge, ("int",))):
                self._look(tensor, frame, judge)

    def _look(self, tensor: Any, frame: FrameType, judge: _Judge) -> None:
        """Keep the use if `judge` knows what comes of it."""
        place = Place(frame.f_code, frame.f_lasti, frame.f_lineno)
        source = find(place)
        judged = judge(source, frame) if frames.kind(source.file) is frames.USER else None
        if judged is not None:
            kind, node, detail = judged
            code = site_of_node(source.file, node).code if hasattr(node, "end_lineno") else source.site.code
            use = _Seen(kind, tensor, self._site_of(place), code, detail, layer())
            self._seen.setdefault(self._tape.conversion, []).append(use)


def _is_decided(conversion: Conversion, tensor: Given) -> bool:
    """Whether a tensor is what a comparison gave, rather than something that is asked whether it is there."""
    return tensor.value >= 0 and conversion.ops[conversion.values[tensor.value].op].name in ops.DECISIONS


_Judged = tuple[TensorUseKind, ast.AST, str]
_Judge = Callable[[Found, FrameType], _Judged | None]


def _holds_one(tensor: Any, kind: str) -> bool:
    """Whether a tensor holds one number, of a type whose name has `kind` in it."""
    if not identity.is_dense_and_there(tensor) or kind not in str(tensor.dtype).lower():
        return False
    return tuple(tensor.shape) in ((), (1,))


def _flat(kinds: Any) -> Iterator[Any]:
    if isinstance(kinds, tuple):
        for kind in kinds:
            yield from _flat(kind)
    else:
        yield from getattr(kinds, "__args__", (kinds,))


def _lookup(source: Found, frame: FrameType) -> _Judged | None:
    """A lookup of the tensor among keys that are numbers: it finds none."""
    parts = _container(source.node)
    if parts is None:
        return None
    container, key = parts
    numbers = [item for item in _keys(container, frame) if type(item) is int]
    return ("lookup", key, _few(numbers)) if numbers else None


def _text_lookup(source: Found, frame: FrameType) -> _Judged | None:
    """A lookup of text made of the tensor among keys that are text."""
    node = source.node
    if isinstance(node, ast.stmt):  # which part of an f-string is running is not always known
        texts = [part for part in ast.walk(node) if isinstance(part, ast.JoinedStr)]
        node = texts[0] if len(texts) == 1 else node
    while isinstance(parent := getattr(node, "parent", None), ast.JoinedStr | ast.FormattedValue | ast.BinOp):
        node = parent
    parts = _container(parent)
    if parts is None or parts[1] is not node:
        return None
    keys = [item for item in _keys(parts[0], frame) if isinstance(item, str)]
    return ("text", _inner(node), _few(keys)) if keys else None


def _inner(node: ast.AST) -> ast.AST:
    """The expression whose text is in an f-string or `str(...)`."""
    values = [part.value for part in ast.walk(node) if isinstance(part, ast.FormattedValue)]
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return node.args[0]
    return values[0] if len(values) == 1 else node


def _asked(source: Found, frame: FrameType) -> _Judged | None:
    node = source.node
    if not isinstance(node, ast.Call) or len(node.args) != 2:
        return None
    if not type_checks.matters(node, lambda part: getattr(part, "parent", None)):
        return None
    return "isinstance", node.args[0], ast.unparse(node.args[1])


def _truth(source: Found, frame: FrameType) -> _Judged | None:
    """A tensor that is asked whether it is so: always."""
    return "truth", getattr(source.node, "test", source.node), ""


def _emptiness(source: Found, frame: FrameType) -> _Judged:
    """A tensor without axes that is gone through as a list is: there is nothing in it."""
    return "empty", source.node, ""


def _operand(source: Found, frame: FrameType) -> _Judged | None:
    """An operand of an `and` or `or`, of which Paddle makes another number than Python."""
    node = source.node
    if not isinstance(node, ast.BoolOp) or logic.is_truth(node):
        return None
    word = "or" if isinstance(node.op, ast.Or) else "and"
    return "operand", node.values[0], f"{word} {ast.unparse(node.values[-1])}"


def _operands(source: Found, frame: FrameType) -> _Judged | None:
    """The same of two tensors, of which Paddle makes a truth."""
    judged = _operand(source, frame)
    return ("operands", *judged[1:]) if judged is not None else None


_KINDS: dict[_Judge, tuple[str, ...]] = {_truth: ("bool",), _operand: ("int", "bool")}
"""What a tensor may hold, where that is not ints alone."""


def _container(node: Any) -> tuple[ast.AST, ast.AST] | None:
    """The container and the key of a lookup."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return node.value, node.slice
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOOKUPS and node.args:
        return node.func.value, node.args[0]
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
        return node.comparators[0], node.left
    return None


def _keys(container: ast.AST, frame: FrameType) -> list[Any]:
    """The keys of a dict or set; none where it cannot be told, or where tensors are among them."""
    keys: Iterable[Any] = ()
    if isinstance(container, ast.Dict):
        keys = [key.value for key in container.keys if isinstance(key, ast.Constant)]
    elif isinstance(container, ast.Set):
        keys = [key.value for key in container.elts if isinstance(key, ast.Constant)]
    else:
        value = expressions.evaluate(container, frame)
        if isinstance(value, builtins.dict | set | frozenset) and len(value) <= _MOST_KEYS:
            keys = value
    listed = list(keys)
    return [] if any(is_tensor(key) for key in listed) else listed


def _few(keys: list[Any]) -> str:
    named = [repr(key) for key in keys[:_FEW]]
    more = ["..."] if len(keys) > _FEW else []
    return ", ".join(named + more)
