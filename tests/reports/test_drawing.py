"""The pictures: what must be in them, and that no name can harm them."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree

import msgspec
import pytest

from shapetrace import Trace
from shapetrace.errors import UsageError
from shapetrace.reports import canvas, centring, drawing
from shapetrace.reports.html.pictures import pictures
from shapetrace.reports.palette import PALETTES, Theme
from shapetrace.trace import Step
from tests.example_traces import healthy_trace, leaky_trace

HOSTILE = "</title><script>alert(1)</script>\"'&\n\\N\\l\x1b[2J\ufffe\u202e" + "x" * 10_000


def words(dot: str | bytes) -> str:
    """The text of a picture, its labels without markup."""
    assert isinstance(dot, str)
    return " ".join(re.sub("<[^>]*>", " ", dot).replace("&#160;", " ").split())


def test_the_picture_of_a_finding_tells_where_the_number_comes_from() -> None:
    trace = leaky_trace()
    text = words(drawing.finding(trace, trace.findings[0], "dot"))
    for phrase in (
        "reshape got shape[0] = -8",
        "image, axis 0",
        "5 ops pass it on",
        "batch_num = value.shape[0]",
        "-1 * 8 = -8",
        "really 8*image[0]",
        "-8 instead of 8*image[0]",
        "Paddle refuses it",
        "deformable_core: plain Python",
    ):
        assert phrase in text


def test_the_way_of_a_dim() -> None:
    text = words(drawing.why(leaky_trace(), "%19", 0, "dot"))
    assert "Axis 0 of %19 is 8*image[0]" in text
    assert "axis 0 of the input image" in text


def test_the_overview_marks_the_guilty_layer() -> None:
    text = words(drawing.overview(leaky_trace(), format="dot"))
    assert "Detector / Decoder / DecoderLayer / DeformableAttention" in text
    assert "ST101: reshape got shape[0] = -8" in text


def test_a_large_program_is_joined_and_says_so() -> None:
    dot = drawing.overview(healthy_trace(blocks=130), format="dot")
    assert isinstance(dot, str)
    assert len(re.findall(r"^\tn\d+ \[", dot, re.MULTILINE)) < 40
    assert "the layers are drawn as" in words(dot)
    assert "645 more" in words(drawing.why(healthy_trace(blocks=130), "fetch_0", 0, "dot"))


def test_more_findings_than_fit_are_counted() -> None:
    trace = leaky_trace()
    trace.findings *= 20
    assert "the first 8 are drawn; 12 more" in words(drawing.render(trace, "dot"))


def test_a_trace_without_findings_shows_its_layers() -> None:
    assert "Detector.forward" in words(drawing.render(healthy_trace(blocks=2), "dot"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_name_harms_a_picture(theme: Theme) -> None:
    trace = leaky_trace()
    program = trace.conversions[0]
    program.function = HOSTILE
    program.values[0].name = HOSTILE
    program.values[17].name = HOSTILE
    trace.dims[0].name = HOSTILE
    program.ops[5].layer = HOSTILE
    found = msgspec.structs.replace(trace.findings[0], said=HOSTILE, symbolic=HOSTILE, layers=(HOSTILE,))
    trace.findings[0] = found
    for picture in (
        drawing.finding(trace, found, "svg", theme),
        drawing.overview(trace, format="svg", theme=theme),
        drawing.why(trace, 17, 0, "svg", theme),
    ):
        assert isinstance(picture, str)
        root = xml.etree.ElementTree.fromstring(picture.encode())
        assert not [element for element in root.iter() if element.tag.endswith("script")]
        assert len(picture) < 100_000


@pytest.mark.parametrize(("format", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("dot", b"digraph")])
def test_formats(format: drawing.Format, magic: bytes) -> None:
    picture = drawing.render(leaky_trace(), format)
    assert (picture.encode() if isinstance(picture, str) else picture).startswith(magic)


def test_says_what_to_install_where_nothing_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *args, **kwargs: None)
    with pytest.raises(UsageError, match=r"needs Graphviz: .*pip install graphviz-pure"):
        drawing.render(leaky_trace(), "svg")
    assert str(drawing.render(leaky_trace(), "dot")).startswith("digraph")


def test_graphviz_pure_draws_where_there_is_no_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None if name == "dot" else which(name, path=path))
    if canvas.renderer("svg") is None:
        pytest.skip("graphviz-pure is not installed")
    assert "Paddle refuses it" in str(drawing.render(leaky_trace(), "svg"))


def test_a_finding_without_a_way_is_not_drawn() -> None:
    trace = leaky_trace()
    first = trace.findings[0]
    trace.findings.append(msgspec.structs.replace(first, said="of the spec", uses=(), ops=(), chain=()))

    assert [drawing.has_way(each) for each in trace.findings] == [True, False]
    assert "of the spec" not in words(drawing.render(trace, "dot"))
    assert pictures(trace, [0, 1]).found.keys() == {0}
    del trace.findings[0]
    assert "ops in" in words(drawing.render(trace, "dot"))


def test_text_of_an_svg_without_fonts_is_told_the_middle_of_its_box() -> None:
    svg = """<g id="graph0" class="graph" transform="x">
<polygon fill="#fff" points="-20,20 -20,-80 220,-80 220,20 -20,20"/>
<text text-anchor="start" x="10.00" y="1" fill="#000">title</text>
<g id="clust1" class="cluster">
<path fill="#fff" d="M0,0C0,0 90,0 90,0"/>
<text text-anchor="start" x="20.00" y="1" fill="#000">left</text>
<g id="node1" class="node">
<path fill="#fff" d="M40.5,-3C41,-9 99.5,-8 60,-2"/>
<text text-anchor="start" x="30.00" y="1" fill="#000">中文</text>"""

    texts = re.findall(r'text-anchor="(\w+)" x="([\d.]+)"', centring.centred(svg))

    assert texts == [("middle", "100.00"), ("start", "20.00"), ("middle", "70.00")]


def test_lines_break_between_words_parts_of_names_and_characters_of_chinese() -> None:
    assert canvas.wrapped("batch_of_the_step, axis 0", 18) == ["batch_of_the_step,", "axis 0"]
    assert canvas.wrapped("features_of_the_backbone[0]", 18) == ["features_of_the_", "backbone[0]"]
    assert canvas.wrapped("动态维度是整数，叫 -1", 14) == ["动态维度是整", "数，叫 -1"]
    assert canvas.wrapped("x" * 10, 4) == ["xxxx", "xxxx", "xx"]
    assert canvas.wrapped("") == []


def test_shapes_that_do_not_go_together_stand_side_by_side() -> None:
    trace = leaky_trace()
    finding = msgspec.structs.replace(
        trace.findings[0],
        said="concat cannot join a and b",
        python_value=None,
        symbolic="[4] and [5]",
        cause=None,
        roots=(),
        uses=(),
        chain=(Step("a = pool(x)", 4, "[4]"), Step("b = x[::2]", 5, "[5]")),
    )
    text = words(drawing.finding(trace, finding, "dot"))

    assert "a = pool(x) [4]" in text
    assert "only says" not in text
    assert "stands where" not in text
    assert text.count("->") == 2


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(UsageError, match="no picture format 'gif'"):
        drawing.render(leaky_trace(), "gif")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no theme 'pink'"):
        drawing.render(leaky_trace(), "svg", "pink")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no conversion"):
        drawing.render(Trace(), "svg")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(theme: Theme) -> None:
    palette = PALETTES[theme]
    for behind in (palette.background, palette.plain, palette.healthy_fill, palette.python_fill, palette.guilty_fill):
        assert contrast(palette.text, behind) > 7
        assert contrast(palette.muted, behind) > 4.5
    for line in (palette.healthy, palette.guilty):
        assert contrast(line, palette.background) > 4.5


def contrast(a: str, b: str) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
