"""The watch of `shapetrace run`: it opens when the script has imported Paddle, and closes when the script has ended."""

from __future__ import annotations

import importlib.util
import sys
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

from shapetrace import collect, opened
from shapetrace.black_box import BlackBox
from shapetrace.capture.ending import Ending
from shapetrace.claims import Dims
from shapetrace.cli import ending, post_mortem
from shapetrace.cli.on_import import OnImport
from shapetrace.cli.program import CannotRunError, Program
from shapetrace.errors import PaddleMissingError, ShapetraceError, UnfitDimsError
from shapetrace.said import said
from shapetrace.trace import Trace
from shapetrace.verify.exports import Exports

if TYPE_CHECKING:
    from shapetrace.cli.with_fixes import WithFixes


class Watching:
    """A watch that opens when the script has imported Paddle, and closes when the script has ended.

    Args:
        of_project: Names of inputs that the project claims something of for all its scripts, whether or not they have them.
        **asked: For `watch`.
    """

    def __init__(self, *, of_project: frozenset[str] = frozenset(), **asked: Any) -> None:
        self.trace: Trace = opened.Trace()
        self.refused: ShapetraceError | None = None
        self.unfit: UnfitDimsError | None = None
        """Says which claims fit no input, where the script ended well."""
        self.verifies = False
        self.verifies_all = False
        """Whether exports are verified, too, in which no remedy and no fix had part."""
        self.fixed: WithFixes | None = None
        """The fixes that the script runs with."""
        self.box: BlackBox | None = None
        """Is told what would be lost if the process died."""
        self.exports = Exports({name: asked[name] for name in ("heal", "remedies")})
        self._asked = asked
        self._of_project = of_project
        self._watch: Any = None

    def run(self, program: Program, limits: AbstractContextManager[None]) -> BaseException | None:
        """Run `program` under watch, and return what it raised.

        Args:
            program: What to run.
            limits: Open while the script runs, and closed before the report is made: however long that takes, it comes.

        Raises:
            PaddleMissingError: There is nothing to watch.
        """
        if "paddle" not in sys.modules and importlib.util.find_spec("paddle") is None:
            raise PaddleMissingError(said("Paddle is not installed: install shapetrace[cpu] or shapetrace[gpu]"))
        hook = OnImport("paddle", self._open)
        error: BaseException | None = None
        if self.box is not None:
            post_mortem.keep_stack_at_sigterm(self.box)
            hook.begins = post_mortem.leave_sigterm  # Paddle brings a handler of its own
        try:
            hook.install()
            with limits:
                program.run()
        except _Refused:
            pass  # `refused` says why
        except CannotRunError as refused:
            self.refused = refused
        except BaseException as raised:
            error = raised
        finally:
            hook.remove()
        self._close(error)
        return error

    @property
    def claimed(self) -> Dims:
        """What is claimed of the inputs, where it fits them."""
        if self.unfit is not None:
            return {}
        inputs = {(one.name, len(one.shape)) for conversion in self.trace.conversions for one in conversion.inputs}
        return {
            name: axes
            for name, axes in self._asked["dims"].items()
            if name not in self._of_project or (name, len(axes)) in inputs
        }

    def conclude(self) -> None:
        """Tell the whole trace, so that it is there if what follows ends the process."""
        if self.box is not None:
            post_mortem.conclude(self.box, self.trace)

    def end(self, kind: type[BaseException], thread: int) -> None:
        """Have an exception raised in a thread, where that is safe."""
        asked = self._watch.ending if self._watch is not None else Ending(lambda: False)
        asked.ask(kind, thread)

    def _open(self) -> None:
        import shapetrace

        watch = shapetrace.watch(**self._asked)
        watch.terminated = ending.Terminated
        if self.box is not None:
            watch.black_box = self.box
            watch.deferred = partial(post_mortem.keep_stack_at_sigterm, self.box)
        watch.lenient = self._of_project
        watch.patience = collect.SECONDS  # the script has ended when it closes: nothing else waits
        try:
            self.trace = watch.__enter__()
        except ShapetraceError as refused:
            self.refused = refused
            raise _Refused from None
        self._watch = watch
        if self.box is not None:
            post_mortem.keep_stack(self.box)
        if self.verifies:
            self.exports.install()

    def _close(self, error: BaseException | None) -> None:
        if self._watch is None:
            return
        self.exports.remove()
        self._watch.ending.drop()
        if isinstance(error, SystemExit) and not error.code:
            error = None  # it ended well
        try:
            self._watch.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)
        except UnfitDimsError as unfit:
            self.unfit = unfit
        except ShapetraceError as refused:
            self.refused = refused
        self.conclude()


class _Refused(BaseException):
    """Ends the script where it imports Paddle; no `except Exception` of the script's catches it."""
