"""What engines made of an export, in each report."""

from __future__ import annotations

import json

import pytest

from example_traces import DECODER, leaky_trace
from shapetrace.reports import html, json_report, sarif
from shapetrace.trace import Served, ServedAt, Site, Trace, Verified

LINE = Site(DECODER, 21, 4, 21, 30, "F.adaptive_avg_pool2d(y, 7)")
SMALL, LARGE = "batch=1, image[2]=14", "batch=2, image[2]=20"


@pytest.fixture
def trace() -> Trace:
    made = leaky_trace()
    loaded = Served("jit.load", True, "", "gives the same", at=(ServedAt(SMALL, True), ServedAt(LARGE, True)))
    served = Served(
        "inference",
        False,
        "compare",
        "the output differs <b>",
        "pd_op.pool2d",
        "/Head/",
        LINE,
        (ServedAt(SMALL, True), ServedAt(LARGE, False, "the output differs")),
    )
    missing = Served("openvino", None, said="not tried: openvino cannot be imported")
    made.verified = [Verified("Net", "out/model", False, ("Net: the same",), engines=(loaded, served, missing))]
    return made


def test_sarif_has_a_result_at_the_line_of_the_op_for_an_engine_that_fails(trace: Trace) -> None:
    (run,) = json.loads(sarif.render(trace))["runs"]
    (result,) = [each for each in run["results"] if each["ruleId"].startswith("engine-")]

    assert result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "engine-inference"
    assert result["message"]["text"] == "Net in inference (compare): the output differs <b>"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 21


def test_json_has_each_engine_with_what_came_of_each_size(trace: Trace) -> None:
    (verified,) = json_report.document(trace)["verified"]
    assert [(each["name"], each["ok"]) for each in verified["engines"]] == [
        ("jit.load", True),
        ("inference", False),
        ("openvino", None),
    ]
    assert [at["ok"] for at in verified["engines"][1]["at"]] == [True, False]


def test_html_has_a_table_of_engines_and_sizes_whose_cells_have_their_reason(trace: Trace) -> None:
    page = html.render(trace)
    table = page.partition('<table class="engines">')[2].partition("</table>")[0]

    assert table.count("<tr>") == 4
    assert SMALL in table and LARGE in table
    assert "the output differs &lt;b&gt;" in table
    assert "decoder.py:21" in table
    assert '<table class="engines">' not in html.render(leaky_trace())


def test_they_are_kept_in_a_file(trace: Trace, tmp_path: object) -> None:
    from shapetrace import load

    trace.save(f"{tmp_path}/out.trace")
    assert load(f"{tmp_path}/out.trace").verified == trace.verified
