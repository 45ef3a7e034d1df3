"""What is shown where something takes over a second. A clock of the test's own tells the time."""

from __future__ import annotations

import io

from shapetrace.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_printed_within_a_second_and_each_thing_once_after_it() -> None:
    file, now = io.StringIO(), [0.0]
    with progress.shown(file, lambda: now[0]) as say:
        say("exporting")
        now[0] = 1.5
        for what in ("batch=1", "batch=1", "batch=2"):
            say(what)

    assert file.getvalue() == "shapetrace: batch=1\nshapetrace: batch=2\n"


def test_a_terminal_shows_one_line_that_goes_away() -> None:
    file = Terminal()
    with progress.shown(file) as say:
        say("x[1]=64 [of] y")

    assert "shapetrace:" not in file.getvalue()


def test_a_file_that_is_closed_costs_nothing() -> None:
    file = io.StringIO()
    file.close()
    with progress.shown(file, iter(range(9)).__next__) as say:
        say("batch=1")
