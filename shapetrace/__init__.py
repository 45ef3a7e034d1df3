"""shapetrace: watches a Paddle conversion and tells where a wrong shape came from."""

from __future__ import annotations

__version__ = "0.1.0"

from shapetrace.errors import (
    NestedWatchError,
    PaddleMissingError,
    RemedyError,
    ShapeLeakError,
    ShapetraceError,
    TraceFileError,
    UsageError,
)
from shapetrace.trace import Finding, Trace, load
from shapetrace.verify import verify
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
    "verify",
    "watch",
    "watched",
]
