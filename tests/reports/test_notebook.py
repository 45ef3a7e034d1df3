"""What a notebook shows of a trace, a finding and a graph. tests/browser looks at it in a browser."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import networkx
import pytest

from example_traces import healthy_trace, leaky_trace
from shapetrace import Trace, graph
from shapetrace.errors import UsageError
from shapetrace.reports import drawing, graph_drawing, notebook


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")


def words(markup: str) -> str:
    """The text of a piece of HTML or DOT."""
    return " ".join(re.sub("<style>.*?</style>|<[^>]*>", " ", markup, flags=re.DOTALL).split())


def test_a_trace_shows_its_summary_and_its_findings() -> None:
    shown = leaky_trace()._repr_mimebundle_()

    text = words(shown["text/html"])
    assert text.startswith("Detector.forward 1 error image [?, 3, 640, 640] float32 20 tensors 20 ops Paddle 3.3.1")
    assert "reshape got shape[0] = -8, computed from an unknown dim" in text
    assert "163 value = value.reshape([batch_num * num_heads, -1, h, w])" in text
    assert shown["text/plain"].startswith("error[ST101]: reshape got shape[0] = -8")


def test_a_finding_shows_itself() -> None:
    shown = leaky_trace().findings[0]._repr_mimebundle_()

    text = words(shown["text/html"])
    assert text.startswith("error ST101 utils.py:163 reshape got shape[0] = -8")
    assert "Paddle ran deformable_core without rewriting it" in text
    assert "value.reshape([batch_num * num_heads, -1, h, w])" in shown["text/plain"]


@pytest.mark.parametrize(("trace", "said"), [(healthy_trace(), "No findings."), (Trace(), "Nothing was converted")])
def test_a_trace_without_findings_says_so(trace: Trace, said: str) -> None:
    assert said in words(trace._repr_mimebundle_()["text/html"])


def test_it_is_small_and_asks_for_nothing() -> None:
    trace = leaky_trace()
    trace.findings *= 100

    shown = trace._repr_mimebundle_()["text/html"]

    assert "90 more" in words(shown)
    assert len(shown) < 60_000
    assert not re.search(r"<script|<link|@import|url\(|src=|href=|https?:", shown)
    assert " id=" not in shown  # the same trace may be shown twice on a page


def test_it_speaks_the_language_of_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    shown = leaky_trace()._repr_mimebundle_()["text/html"]

    assert '<div class="shapetrace" lang="zh-Hans">' in shown
    assert "1 个错误" in words(shown)


def test_a_trace_in_one_line() -> None:
    assert repr(leaky_trace()) == "<Trace: 1 error in 1 conversion of 20 ops, Paddle 3.3.1>"
    assert repr(Trace()) == "<Trace: no findings: no conversion was seen>"


def pictures_in(shown: str) -> dict[str, ElementTree.Element]:
    """The pictures of an output by theme."""
    found = re.findall(r'<img class="(\w+)" alt="[^"]+" src="data:image/svg\+xml;base64,([^"]+)"', shown)
    return {theme: ElementTree.fromstring(base64.b64decode(content)) for theme, content in found}


def test_a_graph_is_shown_light_and_dark() -> None:
    trace = leaky_trace()
    picture = notebook.picture(graph.finding_slice(trace, trace.findings[0]), 'the "way"')

    shown = picture._repr_html_()

    assert pictures_in(shown).keys() == {"light", "dark"}
    assert 'alt="the &quot;way&quot;"' in shown
    assert len(re.findall(r"<img [^>]* hidden>", shown)) == 1  # where styles are taken out one is left
    text = " ".join("".join(pictures_in(shown)["light"].itertext()).split())
    assert "value.shape[0]" in text
    assert "-1 * 8 = -8" in text
    assert repr(picture) == '<Picture of the "way">'


def test_the_ways_of_a_dim_and_of_a_finding_are_pictures() -> None:
    trace = leaky_trace()

    assert notebook.way(trace, "%19", 0).svg() == drawing.why(trace, "%19", 0, "svg")
    assert notebook.way_of(trace, trace.findings[0]).svg("dark") == drawing.finding(
        trace, trace.findings[0], "svg", "dark"
    )
    assert repr(notebook.way(trace, "%19", 0)) == "<Picture of the way of axis 0 of %19>"


def test_a_small_graph_is_drawn_as_it_is() -> None:
    trace = leaky_trace()
    part = graph.finding_slice(trace, trace.findings[0])

    dot = graph_drawing.render(part, "dot")

    assert isinstance(dot, str)
    assert len(re.findall(r"^\tn\d+ \[", dot, re.MULTILINE)) == len(part)
    assert len(re.findall(r" -> ", dot)) >= part.size()
    assert f"{len(part)} nodes" in words(dot)
    assert "joined" not in words(dot)


def test_a_large_graph_is_joined_by_layer() -> None:
    dot = words(str(graph_drawing.render(healthy_trace(30).graph(), "dot")))

    assert "965 nodes" in dot
    assert "joined to 32 by layer" in dot
    assert "Detector / Decoder / DecoderLayer_7" in dot


def test_what_python_did_without_harm_is_left_out_of_a_large_graph() -> None:
    trace = leaky_trace()
    read = trace.dims[0]
    trace.dims += [msgspec.structs.replace(read) for _ in range(100)]

    dot = str(graph_drawing.render(trace.graph(), "dot"))

    assert len(re.findall("gives -1", words(dot))) == 1
    assert "ST101 reshape got shape[0] = -8" in words(dot)


def test_what_cannot_be_drawn_is_refused() -> None:
    trace = leaky_trace()
    trace.findings *= 50
    with pytest.raises(UsageError, match="too many to look at: draw a part of it"):
        graph_drawing.render(trace.graph(), "dot")
    with pytest.raises(UsageError, match="the graph is empty"):
        graph_drawing.render(networkx.DiGraph(), "dot")


def test_the_page_on_notebooks_is_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "read-in-a-notebook.md"
    leaky_trace().save(tmp_path / "export.trace")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}

    for code in re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for line in code.splitlines():
            if line.startswith(("import", "from")) or " = " in line:
                exec(line, names)
            elif line:
                shown = eval(line, names)
                assert hasattr(shown, "_repr_mimebundle_") or pictures_in(shown._repr_html_())

    assert "way" in names


def test_what_a_trace_holds_shows_itself_in_a_line() -> None:
    trace = leaky_trace()
    conversion = trace.conversions[0]
    assert repr(conversion) == (
        "<Conversion of Detector.forward(image [-1, 3, 640, 640]): 20 ops, 20 tensors; failed with AssertionError>"
    )
    assert repr(conversion.tensors[0]) == "<Tensor image [image[0], 3, 640, 640] float32 of pd_op.data>"
    assert repr(trace.why("image", 0)[0]) == (
        "<WhyStep image[0], axis 0 of image [image[0], 3, 640, 640], by pd_op.data>"
    )


def test_a_way_shows_itself_as_text() -> None:
    way = leaky_trace().why("%17", 0)
    assert isinstance(way, list) and way[0].tensor.name == "%17"
    assert repr(way) == str(way)
    assert str(way).startswith("  1  image[0]  axis 0 of %17 [image[0], 400, 8, 32]  pd_op.reshape\n")
    assert str(way).endswith("axis 0 of the input image")


def test_code_of_several_lines_keeps_them_without_its_trace() -> None:
    leak = leaky_trace().findings[0]
    assert leak.sink is not None
    code = "value.reshape(\n        [batch, -1],\n    )"
    sink = msgspec.structs.replace(leak.sink, column=4, end_line=165, end_column=5, code=code)
    shown = msgspec.structs.replace(leak, sink=sink)._repr_mimebundle_()["text/html"]

    rows = re.findall(r'<td class="number">(16\d)</td><td class="source"><bdi>(.*?)</bdi>', shown)
    assert [(number, re.sub("<[^>]*>", "", text)) for number, text in rows] == [
        ("163", "    value.reshape("),
        ("164", "        [batch, -1],"),
        ("165", "    )"),
    ]


def test_a_trace_writes_its_reports(tmp_path: Path) -> None:
    leaky_trace().report(tmp_path / "leaky.md")
    assert (tmp_path / "leaky.md").read_text("utf-8").startswith("# shapetrace report")
    with pytest.raises(UsageError, match="cannot tell the format of"):
        leaky_trace().report(tmp_path / "leaky.xyz")
