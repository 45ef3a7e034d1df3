"""The source on the page: shapes beside the lines, the way of a dim through them, with a keyboard, on a phone, on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotated_trace import FILE, trace
from shapetrace import Trace

pytestmark = pytest.mark.slow

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
Open = Callable[..., Any]
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def source(open_file: Open, written: Callable[..., Path]) -> Open:
    def open_(make: Callable[[], Trace] = trace, **options: Any) -> Any:
        page = open_file(written(f"source-{make.__name__}", make), **options)
        page.locator("#source").scroll_into_view_if_needed()
        return page

    return open_


def without_source() -> Trace:
    bare = trace()
    bare.files.clear()
    return bare


def of_a_library() -> Trace:
    made = trace()
    made.sites[:] = [type(site)(**{**_fields(site), "file": "/usr/lib/site-packages/net.py"}) for site in made.sites]
    made.files = {"/usr/lib/site-packages/net.py": made.files[FILE]}
    made.findings.clear()
    return made


def _fields(site: Any) -> dict[str, Any]:
    return {name: getattr(site, name) for name in type(site).__struct_fields__}


def test_shapes_stand_beside_their_lines(source: Open) -> None:
    page = source()

    lines = page.locator("#files .line")
    expect(lines.nth(3)).to_have_text("6\xa0        n = image.shape[0]n = -1 in place of image[0]".replace("\xa0", ""))
    expect(page.locator("#file-1-7 .said")).to_have_text("y: [image[0], 8, image[2]//2, image[3]//2]")
    expect(page.locator("#file-1-2")).to_have_class("line unseen")
    expect(page.locator("#file-1-8")).to_have_class("line wrong")
    expect(page.locator("#roots")).to_have_text("image[0]image[2]image[3]")
    page.locator("#file-1-8 .to-finding").click()
    expect(page.locator("#finding-1")).to_be_in_viewport()


def test_a_dim_shows_its_way_line_by_line(source: Open) -> None:
    page = source()

    page.locator("#file-1-8").get_by_role("button", name="image[2]//2: its way").click()

    expect(page.locator("#way .by-line li")).to_have_text([
        "net.py:8 image[2]//2return a_function_with_a_very_long_name_indeed(y, and_arguments_that_take, the_rest_of_the_line)",
        "net.py:7 image[2]//2y = self.stem(image)",
    ])  # fmt: skip
    expect(page.locator("#files .on-way")).to_have_count(2)
    page.locator("#way .by-line").get_by_role("button", name="net.py:7").click()
    expect(page.locator("#file-1-7")).to_be_in_viewport()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#files .on-way")).to_have_count(0)


def test_a_keyboard_goes_from_dim_to_dim(source: Open) -> None:
    page = source()

    page.locator("#files button.dim[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("#file-1-7 button.dim").nth(2)).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#way .axes [aria-pressed=true]")).to_have_text("image[2]//2")
    page.keyboard.press("Escape")
    expect(page.locator("#file-1-7 button.dim").nth(2)).to_be_focused()
    assert page.locator("#files button.dim[tabindex='0']").count() == 1


def test_a_library_is_folded(source: Open) -> None:
    page = source(of_a_library)
    page.evaluate("document.querySelectorAll('.file').forEach((each) => { each.open = false; })")

    expect(page.locator("#file-1 .line").first).to_be_hidden()
    expect(page.locator("#file-1 summary")).to_contain_text("of a library")


def test_a_trace_without_source_shows_numbers_and_shapes(source: Open) -> None:
    page = source(without_source)

    expect(page.locator("#file-1-7")).to_have_text("7 [image[0], 8, image[2]//2, image[3]//2]")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_colours_can_be_read(source: Open, theme: str) -> None:
    page = source(color_scheme=theme)

    assert page.evaluate(CONTRAST)["low"] == []


def test_a_phone_has_the_shapes_below(source: Open) -> None:
    page = source(**PHONE)

    code, said = (page.locator(f"#file-1-7 {part}").bounding_box() for part in ("code", ".said"))
    assert said["y"] >= code["y"] + code["height"] - 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_paper_has_all_files_of_the_users(source: Open) -> None:
    page = source()
    page.evaluate("document.querySelectorAll('.file').forEach((each) => { each.open = false; })")

    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    expect(page.locator("#file-1-7 .said")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#file-1-7")).to_be_hidden()
