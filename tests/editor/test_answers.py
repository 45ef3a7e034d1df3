"""What the language server knows: standing in a text that has changed, hints, hovers, problems, fixes."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotated_trace import SOURCE
from editor_project import of_file, project, record
from shapetrace.editor.answers import Answers
from shapetrace.editor.project import Project
from shapetrace.reports.translations import speaking

LINES = SOURCE.splitlines()


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    return Answers(of_file(str(tmp_path / "net.py")), str(tmp_path))


def hints(answers: Answers, text: list[str]) -> list[tuple[int, str]]:
    return [tuple(hint) for hint in answers.hints(answers.paths[0], text)]  # type: ignore[misc]


def test_shapes_stand_at_the_ends_of_lines(answers: Answers) -> None:
    assert hints(answers, LINES) == [
        (6, "n = -1 in place of image[0]"),
        (7, "y: [image[0], 8, image[2]//2, image[3]//2]"),
        (8, "return: [image[0], 8, image[2]//2, image[3]//2]"),
    ]
    assert [hint.line for hint in answers.hints(answers.paths[0], LINES, 7, 7)] == [7]
    assert answers.hints("/elsewhere.py", LINES) == []


def test_a_function_that_moved_keeps_its_shapes(answers: Answers) -> None:
    moved = ["import os", "", *LINES[:1], "    name = 3", *LINES[1:]]

    assert [line for line, _ in hints(answers, moved)] == [9, 10, 11]
    (problem,) = answers.problems(answers.paths[0], moved)
    assert (problem.site.line, problem.fix) == (11, None)


def test_a_function_that_changed_is_stale(answers: Answers) -> None:
    changed = [line.replace("self.stem", "self.other") for line in ["", *LINES]]

    assert hints(answers, changed) == [(6, "stale")]
    assert "**Net.forward**: the source has changed since the trace" in answers.hover(answers.paths[0], changed, 6)
    assert answers.problems(answers.paths[0], changed) == []


def test_a_change_of_what_no_conversion_came_by_makes_nothing_stale(answers: Answers) -> None:
    assert [line for line, _ in hints(answers, [*LINES[:2], "        return 2", *LINES[3:]])] == [6, 7, 8]


def test_a_line_is_told_with_the_ways_of_its_dims(answers: Answers) -> None:
    told = answers.hover(answers.paths[0], LINES, 8)

    assert told.startswith("`return: [image[0], 8, image[2]//2, image[3]//2]` in `Net`")
    assert "The way of `image[2]//2`:\n- `image[2]//2` net.py:8" in told
    assert "net.py:7" in told
    assert answers.hover(answers.paths[0], LINES, 1) == ""


def test_a_fix_is_offered_for_the_text_it_was_made_for(answers: Answers) -> None:
    (problem,) = answers.problems(answers.paths[0], LINES)
    assert problem.fix is not None
    assert problem.fix.edits[0].text == "other"
    assert [said for _, said in problem.related] == ["the number comes from here"]
    (problem,) = answers.problems(answers.paths[0], [*LINES, "x = 1"])
    assert problem.fix is None


def test_a_trace_without_source_is_taken_as_it_is(tmp_path: Path) -> None:
    trace = of_file(str(tmp_path / "net.py"))
    trace.files.clear()

    assert [line for line, _ in hints(Answers(trace, str(tmp_path)), LINES)] == [6, 7, 8]


def test_relative_paths_are_those_of_the_project(tmp_path: Path) -> None:
    assert Answers(of_file("net.py"), str(tmp_path)).hints(str(tmp_path / "net.py"), LINES)


def test_the_newest_trace_is_read(tmp_path: Path) -> None:
    source = project(tmp_path)
    found = Project(str(tmp_path))
    assert found.refresh()
    assert found.answers is not None
    assert not found.refresh()

    (tmp_path / "out").mkdir()
    newer = of_file(str(source))
    newer.findings.clear()
    record(tmp_path / "out" / "second.trace", newer, newer=5)

    assert found.refresh()
    assert found.answers.trace.findings == []
    (tmp_path / ".hidden").mkdir()
    record(tmp_path / ".hidden" / "third.trace", newer, newer=9)
    assert not found.refresh()


def test_what_is_wrong_with_a_trace_is_said(tmp_path: Path) -> None:
    found = Project(str(tmp_path))
    assert found.refresh()
    assert not found.refresh()
    assert "shapetrace run --trace" in found.problem
    (tmp_path / "a.trace").write_bytes(b"no trace")

    assert found.refresh()
    assert "a.trace is not a shapetrace trace" in found.problem
    assert found.answers is None


def test_no_file_outside_of_the_project_is_opened(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    outside = tmp_path / "net.py"
    outside.write_text(SOURCE, encoding="utf-8")
    answers = Answers(of_file(str(outside)), str(tmp_path / "project"))

    assert answers._on_disk(str(outside)) == "outside"
    assert answers._on_disk(str(tmp_path / "project" / "no.py")) == "gone"


def test_an_editor_is_told_in_the_language_that_is_spoken(answers: Answers) -> None:
    changed = [line.replace("self.stem", "self.other") for line in LINES]
    with speaking("zh"):
        assert hints(answers, LINES)[0] == (6, "n = -1，本应为 image[0]")
        assert hints(answers, changed) == [(5, "已过时")]
        assert "**Net.forward**：记录 trace 之后源代码已改动" in answers.hover(answers.paths[0], changed, 5)
        assert "`image[2]//2` 的来路：\n- `image[2]//2` net.py:8" in answers.hover(answers.paths[0], LINES, 8)
        (problem,) = answers.problems(answers.paths[0], LINES)
    assert "\n修改：" in problem.message
    assert [said for _, said in problem.related] == ["这个数来自这里"]
