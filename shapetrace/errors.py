"""The exceptions that shapetrace raises, all derived from `ShapetraceError`, and other exceptions in words."""

from __future__ import annotations


class ShapetraceError(Exception):
    """Base of all exceptions of shapetrace. Its text is one sentence that says what to do, but for that of `ShapeLeakError`.

    Those of our own are made with `said`, so that the command line says them in the user's language.
    """


class UsageError(ShapetraceError):
    """Something the user asked for cannot be done as asked: a bad name, option or path."""


class UnfitDimsError(UsageError):
    """What was claimed of the axes of inputs fits none of those that were converted. All else has been done."""


class NestedWatchError(ShapetraceError):
    """A watch was opened while another one was open."""


class TraceFileError(ShapetraceError):
    """A trace file cannot be read."""


class PaddleMissingError(ShapetraceError):
    """Paddle is not installed, or is too old to be watched."""


class RemedyError(ShapetraceError):
    """A remedy is unknown, does not fit what is installed, or failed while it was applied."""


class ReportError(ShapetraceError):
    """A report that a plugin brought failed."""


class ShapeLeakError(ShapetraceError):
    """A strict watch closed over an error-level finding. Its text is the diagnosis, as `print(trace)` gives it."""


def in_words(error: BaseException) -> str:
    """Kind and text of an exception on one line, also where it cannot give its text."""
    try:
        text = " ".join(str(error).split())
    except Exception as fault:
        text = f"its text cannot be had ({type(fault).__name__})"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
