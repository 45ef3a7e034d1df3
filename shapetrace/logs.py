"""shapetrace's own events: silent unless the user asks for them with `SHAPETRACE_LOG=info` or `debug`.

structlog is used without being configured, so that the settings of a program that uses it too stay its own. It is imported when there is
something to tell: that takes a tenth of a second, which is much of a small export.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class _Silent:
    """In the place of a logger that tells nothing."""

    def msg(self, event: str, **context: Any) -> None:
        """Nothing."""

    debug = info = warning = error = msg

    def bind(self, **context: Any) -> _Silent:
        """Itself."""
        return self


class _Stderr:
    """Prints to `sys.stderr` as it is when the event happens: scripts and tests replace it."""

    def msg(self, message: str) -> None:
        if sys.stderr is not None:
            print(message, file=sys.stderr, flush=True)

    debug = info = warning = error = msg


def get_logger(**context: Any) -> Any:
    """A structlog logger of shapetrace's, with its own processors.

    The environment decides: `SHAPETRACE_LOG` (`debug`, `info`, `warning`, `error`; silent when it is unset or anything
    else) and `SHAPETRACE_LOG_FORMAT` (`json` for one object a line; text for people otherwise).

    Args:
        context: Bound to every event.
    """
    level = _LEVELS.get(os.environ.get("SHAPETRACE_LOG", "").lower())
    if level is None:
        return _Silent()
    import structlog

    renderers: list[Any]
    if os.environ.get("SHAPETRACE_LOG_FORMAT", "").lower() == "json":
        renderers = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=repr)]
    else:
        colors = sys.stderr is not None and sys.stderr.isatty()
        plain = structlog.dev.plain_traceback
        renderers = [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    processors = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *renderers,
    ]
    logger = structlog.wrap_logger(
        _Stderr(),
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        context_class=dict,
        cache_logger_on_first_use=False,
    )
    return logger.bind(logger="shapetrace", **context)
