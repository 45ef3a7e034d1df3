"""The section of the reports on the sizes that an export takes."""

from __future__ import annotations

import json
from html import unescape

import msgspec
import pytest

from example_traces import leaky_trace
from shapetrace import Trace, reports
from shapetrace.reports import text
from shapetrace.sizes import summary
from shapetrace.trace import Root
from sizes_traces import concatenated, encoder, pyramid

EXACTLY = "a multiple of 8; exactly, any size that leaves 0 or 7 when divided by 8, and 1 and 2"


def free() -> Trace:
    return pyramid(levels=1)


def test_one_line_in_the_terminal() -> None:
    lines = text.render(encoder(512), width=120).splitlines()
    told = [line for line in lines if line.startswith("= sizes: ")]
    assert told[0].startswith(
        "= sizes: ids[1] takes any size up to 512; mask[1] takes any size up to 512 (derived, not run; "
    )


@pytest.mark.parametrize("trace", [free(), leaky_trace(), Trace()])
def test_nothing_where_there_is_nothing_to_say(trace: Trace) -> None:
    assert "= sizes" not in text.render(trace)
    assert "Sizes" not in str(reports.render(trace, "markdown"))
    assert 'id="sizes"' not in str(reports.render(trace, "html", lang="en"))


def test_a_leaky_export_is_not_said_to_take_sizes() -> None:
    trace = pyramid()
    leak = leaky_trace().findings[0]
    trace.findings = [msgspec.structs.replace(leak, roots=[Root(symbol="S1", input="image", axis=2)])]
    assert "= sizes" not in text.render(trace)


def test_the_table_of_the_page() -> None:
    page = unescape(str(reports.render(pyramid(), "html", lang="en")))
    section = page[page.index('<section id="sizes"') : page.index('<section id="tensors"')]
    assert f"<td>{EXACTLY}</td>" in section
    assert "add wants (image[2] - 1)//4 + 1 and 2*((image[2] - 1)//8) + 2 to be equal, or one of them 1" in section
    assert "detector/decoder.py:32" in section
    assert '<a href="#sizes">' in page


def test_the_page_in_chinese() -> None:
    page = unescape(str(reports.render(encoder(512), "html", lang="zh")))
    section = page[page.index('<section id="sizes"') : page.index('<section id="tensors"')]
    assert "ids[1] 和 mask[1] 相等；ids[1] 或 mask[1] 也可以是 1" in section
    assert "any size" not in section
    assert "to be equal" not in section


def test_markdown() -> None:
    written = str(reports.render(encoder(512), "markdown"))
    assert "## Sizes that Encoder.forward takes" in written
    assert "| `ids[1]` | any size up to 512 | add wants ids\\[1\\] and min" in written
    assert "- ids\\[1\\] and mask\\[1\\] are equal; ids\\[1\\] or mask\\[1\\] may be 1 too" in written


def test_json() -> None:
    conversions = json.loads(reports.render(encoder(512), "json"))["conversions"]
    assert [axis["at_most"] for axis in conversions[0]["sizes"]["axes"]] == [None, 512, None, 512]
    assert json.loads(reports.render(leaky_trace(), "json"))["conversions"][0]["sizes"] is None


def test_a_trace_that_would_take_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = summary.of_trace(pyramid())[0]
    assert whole.axis("image[2]").because
    assert summary.of_trace(pyramid(), reasons=False)[0].axis("image[2]").because == ()
    monkeypatch.setattr(summary, "_MOST", 100)
    assert summary.of_trace(pyramid()) == {}
    assert list(summary.of_trace(concatenated())) == [0]
