"""Two sweeps compared. Needs no Paddle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import structs

from shapetrace.cli import main
from shapetrace.errors import UsageError
from shapetrace.reports.translations import speaking
from shapetrace.said import said
from shapetrace.sweep import changes, comparing, wording
from shapetrace.sweep.comparing import KINDS, compare
from shapetrace.sweep.records import STATES, Cause, Engine, Found, Place, Record, Spent
from sweep_records import LEAK, LINE, failing, folder, free, multiple, record

OTHER = Found("ST102", "warning", "a constant", Place("net.py", 30, "x.sum()"), "sum")
MOVED = Place("net.py", 9, LINE.code)


def kinds(before: Record, after: Record) -> list[str]:
    return [change.kind for change in compare([before], [after])]


def test_a_sweep_differs_in_nothing_from_itself_whatever_time_it_took() -> None:
    slow = structs.replace(record().spent, began=9.0, seconds=900.0, memory=1)
    both = [failing(), record("other", takes=(free("x[0]"),), engines=(Engine("onnxruntime", True),))]
    assert compare(both, [structs.replace(each, spent=slow) for each in both]) == []


CHANGES: dict[str, tuple[Record, Record, list[str]]] = {
    "broken": (record(), failing(), ["newly broken"]),
    "repaired": (failing(), record(), ["repaired"]),
    "another state": (failing(), record(state="endless", cause=Cause("slow")), ["fails otherwise"]),
    "another rule": (
        failing(),
        failing(cause=Cause("no", "ST809", LINE, "reshape", stage="export")),
        ["fails otherwise"],
    ),
    "another signal": (
        record(state="dies", cause=Cause("died", signal="SIGSEGV")),
        record(state="dies", cause=Cause("died", signal="SIGABRT")),
        ["fails otherwise"],
    ),
    "other words": (
        failing(),
        failing(cause=Cause("received -8", LEAK.rule, LINE, LEAK.op, stage="export")),
        ["same failure in other words"],
    ),
    "the line has moved": (
        failing(),
        failing(
            cause=Cause(LEAK.says, LEAK.rule, MOVED, LEAK.op, stage="export"),
            findings=(structs.replace(LEAK, place=MOVED),),
        ),
        ["same failure in other words"],
    ),
    "one more finding": (failing(), failing(findings=(LEAK, OTHER)), ["new findings"]),
    "one finding less": (failing(findings=(LEAK, OTHER)), failing(), ["findings gone"]),
    "fewer sizes": (record(takes=(free("x[0]"),)), record(takes=(multiple("x[0]", 8),)), ["sizes lost"]),
    "more sizes": (record(takes=(multiple("x[0]", 8),)), record(takes=(multiple("x[0]", 4),)), ["sizes gained"]),
    "the same sizes, told otherwise": (
        record(takes=(free("x[0]"),)),
        record(takes=(structs.replace(free("x[0]"), modulus=2, residues=(0, 1)),)),
        [],
    ),
    "sizes that are not derived": (record(takes=(free("x[0]"),)), record(unknown="a timeout"), ["sizes lost"]),
    "slower": (record(), record(spent=Spent(0.0, 9.0, 8.0, 9.0, 0)), ["slower"]),
    "slower by less than noise": (record(), record(spent=Spent(0.0, 99.0, 8.0, 6.0, 0)), []),
}


@pytest.mark.parametrize(("before", "after", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_changed(before: Record, after: Record, expected: list[str]) -> None:
    assert kinds(before, after) == expected


def test_lost_sizes_are_listed() -> None:
    (change,) = compare([record(takes=(free("x[0]"),))], [record(takes=(multiple("x[0]", 4),))])
    assert str(change.after) == "x[0] a multiple of 4; lost: 1, 2, 3, 5, 6, 7, …"


def test_jobs_come_and_go() -> None:
    assert [change.kind for change in compare([record("a")], [record("b")])] == ["added", "removed"]


def test_an_environment_each_is_matched_whatever_it_is_called() -> None:
    before, after = record(environment="3.2.2"), failing(environment="3.3.1")
    assert kinds(before, after) == ["newly broken"]
    both = [before, after]
    chosen = compare(both, both, ("3.2.2", "3.3.1"))
    assert [(change.kind, change.environment) for change in chosen] == [("newly broken", "3.3.1")]
    with pytest.raises(UsageError, match=r"there is no environment 9: there are 3\.2\.2, 3\.3\.1"):
        compare(both, both, ("9", None))


@pytest.mark.parametrize(
    ("before", "after", "options", "code"),
    [
        (failing(), failing(), (), 0),
        (failing(), record(), (), 3),
        (failing(), record(), ("--fail-on", "new"), 0),
        (record(), failing(), ("--fail-on", "new"), 3),
    ],
)
def test_the_exit_code(before: Record, after: Record, options: tuple[str, ...], code: int, tmp_path: Path) -> None:
    paths = [str(folder(tmp_path / name, each)) for name, each in (("a", before), ("b", after))]
    assert main(["sweep", "diff", *paths, *options]) == code


def test_it_is_told_as_text_markdown_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(folder(tmp_path / "a", record())), str(folder(tmp_path / "b", failing()))]
    main(["sweep", "diff", *paths])
    assert capsys.readouterr().out == (
        "newly broken: 1\n  net [as given, this]\n    - healthy\n"
        "    + export fails ST101: reshape got shape[0] = -8 (net.py:7)\n"
    )
    main(["sweep", "diff", *paths, "--format", "markdown"])
    assert (
        "| net \\[as given, this\\] | healthy | export fails ST101: reshape got shape\\[0\\] = -8"
        in capsys.readouterr().out
    )
    main(["sweep", "diff", *paths, "--format", "json", "-o", str(tmp_path / "diff.json")])
    told: dict[str, Any] = msgspec.json.decode((tmp_path / "diff.json").read_bytes())
    assert told["changes"][0]["kind"] == "newly broken"


def test_states_and_kinds_are_chinese_where_that_is_spoken() -> None:
    assert wording.STATES.keys() == set(STATES)
    assert changes.KINDS.keys() == set(KINDS)
    found = compare([record()], [failing()])
    with speaking("zh"):
        told, page = changes.text(found), changes.markdown(found)

    assert told.startswith("新出现的失败：1\n")
    assert page.startswith("**`shapetrace sweep`**：1 新出现的失败\n\n#### 新出现的失败\n\n| 任务 | 之前 | 之后 |\n")


def test_what_was_before_and_after_is_chinese_where_that_is_spoken() -> None:
    sentence = said("{} got {} = {}, computed from an unknown dim", "reshape", "shape[0]", -8)
    broken = failing(cause=Cause(str(sentence), "ST101", LINE, said=sentence))
    fewer = record(takes=(multiple("x[0]", 4),))
    derived, unknown = record(takes=(free("x[0]"),)), record(unknown=said("did not end within {} s", "60"))
    more = failing(findings=(LEAK, structs.replace(OTHER, says=str(sentence), said=sentence)))
    with speaking("zh"):
        told = [
            changes.text(compare([before], [after]))
            for before, after in ((record(), broken), (derived, fewer), (derived, unknown), (failing(), more))
        ]
    assert told == [
        "新出现的失败：1\n  net [as given, this]\n    - 正常\n"
        "    + 导出失败 ST101：reshape 得到 shape[0] = -8，这个数是由动态维度算出来的（net.py:7）\n",
        "不再可用的大小：1\n  net [as given, this]\n    - x[0] 任何大小\n"
        "    + x[0] 4 的倍数；不再可用：1, 2, 3, 5, 6, 7, …\n",
        "不再可用的大小：1\n  net [as given, this]\n    - x[0] 任何大小\n    + 60 秒内没有结束\n",
        "新的诊断：1\n  net [as given, this]\n    + ST102 reshape 得到 shape[0] = -8，这个数是由动态维度算出来的（net.py:30）\n",
    ]
    assert b"computed from an unknown dim" in comparing.json(compare([record()], [broken]))


def test_markdown_takes_nothing_of_a_model_for_its_own() -> None:
    (change,) = compare([record("a|b<script>`")], [failing("a|b<script>`")])
    assert "| a\\|b\\<script\\>\\` \\[as given, this\\] |" in changes.markdown([change])


def test_what_is_no_sweep_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "diff", str(tmp_path), str(tmp_path)]) == 2
    assert "is no folder that `shapetrace sweep` has written" in capsys.readouterr().err
