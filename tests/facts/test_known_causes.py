"""The table of what Paddle itself does wrong: what it is read for, and that the docs have it."""

from __future__ import annotations

import pytest

from rules.leak import Leak
from shapetrace.facts import known_causes
from subprocess_run import ROOT

PRUNED = "The feed_var create by: 'pd_op.data' is not involved in the target_vars calculation"


def test_the_page_has_a_row_for_each() -> None:
    page = (ROOT / "docs/reference/known-causes.md").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in page.splitlines() if row.startswith("| ") and "---" not in row][1:]
    assert [row[0].removeprefix("| ") for row in rows] == [str(known_causes.told(each)) for each in known_causes.KNOWN]
    assert [row[1] for row in rows] == [", ".join(each.measured) for each in known_causes.KNOWN]
    for row, each in zip(rows, known_causes.KNOWN, strict=True):
        assert all(thread in row[2] for thread in each.threads)


@pytest.mark.parametrize("known", known_causes.KNOWN, ids=lambda known: known.name)
def test_it_was_measured_on_versions_that_it_names(known: known_causes.Known) -> None:
    assert known.measured
    assert all(version.startswith(known.versions) for version in known.measured)
    assert bool(known.raises) != bool(known.calls)


@pytest.mark.parametrize(
    ("paddle", "kind", "message", "api", "runs", "name"),
    [
        ("3.3.1", "ValueError", PRUNED, "", False, "input cut off"),
        ("3.3.1", "AttributeError", "'NoneType' object has no attribute 'get_tensor'", "", False, "parameter made in forward"),
        ("2.6.2", "AttributeError", "'NoneType' object has no attribute 'get_tensor'", "", False, None),
        ("2.6.2", "AssertionError", "", "bitwise_and", False, "bitwise dtypes"),
        ("2.6.2", "AssertionError", "", "reshape", False, None),
        ("3.3.1", "AssertionError", "", "bitwise_and", False, None),
        ("3.3.1", "AttributeError", "'functools.partial' object has no attribute '__name__'", "", False, "forward in a partial"),
        ("3.3.1", "AttributeError", "'functools.partial' object has no attribute 'size'", "", False, None),
        ("3.3.1", "UnboundLocalError", "cannot access local variable 'i'", "", True, "variable lost"),
        ("3.3.1", "UnboundLocalError", "cannot access local variable 'i'", "", False, None),
        ("3.3.1", "AttributeError", "'UndefinedVar' object has no attribute 'sum'", "", True, "variable lost"),
        ("3.3.1", "AttributeError", "'UndefinedVar' object has no attribute 'sum'", "", False, None),
        ("3.3.1", "AttributeError", "'Net' object has no attribute 'sum'", "", True, None),
        ("3.3.1", "AttributeError", "'paddle.base.libpaddle.pir.Value' object has no attribute 'fill_'", ".fill_", True, "dygraph only"),
        ("2.6.2", "AttributeError", "'Variable' object has no attribute 'fill_diagonal_'", "", True, "dygraph only"),
        ("3.3.1", "AssertionError", "We only support 'view()' in dynamic graph mode, please call", "", False, "dygraph only"),
        ("3.3.1", "ValueError", "too many values to unpack", "", True, None),
    ],
)  # fmt: skip
def test_what_is_known_of_an_exception(
    paddle: str, kind: str, message: str, api: str, runs: bool, name: str | None
) -> None:
    found = known_causes.of_failure(paddle, kind, message, api, runs=runs)
    assert (found.name if found else None) == name


def test_functions_that_end_the_process_are_known_by_version() -> None:
    assert set(known_causes.of_calls("3.3.1")) == {"unbind", "unstack"}
    assert known_causes.of_calls("2.6.2") == {}


def test_st809_tells_of_it_and_of_what_to_write() -> None:
    (finding,) = Leak().failed("'NoneType' object has no attribute 'get_tensor'", kind="AttributeError").found("ST809")
    assert finding.notes[-1].startswith("paddle.static.nn makes its weights while the model is converted")
    assert finding.fix is not None and finding.fix.says.startswith("make a layer in __init__")
