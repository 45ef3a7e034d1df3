"""One object through which every change to someone else's module, class or object goes, and comes back.

A `Transaction` remembers what was there before each change and undoes the changes in reverse order.
It never leaves a change behind because another one could not be undone, nor because the user pressed
Ctrl-C meanwhile.

    transaction = Transaction()
    with transaction:                                   # an error in here takes everything back
        transaction.set(paddle.jit.dy2static, "Call", ours)
        transaction.set_item(sys.modules, "fast_ops", replacement)
    ...
    transaction.undo()

What somebody else put in the place of our change is theirs: undoing leaves it alone and says so in
`Transaction.left`. Putting the original back instead would silently remove a patch that another tool
still counts on. Code that we install must therefore do no harm when it outlives its transaction.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from types import FunctionType, ModuleType, TracebackType
from typing import Any, Final, Protocol

from shapetrace.errors import ShapetraceError, in_words
from shapetrace.said import Sentence, said


class RestoreError(ShapetraceError):
    """Some changes could not be undone; everything else was."""


class _Missing:
    def __repr__(self) -> str:
        return "<missing>"


_MISSING: Final = _Missing()
_CHANGED = "{} was changed by somebody else meanwhile and stays as it is"


class _Step(Protocol):
    """One change, and how to take it back. `undo` may run twice: an interrupted one is repeated."""

    what: str

    def undo(self) -> Sentence | None:
        """Take the change back. A returned sentence says why it was left as it is instead."""


class Transaction:
    """Changes to other people's objects that can all be taken back.

    Entering it as a context manager marks the part in which the changes are made: an exception that
    leaves the block takes back everything and goes on. Leaving the block normally keeps the changes
    until `undo()`. May be used from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._steps: list[_Step] = []
        self._interrupted: _Step | None = None
        self._changes: list[str] = []
        self.left: list[Sentence] = []
        """What undoing left alone because somebody else had changed it since, a sentence each."""
        self.failures: list[str] = []
        """What could not be undone, a sentence each."""

    @property
    def changes(self) -> list[str]:
        """What it has changed, in order, such as `replaced paddle.reshape`; kept after `undo()`."""
        with self._lock:
            return list(dict.fromkeys(self._changes))

    @property
    def active(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._steps)

    def set(self, target: Any, name: str, value: Any) -> None:
        """Set an attribute of a module, class or instance.

        Args:
            target: What holds the attribute. Kept alive until the change is undone.
            name: Name of the attribute. It need not exist, or may be inherited: then undoing deletes it.
            value: The new value, stored as given; wrap it in `staticmethod` or the like yourself.

        Raises:
            AttributeError: The target does not let itself be changed; nothing was.
            TypeError: The same, for classes written in C.
        """
        step = _Attribute(target, name, value)
        with self._lock:
            self._steps.append(step)  # before the change: an interrupt in between finds nothing to undo
            try:
                setattr(target, name, value)
            except Exception:
                self._steps.remove(step)
                raise
            self._changes.append(step.what)

    def set_all(self, target: ModuleType, values: Mapping[str, Any]) -> None:
        """Set many attributes of a module that it has: one change, in `changes` and in what it costs.

        Args:
            target: The module.
            values: The new values by name.

        Raises:
            KeyError: The module has no such attribute; nothing was changed.
        """
        step = _Attributes(target, values)
        with self._lock:
            self._steps.append(step)
            vars(target).update(values)
            self._changes.append(step.what)

    def set_item(self, mapping: MutableMapping[Any, Any], key: Any, value: Any, *, name: str = "mapping") -> None:
        """Set one entry of a mapping.

        Args:
            mapping: What holds the entry.
            key: Its key; one that is absent is deleted by undoing.
            value: The new value.
            name: What people call the mapping, for `changes`.
        """
        step = _Item(mapping, key, value, name)
        with self._lock:
            self._steps.append(step)
            try:
                mapping[key] = value
            except Exception:
                self._steps.remove(step)
                raise
            self._changes.append(step.what)

    def callback(self, undo: Callable[[], object], *, what: str = "") -> None:
        """Have `undo` called when the transaction is undone.

        Register it *before* making the change it undoes, and let it bear being called twice: one that an
        interrupt cut short is called again.

        Args:
            undo: Called without arguments.
            what: What was changed, for `changes`; left out there if empty.
        """
        with self._lock:
            self._steps.append(_Callback(undo, what or getattr(undo, "__qualname__", repr(undo))))
            if what:
                self._changes.append(what)

    @contextmanager
    def part(self) -> Iterator[Transaction]:
        """A transaction inside this one, which fails alone and is undone together with it.

        Yields:
            The inner transaction, with `changes` of its own; `left` and `failures` are those of the whole. An
            exception that leaves the block takes back the changes made in it, and no others.
        """
        inner = Transaction()
        inner.left, inner.failures = self.left, self.failures
        with self._lock:
            self._steps.append(_Part(inner))
        try:
            with inner:
                yield inner
        finally:
            with self._lock:
                self._changes.extend(inner.changes if inner.active else ())

    def undo(self) -> None:
        """Take everything back, last change first. Without changes it does nothing, so twice is fine.

        Raises:
            RestoreError: Some changes could not be undone. All the others have been.
            KeyboardInterrupt: It came in the middle. All changes have been undone all the same.
        """
        try:
            failed = self._undo_all()
        except BaseException:
            self._undo_all()  # what is left where the interrupt came between two steps
            raise
        if failed:
            raise RestoreError(
                f"{len(failed)} change{'s' if len(failed) > 1 else ''} could not be undone, so start a fresh "
                f"process before you go on: {'; '.join(failed)}"
            )

    def _undo_all(self) -> list[str]:
        """Undo every step, whatever is raised meanwhile. Returns what could not be undone."""
        interrupt: BaseException | None = None
        with self._lock:
            before = len(self.failures)
            while self._steps:
                try:
                    self._undo_last()
                except BaseException as error:  # Ctrl-C, or an exit from a signal handler: finish first
                    interrupt = error
            failed = self.failures[before:]
        if interrupt is not None:
            raise interrupt
        return failed

    def _undo_last(self) -> None:
        step = self._steps[-1]
        try:
            left = step.undo()
            if left is not None and left not in self.left:
                self.left.append(left)
        except BaseException as error:
            again = self._interrupted is not step
            self._interrupted = step
            if not again:  # the second time: it is given up
                self.failures.append(f"{step.what}: {in_words(error)}")
                self._steps.pop()
            if not isinstance(error, Exception):
                raise
            return
        self._steps.pop()

    def __enter__(self) -> Transaction:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            return
        try:
            self.undo()
        except RestoreError:
            return  # `failures` keeps it; what went wrong first is what the caller must see


class _Attribute:
    def __init__(self, target: Any, name: str, value: Any) -> None:
        self.target = target
        self.name = name
        self.value = value
        self.owned, self.before = _read(target, name)
        self.what = f"{'set' if self.before is _MISSING else 'replaced'} {_label(target)}.{name}"

    def undo(self) -> Sentence | None:
        owned, now = _read(self.target, self.name)
        if now is self.before:
            return None
        if owned and now is not self.value:
            return said(_CHANGED, f"{_label(self.target)}.{self.name}")
        if self.before is _MISSING:
            delattr(self.target, self.name)
        else:
            setattr(self.target, self.name, self.before)
        return None


class _Attributes:
    def __init__(self, target: ModuleType, values: Mapping[str, Any]) -> None:
        self.target = target
        self.values = dict(values)
        self.before = {name: vars(target)[name] for name in values}
        self.what = f"replaced {len(self.values):,} attributes of {_label(target)}"

    def undo(self) -> Sentence | None:
        now = vars(self.target)
        mine = {name: before for name, before in self.before.items() if now.get(name) is self.values[name]}
        others = [name for name in self.before.keys() - mine.keys() if now.get(name) is not self.before[name]]
        now.update(mine)
        if not others:
            return None
        names = ", ".join(f"{_label(self.target)}.{name}" for name in sorted(others))
        changed = "was changed by somebody else meanwhile and stays as it is"
        return (
            f"{names} {changed}"
            if len(others) == 1
            else f"{names} were changed by others meanwhile and stay as they are"
        )


class _Item:
    def __init__(self, mapping: MutableMapping[Any, Any], key: Any, value: Any, name: str) -> None:
        self.mapping = mapping
        self.key = key
        self.value = value
        self.before = mapping.get(key, _MISSING)
        self.label = f"{name}[{key!r}]"
        self.what = f"{'set' if self.before is _MISSING else 'replaced'} {self.label}"

    def undo(self) -> Sentence | None:
        now = self.mapping.get(self.key, _MISSING)
        if now is self.before:
            return None
        if now is not self.value:
            return said(_CHANGED, self.label)
        if self.before is _MISSING:
            del self.mapping[self.key]
        else:
            self.mapping[self.key] = self.before
        return None


class _Callback:
    def __init__(self, call: Callable[[], object], what: str) -> None:
        self.call = call
        self.what = what

    def undo(self) -> Sentence | None:
        self.call()
        return None


class _Part:
    what = "part"

    def __init__(self, inner: Transaction) -> None:
        self.inner = inner

    def undo(self) -> Sentence | None:
        with suppress(RestoreError):  # its failures are those of the whole already
            self.inner.undo()
        return None


def _read(target: Any, name: str) -> tuple[bool, Any]:
    """What must be stored to bring `target.name` back, `_MISSING` where that means deleting it.

    Returns:
        Whether the value was read from the target's own `__dict__`, where identity can be relied on,
        and the value in the form it is stored in (a `staticmethod` as such, not what it gives).
    """
    own = getattr(target, "__dict__", {})
    if name in own:
        return True, own[name]
    if isinstance(target, type | ModuleType):
        return True, _MISSING
    inherited = inspect.getattr_static(type(target), name, _MISSING)
    if inherited is not _MISSING and not hasattr(type(inherited), "__set__"):
        return True, _MISSING
    # A slot, a property, or something that __getattr__ finds, such as a sublayer of a paddle.nn.Layer.
    return False, getattr(target, name, _MISSING)


def _label(target: Any) -> str:
    if isinstance(target, ModuleType):
        return target.__name__
    if isinstance(target, type | FunctionType):
        return f"{target.__module__}.{target.__qualname__}"
    return f"<{type(target).__qualname__}>"
