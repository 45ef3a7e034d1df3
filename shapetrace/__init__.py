"""shapetrace: watches a Paddle conversion and tells where a wrong shape came from."""

from __future__ import annotations

from shapetrace.errors import (
    NestedWatchError,
    PaddleMissingError,
    RemedyError,
    ShapeLeakError,
    ShapetraceError,
    TraceFileError,
    UsageError,
)
from shapetrace.opened import Trace, load
from shapetrace.proof import sizes
from shapetrace.trace import Finding
from shapetrace.verify import verify
from shapetrace.version import __version__
from shapetrace.watch import watch, watched

__all__ = [
    "Finding",
    "NestedWatchError",
    "PaddleMissingError",
    "RemedyError",
    "ShapeLeakError",
    "ShapetraceError",
    "Trace",
    "TraceFileError",
    "UsageError",
    "__version__",
    "load",
    "sizes",
    "verify",
    "watch",
    "watched",
]
