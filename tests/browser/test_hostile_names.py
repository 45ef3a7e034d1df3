"""In the browser, too, a name is only ever text, and however long or strange it is, the page works."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from example_traces import leaky_trace
from hostile import NASTY, spoiled

pytestmark = pytest.mark.slow

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
Open = Callable[..., Any]
INJECTED = """() => [...document.querySelectorAll('*')].filter((at) =>
  !['SCRIPT', 'IMG'].includes(at.tagName) && (at.hasAttribute('src') || at.hasAttribute('href') && !at.closest('head, nav, .skip'))
  || at.tagName === 'SCRIPT' && at.parentNode !== document.body
  || at.tagName === 'IMG' && !at.closest('.picture')
  || ['IFRAME', 'OBJECT', 'EMBED', 'FORM', 'BASE', 'LINK', 'TEMPLATE'].includes(at.tagName) && at.rel !== 'icon'
  || [...at.attributes].some(({ name }) => name.startsWith('on') || name === 'autofocus')).map((at) => at.outerHTML.slice(0, 80))"""


def page_file(written: Callable[..., Path], shift: int) -> Path:
    """A page in which each name got one of the nasty texts, and with each shift another one."""
    texts = list(NASTY.values())

    def spoil(old: str) -> str:
        return texts[(zlib.crc32(old.encode()) + shift) % len(texts)] + old

    return written(f"hostile{shift}", lambda: spoiled(leaky_trace(), spoil))


@pytest.mark.parametrize("shift", range(0, len(NASTY), 4))
def test_nothing_of_a_model_runs_or_becomes_an_element(open_file: Open, written: Any, shift: int) -> None:
    page = open_file(page_file(written, shift))

    assert page.evaluate(INJECTED) == []
    assert page.locator("script").count() == 2
    page.locator("#constants").press("Space")
    page.locator("#canvas").scroll_into_view_if_needed()
    for row in range(0, 20, 4):
        page.locator("#grid").evaluate("(grid, top) => { grid.scrollTop = top; }", row * 28)
        page.locator(f"#grid .body [data-place='{row}']").click()
        expect(page.locator("#way dl")).to_be_visible()
    page.locator("#way").get_by_role("button", name="Show in the graph").click()
    expect(page.locator("#canvas .found")).to_be_visible()
    page.get_by_label("Find", exact=True).fill("pd_op")
    expect(page.locator("#graph-status")).to_contain_text("1 of ")
    assert page.evaluate(INJECTED) == []


def test_no_name_makes_a_phone_scroll_sideways(open_file: Open, written: Any) -> None:
    for shift in range(0, len(NASTY), 4):
        page = open_file(page_file(written, shift), viewport={"width": 390, "height": 844}, is_mobile=True)

        assert page.evaluate("document.documentElement.scrollWidth") == 390
