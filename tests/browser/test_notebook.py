"""What a notebook shows follows the notebook's theme, whatever the system's is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from example_traces import leaky_trace
from shapetrace.reports import notebook

pytestmark = pytest.mark.slow

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
THEMES = {
    "JupyterLab light": ('data-jp-theme-light="true"', "light"),
    "JupyterLab dark": ('data-jp-theme-light="false"', "dark"),
    "VS Code light": ('class="vscode-light"', "light"),
    "VS Code dark": ('class="vscode-dark"', "dark"),
    "any other": ("", ""),
}


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("theme", THEMES)
def test_light_and_dark(open_file: Callable[..., Any], tmp_path: Path, theme: str, system: str) -> None:
    attribute, own = THEMES[theme]
    trace = leaky_trace()
    shown = trace._repr_mimebundle_()["text/html"] + notebook.way(trace, "%3", 0)._repr_html_()
    file = tmp_path / "notebook.html"
    file.write_text(
        f"<!doctype html><html data-ready><meta charset=utf-8><link rel=icon href='data:,'><body {attribute}>{shown}"
    )

    page = open_file(file, color_scheme=system)

    wanted = own or system
    expect(page.locator(f"img.{wanted}")).to_be_visible()
    expect(page.locator("img.light, img.dark").locator("visible=true")).to_have_count(1)
    found = page.evaluate(CONTRAST)
    assert found["checked"] > 30
    assert found["low"] == []
    background = page.locator(".shapetrace").first.evaluate("at => getComputedStyle(at).backgroundColor")
    assert (background == "rgb(253, 252, 250)") == (wanted == "light")
