"""Goes on after the first failure of a conversion, so that one run shows every leak in it.

A conversion that a leaked dim ended is built once more, with the dims handed over as tensors (the remedy
`symbolic-dims`), so that it reaches its end. That happens in a forked process, whose output goes nowhere, while the exception
is on its way; the watch asks for what it found when it closes. What a second build may print, change, hang in or crash over is no business of the user's process, and the exception that the user gets
is the first one, as it was.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from shapetrace import forking
from shapetrace.trace import Finding, OpArgument

if TYPE_CHECKING:
    from shapetrace.capture.session import Rest, Session

SECONDS = 120.0
"""How long the second build may take, if somebody waits for it."""

MEMORY = 4 << 30
"""Bytes of its own that it may have."""


def begin(session: Session, build: Callable[[], Any]) -> Rest:
    """Begin a second, healed build of the conversion that has just failed.

    Args:
        session: The open watch.
        build: Builds the conversion again and returns its `ConcreteProgram`.

    Returns:
        What gives its findings, as of the conversion that failed, and waits so many seconds for them. Those of the first
        failure are among them again.

    Raises:
        OSError: There is no room for another process.
    """
    failed = session.tape.conversion
    limits = forking.Limits(SECONDS, SECONDS, MEMORY)
    task = forking.Task(lambda: msgspec.msgpack.encode(_build(session, build)), limits)

    def rest(seconds: float) -> list[Finding]:
        content, how, _ = task.outcome(seconds)
        if not content:
            session.fault("the rest of a failed conversion could not be looked at", TimeoutError(how))
            return []
        return [
            msgspec.structs.replace(finding, conversion=failed)
            for finding in msgspec.msgpack.decode(content, type=list[Finding])
        ]

    return rest


@contextmanager
def rewritten_code_removed() -> Iterator[None]:
    """Remove the files of rewritten code that Paddle writes into a directory of this process's number.

    Paddle does so when a process exits; one that is forked off ends without that (`get_temp_dir` and `atexit` in
    paddle/jit/dy2static/utils.py).
    """
    from paddle.jit.dy2static import utils

    try:
        yield
    finally:
        shutil.rmtree(utils.get_temp_dir(), ignore_errors=True)


@rewritten_code_removed()
def _build(session: Session, build: Callable[[], Any]) -> list[Finding]:
    """Build once more, healed, and judge the dims as if they had not been."""
    from shapetrace import remedies, rules
    from shapetrace.capture import record
    from shapetrace.patching import Transaction
    from shapetrace.rules import registry

    trace, tape = session.trace, session.tape
    tape.arguments.clear()
    tape.events.clear()
    for backend in session.backends:  # number the layers of this build as those of the first
        backend.number_layers_anew()
    remedies.apply("symbolic-dims", Transaction())
    try:
        session.again()
        session.complete(build(), None)
    except Exception as error:  # a leak that cannot be healed: what was seen up to there counts
        session.log.info("the second build failed as well", error=repr(error))
    this = tape.conversion
    tape.closed = True
    record.write(session)
    session.shapes.close(SECONDS)
    for conversion in trace.conversions:
        session.name_dims(conversion)
    for use in trace.uses:
        if isinstance(use, OpArgument):
            use.healed = False
    # What ends a healed build otherwise may be the healing's own fault, and has ended nothing of the user's.
    return [
        finding for finding in rules.check(trace) if finding.conversion == this and finding.rule != registry.LAST_RESORT
    ]
