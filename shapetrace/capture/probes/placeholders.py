"""What Paddle has in place of a value that one side of an `if` does not give, met by code that wants a value.

Rewritten code has an `UndefinedVar` then, which knows the name of the variable (`paddle/jit/dy2static/utils.py`). Whatever is done with
it fails in a way of its own, and the exception seldom tells the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

from shapetrace.capture.source import expressions, frames
from shapetrace.capture.source.call_arguments import named_arguments
from shapetrace.capture.source.sites import Found, find, site_of_node
from shapetrace.trace import Placeholder

_MOST = 32


def met(traceback: TracebackType | None, error: BaseException) -> Placeholder | None:
    """The placeholder that an exception is about; None where it is about anything else.

    Args:
        traceback: Of the exception, while its frames still exist.
        error: The exception.
    """
    if type(error) not in (TypeError, AttributeError, UnboundLocalError, ValueError, IndexError):
        return None
    raised = frames.traceback_frames(traceback)
    users = next((i for i, (_, place) in enumerate(raised) if frames.is_users(place.kind)), None)
    if users is None:
        return None
    frame, place = raised[users]
    source = find(place)
    written = list(_written(source, frame))
    name = _name(getattr(error, "obj", None)) if isinstance(error, AttributeError) else None
    if name is None and users:  # the frames of Paddle's are the call
        arguments = (value for inner, _ in raised[:users] for _, value in named_arguments(inner))
        name = next((held for value in arguments if (held := _held(value)) is not None), None)
    if name is None and (not users or "UndefinedVar" in str(error)):
        name = next((held for _, value in written if (held := _held(value)) is not None), None)
    if name is None:
        return None
    return Placeholder(name, next((code for code, value in written if _held(value) is not None), ""))


def _written(source: Found, frame: FrameType) -> Iterator[tuple[str, Any]]:
    """The operands of the user's expression that raised, those in lists too."""
    for operand in expressions.operands(source.node, inner=True) if source.node is not None else ():
        yield site_of_node(source.file, operand.node).code, expressions.evaluate(operand.node, frame)


def _held(value: Any) -> str | None:
    """The name of a placeholder, or of the first one in a list."""
    if isinstance(value, list | tuple):
        return next((name for item in value[:_MOST] if (name := _name(item)) is not None), None)
    return _name(value)


def _name(value: Any) -> str | None:
    if type(value).__name__ == "UndefinedVar" and type(value).__module__.startswith("paddle."):
        return str(value.name)
    return None
