"""Which findings a command tells, and which of them make it fail: options, the project's settings, and a baseline."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import click

from shapetrace import settings, suppression
from shapetrace.cli.outputs import check_writable
from shapetrace.reports import translations
from shapetrace.settings import Settings
from shapetrace.suppression import Baseline, Choice, baseline
from shapetrace.trace import SEVERITIES, Trace

_OPTIONS = (
    click.option(
        "--select",
        metavar="CODES",
        multiple=True,
        help="Tell only of these rules: codes, or how codes begin, as in --select ST1,ST503.",
    ),
    click.option("--ignore", metavar="CODES", multiple=True, help="Do not tell of these rules, as in --ignore ST503."),
    click.option(
        "--exclude",
        metavar="PATTERN",
        multiple=True,
        help="Do not tell of findings in these files or folders, as in --exclude vendored.",
    ),
    click.option(
        "--baseline", "known", metavar="PATH", help="Do not tell of findings that this file holds: only what is new."
    ),
    click.option("--write-baseline", metavar="PATH", help="Write what is found to a file for --baseline."),
    click.option("--isolated", is_flag=True, help="Do not read [tool.shapetrace] of pyproject.toml."),
)


class Judging(NamedTuple):
    """Which findings are told, and which count."""

    settings: Settings
    choice: Choice
    baseline: Baseline | None = None
    written: str | None = None
    """Path of a baseline to write."""

    def suppress(self, traces: Iterable[Trace]) -> None:
        """Take out of traces what is not to be told, and write the baseline.

        Raises:
            UsageError: The baseline cannot be written.
        """
        traces = tuple(traces)
        for trace in traces:
            suppression.suppress(trace, "choice", self.choice.hides)
        if self.written is not None:
            baseline.write(self.written, [finding for trace in traces for finding in trace.findings])
        if self.baseline is not None:
            knows = self.baseline.knows()
            for trace in traces:
                suppression.suppress(trace, "baseline", knows)

    def grave(self, traces: Iterable[Trace], level: str | None) -> bool:
        """Whether a finding is as grave as a level. What goes into a baseline is known from now on."""
        if level is None or self.written is not None:
            return False
        counted = SEVERITIES[: SEVERITIES.index(level) + 1]
        return any(finding.severity in counted for trace in traces for finding in trace.findings)


def judged(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that make a `Judging`, which it gets as the keyword `judging`."""

    @functools.wraps(command)
    def judging(
        *,
        select: tuple[str, ...],
        ignore: tuple[str, ...],
        exclude: tuple[str, ...],
        known: str | None,
        write_baseline: str | None,
        isolated: bool,
        **others: Any,
    ) -> Any:
        found = Settings() if isolated else settings.find()
        if others.get("lang") is None:
            translations.speak(found.lang)
        chosen = found.choice
        choice = Choice(
            suppression.codes(select, "--select") or chosen.select,
            suppression.codes(ignore, "--ignore") or chosen.ignore,
            exclude or chosen.exclude,
            os.getcwd() if exclude else chosen.root,
        )
        if write_baseline is not None:
            check_writable(write_baseline)
        known_before = Baseline(known) if known is not None else None
        return command(judging=Judging(found, choice, known_before, write_baseline), **others)

    for option in reversed(_OPTIONS):
        judging = option(judging)
    return judging
