"""How lines are shown, and what becomes of a check that fails."""

from __future__ import annotations

import io
import json

from shapetrace.doctor import table
from shapetrace.doctor.lines import Line, checked
from shapetrace.said import said

LINES = [
    Line("ok", "Python", "3.11.7"),
    Line("note", "SOT", "on"),
    Line("error", "Paddle", "not installed", "pip install 'shapetrace[cpu]'", ("https://example.org/1",)),
]

TABLE = """\
        what     seen, and what to do
──────────────────────────────────────────────────
ok      Python   3.11.7
note    SOT      on
error   Paddle   not installed
                 do: pip install 'shapetrace[cpu]'
                 https://example.org/1

shapetrace: 1 error, 1 note
"""


def shown(lines: list[Line]) -> str:
    file = io.StringIO()
    table.show(lines, file, color=False)
    return file.getvalue()


def test_the_table() -> None:
    assert shown(LINES) == TABLE


def test_names_of_a_model_cannot_drive_the_terminal() -> None:
    text = shown([Line("warning", "callables", "\x1b[2Jcore [bold]x[/bold]", "do \x1b[31m")])
    assert "\x1b" not in text
    assert "core [bold]x[/bold]" in text


def test_the_object() -> None:
    found = json.loads(table.as_json(LINES))
    assert (found["version"], found["ok"]) == (1, False)
    assert found["lines"][2] == {
        "level": "error",
        "subject": "Paddle",
        "seen": "not installed",
        "do": "pip install 'shapetrace[cpu]'",
        "threads": ["https://example.org/1"],
    }


def test_the_summary() -> None:
    assert table.summary(LINES[:1]) == "nothing to do"
    assert table.summary(LINES[:2]) == "nothing to do (1 note)"
    assert table.summary(LINES) == "1 error, 1 note"


def test_a_check_that_raises_is_a_line() -> None:
    def check() -> list[Line]:
        raise RuntimeError("out of\nluck")

    assert checked("Paddle", check) == [
        Line("warning", "Paddle", said("could not be checked: {}", "RuntimeError: out of luck"))
    ]
