"""What a person does with the page: read, fold and unfold, filter, select, search, zoom."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
Open = Callable[..., Any]
NEXT_FRAME = "new Promise(done => requestAnimationFrame(() => done(scrollY)))"


def scale(page: Any) -> float:
    """How large the graph is drawn."""
    return float(page.locator("#canvas svg > g").get_attribute("transform").partition("scale(")[2].rstrip(")"))


def graph(page: Any) -> Any:
    """The canvas of the graph, in view and drawn."""
    page.locator("#canvas").scroll_into_view_if_needed()
    expect(page.locator("#canvas .box").first).to_be_visible()
    return page.locator("#canvas")


def test_findings_come_first(report: Open) -> None:
    page = report()

    expect(page.locator("h1")).to_have_text("Detector.forward")
    expect(page.locator(".verdict")).to_have_text("2 errors 2 warnings 1 note")
    expect(page.locator("h2").first).to_have_text("Findings")
    first = page.locator("article.finding").first
    expect(first.get_by_role("heading", name="reshape got shape[0] = -8")).to_be_in_viewport()
    expect(first.locator("mark.primary").first).to_have_text("value.reshape([batch_num * num_heads, -1, h, w])")
    expect(first.locator(".way li.sink")).to_contain_text("shape[0] = -8 instead of 8*image[0]")


def test_a_finding_is_opened_and_closed(report: Open) -> None:
    page = report()
    opened = page.locator("article.finding > details[open]")
    expect(page.locator("article.finding")).to_have_count(5)
    expect(opened).to_have_count(1)
    last = page.locator("article.finding").nth(4)
    excerpt = last.locator(".excerpt").first
    expect(excerpt).to_be_hidden()

    last.locator("summary").click()

    expect(excerpt).to_be_visible()
    last.locator("summary").click()
    expect(excerpt).to_be_hidden()


def test_a_link_to_a_finding_opens_it(report: Open) -> None:
    page = report()

    page.evaluate("location.hash = 'finding-4'")

    expect(page.locator("#finding-4 .excerpt").first).to_be_visible()


def test_findings_are_read_without_javascript(report: Open) -> None:
    page = report(java_script_enabled=False)

    expect(page.locator("#finding-1 .excerpt").first).to_be_visible()
    expect(page.locator("noscript p")).to_be_visible()
    page.locator("#finding-3 summary").click()
    expect(page.locator("#finding-3 .excerpt").first).to_be_visible()


def test_the_table_is_filtered_by_text_and_op(report: Open) -> None:
    page = report()
    rows = page.locator("#grid .body [role=row]")
    expect(page.locator("#count")).to_have_text("653 of 872 tensors")

    page.get_by_label("Filter").fill("grid_sample")

    expect(page.locator("#count")).to_have_text("6 of 872 tensors")
    expect(rows).to_have_count(6)
    for row in rows.all():
        expect(row.locator("[data-column=op]")).to_have_text("pd_op.grid_sample")
    page.get_by_label("Filter").fill("CONV2D blocks3 network.py:7")
    expect(rows.first.locator("[data-column=layer]")).to_contain_text("Blocks3")
    for line in rows.locator("[data-column=line]").all_text_contents():
        assert line.startswith("network.py:7")
    page.get_by_label("Filter").fill("no such tensor")
    expect(page.locator("#count")).to_have_text("0 of 872 tensors")
    expect(rows).to_have_count(0)


def test_the_table_is_filtered_by_what_it_offers(report: Open) -> None:
    page = report()

    page.get_by_label("only unknown dims").check()

    expect(page.locator("#count")).to_have_text("653 of 872 tensors")
    page.locator("#constants").press("Space")
    expect(page.locator("#count")).to_have_text("653 of 872 tensors")
    page.get_by_label("only unknown dims").uncheck()
    expect(page.locator("#count")).to_have_text("872 of 872 tensors")
    page.get_by_label("dtype").select_option("float32")
    expect(page.locator("#count")).to_have_text("872 of 872 tensors")


def test_only_the_rows_in_view_exist(report: Open) -> None:
    page = report()
    rows = page.locator("#grid .body [role=row]")
    assert rows.count() < 60

    page.locator("#grid").scroll_into_view_if_needed()
    page.locator("#grid").evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")

    expect(page.locator("#grid [role=gridcell][data-column=name]", has_text="%871")).to_be_in_viewport()
    assert rows.count() < 60


def test_the_table_is_sorted_by_a_column(report: Open) -> None:
    page = report()
    page.get_by_label("Filter").fill("transformer")
    expect(page.locator("#count")).to_have_text("67 of 872 tensors")
    ops = page.locator("#grid .body [data-column=op]")
    header = page.get_by_role("button", name="op", exact=True)

    header.click()

    expect(page.locator("#grid [aria-sort=ascending]")).to_have_text("op")
    seen = ops.evaluate_all(
        "cells => cells.map(cell => [Number(cell.parentNode.dataset.place), cell.textContent]).sort((a, b) => a[0] - b[0])"
    )
    names = [name for _, name in seen]
    assert names == sorted(names)
    assert len(set(names)) > 1
    header.click()
    expect(page.locator("#grid [aria-sort=descending]")).to_have_text("op")


def test_a_layer_of_the_tree_restricts_the_table(report: Open) -> None:
    page = report()
    tree = page.locator("#layers")

    tree.get_by_role("button", name="HybridEncoder 2").click()

    expect(page.locator("#count")).to_have_text("2 of 872 tensors")
    expect(page.locator("#grid .body [data-column=op]")).to_have_text(["pd_op.flatten", "pd_op.transpose"])
    tree.get_by_role("button", name="Open or close DecoderLayer").click()
    tree.get_by_role("button", name="LayerNorm").click()
    expect(page.locator("#count")).to_have_text("6 of 872 tensors")
    tree.get_by_role("button", name="all layers").click()
    expect(page.locator("#count")).to_have_text("653 of 872 tensors")


def test_a_tensor_shows_its_way_back(report: Open) -> None:
    page = report()
    page.get_by_label("Filter").fill("grid_sample")
    expect(page.locator("#count")).to_have_text("6 of 872 tensors")

    page.locator("#grid .body [role=row]").first.click()

    panel = page.locator("#way")
    expect(panel).to_be_visible()
    expect(panel.locator("dl")).to_contain_text("pd_op.grid_sample")
    expect(panel.get_by_role("button", name="axis 0: 8*B")).to_have_attribute("aria-pressed", "true")
    steps = panel.locator("ol:not(.by-line) > li")
    expect(steps.first).to_contain_text("8*B")
    expect(panel.locator("li.turn").first).to_contain_text("computed here")
    expect(steps.last).to_contain_text("B axis 0 · an input: here it starts")
    panel.get_by_role("button", name="axis 2: 300").click()
    expect(steps.first).to_contain_text("300 axis 2")
    panel.locator(".neighbours button").first.click()
    expect(panel.locator("dl")).to_contain_text("pd_op.reshape")
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()


def test_a_finding_leads_to_the_tensors_it_read(report: Open) -> None:
    page = report()
    finding = page.locator("#finding-1")

    finding.get_by_role("button", name="%768").click()

    panel = page.locator("#way")
    expect(panel.get_by_role("heading", name="%768")).to_be_visible()
    panel.get_by_role("button", name="Show in the graph").click()
    shown = page.locator("#canvas .found")
    expect(shown).to_be_in_viewport()
    expect(shown).to_have_attribute("aria-label", "add [B, (H//32)*(W//32), 64] (A finding stands here)")


def test_only_lines_along_the_way_of_a_dim_are_bold(report: Open) -> None:
    page = report()
    page.locator("#finding-1").get_by_role("button", name="%785").click()

    page.locator("#way").get_by_role("button", name="Show in the graph").click()

    expect(page.locator("#canvas .found.on-way")).to_be_visible()
    on_way = page.locator("#canvas .on-way > .box").count()
    assert on_way > 2
    assert page.locator("#canvas .edge.on-way").count() == on_way - 1
    assert page.locator("#canvas .edge").count() > on_way


def test_the_graph_opens_at_the_op_that_went_wrong(report: Open) -> None:
    page = report()
    canvas = graph(page)

    found = canvas.locator(".found")
    expect(found).to_have_count(1)
    expect(found).to_have_class(re.compile("marked"))
    inside, around = found.bounding_box(), canvas.bounding_box()
    assert around["x"] < inside["x"] < around["x"] + around["width"]
    assert around["y"] < inside["y"] < around["y"] + around["height"]


def test_layers_open_and_close_in_the_graph(report: Open) -> None:
    page = report()
    canvas = graph(page)
    page.get_by_role("button", name="Collapse all").click()
    expect(page.locator("#graph-status")).to_have_text("5 boxes for 653 ops")

    canvas.get_by_role("button", name="Transformer").click()

    expect(page.locator("#graph-status")).not_to_have_text("5 boxes for 653 ops")
    expect(canvas.get_by_role("button", name="Transformer", exact=True)).to_have_attribute("aria-expanded", "true")
    canvas.get_by_role("button", name="Transformer", exact=True).click()
    expect(page.locator("#graph-status")).to_have_text("5 boxes for 653 ops")
    canvas.get_by_role("button", name="image").click()
    expect(page.locator("#way").get_by_role("heading", name="image")).to_be_visible()


def test_the_graph_is_searched(report: Open) -> None:
    page = report()
    graph(page)
    search = page.get_by_label("Find", exact=True)

    search.fill("grid_sample")

    expect(page.locator("#graph-status")).to_have_text("1 of 6 found")
    expect(page.locator("#canvas .found")).to_be_in_viewport()
    expect(page.locator("#canvas .found text").first).to_have_text("grid_sample")
    search.press("Enter")
    expect(page.locator("#graph-status")).to_have_text("2 of 6 found")
    search.press("Shift+Enter")
    expect(page.locator("#graph-status")).to_have_text("1 of 6 found")
    search.fill("no such op")
    expect(page.locator("#graph-status")).to_have_text("Nothing found.")


def test_the_graph_zooms_and_pans(report: Open) -> None:
    page = report()
    canvas = graph(page)
    page.get_by_role("button", name="Collapse all").click()
    fitted = scale(page)

    page.get_by_role("button", name="Zoom in").click()
    zoomed = scale(page)
    assert zoomed > fitted
    page.get_by_role("button", name="Zoom out").click()
    assert scale(page) < zoomed

    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 5, box["y"] + box["height"] / 2
    image = canvas.get_by_role("button", name="image")
    before = image.bounding_box()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=4)
    page.mouse.up()
    after = image.bounding_box()
    assert (round(after["x"] - before["x"]), round(after["y"] - before["y"])) == (40, 30)

    stage = canvas.locator("svg > g")
    before, small = stage.get_attribute("transform"), scale(page)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    expect(stage).not_to_have_attribute("transform", before)
    assert scale(page) > small
    page.get_by_role("button", name="Fit").click()
    assert scale(page) == fitted


def test_the_wheel_alone_scrolls_the_page(report: Open) -> None:
    page = report()
    graph(page)
    page.locator("#canvas").hover()
    fitted, top = scale(page), page.evaluate("scrollY")

    page.mouse.wheel(0, -200)

    assert any(page.evaluate(NEXT_FRAME) < top for _ in range(120))
    assert scale(page) == fitted
