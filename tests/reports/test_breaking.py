"""Where lines of Chinese are broken."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.text import Text

from shapetrace.reports import breaking
from shapetrace.reports.excerpt import wrapped

SENTENCE = (
    "Paddle 没有改写 `mean_pixel`，因为它是通过 functools.partial 调用的（所以动态维度是 -1），`h * w` 变成了 1。"
)


@pytest.mark.parametrize("width", range(12, 60))
def test_no_line_is_too_wide_breaks_code_or_begins_with_a_mark(width: int) -> None:
    lines = [line.plain for line in wrapped(Text(SENTENCE), width)]

    assert "".join(lines).replace(" ", "") == SENTENCE.replace(" ", "")
    assert all(cell_len(line) <= width for line in lines)
    assert not [line for line in lines[1:] if line.startswith(("，", "。", "）", " "))]
    assert not [line for line in lines if line.endswith("（") or (line.count("`") % 2 and width > 16)]


def test_styles_and_lines_are_kept() -> None:
    lines = wrapped(Text("动态维度\n是 -1", "bold"), 6)
    assert [line.plain for line in lines] == ["动态维", "度", "是 -1"]
    assert all(line.style == "bold" for line in lines)


def test_what_fits_no_line_is_cut_in_its_parts() -> None:
    assert list(breaking.pieces("shape_of_the_input", 8)) == ["shape_", "of_", "the_", "input"]
    assert list(breaking.pieces("x" * 5, 2)) == ["xx", "xx", "x"]
