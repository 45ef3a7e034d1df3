"""The symbolic shapes of the programs of a watch, each worked out in a process of its own while the export goes on.

A program is complete, or its conversion has failed: a process is forked that runs Paddle's symbolic pass over it, and fits what that does
not tell. Where the pass ends that process, one more fits all. The export does not wait. What is not done when the watch closes gets a
moment, and is cut short then; the conversion's `symbolic_error` says so.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from shapetrace import forking
from shapetrace.capture.recorded import Recorded
from shapetrace.said import Sentence, said
from shapetrace.trace import Conversion, Symbol

AT_ONCE = 2
"""Processes at work at the same time; more would take the processors from the export."""
LEAST_CPU = 1.0
SHARE_OF_CPU = 0.35
"""CPU seconds for the pass, and as many for fitting: a share of what building the program took, but this at the least."""
BESIDES = 1.0
"""CPU seconds for what a process does besides: it imports what fits shapes, and tells what it has found."""
LEAST_WAIT = 1.0
SHARE_OF_WAIT = 0.1
"""Seconds that closing waits: a share of what building took, but this at the least."""
LONGEST = 120.0
MEMORY = 1 << 30
"""Bytes of its own that a process may have."""
_IN_A_PROCESS = "the symbolic shapes were worked out in a process of its own"

Infer = Callable[[Any, Conversion, Recorded, float, str], list[Sentence]]
"""Fills the symbolic shapes of a conversion: given its program, the record, where things are in it, CPU seconds for each way there
is, and how the process ended in which this was tried before. Returns notes. It is called in a process of its own."""


class _Told(msgspec.Struct, array_like=True):
    """What a process has found out."""

    expressions: list[str]
    symbols: list[Symbol]
    dims: list[tuple[int, ...] | None]
    data: list[tuple[int, ...] | None]
    error: str
    fitted: bool
    notes: list[Sentence]


class _Asked(NamedTuple):
    """A program whose shapes are wanted."""

    program: Any
    conversion: Conversion
    recorded: Recorded
    infer: Infer
    cpu: float
    ended: str = ""
    """How the first process ended that was asked, where it gave no answer."""


class ShapeTasks:
    """The processes of one watch.

    Args:
        paused: Keeps what happens in a process of ours from being recorded.
        note: Told what is to be said of the watch.
        clock: Tells seconds.
    """

    def __init__(
        self, paused: Callable[[], Any], note: Callable[[Sentence], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._paused = paused
        self._note = note
        self._clock = clock
        self._waiting: list[_Asked] = []
        self._running: list[tuple[_Asked, forking.Task]] = []

    def begin(self, program: Any, conversion: Conversion, recorded: Recorded, infer: Infer, built: float) -> None:
        """Have the symbolic shapes of a recorded program worked out.

        Args:
            program: It must not change any more.
            conversion: What was recorded of it; its shapes are entered here, some time before `close` returns.
            recorded: Where to find what was recorded.
            infer: Works them out.
            built: CPU seconds that building it took.

        Raises:
            OSError: There is no room for another process.
        """
        if not forking.possible():
            conversion.symbolic_error = (
                "this system cannot fork, and Paddle's symbolic pass is not run in the export's process"
            )
            return
        cpu = max(LEAST_CPU, SHARE_OF_CPU * built)
        self._waiting.append(_Asked(program, conversion, recorded, infer, cpu))
        self._advance()

    def close(self, seconds: float) -> None:
        """Take in what is done, wait for the rest, and cut short what takes longer than so many seconds in all."""
        until = self._clock() + seconds
        while self._running or self._waiting:
            left = until - self._clock()
            if left > 0:
                self._advance()
            else:
                self._give_up_waiting()
            if self._running:
                self._take(self._running.pop(0), max(0.0, left))

    def _give_up_waiting(self) -> None:
        for asked in self._waiting:
            before = f"{_IN_A_PROCESS}: {asked.ended}; " if asked.ended else ""
            asked.conversion.symbolic_error = f"{before}the watch was closed before the symbolic shapes were asked for"
        self._waiting.clear()

    def _advance(self) -> None:
        """Take in what has ended, and begin what there is room for."""
        ended = [pair for pair in self._running if pair[1].ended]
        self._running = [pair for pair in self._running if pair not in ended]
        for pair in ended:
            self._take(pair, 0.0)
        while self._waiting and len(self._running) < AT_ONCE:
            asked = self._waiting.pop(0)
            try:
                task = forking.Task(lambda: self._work(asked), forking.Limits(LONGEST, asked.cpu + BESIDES, MEMORY))  # noqa: B023  done at once
            except OSError as error:
                asked.conversion.symbolic_error = f"no process could be started for the symbolic pass: {error}"
                continue
            self._running.append((asked, task))

    def _work(self, asked: _Asked) -> bytes:
        """Be the process: work out the shapes."""
        conversion = asked.conversion
        with self._paused():
            try:
                notes = asked.infer(asked.program, conversion, asked.recorded, asked.cpu, asked.ended)
            except Exception as error:  # to be told where it can be seen
                conversion.symbolic_error = (
                    f"the symbolic shapes could not be worked out: {type(error).__name__}: {error}"
                )
                notes = []
        return msgspec.msgpack.encode(
            _Told(
                expressions=conversion.expressions,
                symbols=conversion.symbols,
                dims=[value.dims for value in conversion.values],
                data=[value.data for value in conversion.values],
                error=conversion.symbolic_error,
                fitted=conversion.fitted,
                notes=notes,
            )
        )

    def _take(self, pair: tuple[_Asked, forking.Task], seconds: float) -> None:
        """Enter what a process has found out, once it has ended or so many seconds are over."""
        asked, task = pair
        content, how, cut_short = task.outcome(seconds)
        conversion = asked.conversion
        if not content and not asked.ended and not cut_short:
            self._waiting.append(asked._replace(ended=how))
            return
        if not content:
            conversion.symbolic_error = f"{_IN_A_PROCESS}: {how}"
            self._note(
                said(
                    "some dims of {} have no name, and rules that need it are silent: {}",
                    conversion.function,
                    conversion.symbolic_error,
                )
            )
            return
        told = msgspec.msgpack.decode(content, type=_Told)
        conversion.expressions[:] = told.expressions
        conversion.symbols[:] = told.symbols
        conversion.symbolic_error, conversion.fitted = told.error, told.fitted
        for value, dims, data in zip(conversion.values, told.dims, told.data, strict=True):
            value.dims, value.data = dims, data
        for note in told.notes:
            self._note(note)


def patience(built: float) -> float:
    """Seconds that closing a watch waits, after building programs took so many.

    The environment variable `SHAPETRACE_PATIENCE` says otherwise: on a machine that is busy with other work, or where whole
    answers matter more than time.
    """
    asked = os.environ.get("SHAPETRACE_PATIENCE", "")
    try:
        return max(0.0, float(asked))
    except ValueError:
        return max(LEAST_WAIT, SHARE_OF_WAIT * built)
