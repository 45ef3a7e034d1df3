"""Runs someone else's script inside this process so that it cannot tell the difference from `python SCRIPT ARGS`."""

from __future__ import annotations

import builtins
import importlib.machinery
import importlib.util
import io
import os
import pkgutil
import runpy
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType, TracebackType

from shapetrace.cli import ending
from shapetrace.errors import UsageError
from shapetrace.said import said

INTERRUPTED = -signal.SIGINT
"""In place of an exit code: the script was interrupted, and we are to die of the signal as it would have."""

_OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep


class CannotRunError(UsageError):
    """Raised by a program that turns out not to be one, as opposed to what a script raises while it runs."""


class Program:
    """A script, a directory or zip file with a `__main__.py`, or a module, with its arguments.

    Args:
        target: Path of the script, or dotted name of the module.
        arguments: What it finds in `sys.argv[1:]`.
        module: Whether `target` is a module, as after `python -m`.

    Raises:
        UsageError: There is no such script, or it cannot be read.
    """

    def __init__(self, target: str, arguments: Sequence[str], *, module: bool = False) -> None:
        self.target = target
        self.arguments = list(arguments)
        self.module = module
        self.path = os.path.join(os.getcwd(), target)  # not normalised: Python does not do it either
        self.text: Callable[[str], str | None] = lambda path: None
        """Tells what to run in place of what is in the script; None to run what is there."""
        self.importer = None if module else pkgutil.get_importer(self.path)
        if module:
            return
        if self.importer is not None:
            if self.importer.find_spec("__main__") is None:
                raise UsageError(said("there is no __main__.py to run in {}", target))
        elif not os.path.isfile(self.path):
            raise UsageError(said("there is no script {}", target))
        elif not os.access(self.path, os.R_OK):
            raise UsageError(said("the script {} cannot be read", target))

    def prepare(self) -> None:
        """Make `sys.argv`, `sys.path[0]` and `__main__` those of the program.

        Raises:
            CannotRunError: The module to run does not exist.
        """
        sys.argv = ["-m" if self.module else self.target, *self.arguments]
        if not getattr(sys.flags, "safe_path", False):  # else Python put nothing there, and would not for the script
            sys.path[0] = self._first_path()
        main = ModuleType("__main__")
        vars(main).update(__builtins__=builtins, __annotations__={})
        sys.modules["__main__"] = main
        if self.module and not self._exists(self.target.partition(".")[0]):
            raise CannotRunError(said("there is no module {}", self.target))

    def run(self) -> None:
        """Run it. Whatever it raises, SystemExit among it, comes out.

        Raises:
            CannotRunError: The module to run does not exist, or is a package that cannot be run.
        """
        if self.module or self.importer is not None:
            self._run_module()
            return
        code = self._read()
        exec(code, vars(sys.modules["__main__"]))

    def _first_path(self) -> str:
        if self.module:
            return os.getcwd()
        return self.path if self.importer is not None else os.path.dirname(os.path.realpath(self.path))

    @staticmethod
    def _exists(name: str) -> bool:
        try:
            return importlib.util.find_spec(name) is not None
        except ValueError:  # imported already, and without a spec
            return name in sys.modules

    def _run_module(self) -> None:
        """Do what the interpreter itself does for `-m` and for directories: it calls this very function."""
        name = self.target if self.module else "__main__"
        try:
            runpy._run_module_as_main(name, alter_argv=self.module)  # type: ignore[attr-defined]
        except SystemExit as stopped:
            cause = stopped.__context__
            if isinstance(cause, runpy._Error):  # type: ignore[attr-defined]
                raise CannotRunError(said("cannot run {}: {}", self.target, cause)) from None
            raise

    def _read(self) -> CodeType:
        """Compile the script, and give `__main__` what the interpreter gives it."""
        with io.open_code(self.path) as file:
            compiled = pkgutil.read_code(file)
        names = vars(sys.modules["__main__"])
        loader = importlib.machinery.SourcelessFileLoader if compiled else importlib.machinery.SourceFileLoader
        names.update(__file__=self.path, __cached__=None, __loader__=loader("__main__", self.path))
        if compiled is not None:
            code: CodeType = compiled
            return code
        with io.open_code(self.path) as file:
            return compile(self.text(self.path) or file.read(), self.path, "exec", dont_inherit=True)


def exit_code(error: BaseException | None) -> int:
    """Say of `error` what Python says when it leaves a script, and return the exit code that follows from it."""
    if error is None:
        return 0
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF  # as the system does: a negative one is no signal
        print(error.code, file=sys.stderr)
        return 1
    if isinstance(error, ending.Terminated):
        return -signal.SIGTERM
    if isinstance(error, ending.Ended):
        return ending.LIMIT_CODE
    error.__traceback__ = _without_ours(error.__traceback__)
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit as stopped:
        return exit_code(stopped)
    except BaseException as fault:
        print("Error in sys.excepthook:", file=sys.stderr)
        fault.__traceback__ = _without_ours(fault.__traceback__)
        traceback.print_exception(fault)
        print("\nOriginal exception was:", file=sys.stderr)
        traceback.print_exception(error)
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1


def _without_ours(first: TracebackType | None) -> TracebackType | None:
    frames = []
    while first is not None:
        if not first.tb_frame.f_code.co_filename.startswith(_OURS):
            frames.append(first)
        first = first.tb_next
    following = None
    for frame in reversed(frames):
        frame.tb_next = following
        following = frame
    return following
