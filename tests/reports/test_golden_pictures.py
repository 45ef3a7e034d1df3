"""What pictures hold, kept as files: the text of each box, and which arrow leads from where to where, told by Graphviz and by graphviz-pure alike.

Where the text stands depends on fonts; `tests/browser/test_pictures.py` sees that it is within its box. After a change, look at the pictures:

    UPDATE_GOLDEN=1 python -m pytest tests/reports/test_golden_pictures.py
"""

from __future__ import annotations

import html
import os
import re
import shutil
import struct
import xml.etree.ElementTree
from pathlib import Path

import msgspec
import pytest

from example_traces import leaky_trace
from recorded_traces import Recordings
from shapetrace import Trace, rules
from shapetrace.errors import UsageError
from shapetrace.reports import canvas, drawing
from shapetrace.reports.translations import speaking

GOLDEN = Path(__file__).parent / "golden" / "pictures"
LONG = "flattened_multi_scale_features_of_the_backbone"
RECORDED = ("compare_two_axes", "st701_concat_of_branches", "st802_sides_of_two_ranks", "stale_other_conversion")
WRITTEN = {"long_names": (LONG, "en"), "chinese": ("图像特征", "zh")}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=["dot", "graphviz-pure"])
def renderer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who draws; a test that uses it runs with each that is installed."""
    which = shutil.which
    if request.param == "graphviz-pure":
        monkeypatch.setattr(shutil, "which", lambda name, path=None: None if name == "dot" else which(name, path=path))
    if (found := canvas.renderer("png")) is None or Path(found).stem != request.param:
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


def pictured(name: str, recorded: Recordings) -> Trace:
    """A recorded trace with its findings, or one whose input has another name."""
    if name in RECORDED:
        trace = recorded.trace(f"models.{name}:broken")
        trace.findings = rules.check(trace)
        return trace
    called, _ = WRITTEN[name]
    return msgspec.json.decode(msgspec.json.encode(leaky_trace()).replace(b"image", called.encode()), type=Trace)


def told(svg: str) -> list[str]:
    """A picture in words: its boxes by what stands in them, and its arrows from box to box, whatever their order."""
    whole = xml.etree.ElementTree.fromstring(svg.encode())
    groups = [(group.get("class"), _title(group), _text(group)) for group in whole.iter(f"{SVG}g")]
    boxes = {title: text for kind, title, text in groups if kind == "node"}
    lines = [f"title: {text}" for kind, _, text in groups if kind == "graph"]
    lines += sorted(f"group: {text}" for kind, _, text in groups if kind == "cluster")
    lines += sorted(f"box: {text}" for text in boxes.values())
    arrows = [(*title.split("->"), text) for kind, title, text in groups if kind == "edge"]
    lines += sorted(
        f"arrow: {_head(boxes[source])}  --{text}->  {_head(boxes[target])}" for source, target, text in arrows
    )
    return lines


def _head(box: str) -> str:
    return " / ".join(box.split(" / ")[:2])


def _title(group: xml.etree.ElementTree.Element) -> str:
    return group.findtext(f"{SVG}title") or ""


def _text(group: xml.etree.ElementTree.Element) -> str:
    lines = [element.text or "" for element in group.iter(f"{SVG}text") if group.get("class") != "graph"]
    lines = lines or [element.text or "" for element in group.findall(f"{SVG}text")]
    return " / ".join(" ".join(line.split()) for line in lines)


@pytest.mark.paddle
@pytest.mark.parametrize("name", [*RECORDED, *WRITTEN])
def test_the_picture_is_the_one_that_was_looked_at(name: str, renderer: str, recorded: Recordings) -> None:
    with speaking(WRITTEN[name][1] if name in WRITTEN else "en"):
        svg = drawing.render(pictured(name, recorded), "svg")
    assert isinstance(svg, str)

    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(told(svg)) + "\n", encoding="utf-8")
    assert told(svg) == path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", ["long_names", "chinese"])
def test_no_box_stands_alone_and_nothing_is_cut(name: str, renderer: str, recorded: Recordings) -> None:
    svg = str(drawing.render(pictured(name, recorded), "svg"))
    whole = xml.etree.ElementTree.fromstring(svg.encode())
    titles = {
        kind: [_title(each) for each in whole.iter(f"{SVG}g") if each.get("class") == kind] for kind in ("node", "edge")
    }

    assert set(titles["node"]) == {end for edge in titles["edge"] for end in edge.split("->")}
    assert all(len(html.unescape(text)) < 70 for text in re.findall(r">([^<]*)</text>", svg))


def test_a_png_shows_all_of_the_picture(renderer: str) -> None:
    trace = leaky_trace()
    svg, png = str(drawing.render(trace, "svg")), drawing.render(trace, "png")
    assert isinstance(png, bytes)
    width, height = struct.unpack(">II", png[16:24])
    asked = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    assert asked

    assert [width, height] == pytest.approx([float(each) * 110 / 72 for each in asked.groups()], rel=0.02)


def test_chinese_without_a_font_for_it_is_refused(renderer: str, recorded: Recordings) -> None:
    trace = pictured("chinese", recorded)
    if renderer == "dot":
        assert drawing.render(trace, "png")
        return
    with pytest.raises(UsageError, match="graphviz-pure has no font for Chinese: write SVG"):
        drawing.render(trace, "png")
    with speaking("zh"):
        assert canvas.missing("png")
    assert not canvas.missing("png")
    assert not canvas.missing("svg")
