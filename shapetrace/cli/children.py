"""Watches the Python processes that a script starts, for `shapetrace run --subprocesses`.

The parent puts a `sitecustomize` on the path of its children and names a directory in the environment; each child that
imports Paddle opens a watch, and writes its trace into that directory when it ends. Children that are forked see nothing of
this: they run on in the watch of their parent, which keeps what happened before the fork.
"""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from shapetrace.cli.outputs import say
from shapetrace.errors import ShapetraceError, TraceFileError
from shapetrace.opened import load
from shapetrace.reports.translations import current, worded
from shapetrace.said import of_error
from shapetrace.trace import Trace

_VARIABLE = "SHAPETRACE_CHILDREN"
_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "in_children")


class _Asked(msgspec.Struct):
    """What the environment tells a child."""

    directory: str
    options: dict[str, Any]
    """For `watch`."""


@contextmanager
def watched(options: Mapping[str, Any]) -> Iterator[Path]:
    """Have the processes started in here watched.

    Args:
        options: For their watches, as for the parent's.

    Yields:
        The directory that their traces are written to. It is gone afterwards.
    """
    before = {name: os.environ.get(name) for name in (_VARIABLE, "PYTHONPATH")}
    with tempfile.TemporaryDirectory(prefix="shapetrace-") as directory:
        os.environ[_VARIABLE] = msgspec.json.encode(_Asked(directory, dict(options))).decode()
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (_PATH, before["PYTHONPATH"])))
        try:
            yield Path(directory)
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def traces(directory: Path) -> list[tuple[int, Trace]]:
    """The traces that children have written, with their process numbers, in that order.

    A child that was killed while it wrote has left none.
    """
    found: list[tuple[int, Trace]] = []
    for path in sorted(directory.glob("*.trace"), key=lambda path: int(path.stem)):
        try:
            found.append((int(path.stem), load(path)))
        except TraceFileError as error:
            say(sys.stderr, current().say(of_error(error)))
    return found


def watch_this_process() -> None:
    """Open a watch when this process has imported Paddle, and save its trace when the process ends."""
    from shapetrace.cli.on_import import OnImport

    asked = msgspec.json.decode(os.environ[_VARIABLE], type=_Asked)
    process = os.getpid()

    def opened() -> None:
        import shapetrace

        watch = shapetrace.watch(**asked.options)
        try:
            trace = watch.__enter__()
        except ShapetraceError as error:
            say(sys.stderr, worded("the process {} is not watched: {}", process, error))
            return

        def close() -> None:
            if os.getpid() != process:
                return  # a fork of this process
            error = getattr(sys, "last_value", None)  # what has just been printed
            try:
                watch.__exit__(type(error) if error else None, error, None)
                if trace.conversions:
                    trace.save(os.path.join(asked.directory, f"{process}.trace"))
            except (ShapetraceError, OSError) as fault:
                say(sys.stderr, worded("the trace of the process {} is lost: {}", process, fault))

        atexit.register(close)

    OnImport("paddle", opened).install()
