"""What people see in the terminal. The files in `golden/` are what it looks like: look at them when they change.

`UPDATE_GOLDEN=1 pytest tests/reports/test_text.py` writes them anew.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from rich.text import Text

from example_traces import healthy_trace, leaky_trace
from shapetrace import Trace
from shapetrace.reports import html, text, wording
from shapetrace.trace import Finding, Sink, Site

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str, seen: str) -> None:
    """Compare with the golden file, or write it when asked to."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(seen, encoding="utf-8")
    assert seen == path.read_text(encoding="utf-8")


def trace_of(*findings: Finding, **sources: dict[int, str]) -> Trace:
    return Trace(findings=list(findings), sources={f"/m/{name}.py": lines for name, lines in sources.items()})


def finding(line: int, column: int, end_line: int, end_column: int, **fields: object) -> Finding:
    """An error in `/m/model.py` at that range."""
    sink = Sink("/m/model.py", line, column, end_line, end_column, op="reshape", argument="shape", index=0)
    given = {"rule": "ST101", "severity": "error", "said": "wrong", "python_value": -8, "sink": sink} | fields
    return msgspec.convert(given, Finding, from_attributes=True)


def test_the_bug_of_rtdetrv2() -> None:
    golden("leaky.txt", text.render(leaky_trace()))


def test_the_same_with_the_command_to_repeat() -> None:
    assert "    = next: shapetrace run --remedy rtdetrv2 tools/export.py -o x\n" in text.render(
        leaky_trace(), command="tools/export.py -o x"
    )


def test_in_sixty_columns() -> None:
    seen = text.render(leaky_trace(), width=60)

    golden("narrow.txt", seen)
    whole = ("error[", "paddle.shape")  # a header to search for, and code to copy
    assert max(cell_len(line) for line in seen.splitlines() if not any(text in line for text in whole)) <= 60


def test_a_healthy_trace_is_one_line() -> None:
    assert text.render(healthy_trace()) == "shapetrace: no findings in 1 conversion of 92 ops, Paddle 3.3.1\n"


def test_all_sorts() -> None:
    source = {
        7: "    def forward(self, x):",
        8: "        return paddle.reshape(",
        9: "            x,",
        10: "            [x.shape[0] * 8, -1],",
        11: "            name=None,",
        12: "        )",
        20: "\tif 高さ幅 < n:  # 高さ",
        30: "    y = " + "first + " * 20 + "reshape(x, [n, 3])" + " + last" * 20,
    }
    loop = msgspec.structs.replace(finding(20, 4, 20, 11), severity="warning", python_value=-1)
    clipped = msgspec.structs.replace(finding(30, 168, 30, 186), severity="warning")
    note = Finding("ST503", "note", "axis 2 of image is baked in as 640")
    golden("sorts.txt", text.render(trace_of(note, finding(8, 15, 12, 9), loop, clipped, model=source)))


def test_without_the_source_the_code_of_the_site_is_shown() -> None:
    sink = Sink("/elsewhere/model.py", 7, 12, 7, 24, "reshape(x, s)", op="reshape", argument="shape", index=0)

    seen = text.render(trace_of(finding(1, 0, 1, 0, sink=sink)))

    assert "  7 | reshape(x, s)\n" in seen or "7 | reshape(x, s)\n" in seen
    assert "| ^^^^^^^^^^^^^ shape[0] is -8 here\n" in seen


def test_one_screen_unless_all_is_asked_for() -> None:
    many = [finding(line, 0, line, 3, said=f"number {line}") for line in range(1, 40)]
    trace = trace_of(*many, Finding("ST503", "note", "by the way"), model={line: "abc" for line in range(1, 40)})

    screen, everything = text.render(trace, all=False), text.render(trace, all=True)

    assert len(screen.splitlines()) < 80
    assert "and " in screen and " more\n" in screen and "by the way" not in screen
    assert screen.endswith("shapetrace: 39 errors, 1 note: no conversion was seen; --all shows everything\n")
    assert "number 39" in everything and "by the way" in everything


def test_the_gravest_comes_first() -> None:
    warning = Finding("ST201", "warning", "second")

    seen = text.render(trace_of(warning, finding(1, 0, 1, 3, said="first"), model={1: "abc"}))

    assert seen.index("first") < seen.index("second")


def test_text_of_the_user_drives_no_terminal() -> None:
    evil = "x\x1b[31m \u202e[/bold] <b> \ud800 \x07"
    site = Site(f"/m/{evil}.py", 1, 0, 1, 3, evil, evil)
    file = io.StringIO()
    hostile = Finding("ST101", "error", evil, evil, evil, evil, site, remarks=(evil,), remedies=(evil,), layers=(evil,))

    text.show(trace_of(hostile), file, color=False)

    seen = file.getvalue()
    assert not set(seen) & {"\x1b", "\u202e", "\ud800", "\x07"}
    assert "[/bold]" in seen


def test_long_text_is_cut() -> None:
    long = "n" * 10_000
    hostile = finding(1, 0, 1, 9_000, said=long, expression=long, symbolic=long, remarks=(long,), layers=(long,))

    seen = text.render(trace_of(hostile, model={1: long}))

    assert len(seen) < 3_000


def test_colours_only_where_there_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    plain, coloured = io.StringIO(), io.StringIO()

    text.show(leaky_trace(), plain)
    text.show(leaky_trace(), coloured, color=True)

    assert plain.getvalue() == text.render(leaky_trace(), all=False)
    assert "\x1b[1;31merror[ST101]" in coloured.getvalue()
    assert Text.from_ansi(coloured.getvalue()).plain.rstrip() == plain.getvalue().rstrip()


def test_the_note_of_an_exception_is_short_and_plain() -> None:
    trace = leaky_trace()

    note = text.finding_note(trace, trace.findings[0])

    golden("note.txt", note + "\n")
    assert len(note.splitlines()) <= 25
    assert "\x1b" not in note


@pytest.mark.parametrize("lines", [1, 40])
def test_a_note_stays_short_whatever_the_finding(lines: int) -> None:
    trace = leaky_trace()
    long = msgspec.structs.replace(trace.findings[0], remarks=("something to say " * 10,) * lines)

    assert len(text.finding_note(trace, long).splitlines()) <= 25


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("ST101", "read"),
        ("ST601", "read as a tensor"),
        ("ST701", "made"),
        ("ST703", "read as a tensor"),
        ("ST504", "lost"),
    ],
)
def test_every_report_says_the_same_of_the_source(rule: str, kind: str) -> None:
    finding = Finding(rule, "error", "a message")
    assert wording.at_source(finding) == kind
    word = kind.split(maxsplit=1)[0]
    assert word in wording.source_label(finding) and word in html.findings._happened(finding, str)
