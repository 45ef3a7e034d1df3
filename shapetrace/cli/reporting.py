"""What `shapetrace run` tells when the script has ended, one way or another: reports, and the exit code that follows from them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from shapetrace.cli import children, post_mortem, recorder
from shapetrace.cli.judging import Judging
from shapetrace.cli.outputs import Numbered, Outputs, harmless, say
from shapetrace.reports.translations import current, worded
from shapetrace.said import said
from shapetrace.trace import Trace

FOUND = 3
"""Exit code where a finding is at or above `--fail-on`."""


class Reporting:
    """Tells what is in traces, on stderr and in files.

    Args:
        outputs: The files.
        typed: Everything that stood after `shapetrace run`.
        own: How many words at its end are the script and its arguments.
        fail_on: The level of findings at which the command fails; None for none.
        judging: Which findings are told, and count.
        everything: Whether to show all findings in full.
        color: Whether to use colours; None to look at the terminal.
    """

    def __init__(
        self,
        outputs: Outputs,
        typed: Sequence[str],
        own: int,
        fail_on: str | None,
        judging: Judging,
        *,
        everything: bool,
        color: bool | None,
    ) -> None:
        self.outputs = outputs
        self.stderr = sys.stderr
        self._typed = typed
        self._own = own
        self._fail_on = fail_on
        self._judging = judging
        self._everything = everything
        self._color = color

    def suggest(self, trace: Trace) -> None:
        """Have reports suggest commands that repeat what was typed, as far as it did something to a trace."""
        self.outputs.command = _repeat(self._typed, self._own, trace)

    def show(self, traces: Sequence[Numbered]) -> None:
        """Print the findings of each process."""
        for number, each in traces:
            if number is not None:
                say(self.stderr, worded("the process {}, which the script started:", number))
            with harmless(self.stderr, said("a report could not be made")):
                from shapetrace.reports import text

                text.show(each, self.stderr, all=self._everything, command=self.outputs.command, color=self._color)

    def suppress(self, traces: Sequence[Numbered]) -> None:
        """Take out what is not to be told."""
        with harmless(self.stderr, said("it could not be found out which findings are not to be told")):
            self._judging.suppress(each for _, each in traces)
            self.outputs.also = [self._judging.written] if self._judging.written else []

    def grave(self, traces: Sequence[Numbered]) -> bool:
        """Whether the command is to fail over a finding."""
        return self._judging.grave((each for _, each in traces), self._fail_on)

    def of_dead(self, told: post_mortem.Told, ended: recorder.Ended, directory: Path | None) -> int:
        """Report of the process that has run the script, where it has not done so itself.

        Args:
            told: What it told until it ended.
            ended: How it ended.
            directory: Where the processes that it has started have left their traces; None where they are not watched.

        Returns:
            The exit code, or the negative number of the signal.
        """
        if told.reported:
            return ended.code
        started = children.traces(directory) if directory is not None else []
        traces: tuple[Numbered, ...] = ((None, told.trace), *started)
        with harmless(self.stderr, said("what was recorded could not be judged")):
            post_mortem.diagnose(told, ended)
        self.suggest(told.trace)
        self.suppress(traces)
        if told.trace.conversions or started or told.trace.findings:
            self.show(traces)
        else:
            say(self.stderr, current().say(told.trace.remarks[0]))
        self.outputs.write(traces)
        return FOUND if ended.code >= 0 and self.grave(traces) else ended.code


def _repeat(typed: Sequence[str], own: int, trace: Trace) -> str:
    """What to type after `shapetrace run` to run the program again.

    Args:
        typed: Everything that stood after `shapetrace run`.
        own: How many words at its end are the script and its arguments.
        trace: Says which remedies were applied; the others that were asked for are left out.
    """
    options, rest = list(typed[:-own]), typed[-own:]
    applied = {remedy.name for remedy in trace.remedies}
    for name in set(trace.tried) - applied:
        if f"--remedy={name}" in options:
            options.remove(f"--remedy={name}")
        for place, option in reversed(list(enumerate(options[:-1]))):
            if option == "--remedy" and options[place + 1] == name:
                del options[place : place + 2]
    return shlex.join([*options, *rest])
