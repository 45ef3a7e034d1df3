"""Findings that are not told: by rule, file, comment and baseline. None of it needs Paddle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shapetrace import Finding, Trace, UsageError
from shapetrace.suppression import Baseline, Choice, baseline, by_comments, codes, suppress
from shapetrace.trace import Sink, Site


def finding(rule: str = "ST503", file: str = "/home/ann/net.py", line: int = 12, code: str = "use(n)") -> Finding:
    source = Site(file, line - 2, 4, line - 2, 11, "x.shape", "forward")
    sink = Sink(file, line, 4, line, 10, code, "forward", op="reshape", argument="shape", index=0)
    return Finding(rule, "error", "wrong", expression="n", source=source, sink=sink)


def trace(*findings: Finding, **lines: str) -> Trace:
    numbered = {int(name.removeprefix("line")): text for name, text in lines.items()}
    return Trace(findings=list(findings), sources={"/home/ann/net.py": numbered})


@pytest.mark.parametrize(
    ("select", "ignore", "told"),
    [
        ((), (), True),
        (("ST5",), (), True),
        (("ST1",), (), False),
        ((), ("ST503",), False),
        (("ST5",), ("ST503",), False),
        (("ST503",), ("ST5",), True),  # the longer name counts
        (("ST503",), ("ST503",), False),
    ],
)
def test_rules_are_chosen_by_how_their_codes_begin(
    select: tuple[str, ...], ignore: tuple[str, ...], told: bool
) -> None:
    assert Choice(select, ignore).hides(finding()) is not told


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("vendored", False),
        ("vendored/", False),
        ("src/vendored", False),
        ("src/*/net.py", False),
        ("*.py", False),
        ("net", True),
        ("ann", True),  # above the root: where a checkout stands does not matter
        ("vendored/net.py", True),
    ],
)
def test_files_are_excluded_relative_to_the_project(pattern: str, told: bool) -> None:
    choice = Choice(exclude=(pattern,), root="/home/ann")

    assert choice.hides(finding(file="/home/ann/src/vendored/net.py")) is not told


def test_codes_are_those_of_rules() -> None:
    assert codes(["st503, ST2", "ST1"], "--select") == ("ST503", "ST2", "ST1")
    with pytest.raises(UsageError, match=r"^--ignore: there is no rule ST53: did you mean ST503\?$"):
        codes(["ST53"], "--ignore")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("y = use(n)  # shapetrace: ignore[ST503]", False),
        ("y = use(n)  # shapetrace: ignore[ST101, st5]", False),
        ("y = use(n)  #shapetrace:ignore", False),
        ("y = use(n)  # type: ignore  # shapetrace: ignore[ST503]  as it is wanted", False),
        ("y = use(n)  # shapetrace: ignore[ST101]", True),
        ("y = use(n)  # shapetrace: ignored", True),
        ("y = use('# shapetrace: ignore')", True),
        ("y = use('#', n)  # shapetrace: ignore", False),
    ],
)
def test_a_comment_silences_its_line(line: str, told: bool) -> None:
    where_used = trace(finding(), line12=line)
    where_read = trace(finding(), line10=line)

    for each in (where_used, where_read):
        by_comments(each)
        assert bool(each.findings) is told
        assert each.suppressed == ({} if told else {"comment": 1})
        assert each.notes == []


def test_a_comment_may_stand_on_any_line_of_a_call() -> None:
    sink = Sink("/home/ann/net.py", 12, 4, 14, 5, "use(\n n\n)", "forward", op="reshape", argument="shape", index=0)
    found = trace(
        Finding("ST503", "error", "wrong", sink=sink), line12="use(", line13="n,  # shapetrace: ignore[ST503]"
    )
    by_comments(found)
    assert found.findings == []


def test_a_comment_that_names_no_rule_is_told_of() -> None:
    found = trace(finding(), line12="y = use(n)  # shapetrace: ignore[ST53]")
    by_comments(found)
    assert len(found.findings) == 1
    assert found.notes == ["/home/ann/net.py:12: there is no rule ST53, which a comment there ignores"]


def test_what_is_hidden_is_counted() -> None:
    found = trace(finding(), finding("ST101"), line12="y = use(n)  # shapetrace: ignore[ST503]")
    by_comments(found)
    suppress(found, "choice", Choice(ignore=("ST1",)).hides)
    assert found.suppressed == {"comment": 1, "choice": 1}
    assert repr(found) == (
        "<Trace: no findings (2 suppressed: 1 by comments, 1 by select, ignore or exclude): no conversion was seen>"
    )


def test_a_baseline_knows_what_it_holds_and_no_more(tmp_path: Path) -> None:
    path = str(tmp_path / "known.json")
    file = str(tmp_path / "src" / "net.py")
    baseline.write(path, [finding(file=file)])
    moved, other, twice = finding(file=file, line=90), finding(file=file, code="use(n + 1)"), finding(file=file)

    found = Trace(findings=[moved, other, twice])
    suppress(found, "baseline", Baseline(path).knows())

    assert found.findings == [other, twice]  # one that is known is known once


def test_a_baseline_is_the_same_in_another_checkout(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        own = finding(file=str(tmp_path / name / "net.py"))
        library = finding(file=f"/{name}/lib/python3.11/site-packages/ppdet/net.py")
        baseline.write(str(tmp_path / name / "known.json"), [own, library, library])

    first, second = ((tmp_path / name / "known.json").read_text() for name in ("one", "two"))
    assert first == second
    assert [(each["source"]["file"], each.get("count")) for each in json.loads(first)["findings"]] == [
        ("net.py", None),
        ("ppdet/net.py", 2),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            None,
            r"cannot read the baseline .*known.json: No such file or directory; --write-baseline .*known.json makes",
        ),
        ("[]", "known.json is no baseline of shapetrace: "),
        ('{"version": 7, "findings": []}', "is a baseline of version 7, and this shapetrace reads 1"),
    ],
)
def test_a_baseline_that_is_none_is_refused(content: str | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=says):
        Baseline(str(path))
