"""The page with a keyboard only, on a phone, on paper, in the dark, and in Chinese."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from example_traces import healthy_trace
from shapetrace import Trace

pytestmark = pytest.mark.slow

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
Open = Callable[..., Any]
PHONE = {"width": 390, "height": 844}
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
FOCUSED = """() => {
  const at = document.activeElement;
  const box = at.closest('svg') && at.querySelector('rect');
  const style = getComputedStyle(at);
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return { name: at.getAttribute('aria-label') || at.textContent.trim() || at.id, id: at.id, tag: at.tagName,
           seen: outlined || (box !== null && parseFloat(getComputedStyle(box).strokeWidth) > 3) };
}"""
PHONE_OPTIONS = {"viewport": PHONE, "is_mobile": True, "has_touch": True}


def tab_until(page: Any, wanted: Callable[[dict[str, Any]], bool], most: int = 80) -> dict[str, Any]:
    """Press Tab until the focus is where it is wanted. At every stop it must be seen where it is."""
    stops = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused: dict[str, Any] = page.evaluate(FOCUSED)
        assert focused["seen"], f"the focus on {focused} cannot be seen"
        if wanted(focused):
            return focused
        stops.append(focused["name"][:30])
    raise AssertionError(f"Tab leads to {stops} only")


def sideways(page: Any) -> int:
    """How far the page can be scrolled sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def test_a_keyboard_reads_the_findings(report: Open) -> None:
    page = report()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the findings")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the findings")).to_be_in_viewport()
    page.keyboard.press("Enter")
    tab_until(page, lambda at: at["tag"] == "SUMMARY" and "-2, computed" in at["name"])
    excerpt = page.get_by_role("article", name="= -2, computed").locator(".excerpt").first
    expect(excerpt).to_be_hidden()
    page.keyboard.press("Enter")
    expect(excerpt).to_be_visible()
    page.keyboard.press("Enter")
    expect(excerpt).to_be_hidden()


def test_a_keyboard_follows_a_tensor(report: Open) -> None:
    page = report()
    page.get_by_role("link", name="Tensors", exact=True).press("Enter")
    tab_until(page, lambda at: at["id"] == "filter")
    page.keyboard.type("grid_sample")
    expect(page.locator("#count")).to_have_text("6 of 872 tensors")
    tab_until(page, lambda at: at["id"] == "grid")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#grid [aria-selected=true]")
    expect(chosen).to_have_attribute("aria-rowindex", "3")
    expect(page.locator("#grid")).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    page.keyboard.press("End")
    expect(chosen).to_have_attribute("aria-rowindex", "7")
    name = chosen.locator("[data-column=name]").text_content()
    page.keyboard.press("Enter")

    panel = page.locator("#way")
    expect(panel.get_by_role("heading", name=name)).to_be_visible()
    expect(panel).to_be_focused()
    tab_until(page, lambda at: at["name"] == "axis 2: 300")
    page.keyboard.press("Enter")
    expect(panel.locator("ol:not(.by-line) > li").first).to_contain_text("300 axis 2")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator("#grid")).to_be_focused()


def test_a_keyboard_sorts_and_picks_a_layer(report: Open) -> None:
    page = report()
    page.get_by_label("dtype").focus()

    tab_until(page, lambda at: at["name"] == "HybridEncoder2")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("2 of 872 tensors")
    tab_until(page, lambda at: at["name"] == "op")
    page.keyboard.press("Enter")
    expect(page.locator("#grid [aria-sort=ascending]")).to_have_text("op")


def test_a_keyboard_walks_the_graph(report: Open) -> None:
    page = report()
    page.locator("#canvas").scroll_into_view_if_needed()
    expect(page.locator("#canvas .box").first).to_be_visible()
    page.locator("#collapse").click()

    tab_until(page, lambda at: at["name"].startswith("image"))
    for layer in ("ResNet", "HybridEncoder", "Transformer"):
        page.keyboard.press("ArrowDown")
        if page.evaluate(FOCUSED)["name"] == "Detector":  # the frame around them
            page.keyboard.press("ArrowDown")
        focused = page.evaluate(FOCUSED)
        assert focused["name"].startswith(layer)
        assert focused["seen"]
    page.keyboard.press("Enter")
    expect(page.locator("#graph-status")).not_to_have_text("5 boxes for 653 ops")
    assert page.evaluate(FOCUSED)["name"] == "Transformer"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED)["name"] != "Transformer"
    page.keyboard.press("Escape")
    expect(page.locator("#graph-status")).to_have_text("5 boxes for 653 ops")
    stage = page.locator("#canvas svg > g")
    page.keyboard.press("0")
    fitted = stage.get_attribute("transform")
    page.keyboard.press("+")
    expect(stage).not_to_have_attribute("transform", fitted)
    page.keyboard.press("0")
    expect(stage).to_have_attribute("transform", fitted)


def test_a_phone_never_scrolls_sideways(report: Open) -> None:
    page = report(**PHONE_OPTIONS)

    assert page.evaluate("innerWidth") == PHONE["width"]
    assert sideways(page) == 0
    page.locator("#finding-5 summary").tap()
    expect(page.locator("#finding-5 .excerpt").first).to_be_visible()
    assert sideways(page) == 0
    page.locator("#grid .body [role=row]").nth(1).tap()
    expect(page.locator("#way")).to_be_visible()
    assert sideways(page) == 0
    page.locator("#way").get_by_role("button", name="Show in the graph").tap()
    expect(page.locator("#canvas .found")).to_be_in_viewport()
    assert sideways(page) == 0


def test_a_picture_can_be_read_on_a_phone(report: Open) -> None:
    page = report(**PHONE_OPTIONS)

    picture = page.locator("#finding-1 .picture")

    assert picture.locator("img.light").bounding_box()["width"] > 550
    assert picture.bounding_box()["width"] < PHONE["width"]


def test_paper_has_every_finding_and_nothing_to_press(report: Open) -> None:
    page = report(color_scheme="dark")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    for finding in page.locator("article.finding").all():
        expect(finding.locator(".excerpt").first).to_be_visible()
    for control in ("header.top", ".bar", "#layers", ".open", ".hint", "#way"):
        expect(page.locator(control).first).to_be_hidden()
    expect(page.locator("#grid .body [role=row]")).to_have_count(200)
    expect(page.locator("#unprinted")).to_have_text(
        "453 more tensors are not printed: filter the table to choose which are."
    )
    expect(page.locator("body")).to_have_css("color", "rgb(0, 0, 0)")
    expect(page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator("#finding-1 .picture img.light")).to_be_visible()
    expect(page.locator("#finding-1 .picture img.dark")).to_be_hidden()
    assert sideways(page) == 0
    assert page.evaluate(CONTRAST)["low"] == []
    inside, whole = (page.locator(one).bounding_box() for one in ("#canvas svg > g", "#canvas"))
    assert whole["x"] <= inside["x"]
    assert inside["x"] + inside["width"] <= whole["x"] + whole["width"]


def test_after_printing_the_page_is_as_before(report: Open) -> None:
    page = report()
    page.locator("#canvas").scroll_into_view_if_needed()
    expect(page.locator("#canvas .box").first).to_be_visible()
    before = page.locator("#canvas svg > g").get_attribute("transform")

    assert page.pdf().startswith(b"%PDF")

    expect(page.locator("article.finding > details[open]")).to_have_count(1)
    expect(page.locator("#canvas svg > g")).to_have_attribute("transform", before)
    assert page.locator("#grid .body [role=row]").count() < 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out(report: Open, scheme: str) -> None:
    page = report(color_scheme=scheme)
    page.locator("article > details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    page.locator("#canvas").scroll_into_view_if_needed()
    page.locator("#collapse").click()
    page.locator("#canvas").get_by_role("button", name="Transformer").click()
    page.locator("#grid .body [role=row]").nth(2).click()
    expect(page.locator("#way li").first).to_be_visible()

    found = page.evaluate(CONTRAST)

    assert found["checked"] > 500
    assert found["low"] == []


def test_dark_and_light_follow_the_system_until_told(report: Open) -> None:
    page = report(color_scheme="dark")
    html, button = page.locator("html"), page.locator("#theme")
    light, dark = page.locator("#finding-1 img.light"), page.locator("#finding-1 img.dark")
    background = html.evaluate("at => getComputedStyle(at).backgroundColor")
    expect(dark).to_be_visible()
    expect(light).to_be_hidden()

    button.click()

    expect(button).to_have_text("Dark")
    expect(html).not_to_have_css("background-color", background)
    expect(light).to_be_visible()
    expect(dark).to_be_hidden()
    assert page.evaluate(CONTRAST)["low"] == []
    button.click()
    expect(html).to_have_css("background-color", background)


def test_the_page_speaks_chinese(report: Open) -> None:
    page = report(lang="zh")

    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("nav a")).to_have_text(["诊断", "大小", "源码", "张量", "计算图"])
    expect(page.locator(".verdict")).to_have_text("2 个错误 2 个警告 1 个提示")
    page.get_by_label("筛选").fill("grid_sample")
    expect(page.locator("#count")).to_have_text("872 个张量中的 6 个")
    page.locator("#grid .body [role=row]").first.click()
    expect(page.locator("#way").get_by_role("button", name="在计算图中显示")).to_be_visible()


@pytest.mark.parametrize("make", [healthy_trace, Trace])
def test_a_page_without_findings_says_so(open_file: Open, written: Callable[..., Path], make: Any) -> None:
    page = open_file(written(make.__name__, make))

    expect(page.locator(".verdict")).to_have_text("No findings.")
    assert page.evaluate(CONTRAST)["low"] == []
