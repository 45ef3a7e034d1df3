"""The pictures as a browser shows them, in the fonts that it has: all text is within its box, and the box within the picture."""

from __future__ import annotations

from typing import Any

import pytest

from example_traces import healthy_trace, leaky_trace
from shapetrace.reports import drawing

pytestmark = pytest.mark.slow

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

OUTSIDE = """() => {
  const within = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1
    && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  const found = [];
  const whole = document.querySelector('svg').getBoundingClientRect();
  for (const text of document.querySelectorAll('text')) {
    const group = text.closest('.node, .cluster');
    const box = group ? group.querySelector('polygon, path').getBoundingClientRect() : whole;
    if (!within(text.getBoundingClientRect(), box)) found.push(text.textContent);
  }
  return { found, texts: document.querySelectorAll('text').length };
}"""


@pytest.mark.parametrize("name", ["finding", "way", "layers"])
def test_text_stands_in_its_box(browser: Any, name: str) -> None:
    trace = leaky_trace()
    svg = {
        "finding": lambda: drawing.render(trace),
        "way": lambda: drawing.why(trace, "%19", 0),
        "layers": lambda: drawing.overview(healthy_trace(blocks=3)),
    }[name]()
    page = browser.tab()
    page.set_content(str(svg)[str(svg).index("<svg") :])

    outside = page.evaluate(OUTSIDE)

    assert outside["texts"] > 5
    assert outside["found"] == []
